"""Pages of officers: bulk loads with their rows and result file, and the review list."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.subjects import api as subjects
from goldentax.subjects.errors import UnreadableFile
from goldentax.subjects.forms import tables
from goldentax.subjects.models import loads as states
from goldentax.subjects.operations import loading, reviewing
from goldentax.subjects.queries import loads as queries
from goldentax.subjects.rules import cleaning, kinds
from goldentax.subjects.web import asking

RUN, REVIEW_READ, REVIEW = "subjects.load.run", "subjects.review.read", "subjects.review.decide"
_AT_ONCE_BYTES = 64 * 1024
"""A file of some hundred rows is done before the page comes back; a larger one is left to the worker."""


@never_cache
@access.open_to(access.OFFICER, function=RUN)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The loads so far, and the form that takes a file in."""
    if request.method != "POST":
        return _index_page(request)
    actor, now = access.actor_of(request), clock.now()
    file = request.FILES.get("file")
    try:
        if file is None:
            raise UnreadableFile("file", reason_zh="没有选择文件", reason_en="no file was chosen")
        if (file.size or 0) > tables.FILE_BYTES_MAX:
            raise tables.too_large()
        content = file.read()
        load = subjects.receive_load(
            content=content,
            file_name=file.name or "",
            default_kind=request.POST.get("default_kind", "")[:20],
            actor=actor.label,
            now=now,
            request_id=asking.request_id_of(request),
        )
        if len(content) <= _AT_ONCE_BYTES:
            subjects.run_load(load_id=load.public_id, now=now)
    except Refusal as refusal:
        return _index_page(request, refusal=refusal)
    return HttpResponseRedirect(reverse("subjects:load", args=[load.public_id]))


@never_cache
@access.open_to(access.OFFICER, function=RUN)
@require_safe
def show(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """How far a load has come, and its rows in order."""
    load = queries.get_load(load_id)
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in states.OUTCOMES else ""
    after = request.GET.get("after", "")
    rows = queries.list_rows(
        load=load, outcome=outcome, after=int(after) if after.isdecimal() and len(after) < 9 else 0
    )
    language = language_of(request)
    progress = loading.progress_of(load)
    context = {
        "load": load,
        "state": queries.LOAD_STATE_NAMES[load.state],
        "is_running": load.state not in (states.DONE, states.FAILED),
        "failure": load.failure.get(language),
        "counts": [
            (
                code,
                queries.OUTCOME_NAMES[code],
                progress.outcomes[code],
                queries.OUTCOME_TONES.get(code, "plain"),
            )
            for code in states.OUTCOMES
            if progress.outcomes.get(code)
        ],
        "outcome": outcome,
        "rows": [
            {
                "row": one,
                "values": queries.row_values(one),
                "outcome": queries.OUTCOME_NAMES[one.outcome],
                "tone": queries.OUTCOME_TONES.get(one.outcome, "plain"),
                "why": queries.why(one.code),
            }
            for one in rows
        ],
        "next_after": rows[-1].row if len(rows) == queries.ROWS_SHOWN else "",
    }
    return asking.page(request, "subjects/load.html", context)


@never_cache
@access.open_to(access.OFFICER, function=RUN)
@require_safe
def result(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """Every row with its outcome, as a file."""
    load = queries.get_load(load_id)
    content = queries.result_file(load=load, language=language_of(request))
    headers = {"Content-Disposition": f'attachment; filename="load-{load.public_id}.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


@never_cache
@access.open_to(access.OFFICER, function=REVIEW_READ)
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """What a person must decide, side by side."""
    return _review_page(request)


@access.open_to(access.OFFICER, function=REVIEW)
@require_POST
def decide(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Decide one entry."""
    actor = access.actor_of(request)
    try:
        subjects.decide_review(
            review_id=review_id,
            decision=request.POST.get("decision", "")[:20],
            actor=actor.label,
            now=clock.now(),
        )
    except Refusal as refusal:
        return _review_page(request, refusal=refusal)
    asking.say(request, "已判定。", "Decided.")
    return HttpResponseRedirect(reverse("subjects:review"))


def _index_page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    language = language_of(request)
    by_form = {"zh": "按号码判断", "en": "Tell by the number"}[language]
    context = {
        "loads": [(one, queries.LOAD_STATE_NAMES[one.state]) for one in queries.list_loads()],
        "kinds": [
            ("", by_form),
            *((code, name.in_language(language)) for code, name in kinds.KIND_NAMES.items()),
        ],
        "columns": list(cleaning.COLUMNS.values()),
        "rows_max": tables.ROWS_MAX,
        "mib_max": tables.FILE_BYTES_MAX // 1024 // 1024,
    }
    return asking.page(request, "subjects/loads.html", context, refusal=refusal)


def _review_page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    language = language_of(request)
    kind = request.GET.get("kind", "")
    found, next_cursor = queries.list_reviews(kind=kind, cursor=request.GET.get("cursor", "")[:60])
    counts = queries.count_reviews()
    context = {
        "entries": [
            {
                "view": one,
                "fields": [
                    (
                        name.in_language(language),
                        _value(one.left, code, language),
                        _value(one.right, code, language),
                    )
                    for code, name in cleaning.COLUMN_NAMES.items()
                ],
                "decisions": [
                    (code, text.in_language(language))
                    for code, text in reviewing.DECISIONS[one.row.kind].items()
                ],
            }
            for one in found
        ],
        "counts": counts,
        "kind": kind if kind in states.REVIEW_KINDS else "",
        "next_url": f"?kind={kind}&cursor={next_cursor}" if next_cursor else "",
        "may_decide": access.may(access.actor_of(request), REVIEW),
    }
    return asking.page(request, "subjects/review.html", context, refusal=refusal)


def _value(side: queries.Side | None, code: str, language: str) -> str:
    if side is None:
        return ""
    value = side.values.get(code, "")
    return kinds.kind_name(value).in_language(language) if code == "kind" and value else value
