"""Pages of officers: search subjects, see one whole, ask its source again, look at its numbers for a purpose."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.subjects import api as subjects
from goldentax.subjects.queries import loads
from goldentax.subjects.queries import subjects as queries
from goldentax.subjects.rules import credentials, kinds, sources
from goldentax.subjects.rules import relations as relation_rules
from goldentax.subjects.web import asking, graph

READ, VERIFY, UNMASK = "subjects.subject.read", "subjects.subject.verify", "subjects.subject.unmask"
_VERDICT_TONES = {"match": "done", "mismatch": "wrong", "not_found": "wrong", "away": "wait"}


@never_cache
@access.open_to(access.OFFICER, function=READ)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Search subjects."""
    language = language_of(request)
    asked = {name: request.GET.get(name, "").replace("\x00", "")[:100] for name in ("q", "kind", "status")}
    page = queries.search_subjects(
        text=asked["q"],
        kind=asked["kind"],
        status=asked["status"],
        cursor=request.GET.get("cursor", "")[:60],
    )
    every = {"zh": "全部", "en": "All"}[language]
    given = {name: value for name, value in asked.items() if value}
    context = {
        "asked": asked,
        "page": page,
        "next_url": "?" + urlencode(given | {"cursor": page.next_cursor}) if page.next_cursor else "",
        "kinds": [
            ("", every),
            *((code, name.in_language(language)) for code, name in kinds.KIND_NAMES.items()),
        ],
        "statuses": [
            ("", every),
            *((code, name.in_language(language)) for code, name in kinds.STATUS_NAMES.items()),
        ],
        "waiting": sum(loads.count_reviews().values()),
        "may_load": access.may(access.actor_of(request), "subjects.load.run"),
    }
    return asking.page(request, "subjects/subjects.html", context)


@never_cache
@access.open_to(access.OFFICER, function=READ)
@require_safe
def show(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    """One subject: what is known, since when, by whom verified, how related."""
    return _subject_page(request, subject_id)


@access.open_to(access.OFFICER, function=VERIFY)
@require_POST
def verify(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    """Ask the subject's source now."""
    actor = access.actor_of(request)
    try:
        found = subjects.verify_subject(subject_id=subject_id, actor=actor.label, now=clock.now())
    except Refusal as refusal:
        return _subject_page(request, subject_id, refusal=refusal)
    status = kinds.status_name(found.status)
    asking.say(
        request,
        f"已向数据源核验，当前状态：{status.zh}。",
        f"The source was asked; the subject is now: {status.en}.",
    )
    return HttpResponseRedirect(reverse("subjects:subject", args=[subject_id]))


@never_cache
@access.open_to(access.OFFICER, function=UNMASK, assurance=access.TWO_FACTORS)
@require_POST
def look(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    """Show the whole numbers, once, for a purpose that is written down."""
    actor = access.actor_of(request)
    try:
        numbers = queries.look_at_numbers(
            subject_id=subject_id,
            purpose=request.POST.get("purpose", "")[:300],
            actor=actor.label,
            now=clock.now(),
        )
    except Refusal as refusal:
        return _subject_page(request, subject_id, refusal=refusal)
    shown = [(credentials.NAMES[kind], number) for kind, number in numbers]
    return _subject_page(request, subject_id, more={"numbers": shown})


def _subject_page(
    request: HttpRequest,
    subject_id: UUID,
    *,
    refusal: Refusal | None = None,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    actor, today = access.actor_of(request), clock.today()
    view = queries.get_subject(subject_id=subject_id)
    labels = {code: one.label for code, one in relation_rules.relation_kinds(on=today).items()}
    relations = queries.list_relations(subject_id=subject_id)
    present = [one for one in relations if one.valid_to is None or one.valid_to > today]
    context: dict[str, Any] = {
        "subject": view,
        "versions": [
            {"row": one, "reason": kinds.VERSION_REASONS.get(one.reason), "origin": _origin(one.origin)}
            for one in queries.list_versions(subject_id=subject_id)
        ],
        "checks": [
            {
                "row": one,
                "source": sources.LABELS.get(one.source, kinds.KIND_NAMES[kinds.DEVICE]),
                "verdict": sources.ANSWER_NAMES[one.verdict],
                "tone": _VERDICT_TONES[one.verdict],
                "fields": sources.fields_text(tuple(one.fields)) if one.fields else None,
            }
            for one in queries.list_checks(subject_id=subject_id)
        ],
        "relations": [
            {
                "row": one,
                "label": labels.get(one.kind),
                "is_out": one.from_subject.public_id == subject_id,
                "other": one.to_subject if one.from_subject.public_id == subject_id else one.from_subject,
                "is_present": one in present,
            }
            for one in relations
        ],
        "nodes": graph.nodes_of(subject_id, relations=present, labels=labels),
        "width": graph.WIDTH,
        "height": graph.HEIGHT,
        "middle_x": graph.WIDTH // 2,
        "middle_y": graph.HEIGHT // 2,
        "may_verify": access.may(actor, VERIFY) and view.status not in (kinds.CANCELLED, kinds.ARCHIVED),
        "may_look": access.may(actor, UNMASK),
    }
    return asking.page(request, "subjects/subject.html", context | (more or {}), refusal=refusal)


def _origin(origin: str) -> Text:
    """Where a version came from, in words where it is a source."""
    return sources.LABELS.get(origin.partition(" ")[0], Text(origin, origin))
