"""
开具发票: the form, its live totals, its pickers, the confirmation, and the issue.

Sending the form again — a double click, the back button, a reload — carries the same request id and gets the first
invoice back; only a changed content is refused, and then the form gets an id of its own.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goldentax.invoicing import api as invoicing
from goldentax.invoicing import errors
from goldentax.invoicing.queries.movements import find_number
from goldentax.invoicing.rules.law import TAXPAYER_KINDS
from goldentax.invoicing.web import asking, changing, drafts, forms, invoices, picking, translating
from goldentax.invoicing.web.changing import Changed
from goldentax.invoicing.web.examining import Examined, LineResult, examine
from goldentax.kernel import access, clock
from goldentax.kernel.access import Actor
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.kernel.values.money import chinese_amount
from goldentax.registry import api as registry

QUERY_LENGTH_MAX = 100
INDEX_PLACE, NUMBER_PLACE = "__i__", "__n__"
"""Where a script puts index and number into the template of an empty line."""
MISSING_SHOWN = 4
LABELS = {
    "buyer.name": Text("购买方名称", "buyer's name"),
    "buyer.tax_id": Text("购买方识别号", "buyer's number"),
    "lines": Text("明细", "lines"),
    "name": Text("项目名称", "item"),
    "tax_code": Text("税收编码", "tax code"),
    "rate": Text("税率", "rate"),
    "amount": Text("金额", "amount"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the grid: what was typed, what the rules made of it, what they have against it."""

    index: int | str  # a place to be filled in, for the line that a script adds
    typed: forms.TypedLine
    base: forms.TypedLine | None  # of a discount: the line it discounts
    result: LineResult | None
    errors: list[dict[str, Any]]
    wrong: frozenset[str]  # names of the fields that are wrong
    focus: str  # the field to go on with, if it is in this line
    rate_options: SafeString
    preference_options: SafeString

    @property
    def number(self) -> int | str:
        return self.index + 1 if isinstance(self.index, int) else NUMBER_PLACE

    @property
    def at(self) -> str:
        """How its fields' names begin."""
        return f"lines[{self.index}]"

    @property
    def id(self) -> str:
        """How its controls' ids begin, as the frame makes them of names."""
        return f"field-lines-{self.index}"


@access.open_to(access.ISSUER)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The issue form; its buttons come back here."""
    actor, now = access.actor_of(request), clock.now()
    if request.method == "GET":
        typed = _first(request, actor=actor, now=now)
        return _page(request, Changed(typed=typed, focus="buyer.name" if typed.is_blank else ""), now=now)
    typed, do = forms.read(request.POST.dict()), request.POST.get("do", "confirm")
    typed = replace(typed, request_id=typed.request_id or forms.new_request_id())
    if do == "confirm":
        return _to_confirmation(request, typed, now=now)
    if do == "issue":
        return _issue(request, typed, now=now)
    try:
        changed = changing.change(typed=typed, do=do, around=_around(request, actor=actor, now=now))
    except Refusal as refusal:
        return _page(request, Changed(typed=typed), now=now, refusals=tuple(refusal.each()))
    return _page(request, changed, now=now)


def _first(request: HttpRequest, *, actor: Actor, now: datetime) -> forms.TypedInvoice:
    """What the form begins with: nothing, a saved draft, or a copy of an invoice."""
    if number := request.GET.get("copy", ""):
        document = invoicing.get_invoice(number=number, actor=actor)
        kind = registry.kind_on(tax_id=actor.taxpayer_id, on=now.date())
        return picking.with_choices(forms.from_document(document), kind=kind, on=now.date())
    draft = invoicing.get_draft(actor=actor, draft_id=request.GET.get("draft", ""))
    if draft is not None:
        typed = forms.read(draft.fields)
        return replace(typed, draft_id=draft.draft_id, request_id=typed.request_id or forms.new_request_id())
    last = invoicing.list_invoices(actor=actor, filter_=invoicing.InvoiceFilter(), page_size=1).rows
    return forms.fresh(invoicing.get_invoice(number=last[0].number, actor=actor) if last else None)


def _around(request: HttpRequest, *, actor: Actor, now: datetime) -> changing.Surroundings:
    file = request.FILES.get("file")
    return changing.Surroundings(
        owner_tax_id=actor.taxpayer_id,
        kind=registry.kind_on(tax_id=actor.taxpayer_id, on=now.date()),
        on=now.date(),
        sheet=request.POST.get("sheet", ""),
        column=request.POST.get("sheet_column", "name"),
        file=file.read() if file is not None else None,
        file_name=(file.name or "") if file is not None else "",
    )


def _page(
    request: HttpRequest,
    changed: Changed,
    *,
    now: datetime,
    refusals: tuple[Refusal, ...] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole form. ``refusals`` are told on top; without them only what is wrong with what was typed is."""
    context = _context(request, changed, now=now, refusals=refusals)
    return render(
        request, "invoicing/new.html", context, status=422 if refusals and status == 200 else status
    )


def _context(
    request: HttpRequest, changed: Changed, *, now: datetime, refusals: tuple[Refusal, ...] | None = None
) -> dict[str, Any]:
    actor, typed = access.actor_of(request), changed.typed
    on, tax_id = now.date(), actor.taxpayer_id
    examined = examine(typed=typed, actor=actor, now=now)
    kind = registry.kind_on(tax_id=tax_id, on=on)
    told = asking.errors_of(request, examined.refusals if refusals is None else refusals)
    limit = invoicing.get_limit(tax_id=tax_id, on=on)
    *rows, line_template = _rows(changed, examined, told, kind=kind, on=on, language=language_of(request))
    charged_fen = examined.document.amount_fen if examined.document else 0
    return {
        "typed": typed,
        "rows": rows,
        "line_template": line_template,
        "document": examined.document,
        "examined": examined,
        "errors": told,
        "summary_errors": [] if refusals is None else told,
        "missing": _missing(request, examined),
        "head_errors": asking.by_field(told),
        "issued_number": next(
            (one.facts["number"] for one in refusals or () if isinstance(one, errors.RequestIdReused)), ""
        ),
        "seller": registry.find_taxpayer(tax_id=tax_id),
        "seller_kind": TAXPAYER_KINDS.get(kind, ""),
        "limit": limit,
        "left_fen": limit.available_fen - charged_fen,
        "over_fen": charged_fen - limit.available_fen,
        "gross_words": chinese_amount(examined.document.gross_fen) if examined.document else "",
        "focus": changed.focus,
        "offers": changed.offers,
        "offers_for": changed.offers_for,
    }


def _missing(request: HttpRequest, examined: Examined) -> dict[str, Any]:
    """The fields still empty: the first few by name, and how many there are."""
    language = language_of(request)
    named = []
    for refusal in examined.missing[:MISSING_SHOWN]:
        whole, part = refusal.field, refusal.field.rpartition("].")[2]
        label = LABELS.get(whole) or LABELS.get(part)
        words = label.in_language(language) if label else refusal.message(language)
        place = whole.partition("[")[2].partition("]")[0]
        named.append({"field": whole, "label": words, "line": int(place) + 1 if place else 0})
    return {
        "named": named,
        "count": len(examined.missing),
        "more": max(0, len(examined.missing) - len(named)),
    }


def _rows(
    changed: Changed, examined: Examined, told: list[dict[str, Any]], *, kind: str, on: date, language: str
) -> list[Row]:
    """The lines of the grid, and behind them one empty line that a script copies."""
    by_line: dict[str, list[dict[str, Any]]] = {}
    for error in told:
        by_line.setdefault(error["field"].partition(".")[0], []).append(error)
    typed, focus = changed.typed, changed.focus
    rates, marks = picking.rate_choices(kind=kind, on=on), picking.preference_choices(kind=kind, on=on)

    def row(index: int | str, line: forms.TypedLine) -> Row:
        at = f"lines[{index}]"
        found = by_line.get(at, [])
        is_discount = bool(line.is_discount) and isinstance(index, int) and index > 0
        return Row(
            index=index,
            typed=line,
            base=typed.lines[int(index) - 1] if is_discount else None,
            result=examined.results.get(index) if isinstance(index, int) else None,
            errors=found,
            wrong=frozenset(error["field"].rpartition(".")[2] for error in found),
            focus=focus.removeprefix(f"{at}.") if focus.startswith(f"{at}.") else "",
            rate_options=picking.options(rates, chosen=line.rate, language=language),
            preference_options=picking.options(marks, chosen=line.preference, language=language),
        )

    return [
        *(row(index, line) for index, line in enumerate(typed.lines)),
        row(INDEX_PLACE, forms.TypedLine()),
    ]


@access.open_to(access.ISSUER)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The totals of the form as it stands, and every refusal at its field; a fragment, nothing is stored."""
    typed = forms.read(request.POST.dict())
    context = _context(request, Changed(typed=typed), now=clock.now())
    context["checked_fields"] = [
        (name, context["head_errors"].get(name.replace(".", "_"), [])) for name in forms.CHECKED_FIELDS
    ]
    return render(request, "invoicing/parts/preview.html", context)


@access.open_to(access.ISSUER)
@require_POST
def lines(request: HttpRequest) -> HttpResponse:
    """The grid after one of its buttons, a paste or a file: the fragment of the same page."""
    actor, now, typed = access.actor_of(request), clock.now(), forms.read(request.POST.dict())
    refusals: tuple[Refusal, ...] | None = None
    try:
        around = _around(request, actor=actor, now=now)
        changed = changing.change(typed=typed, do=request.POST.get("do", ""), around=around)
    except Refusal as refusal:
        changed, refusals = Changed(typed=typed), tuple(refusal.each())
    context = _context(request, changed, now=now, refusals=refusals)
    return render(request, "invoicing/parts/lines.html", context | {"is_fragment": True})


@access.open_to(access.ISSUER)
@require_GET
def find_buyers(request: HttpRequest) -> HttpResponse:
    """The list under the buyer's name: customers, then registered taxpayers."""
    actor = access.actor_of(request)
    text = request.GET.get("q", "").strip()[:QUERY_LENGTH_MAX]
    found = picking.buyers(owner_tax_id=actor.taxpayer_id, text=text)
    return render(request, "invoicing/parts/offers.html", {"offers": found, "text": text})


@access.open_to(access.ISSUER)
@require_GET
def find_goods(request: HttpRequest) -> HttpResponse:
    """The list under an item's name: one's own goods, then tax codes by name, pinyin initials or digits."""
    actor, on = access.actor_of(request), clock.today()
    text = request.GET.get("q", "").strip()[:QUERY_LENGTH_MAX]
    kind = registry.kind_on(tax_id=actor.taxpayer_id, on=on)
    if request.GET.get("only") == "codes":
        found = picking.tax_codes(text=text, kind=kind, on=on)
        # Who looks for a code alone keeps the name already typed.
        found = [replace(one, fill={k: v for k, v in one.fill.items() if k != "name"}) for one in found]
    else:
        found = picking.goods(
            owner_tax_id=actor.taxpayer_id,
            text=text,
            kind=kind,
            inclusive=bool(request.GET.get("inclusive")),
            on=on,
        )
    return render(request, "invoicing/parts/offers.html", {"offers": found, "text": text})


def _to_confirmation(request: HttpRequest, typed: forms.TypedInvoice, *, now: datetime) -> HttpResponse:
    """Keep the form and go on to its confirmation, which has an address of its own; or tell what is wrong."""
    actor = access.actor_of(request)
    examined = examine(typed=typed, actor=actor, now=now)
    if not examined.is_ready:
        return _page(request, Changed(typed=typed), now=now, refusals=examined.all_refusals)
    draft_id = drafts.keep(typed, actor=actor, now=now)
    fields = {"draft": draft_id, "request": typed.request_id}
    return HttpResponseRedirect(asking.address(reverse("invoicing:confirm"), fields))


@access.open_to(access.ISSUER)
@require_GET
def confirm(request: HttpRequest) -> HttpResponse:
    """
    The whole invoice as it will be, what it leaves of the limit, and one sentence of consequence.

    Coming back here after issuing leads to the invoice that was issued.
    """
    actor, now = access.actor_of(request), clock.now()
    draft = invoicing.get_draft(actor=actor, draft_id=request.GET.get("draft", ""))
    number = find_number(actor=actor, request_id=request.GET.get("request", ""))
    if number:
        return HttpResponseRedirect(
            asking.address(reverse("invoicing:issued", args=[number]), {"again": "1"})
        )
    if draft is None:
        return HttpResponseRedirect(reverse("invoicing:drafts"))
    typed = replace(forms.read(draft.fields), draft_id=draft.draft_id)
    examined = examine(typed=typed, actor=actor, now=now)
    if not examined.is_ready or examined.document is None:
        return _page(request, Changed(typed=typed), now=now, refusals=examined.all_refusals)
    document = examined.document
    limit = invoicing.get_limit(tax_id=actor.taxpayer_id, on=now.date())
    context = invoices.facts(request, document, is_whole=True) | {
        "typed": typed,
        "fields": forms.as_fields(forms.without_blank_end(typed)),
        "left_fen": limit.available_fen - document.amount_fen,
        "over_fen": document.amount_fen - limit.available_fen,
    }
    return render(request, "invoicing/confirm.html", context)


def _issue(request: HttpRequest, typed: forms.TypedInvoice, *, now: datetime) -> HttpResponse:
    actor, translated = access.actor_of(request), translating.translate(typed)
    if translated.refusals:
        return _page(request, Changed(typed=typed), now=now, refusals=translated.refusals)
    try:
        issued = invoicing.issue_invoice(draft=translated.draft, actor=actor, now=now)
    except errors.RequestIdReused as refusal:
        # The person changed a form whose invoice is out: sending it once more makes a new one, and says so.
        again = replace(typed, request_id=forms.new_request_id(), draft_id="")
        return _page(request, Changed(typed=again), now=now, refusals=(refusal,), status=refusal.status)
    except Refusal as refusal:
        return _page(
            request, Changed(typed=typed), now=now, refusals=tuple(refusal.each()), status=refusal.status
        )
    if typed.draft_id:
        invoicing.delete_draft(actor=actor, draft_id=typed.draft_id)
    to = reverse("invoicing:issued", args=[issued.number])
    return HttpResponseRedirect(asking.address(to, {"again": "1" if issued.repeated else ""}))
