"""审计检索: search the trail; every search, and every record opened, is itself recorded."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.node import this_node
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.oversight import api as oversight
from goldentax.oversight import operations, queries
from goldentax.oversight.queries.trail import TrailEntry, TrailPage
from goldentax.oversight.rules.searching import FIELDS, TrailFilter, read_filter
from goldentax.oversight.web import asking


@access.open_to(access.OFFICER, function="oversight.trail.search")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The audit opens with the search."""
    return HttpResponseRedirect(reverse("oversight:trail"))


@access.open_to(access.OFFICER, function="oversight.trail.search")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The trail, the newest first; the conditions stand in the address and can be kept or sent."""
    asked, path = asking.asked(request, FIELDS), reverse("oversight:trail")
    context: dict[str, Any] = {
        "tabs": asking.tabs(request, "trail"),
        "asked": asked,
        "is_filtered": any(asked.values()),
        "periods": asking.quick_periods(path, asked, clock.today()),
        "categories": _category_options(request),
    }
    try:
        filter_ = _filter(asked)
        cursor = request.GET.get("cursor", "")
        page = oversight.search_trail_for(
            actor=access.actor_of(request), filter_=filter_, cursor=cursor, limit=50, now=clock.now()
        )
    except Refusal as refusal:
        context["errors"] = asking.errors_of(request, refusal)
        return render(request, "oversight/trail.html", context, status=refusal.status)
    context |= {
        "page": page,
        "rows": _rows(page),
        "next_url": asking.address(path, asked | {"cursor": page.next_cursor}) if page.next_cursor else "",
        "first_url": asking.address(path, asked) if cursor else "",
        "csv_url": asking.address(reverse("oversight:trail-export"), asked),
    }
    return render(request, "oversight/trail.html", context)


@access.open_to(access.OFFICER, function="oversight.trail.search")
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """What the conditions of the search find, as CSV; the export is recorded."""
    now = clock.now()
    filter_ = _filter(asking.asked(request, FIELDS))
    text = operations.export_trail_for(actor=access.actor_of(request), filter_=filter_, now=now)
    return asking.csv_file(text=text, name=f"审计记录_{now:%Y%m%d%H%M%S}.csv", plain_name="audit.csv")


@access.open_to(access.OFFICER, function="oversight.trail.search")
@require_GET
def show(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One record whole, with its place in the chain."""
    found = oversight.get_entry_for(actor=access.actor_of(request), entry_id=entry_id, now=clock.now())
    names = oversight.names_of([found.entry.person_id, _person_of(found.entry.subject)])
    context = {
        "tabs": asking.tabs(request, "trail"),
        "found": found,
        "row": _row(found.entry, names),
        "detail": json.dumps(found.entry.detail, ensure_ascii=False, indent=2, sort_keys=True),
    }
    return render(request, "oversight/entry.html", context)


@access.open_to(access.OFFICER, function="oversight.trail.search")
@require_GET
def proof(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The proof that one record stands in the chain, to be given away and checked elsewhere."""
    oversight.get_entry_for(actor=access.actor_of(request), entry_id=entry_id, now=clock.now())
    text = json.dumps(oversight.prove_entry(entry_id), ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="audit-{entry_id}-proof.json"'
    return response


def _filter(asked: dict[str, str]) -> TrailFilter:
    """The conditions; a login name stands for its person."""
    return read_filter({**asked, "person": queries.find_person(asked["person"])}, zone=this_node().time_zone)


def _rows(page: TrailPage) -> list[dict[str, Any]]:
    people = {one.person_id for one in page.entries} | {_person_of(one.subject) for one in page.entries}
    names = oversight.names_of(people)
    return [_row(one, names) for one in page.entries]


def _row(entry: TrailEntry, names: dict[str, str]) -> dict[str, Any]:
    label, tone = asking.CATEGORIES[entry.category]
    subject = _person_of(entry.subject)
    return {
        "entry": entry,
        "who": names.get(entry.person_id, ""),
        "subject_name": names.get(subject, ""),
        "category": label,
        "tone": tone,
        "summary": _summary(entry.detail),
    }


def _person_of(subject: str) -> str:
    return subject.removeprefix("person:") if subject.startswith("person:") else ""


def _summary(detail: dict[str, Any]) -> str:
    """The detail in one short line."""
    return " · ".join(
        f"{name} {_short(value)}" for name, value in detail.items() if value not in ("", None, [], {})
    )[:160]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _category_options(request: HttpRequest) -> list[tuple[str, str]]:
    language = language_of(request)
    every = Text("全部类别", "All kinds").in_language(language)
    return [
        ("", every),
        *((code, label.in_language(language)) for code, (label, _) in asking.CATEGORIES.items()),
    ]
