"""
The issue form as typed, and its translation into a draft.

Every field stays a text for as long as it is on a page, so that nothing typed is ever lost; numbers are read exactly,
and one that cannot be read becomes a refusal at its field. Field names are those of the draft
(``lines[0].unit_price``), which are the ones that refusals name, too.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal

from goldentax.invoicing import errors
from goldentax.invoicing.rules import amounts
from goldentax.invoicing.rules.documents import InvoiceDocument, Line
from goldentax.invoicing.rules.drafts import InvoiceDraft, LineDraft, PartyDraft
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.kernel.values.money import BadAmount, fen_from_yuan, yuan

ON = "on"
NUMBER_LENGTH_MAX = 60
"""A longer text is no number of an invoice; it is refused before anything is computed with it."""

_LINE_FIELD = re.compile(r"lines\[(\d{1,5})\]\.(\w+)")
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
    title = Text("第 {line} 行的{label_zh}“{value}”不是数字", "Line {line}: the {label_en} “{value}” is not a number")
    way_out = Text("请填写数字，例如 1234.50；折扣也可写成 5%", "Give a number, such as 1234.50; a discount may also be 5%")


class FieldEmpty(Refusal):
    """A field of a line that the rules need is still empty."""

    code = "INV-FRM-02"
    title = Text("第 {line} 行没有填写{label_zh}", "Line {line}: the {label_en} is missing")
    way_out = Text("从候选中选一项，会一并带出编码和税率", "Pick an item from the list; it brings its code and rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedBuyer:
    """The buyer (购买方) as typed."""

    name: str = ""
    tax_id: str = ""
    address: str = ""
    phone: str = ""
    bank_name: str = ""
    bank_account: str = ""
    is_person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLine:
    """One line (发票明细) as typed. A discount line keeps only its amount; the rest is the line's before it."""

    name: str = ""
    tax_code: str = ""
    specification: str = ""
    unit: str = ""
    quantity: str = ""
    unit_price: str = ""
    amount: str = ""
    rate: str = ""  # a choice: "0.13", or with the mark it needs, "0|03"
    preference: str = ""
    is_discount: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed; a chosen rate alone says nothing."""
        return not self.is_discount and not any(
            (self.name, self.tax_code, self.specification, self.unit, self.quantity, self.unit_price, self.amount)
        )

    @property
    def rate_and_mark(self) -> tuple[str, str]:
        """The rate, and the preference mark: the one that the choice of rate brings, or the one chosen by itself."""
        rate, _, mark = self.rate.partition("|")
        return rate, mark or self.preference


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedInvoice:
    """The whole issue form (开具发票) as typed."""

    request_id: str = ""
    draft_id: str = ""
    kind: str = "82"
    prices_include_tax: str = ""
    remark: str = ""
    payee: str = ""
    reviewer: str = ""
    show_seller_bank: str = ""
    show_buyer_bank: str = ""
    show_seller_address: str = ""
    show_buyer_address: str = ""
    buyer: TypedBuyer = field(default_factory=TypedBuyer)
    lines: tuple[TypedLine, ...] = (TypedLine(),)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it worth keeping."""
        texts = (self.remark, *(getattr(self.buyer, one) for one in _BUYER))
        return not any(texts) and all(line.is_blank for line in self.lines)

    @property
    def has_more_of_buyer(self) -> bool:
        """Whether the buyer's address or bank stands in the form."""
        return any((self.buyer.address, self.buyer.phone, self.buyer.bank_name, self.buyer.bank_account))

    @property
    def title(self) -> str:
        """What a list of drafts calls it: the buyer, else the first line."""
        return self.buyer.name or next((line.name for line in self.lines if line.name), "")

    def value_of(self, name: str) -> str | None:
        """What stands in the field that a refusal names; None where the form has no such field."""
        if found := _LINE_FIELD.fullmatch(name):
            index, part = int(found[1]), found[2]
            return getattr(self.lines[index], part, None) if index < len(self.lines) else None
        if name.startswith("buyer."):
            return getattr(self.buyer, name.removeprefix("buyer."), None)
        return getattr(self, name, None) if name in _HEAD else None


_BUYER = tuple(one.name for one in fields(TypedBuyer))
_LINE = tuple(one.name for one in fields(TypedLine))
_HEAD = tuple(one.name for one in fields(TypedInvoice) if one.name not in ("buyer", "lines"))
CHECKED_FIELDS = ("kind", *(f"buyer.{one}" for one in _BUYER), "remark", "payee", "reviewer")
"""The fields outside the lines beside which a refusal can stand."""


def fresh(last: InvoiceDocument | None = None) -> TypedInvoice:
    """
    An empty form, with the request id that makes every repeat of its sending one and the same invoice.

    What hardly changes from one invoice to the next — kind, prices with or without tax, staff, what is shown of the
    seller — is taken from the last one.
    """
    if last is None:
        return TypedInvoice(request_id=new_request_id())
    return TypedInvoice(
        request_id=new_request_id(),
        kind=last.kind,
        prices_include_tax=_check(last.prices_include_tax),
        payee=last.payee,
        reviewer=last.reviewer,
        show_seller_bank=_check(last.show_seller_bank),
        show_seller_address=_check(last.show_seller_address),
    )


def new_request_id() -> str:
    """An id for one issue."""
    return str(new_public_id())


def read(data: Mapping[str, str]) -> TypedInvoice:
    """Read the fields of a sent form or a saved draft; unknown ones are passed over."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in data.items():
        found = _LINE_FIELD.fullmatch(name)
        if found and found[2] in _LINE:
            rows.setdefault(int(found[1]), {})[found[2]] = _clean(value)
    lines = tuple(TypedLine(**rows[index]) for index in sorted(rows))
    head = {name: _clean(data[name]) for name in _HEAD if name in data}
    buyer = {name: _clean(data[f"buyer.{name}"]) for name in _BUYER if f"buyer.{name}" in data}
    return TypedInvoice(**head, buyer=TypedBuyer(**buyer), lines=lines or (TypedLine(),))


def _clean(value: str) -> str:
    # The store keeps no NUL, and browsers send line ends as CR LF.
    return str(value).replace("\x00", "").replace("\r\n", "\n").strip()


def as_fields(typed: TypedInvoice) -> dict[str, str]:
    """Write the form as the fields it is sent with; empty ones are left out."""
    pairs = {name: getattr(typed, name) for name in _HEAD}
    pairs |= {f"buyer.{name}": getattr(typed.buyer, name) for name in _BUYER}
    for index, line in enumerate(typed.lines):
        pairs |= {f"lines[{index}].{name}": getattr(line, name) for name in _LINE}
    return {name: value for name, value in pairs.items() if value}


def without_blank_end(typed: TypedInvoice) -> TypedInvoice:
    """The same form without the empty lines at its end, which stand there to be typed into."""
    lines = list(typed.lines)
    while len(lines) > 1 and lines[-1].is_blank:
        lines.pop()
    return replace(typed, lines=tuple(lines))


def from_document(document: InvoiceDocument) -> TypedInvoice:
    """A new form with everything of an issued invoice but its number and day (复制开票)."""
    buyer = document.buyer
    return TypedInvoice(
        request_id=new_request_id(),
        kind=document.kind,
        prices_include_tax=_check(document.prices_include_tax),
        remark=document.remark,
        payee=document.payee,
        reviewer=document.reviewer,
        show_seller_bank=_check(document.show_seller_bank),
        show_buyer_bank=_check(document.show_buyer_bank),
        show_seller_address=_check(document.show_seller_address),
        show_buyer_address=_check(document.show_buyer_address),
        buyer=TypedBuyer(
            **{name: getattr(buyer, name) for name in _BUYER if name != "is_person"},
            is_person=_check(buyer.is_person),
        ),
        lines=tuple(_typed_line(line, inclusive=document.prices_include_tax) for line in document.lines),
    )


def _check(flag: bool) -> str:
    return ON if flag else ""


def _typed_line(line: Line, *, inclusive: bool) -> TypedLine:
    if line.nature == "01":
        entered = line.gross_fen if inclusive else line.amount_fen
        return TypedLine(is_discount=ON, amount=yuan(-entered))
    price = shown_price(line, inclusive=inclusive)
    return TypedLine(
        name=line.name,
        tax_code=line.tax_code,
        specification=line.specification,
        unit=line.unit,
        quantity=line.quantity,
        unit_price=price,
        amount=yuan(line.gross_fen if inclusive else line.amount_fen) if not (line.quantity and price) else "",
        rate=line.rate,
        preference=line.preference,
    )


def shown_price(line: Line, *, inclusive: bool) -> str:
    """The unit price of a worked-out line as the form asks for it: with or without tax; "" where it has none."""
    if not line.quantity:
        return ""
    if not inclusive:
        return line.unit_price
    return amounts.plain(amounts.derived_price(amount_fen=line.gross_fen, quantity=Decimal(line.quantity)))


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
    numbers = {name: _number(getattr(line, name), name, index, refusals) for name in _LABELS}
    return LineDraft(
        name=_plain_name(line.name),
        tax_code=_narrow(line.tax_code),
        rate=rate,
        specification=line.specification,
        unit=line.unit,
        preference=mark,
        **numbers,
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
    amount, quantity, price = (_number(getattr(line, name), name, 0, ignored) for name in ("amount", "quantity", "unit_price"))
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
