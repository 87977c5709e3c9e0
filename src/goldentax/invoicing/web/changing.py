"""
The buttons inside the issue form: each turns one form as typed into the next.

They do the same with and without JavaScript; with it, only the grid of lines is drawn again.
"""

from dataclasses import dataclass, replace
from datetime import date

from goldentax.invoicing.web import forms, picking, sheets
from goldentax.invoicing.web.forms import TypedInvoice, TypedLine

BUYER = "buyer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a button needs to know besides the form."""

    owner_tax_id: str
    kind: str  # of the seller: general, small
    on: date
    sheet: str = ""  # pasted cells
    column: str = "name"  # the field they were pasted into
    file: bytes | None = None
    file_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The form after a button."""

    typed: TypedInvoice
    focus: str = ""  # the field to go on with
    offers: list[picking.Offer] | None = None
    offers_for: str = ""  # BUYER or the index of a line


def change(*, typed: TypedInvoice, do: str, around: Surroundings) -> Changed:
    """
    Do what a button says; one that does not fit the form changes nothing.

    :raises goldentax.kernel.refusals.Refusal: if a pasted or sent sheet cannot be read.
    """
    verb, _, rest = do.partition(":")
    if verb in _PLAIN:
        return _PLAIN[verb](typed, around)
    place, _, key = rest.partition(":")
    if verb == "take-buyer":
        return _take_buyer(typed, rest, around)
    if verb in _AT_LINE and place.isascii() and place.isdigit() and int(place) < len(typed.lines):
        return _AT_LINE[verb](typed, int(place), key, around)
    return Changed(typed=typed)


def _with_lines(typed: TypedInvoice, lines: list[TypedLine], focus: str = "") -> Changed:
    return Changed(typed=replace(typed, lines=tuple(lines) or (TypedLine(),)), focus=focus)


def _add(typed: TypedInvoice, around: Surroundings) -> Changed:
    return _with_lines(typed, [*typed.lines, TypedLine()], f"lines[{len(typed.lines)}].name")


def _remove(typed: TypedInvoice, index: int, key: str, around: Surroundings) -> Changed:
    """Take a line away, and with it its discount."""
    lines = list(typed.lines)
    has_discount = (
        not lines[index].is_discount and index + 1 < len(lines) and bool(lines[index + 1].is_discount)
    )
    del lines[index : index + (2 if has_discount else 1)]
    to = min(index, max(len(lines) - 1, 0))
    part = "amount" if lines and lines[to].is_discount else "name"
    return _with_lines(typed, lines, f"lines[{to}].{part}")


def _duplicate(typed: TypedInvoice, index: int, key: str, around: Surroundings) -> Changed:
    """Put the same line, without its discount, behind it."""
    lines = list(typed.lines)
    behind = index + 1
    if behind < len(lines) and lines[behind].is_discount:
        behind += 1
    lines.insert(behind, lines[index])
    return _with_lines(typed, lines, f"lines[{behind}].name")


def _discount(typed: TypedInvoice, index: int, key: str, around: Surroundings) -> Changed:
    """Put a discount line under a line that has none."""
    lines = list(typed.lines)
    if lines[index].is_discount:
        return Changed(typed=typed)
    if index + 1 == len(lines) or not lines[index + 1].is_discount:
        lines.insert(index + 1, TypedLine(is_discount=forms.ON))
    return _with_lines(typed, lines, f"lines[{index + 1}].amount")


def _paste(typed: TypedInvoice, around: Surroundings) -> Changed:
    return _append(typed, sheets.lines_from_text(around.sheet, column=around.column), around)


def _paste_at(typed: TypedInvoice, index: int, key: str, around: Surroundings) -> Changed:
    """Put pasted cells where they were pasted: whole lines from the name on, else down the columns."""
    column = around.column if around.column in sheets.COLUMNS else "name"
    pasted = sheets.lines_from_text(around.sheet, column=column)
    if column == "name":
        return _append(typed, pasted, around, at=index)
    lines = list(typed.lines)
    places = [place for place in range(index, len(lines)) if not lines[place].is_discount]
    for place, cells in zip(places, pasted, strict=False):
        values = {name: value for name in sheets.COLUMNS if (value := getattr(cells, name))}
        lines[place] = replace(lines[place], **values)
    return _with_lines(typed, [*lines, *pasted[len(places) :]], f"lines[{index}].{column}")


def _upload(typed: TypedInvoice, around: Surroundings) -> Changed:
    if around.file is None:
        raise sheets.UnreadableSheet("file", reason_zh="没有选择文件", reason_en="no file was chosen")
    return _append(typed, sheets.lines_from_file(around.file, name=around.file_name), around)


def _append(
    typed: TypedInvoice, more: tuple[TypedLine, ...], around: Surroundings, at: int | None = None
) -> Changed:
    """Add lines where the empty ones stand, or behind the last; what one's own goods say is filled in."""
    filled = picking.complete_from_goods(
        lines=more, owner_tax_id=around.owner_tax_id, kind=around.kind, on=around.on
    )
    lines = list(typed.lines)
    if at is not None and lines[at].is_blank:
        lines[at : at + 1] = filled
        return _with_lines(typed, lines, f"lines[{at}].name")
    kept = list(forms.without_blank_end(typed).lines)
    if len(kept) == 1 and kept[0].is_blank:
        kept = []
    return _with_lines(typed, [*kept, *filled], f"lines[{len(kept)}].name")


def _find_buyer(typed: TypedInvoice, around: Surroundings) -> Changed:
    found = picking.buyers(owner_tax_id=around.owner_tax_id, text=typed.buyer.name or typed.buyer.tax_id)
    return Changed(typed=typed, focus="buyer.name", offers=found, offers_for=BUYER)


def _take_buyer(typed: TypedInvoice, key: str, around: Surroundings) -> Changed:
    found = picking.buyers(owner_tax_id=around.owner_tax_id, text=typed.buyer.name or typed.buyer.tax_id)
    offer = next((one for one in found if one.key == key), None)
    if offer is None:
        return Changed(typed=typed, focus="buyer.name")
    return Changed(typed=replace(typed, buyer=replace(typed.buyer, **offer.fill)), focus="lines[0].name")


def _goods(typed: TypedInvoice, index: int, around: Surroundings) -> list[picking.Offer]:
    line = typed.lines[index]
    return picking.goods(
        owner_tax_id=around.owner_tax_id,
        text=line.name or line.tax_code,
        kind=around.kind,
        inclusive=bool(typed.prices_include_tax),
        on=around.on,
    )


def _find_good(typed: TypedInvoice, index: int, key: str, around: Surroundings) -> Changed:
    found = _goods(typed, index, around)
    return Changed(typed=typed, focus=f"lines[{index}].name", offers=found, offers_for=str(index))


def _take_good(typed: TypedInvoice, index: int, key: str, around: Surroundings) -> Changed:
    offer = next((one for one in _goods(typed, index, around) if one.key == key), None)
    lines = list(typed.lines)
    if offer is not None:
        lines[index] = replace(lines[index], **offer.fill)
    return _with_lines(typed, lines, f"lines[{index}].quantity")


_PLAIN = {"add-line": _add, "paste": _paste, "upload": _upload, "find-buyer": _find_buyer}
_AT_LINE = {
    "remove": _remove,
    "duplicate": _duplicate,
    "discount": _discount,
    "paste-at": _paste_at,
    "find-good": _find_good,
    "take-good": _take_good,
}
