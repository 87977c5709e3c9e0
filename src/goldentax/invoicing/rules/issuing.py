"""
Decide whether a draft may be issued, and work out the invoice it becomes.

The order of the checks is fixed, so the same mistake always gives the same first answer: request, kind, seller,
buyer, texts, then line by line (code, rate, preference, numbers, discount, tax), then totals. Everything wrong is
told at once. The limit, the number and the repeat question belong to ``operations``.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from goldentax.invoicing import errors
from goldentax.invoicing.rules import amounts
from goldentax.invoicing.rules.documents import InvoiceDocument, Line, Party
from goldentax.invoicing.rules.drafts import InvoiceDraft, LineDraft, RedReference
from goldentax.invoicing.rules.law import TAXPAYER_KINDS, IssuingLaw
from goldentax.kernel.refusals import Refusal, raise_all
from goldentax.kernel.text import Text
from goldentax.kernel.values.identifiers import classify_taxpayer_id
from goldentax.kernel.values.money import FEN_MAX, BadAmount, yuan

SPECIAL, ORDINARY = "81", "82"
UNTAXED = "04"
REFUSALS_TOLD_MAX = 20
"""More would not be read; the rest shows once these are mended."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """What the register says of the seller (销售方) on the day."""

    party: Party
    kind: str  # general, small, person
    obstacle: Text | None = None  # why the seller may not issue at present
    industry: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What the code table says of one tax classification code."""

    short_name: str
    is_leaf: bool
    list_other_names: Callable[[], frozenset[str]] = frozenset
    """Names under which the code may be printed too: its own and those of the groups above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and how the invoice is issued."""

    node: str
    bureau_code: str
    bureau_name: str
    channel: tuple[str, str]


FindCode = Callable[[str], CodeFacts | None]


@dataclass(slots=True)
class _Work:
    """One draft under examination; refusals gather here."""

    draft: InvoiceDraft
    seller: Seller
    law: IssuingLaw
    find_code: FindCode
    accept_any_buyer_id: bool
    refusals: list[Refusal] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        self.refusals.append(refusal)
        if len(self.refusals) >= REFUSALS_TOLD_MAX:
            raise_all(self.refusals)


def compose_invoice(
    *,
    draft: InvoiceDraft,
    seller: Seller,
    law: IssuingLaw,
    find_code: FindCode,
    place: Place,
    number: str,
    drawer: str,
    now: datetime,
    is_test_buyer: bool = False,
) -> InvoiceDocument:
    """
    Turn a draft into the invoice it would be; nothing is stored.

    :param is_test_buyer: the buyer is a flagged test taxpayer of a demo world, whose number need not be right.
    :raises Refusal: one, or a group of up to twenty, in the order of the rules.
    """
    work = _Work(draft, seller, law, find_code, is_test_buyer)
    _check_head(work)
    _check_texts(work)
    if 0 < len(draft.lines) <= law.line_count_max:
        for index in range(len(draft.lines)):
            _take_line(work, index)
        _check_mixture(work)
    raise_all(work.refusals)
    document = _assemble(work, place=place, number=number, drawer=drawer, now=now)
    _check_totals(work, document)
    raise_all(work.refusals)
    return document


def _check_head(work: _Work) -> None:
    draft, law = work.draft, work.law
    if not _REQUEST_ID.fullmatch(draft.request_id):
        work.refuse(errors.BadRequestId("request_id"))
    if draft.kind not in (SPECIAL, ORDINARY):
        work.refuse(errors.UnknownKind("kind", kind=draft.kind[:20]))
    if draft.seller_tax_id and draft.seller_tax_id != work.seller.party.tax_id:
        work.refuse(errors.SellerMismatch("seller_tax_id", tax_id=draft.seller_tax_id[:20]))
    if work.seller.obstacle:
        reason = work.seller.obstacle
        work.refuse(
            errors.SellerMayNotIssue(
                "seller_tax_id", name=work.seller.party.name, reason_zh=reason.zh, reason_en=reason.en
            )
        )
    _check_buyer(work)
    if any(isinstance(one, RedReference) for one in draft.specific):
        work.refuse(errors.RedOnBlue("specific"))
    if not draft.lines:
        work.refuse(errors.NoLines("lines"))
    if len(draft.lines) > law.line_count_max:
        work.refuse(errors.TooManyLines("lines", count=len(draft.lines), limit=law.line_count_max))


def _check_buyer(work: _Work) -> None:
    buyer, kind = work.draft.buyer, work.draft.kind
    if not buyer.name.strip():
        work.refuse(errors.BuyerNameMissing("buyer.name"))
    if kind == SPECIAL and buyer.is_person:
        work.refuse(errors.SpecialToPerson("buyer.is_person"))
    elif kind == SPECIAL and not buyer.tax_id:
        work.refuse(errors.BuyerIdMissing("buyer.tax_id"))
    if buyer.tax_id and not work.accept_any_buyer_id and classify_taxpayer_id(buyer.tax_id) is None:
        work.refuse(errors.BuyerIdWrong("buyer.tax_id", tax_id=buyer.tax_id[:30]))


def _check_texts(work: _Work) -> None:
    for name, label, text in _texts(work.draft):
        limit = work.law.lengths.get(re.sub(r"\[\d+\]", "", name))
        if limit is not None and len(text) > limit:
            work.refuse(errors.TooLong(name, label=label, limit=limit))
        if _CONTROL.search(text):
            work.refuse(errors.BadCharacters(name, label=label))


def _texts(draft: InvoiceDraft) -> Iterator[tuple[str, str, str]]:
    """Every free text of a draft: field, label, value. The lawbook limits them by field without the index."""
    buyer = draft.buyer
    yield "buyer.name", "购买方名称", buyer.name
    yield "buyer.tax_id", "购买方识别号", buyer.tax_id
    yield "buyer.address", "购买方地址", buyer.address
    yield "buyer.phone", "购买方电话", buyer.phone
    yield "buyer.bank_name", "购买方开户行", buyer.bank_name
    yield "buyer.bank_account", "购买方账号", buyer.bank_account
    yield "remark", "备注", draft.remark
    yield "payee", "收款人", draft.payee
    yield "reviewer", "复核人", draft.reviewer
    yield "drawer", "开票人", draft.drawer
    for index, line in enumerate(draft.lines):
        yield f"lines[{index}].name", "项目名称", line.name
        yield f"lines[{index}].short_name", "商品和服务分类简称", line.short_name
        yield f"lines[{index}].specification", "规格型号", line.specification
        yield f"lines[{index}].unit", "单位", line.unit
    for index, block in enumerate(draft.specific):
        for name in block.__struct_fields__:
            yield f"specific[{index}].{name}", "特定要素", getattr(block, name)


def _take_line(work: _Work, index: int) -> None:
    """Check one line and add what it becomes; a line with a mistake adds nothing."""
    line, before = work.draft.lines[index], len(work.refusals)
    at = f"lines[{index}]"
    if not line.name.strip():
        work.refuse(errors.LineNameMissing(f"{at}.name", line=index + 1))
    facts = _check_code(work, line, index)
    rate = _check_rate(work, line, index)
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


def _check_code(work: _Work, line: LineDraft, index: int) -> CodeFacts | None:
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


def _check_rate(work: _Work, line: LineDraft, index: int) -> Decimal | None:
    """The rate of a line, if it is one that this seller may use with this preference."""
    name = f"lines[{index}].rate"
    rate = _ratio(line.rate)
    if rate is None:
        work.refuse(errors.BadRate(name, line=index + 1, rate=line.rate[:20]))
        return None
    refusal = _refusal_of_rate(work, line, index, rate)
    if refusal is not None:
        work.refuse(refusal)
    return rate


def _refusal_of_rate(work: _Work, line: LineDraft, index: int, rate: Decimal) -> Refusal | None:
    """
    Hold the rate against the lawbook, one condition after the other: seller, mark, code, invoice kind.

    The first condition that leaves no row of the lawbook is the one that is told.
    """
    at, shown = f"lines[{index}]", amounts.plain(rate * 100) + "%"
    rows = [one for one in work.law.rates.get(work.seller.kind, ()) if one.rate == rate]
    if not rows:
        return _rate_not_allowed(work, index, shown)
    marked = [one for one in rows if line.preference in one.preferences]
    if not marked:
        if line.preference or any("" in one.preferences for one in rows):
            return errors.UnknownPreference(
                f"{at}.preference", line=index + 1, preference=line.preference[:10], rate=shown
            )
        marks = sorted({mark for one in rows for mark in one.preferences})
        needed = "/".join(f"{mark} {work.law.preferences.get(mark, '')}".strip() for mark in marks)
        return errors.RateNeedsPreference(f"{at}.preference", line=index + 1, rate=shown, needed=needed)
    fitting = [one for one in marked if one.fits_code(line.tax_code)]
    if not fitting:
        return errors.RateNotForCode(f"{at}.rate", line=index + 1, rate=shown, tax_code=line.tax_code[:30])
    if work.draft.kind in (SPECIAL, ORDINARY) and not any(
        work.draft.kind in one.invoice_kinds for one in fitting
    ):
        return errors.NotOnSpecial(f"{at}.rate", line=index + 1, rate=shown)
    return None


def _rate_not_allowed(work: _Work, index: int, shown: str) -> Refusal:
    rates = sorted({one.rate for one in work.law.rates.get(work.seller.kind, ())}, reverse=True)
    kind = TAXPAYER_KINDS[work.seller.kind]
    return errors.RateNotAllowed(
        f"lines[{index}].rate",
        line=index + 1,
        rate=shown,
        kind_zh=kind.zh,
        kind_en=kind.en,
        allowed="、".join(amounts.plain(rate * 100) + "%" for rate in rates) or "—",
    )


def _ratio(text: str) -> Decimal | None:
    if not re.fullmatch(r"[01](\.\d{1,6})?", text):
        return None
    try:
        rate = Decimal(text)
    except InvalidOperation:
        return None
    return rate if rate < 1 else None


_Found = tuple[amounts.LineAmounts, str, str]


def _normal(work: _Work, line: LineDraft, index: int, rate: Decimal) -> _Found | None:
    """The amounts, quantity and tax-exclusive price of a normal line."""
    entered = _entered_fen(work, line, index)
    quantity, price = line.quantity, line.unit_price
    for label, value, name in (("数量", quantity, "quantity"), ("单价", price, "unit_price")):
        if value is not None and not amounts.is_carried(value):
            work.refuse(_bad_number(index, label, value, name))
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


def _entered_fen(work: _Work, line: LineDraft, index: int) -> int | None:
    """The amount as entered, tax-inclusive or not: given, or quantity × price; both must agree."""
    at, tolerance = f"lines[{index}]", work.law.line_amount_tolerance_fen
    given: int | None = None
    if line.amount is not None:
        try:
            given = amounts.amount_in_fen(line.amount)
        except BadAmount:
            work.refuse(_bad_number(index, "金额", line.amount, "amount"))
            return None
    whole = (line.quantity, line.unit_price)
    if (
        whole[0] is None
        or whole[1] is None
        or not all(n is not None and amounts.is_carried(n) for n in whole)
    ):
        if given is None and (whole[0] is None or whole[1] is None):
            work.refuse(errors.AmountMissing(f"{at}.amount", line=index + 1))
        return given
    product = amounts.product_fen(quantity=whole[0], unit_price=whole[1])
    if abs(product) > FEN_MAX:
        work.refuse(_bad_number(index, "单价", whole[1], "unit_price"))
        return None
    if given is None:
        return product
    if abs(product - given) > tolerance:
        work.refuse(
            errors.ProductDiffers(f"{at}.amount", line=index + 1, expected=yuan(product), given=yuan(given))
        )
    return given


def _with_tax(
    work: _Work, line: LineDraft, index: int, entered: int, rate: Decimal
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
        work.refuse(_bad_number(index, "税额", line.tax, "tax"))
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


def _quantity_and_price(work: _Work, line: LineDraft, entered: int, rate: Decimal) -> tuple[str, str]:
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


def _discount(work: _Work, line: LineDraft, index: int, rate: Decimal) -> _Found | None:
    """The amounts of a discount line (折扣行), held against the line before it."""
    at = f"lines[{index}]"
    lines = work.draft.lines
    if index == 0 or lines[index - 1].is_discount:
        work.refuse(errors.DiscountMisplaced(at, line=index + 1))
        return None
    discounted = lines[index - 1]
    if (line.name, line.tax_code, _ratio(line.rate), line.preference) != (
        discounted.name,
        discounted.tax_code,
        _ratio(discounted.rate),
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


def _bad_number(index: int, label: str, value: Decimal, name: str) -> Refusal:
    return errors.BadNumber(f"lines[{index}].{name}", line=index + 1, label=label, value=str(value)[:40])


def _check_mixture(work: _Work) -> None:
    untaxed = [index for index, line in enumerate(work.draft.lines) if line.preference == UNTAXED]
    if untaxed and len(untaxed) < len(work.draft.lines):
        work.refuse(errors.UntaxedMixed(f"lines[{untaxed[0]}].preference", line=untaxed[0] + 1))


def _assemble(work: _Work, *, place: Place, number: str, drawer: str, now: datetime) -> InvoiceDocument:
    draft, buyer = work.draft, work.draft.buyer
    return InvoiceDocument(
        number=number,
        kind=draft.kind,
        issued_at=now.replace(microsecond=0),
        seller=work.seller.party,
        buyer=Party(
            name=buyer.name.strip(),
            tax_id=buyer.tax_id,
            address=buyer.address,
            phone=buyer.phone,
            bank_name=buyer.bank_name,
            bank_account=buyer.bank_account,
            is_person=buyer.is_person,
        ),
        lines=tuple(work.lines),
        amount_fen=sum(line.amount_fen for line in work.lines),
        tax_fen=sum(line.tax_fen for line in work.lines),
        gross_fen=sum(line.gross_fen for line in work.lines),
        prices_include_tax=draft.prices_include_tax,
        remark=draft.remark,
        payee=draft.payee,
        reviewer=draft.reviewer,
        drawer=draft.drawer or drawer,
        show_seller_bank=draft.show_seller_bank,
        show_buyer_bank=draft.show_buyer_bank,
        show_seller_address=draft.show_seller_address,
        show_buyer_address=draft.show_buyer_address,
        specific=draft.specific,
        taxpayer_type={"general": "1", "small": "2", "person": "5"}[work.seller.kind],
        industry=work.seller.industry,
        channel=place.channel,
        bureau_code=place.bureau_code,
        bureau_name=place.bureau_name,
        node=place.node,
    )


def _check_totals(work: _Work, document: InvoiceDocument) -> None:
    if not 0 < document.gross_fen <= FEN_MAX or not document.amount_fen > 0:
        work.refuse(errors.TotalOutOfRange("lines", given=yuan(document.gross_fen)))
        return
    for name, label, given, expected in (
        ("total_amount", Text("合计金额", "the total amount"), work.draft.total_amount, document.amount_fen),
        ("total_tax", Text("合计税额", "the total tax"), work.draft.total_tax, document.tax_fen),
        (
            "total_gross",
            Text("价税合计", "the total including tax"),
            work.draft.total_gross,
            document.gross_fen,
        ),
    ):
        if given is None:
            continue
        if not given.is_finite() or abs(given.adjusted()) > 18 or given.scaleb(2) != expected:
            work.refuse(
                errors.TotalDiffers(
                    name, label_zh=label.zh, label_en=label.en, expected=yuan(expected), given=str(given)[:40]
                )
            )
