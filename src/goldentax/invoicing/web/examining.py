"""
What the server's own rules say of a form while it is being typed: totals of what is right, refusals for the rest.

The rules refuse an invoice as a whole. A form in the making is never whole, so the lines that nothing speaks against
are worked out by themselves; the totals on the page are always those of the rules, never of a second copy.
"""

import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

from goldentax.invoicing import api as invoicing
from goldentax.invoicing.rules.documents import InvoiceDocument, Line
from goldentax.invoicing.rules.drafts import InvoiceDraft, PartyDraft
from goldentax.invoicing.rules.issuing import ORDINARY
from goldentax.invoicing.web import forms, translating
from goldentax.kernel.access import Actor
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.kernel.values.money import yuan

ROUNDS_MAX = 4
"""Refusals come at most twenty at a time; each round leaves the lines out that the last one refused."""

_AT_LINE = re.compile(r"lines\[(\d+)\]")
_NO_REQUEST = "preview-only"
_EMPTY = {"tax_code": Text("税收分类编码", "tax code"), "rate": Text("税率", "rate")}
_OF_THE_LINE_BEFORE = ("name", "tax_code", "rate", "preference")


class FieldEmpty(Refusal):
    """A field of a line that the rules need is still empty."""

    code = "INV-FRM-02"
    title = Text("第 {line} 行没有填写{label_zh}", "Line {line}: the {label_en} is missing")
    way_out = Text(
        "从候选中选一项，会一并带出编码和税率", "Pick an item from the list; it brings its code and rate"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResult:
    """What the rules made of one line; texts in the terms it is entered in, "" where it was not worked out."""

    tax_fen: int
    amount_fen: int
    gross_fen: int
    rate_text: str
    quantity: str
    unit_price: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A form, examined."""

    draft: InvoiceDraft
    document: InvoiceDocument | None
    """The invoice of the lines that are right; None where there is none. Whole only if :attr:`is_ready`."""
    results: dict[int, LineResult]
    refusals: tuple[Refusal, ...]
    missing: tuple[Refusal, ...]
    """Those that only say that a field is still empty."""

    @property
    def is_ready(self) -> bool:
        """Whether the rules have nothing against it."""
        return self.document is not None and not self.refusals and not self.missing

    @property
    def all_refusals(self) -> tuple[Refusal, ...]:
        """Everything to be put right, what is missing included: head, then line by line."""
        return tuple(sorted((*self.missing, *self.refusals), key=_place))


def examine(*, typed: forms.TypedInvoice, actor: Actor, now: datetime) -> Examined:
    """Hold a form against the rules; nothing is stored."""
    translated = translating.translate(typed)
    draft, unread = translated.draft, translated.refusals
    try:
        document: InvoiceDocument | None = invoicing.preview_invoice(draft=draft, actor=actor, now=now)
        refused: tuple[Refusal, ...] = ()
        places = list(range(len(draft.lines)))
    except Refusal as refusal:
        refused = tuple(refusal.each())
        document, places = _work_out_the_rest(draft, (*unread, *refused), actor=actor, now=now)
    found = sorted(_merged(unread, refused, draft), key=_place)
    empty = [one for one in found if _is_missing(one, typed)]
    return Examined(
        draft=draft,
        document=document,
        results=_results(document, places),
        refusals=tuple(one for one in found if one not in empty),
        missing=tuple(_in_plain_words(one) for one in empty),
    )


def _work_out_the_rest(
    draft: InvoiceDraft, refusals: tuple[Refusal, ...], *, actor: Actor, now: datetime
) -> tuple[InvoiceDocument | None, list[int]]:
    """The invoice of those lines that nothing speaks against, and their places in the form."""
    places = list(range(len(draft.lines)))
    for _ in range(ROUNDS_MAX):
        bad = {
            places[index] for index in map(_line_of, refusals) if index is not None and index < len(places)
        }
        places = _without(places, bad, draft)
        if not places:
            return None, []
        rest = msgspec.structs.replace(
            draft,
            request_id=_NO_REQUEST,
            kind=ORDINARY,
            buyer=PartyDraft(name="个人"),
            remark="",
            payee="",
            reviewer="",
            lines=tuple(draft.lines[place] for place in places),
        )
        try:
            return invoicing.preview_invoice(draft=rest, actor=actor, now=now), places
        except Refusal as refusal:
            refusals = tuple(refusal.each())
            if all(_line_of(one) is None for one in refusals):
                return None, []
    return None, []


def _without(places: list[int], bad: set[int], draft: InvoiceDraft) -> list[int]:
    """The places that remain; a discount goes with its line."""
    kept: list[int] = []
    for place in places:
        is_orphan = draft.lines[place].is_discount and (not kept or kept[-1] != place - 1)
        if place not in bad and not is_orphan:
            kept.append(place)
    return kept


def _line_of(refusal: Refusal) -> int | None:
    found = _AT_LINE.match(refusal.field)
    return int(found[1]) if found else None


def _place(refusal: Refusal) -> int:
    """Where a refusal stands on the page: the head first, then line by line."""
    index = _line_of(refusal)
    return -1 if index is None else index


def _merged(unread: tuple[Refusal, ...], refused: tuple[Refusal, ...], draft: InvoiceDraft) -> list[Refusal]:
    """
    Each thing once.

    Where a number could not be read, what the rules say of its absence is left out; a discount line has only its
    amount in the form, so what is wrong with the rest of it is told at the line before.
    """
    taken = {one.field for one in unread}
    broken = {_line_of(one) for one in unread}

    def is_told_already(one: Refusal) -> bool:
        index, part = _line_of(one), one.field.rpartition("].")[2]
        if index is None or index >= len(draft.lines):
            return one.field in taken
        copied = draft.lines[index].is_discount and part in _OF_THE_LINE_BEFORE
        return copied or one.field in taken or (index in broken and part in ("amount", one.field))

    return [*unread, *(one for one in refused if not is_told_already(one))]


def _is_missing(refusal: Refusal, typed: forms.TypedInvoice) -> bool:
    index = _line_of(refusal)
    if index is not None and index < len(typed.lines) and typed.lines[index].is_discount:
        return not typed.lines[index].amount
    return refusal.code == "INV-LIN-01" or typed.value_of(refusal.field) == ""


def _in_plain_words(refusal: Refusal) -> Refusal:
    """The rules call an empty code unknown and an empty rate none; a person has simply not got there yet."""
    label = _EMPTY.get(refusal.field.rpartition("].")[2])
    if label is None:
        return refusal
    return FieldEmpty(refusal.field, line=_place(refusal) + 1, label_zh=label.zh, label_en=label.en)


def _results(document: InvoiceDocument | None, places: list[int]) -> dict[int, LineResult]:
    if document is None:
        return {}
    inclusive = document.prices_include_tax
    return {
        place: _result(line, inclusive=inclusive) for place, line in zip(places, document.lines, strict=True)
    }


def _result(line: Line, *, inclusive: bool) -> LineResult:
    entered = line.gross_fen if inclusive else line.amount_fen
    return LineResult(
        tax_fen=line.tax_fen,
        amount_fen=line.amount_fen,
        gross_fen=line.gross_fen,
        rate_text=line.rate_text,
        quantity=line.quantity,
        unit_price=forms.shown_price(line, inclusive=inclusive),
        amount=yuan(entered),
    )
