"""
The lines of an invoice (发票明细): code, rate, numbers, discount and tax of each, in this order.

A line with a mistake adds nothing to the invoice; its mistakes are gathered with the others.
"""

from decimal import Decimal

from goldentax.invoicing import errors
from goldentax.invoicing.rules import amounts
from goldentax.invoicing.rules.documents import Line
from goldentax.invoicing.rules.drafts import LineDraft
from goldentax.invoicing.rules.examining import CodeFacts, Examination
from goldentax.invoicing.rules.rates import check_rate, ratio_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.kernel.values.money import FEN_MAX, BadAmount, yuan

_QUANTITY, _PRICE = Text("数量", "quantity"), Text("单价", "unit price")


def take_line(work: Examination, index: int) -> None:
    """Check one line and add what it becomes; a line with a mistake adds nothing."""
    line, before = work.draft.lines[index], len(work.refusals)
    at = f"lines[{index}]"
    if not line.name.strip():
        work.refuse(errors.LineNameMissing(f"{at}.name", line=index + 1))
    facts = _check_code(work, line, index)
    rate = check_rate(work, line, index)
    if rate is None:
        return
    if line.is_discount:
        found = _discount(work, line, index, rate)
    else:
        found = _normal(work, line, index, rate)
    if found is None or len(work.refusals) > before or facts is None:
        return
    line_amounts, quantity, unit_price = found
    work.lines.append(
        Line(
            number=index + 1,
            name=line.name.strip(),
            short_name=line.short_name or facts.short_name,
            tax_code=line.tax_code,
            specification=line.specification,
            unit=line.unit,
            quantity=quantity,
            unit_price=unit_price,
            amount_fen=line_amounts.amount_fen,
            rate=amounts.plain(rate),
            tax_fen=line_amounts.tax_fen,
            gross_fen=line_amounts.gross_fen,
            preference=line.preference,
            nature=_nature(work.draft.lines, index),
        )
    )


def _nature(lines: tuple[LineDraft, ...], index: int) -> str:
    """发票行性质: 01 for a discount, 02 for the line it discounts, 00 for the rest."""
    if lines[index].is_discount:
        return "01"
    return "02" if index + 1 < len(lines) and lines[index + 1].is_discount else "00"


def _check_code(work: Examination, line: LineDraft, index: int) -> CodeFacts | None:
    facts = work.find_code(line.tax_code)
    name = f"lines[{index}].tax_code"
    if facts is None:
        work.refuse(errors.UnknownTaxCode(name, line=index + 1, tax_code=line.tax_code[:30]))
    elif not facts.is_leaf:
        work.refuse(errors.TaxCodeIsGroup(name, line=index + 1, tax_code=line.tax_code))
        return None
    elif line.short_name not in ("", facts.short_name) and line.short_name not in facts.list_other_names():
        work.refuse(
            errors.WrongShortName(
                f"lines[{index}].short_name",
                line=index + 1,
                given=line.short_name[:40],
                expected=facts.short_name,
            )
        )
    return facts


_Found = tuple[amounts.LineAmounts, str, str]


def _normal(work: Examination, line: LineDraft, index: int, rate: Decimal) -> _Found | None:
    """The amounts, quantity and tax-exclusive price of a normal line."""
    quantity, price = line.quantity, line.unit_price
    bad = None
    if quantity is not None and not amounts.is_carried(quantity):
        bad = _bad_number(index, _QUANTITY, quantity, "quantity")
    elif price is not None and not amounts.is_carried(price):
        bad = _bad_number(index, _PRICE, price, "unit_price")
    entered = _entered_fen(work, line, index, is_multiplied=bad is None)
    if bad is not None:
        work.refuse(bad)
        return None
    if entered is None:
        return None
    if entered == 0 or entered < 0:
        refusal = errors.ZeroLine if entered == 0 else errors.NegativeLine
        work.refuse(refusal(f"lines[{index}].amount", line=index + 1))
        return None
    found = _with_tax(work, line, index, entered, rate)
    if found is None:
        return None
    return found, *_quantity_and_price(work, line, entered, rate)


def _entered_fen(work: Examination, line: LineDraft, index: int, *, is_multiplied: bool = True) -> int | None:
    """
    The amount as entered, tax-inclusive or not: given, or quantity × price; both must agree.

    :param is_multiplied: quantity and price, where both are there, are numbers that a record carries.
    """
    at, tolerance = f"lines[{index}]", work.law.line_amount_tolerance_fen
    given: int | None = None
    if line.amount is not None:
        try:
            given = amounts.amount_in_fen(line.amount)
        except BadAmount:
            work.refuse(_bad_number(index, Text("金额", "amount"), line.amount, "amount"))
            return None
    quantity, price = line.quantity, line.unit_price
    if quantity is None or price is None:
        if given is None:
            work.refuse(errors.AmountMissing(f"{at}.amount", line=index + 1))
        return given
    if not is_multiplied:
        return given
    product = amounts.product_fen(quantity=quantity, unit_price=price)
    if abs(product) > FEN_MAX:
        work.refuse(_bad_number(index, _PRICE, price, "unit_price"))
        return None
    if given is None:
        return product
    if abs(product - given) > tolerance:
        work.refuse(
            errors.ProductDiffers(f"{at}.amount", line=index + 1, expected=yuan(product), given=yuan(given))
        )
    return given


def _with_tax(
    work: Examination, line: LineDraft, index: int, entered: int, rate: Decimal
) -> amounts.LineAmounts | None:
    """The amounts by the rule, or by the seller's own tax where it lies within the tolerance."""
    if work.draft.prices_include_tax:
        expected = amounts.from_inclusive(gross_fen=entered, rate=rate)
    else:
        expected = amounts.from_exclusive(amount_fen=entered, rate=rate)
    if line.tax is None:
        return expected
    try:
        tax_fen = amounts.amount_in_fen(line.tax)
    except BadAmount:
        work.refuse(_bad_number(index, Text("税额", "tax"), line.tax, "tax"))
        return None
    tolerance = work.law.line_tax_tolerance_fen
    if abs(tax_fen - expected.tax_fen) > tolerance or (rate == 0 and tax_fen != 0):
        work.refuse(
            errors.TaxDiffers(
                f"lines[{index}].tax",
                line=index + 1,
                expected=yuan(expected.tax_fen),
                given=yuan(tax_fen),
                tolerance=yuan(tolerance),
            )
        )
        return None
    if work.draft.prices_include_tax:
        return amounts.LineAmounts(entered - tax_fen, tax_fen)
    return amounts.LineAmounts(entered, tax_fen)


def _quantity_and_price(work: Examination, line: LineDraft, entered: int, rate: Decimal) -> tuple[str, str]:
    """Quantity and tax-exclusive price as texts; what is missing of the pair is worked out, none gives none."""
    quantity, price = line.quantity, line.unit_price
    if quantity is None and price is None:
        return "", ""
    if price is None:
        assert quantity is not None
        price = amounts.derived_price(amount_fen=entered, quantity=quantity)
    elif quantity is None:
        quantity = amounts.derived_quantity(amount_fen=entered, unit_price=price)
    assert quantity is not None
    if work.draft.prices_include_tax:
        price = amounts.exclusive_price(price=price, rate=rate)
    return amounts.plain(quantity), amounts.plain(price)


def _discount(work: Examination, line: LineDraft, index: int, rate: Decimal) -> _Found | None:
    """The amounts of a discount line (折扣行), held against the line before it."""
    at = f"lines[{index}]"
    lines = work.draft.lines
    if index == 0 or lines[index - 1].is_discount:
        work.refuse(errors.DiscountMisplaced(at, line=index + 1))
        return None
    discounted = lines[index - 1]
    if (line.name, line.tax_code, ratio_of(line.rate), line.preference) != (
        discounted.name,
        discounted.tax_code,
        ratio_of(discounted.rate),
        discounted.preference,
    ):
        work.refuse(errors.DiscountDiffers(at, line=index + 1))
        return None
    if line.quantity is not None or line.unit_price is not None or line.amount is None:
        work.refuse(errors.DiscountShape(at, line=index + 1))
        return None
    entered = _entered_fen(work, line, index)
    if entered is None:
        return None
    if entered >= 0:
        work.refuse(errors.DiscountShape(f"{at}.amount", line=index + 1))
        return None
    found = _with_tax(work, line, index, entered, rate)
    # The line before may itself have been refused; then there is nothing to hold the discount against.
    if found and work.lines and work.lines[-1].number == index:
        base = work.lines[-1]
        if -found.amount_fen > base.amount_fen or -found.gross_fen > base.gross_fen:
            work.refuse(errors.DiscountTooLarge(f"{at}.amount", line=index + 1))
            return None
    return None if found is None else (found, "", "")


def _bad_number(index: int, label: Text, value: Decimal, name: str) -> Refusal:
    return errors.BadNumber(f"lines[{index}].{name}", line=index + 1, label=label, value=str(value)[:40])
