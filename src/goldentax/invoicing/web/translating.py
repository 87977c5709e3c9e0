"""
The translation of the issue form into a draft: numbers are read exactly, and one that cannot be read becomes a refusal
at its field.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from goldentax.invoicing import errors
from goldentax.invoicing.rules import amounts
from goldentax.invoicing.rules.drafts import InvoiceDraft, LineDraft, PartyDraft
from goldentax.invoicing.web.forms import ON, TypedInvoice, TypedLine, without_blank_end
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.kernel.values.money import BadAmount, fen_from_yuan

NUMBER_LENGTH_MAX = 60
"""A longer text is no number of an invoice; it is refused before anything is computed with it."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_PERCENT = re.compile(r"\d{1,2}(\.\d{1,6})?|100", re.ASCII)
_LABELS = {
    "quantity": Text("数量", "quantity"),
    "unit_price": Text("单价", "unit price"),
    "amount": Text("金额", "amount"),
}


class NotANumber(Refusal):
    """Something else stands where a number is asked for."""

    code = "INV-FRM-01"
    title = Text(
        "第 {line} 行的{label_zh}“{value}”不是数字", "Line {line}: the {label_en} “{value}” is not a number"
    )
    way_out = Text(
        "请填写数字，例如 1234.50；折扣也可写成 5%",
        "Give a number, such as 1234.50; a discount may also be 5%",
    )


@dataclass(frozen=True, slots=True)
class Translated:
    """The draft that a form asks for, and what could not be read of it; refusals name the fields of the form."""

    draft: InvoiceDraft
    refusals: tuple[Refusal, ...]


def translate(typed: TypedInvoice) -> Translated:
    """Turn a form into a draft. Empty lines at the end are passed over; the others keep their places."""
    typed = without_blank_end(typed)
    refusals: list[Refusal] = []
    is_empty = all(line.is_blank for line in typed.lines)
    lines = () if is_empty else tuple(_line(typed, index, refusals) for index in range(len(typed.lines)))
    buyer = typed.buyer
    draft = InvoiceDraft(
        request_id=typed.request_id,
        kind=typed.kind,
        buyer=PartyDraft(
            name=buyer.name,
            tax_id="".join(_narrow(buyer.tax_id).split()).upper(),
            address=buyer.address,
            phone=buyer.phone,
            bank_name=buyer.bank_name,
            bank_account=buyer.bank_account,
            is_person=bool(buyer.is_person),
        ),
        lines=lines,
        prices_include_tax=bool(typed.prices_include_tax),
        remark=typed.remark,
        payee=typed.payee,
        reviewer=typed.reviewer,
        show_seller_bank=bool(typed.show_seller_bank),
        show_buyer_bank=bool(typed.show_buyer_bank),
        show_seller_address=bool(typed.show_seller_address),
        show_buyer_address=bool(typed.show_buyer_address),
    )
    return Translated(draft, tuple(refusals))


def _line(typed: TypedInvoice, index: int, refusals: list[Refusal]) -> LineDraft:
    line = typed.lines[index]
    if line.is_discount:
        return _discount(typed, index, refusals)
    rate, mark = line.rate_and_mark
    return LineDraft(
        name=_plain_name(line.name),
        tax_code=_narrow(line.tax_code),
        rate=rate,
        specification=line.specification,
        unit=line.unit,
        quantity=_number(line.quantity, "quantity", index, refusals),
        unit_price=_number(line.unit_price, "unit_price", index, refusals),
        amount=_number(line.amount, "amount", index, refusals),
        preference=mark,
    )


def _plain_name(name: str) -> str:
    """The name without the short name between asterisks, which people copy from faces; the code table gives it."""
    found = re.fullmatch(r"\*[^*]+\*(.+)", name)
    return found[1].strip() if found else name


def _discount(typed: TypedInvoice, index: int, refusals: list[Refusal]) -> LineDraft:
    """The discount line (折扣行): all of the line before it but for the amount, which is turned negative."""
    before = typed.lines[index - 1] if index else TypedLine(is_discount=ON)
    if before.is_discount:
        refusals.append(errors.DiscountMisplaced(f"lines[{index}].amount", line=index + 1))
    rate, mark = before.rate_and_mark
    text = _narrow(typed.lines[index].amount)
    if text.lstrip("-").endswith("%"):
        amount = _discount_by_rate(before, text.lstrip("-")[:-1].strip(), index, refusals)
    else:
        amount = _number(text, "amount", index, refusals)
    return LineDraft(
        name=_plain_name(before.name),
        tax_code=_narrow(before.tax_code),
        rate=rate,
        preference=mark,
        amount=-abs(amount) if amount else None,
        is_discount=True,
    )


def _discount_by_rate(before: TypedLine, text: str, index: int, refusals: list[Refusal]) -> Decimal | None:
    """So many per cent of the line before, in the same terms (with or without tax) as it was entered."""
    entered = entered_fen(before)
    if not _PERCENT.fullmatch(text) or entered is None:
        refusals.append(_bad(f"{text}%", "amount", index))
        return None
    share = amounts.tax_on(amount_fen=entered, rate=Decimal(text).scaleb(-2))
    return Decimal(share).scaleb(-2)


def entered_fen(line: TypedLine) -> int | None:
    """The amount of a line as it was entered: given, or quantity × price; None where neither can be read."""
    ignored: list[Refusal] = []
    amount, quantity, price = (
        _number(getattr(line, name), name, 0, ignored) for name in ("amount", "quantity", "unit_price")
    )
    try:
        if amount is not None:
            return fen_from_yuan(amount)
    except BadAmount:
        return None
    if quantity is None or price is None or not (amounts.is_carried(quantity) and amounts.is_carried(price)):
        return None
    return amounts.product_fen(quantity=quantity, unit_price=price)


def _number(text: str, name: str, index: int, refusals: list[Refusal]) -> Decimal | None:
    """Read a number as people type and paste it: full-width digits, thousands commas, a currency mark."""
    tidy = re.sub(r"[\s,¥￥]", "", _narrow(text))
    if not tidy:
        return None
    if len(tidy) > NUMBER_LENGTH_MAX or not _NUMBER.fullmatch(tidy):
        refusals.append(_bad(text, name, index))
        return None
    return Decimal(tidy)


def _bad(text: str, name: str, index: int) -> Refusal:
    label = _LABELS[name]
    return NotANumber(
        f"lines[{index}].{name}", line=index + 1, label_zh=label.zh, label_en=label.en, value=text[:40]
    )


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
