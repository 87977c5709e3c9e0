"""
The issue form as typed.

Every field stays a text for as long as it is on a page, so that nothing typed is ever lost; ``translating`` makes a
draft of it. Field names are those of the draft (``lines[0].unit_price``), which are the ones that refusals name, too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal

from goldentax.invoicing.rules import amounts
from goldentax.invoicing.rules.documents import InvoiceDocument, Line
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.values.money import yuan

ON = "on"

_LINE_FIELD = re.compile(r"lines\[(\d{1,5})\]\.(\w+)")


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
            (
                self.name,
                self.tax_code,
                self.specification,
                self.unit,
                self.quantity,
                self.unit_price,
                self.amount,
            )
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
        amount=yuan(line.gross_fen if inclusive else line.amount_fen)
        if not (line.quantity and price)
        else "",
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
