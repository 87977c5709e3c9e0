"""风险事项: what judgements found worth a look, and how it ended."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from goldentax.kernel import access, clock
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.oversight import api as oversight
from goldentax.oversight.rules.outcomes import NOTE_LENGTH_MAX, OUTCOMES
from goldentax.oversight.web import asking


@access.open_to(access.OFFICER, function="oversight.case.handle")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The cases that wait, or all of them; the newest first."""
    fields = asking.asked(request, ("show", "cursor"))
    path, show_all = reverse("oversight:cases"), fields["show"] == "all"
    page = oversight.list_cases(only_open=not show_all, cursor=fields["cursor"])
    names = oversight.names_of(one.person_id for one in page.cases)
    shown = {"show": fields["show"]}
    context = {
        "tabs": asking.tabs(request, "cases"),
        "rows": [_row(one, names) for one in page.cases],
        "open_count": oversight.count_open_cases(),
        "show_all": show_all,
        "next_url": asking.address(path, shown | {"cursor": page.next_cursor}) if page.next_cursor else "",
        "first_url": asking.address(path, shown) if fields["cursor"] else "",
    }
    return render(request, "oversight/cases.html", context)


@access.open_to(access.OFFICER, function="oversight.case.handle")
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One case: why it was opened, what surrounds it, and its end."""
    if request.method == "GET":
        return _page(request, public_id, values={})
    values = {name: request.POST.get(name, "").strip() for name in ("outcome", "note", "request_id")}
    try:
        oversight.handle_case(
            public_id=public_id,
            outcome=values["outcome"],
            note=values["note"],
            actor=access.actor_of(request),
            request_id=values["request_id"],
            now=clock.now(),
        )
    except Refusal as refusal:
        return _page(request, public_id, values=values, refusal=refusal)
    said = Text("风险事项已处理", "The case is closed")
    messages.success(request, said.in_language(language_of(request)))
    return HttpResponseRedirect(reverse("oversight:cases"))


def _page(
    request: HttpRequest, public_id: UUID, *, values: dict[str, str], refusal: Refusal | None = None
) -> HttpResponse:
    case, language = oversight.get_case(public_id), language_of(request)
    names = oversight.names_of([case.person_id, case.handled_by.partition(":")[2].partition("@")[0]])
    context: dict[str, Any] = {
        "tabs": asking.tabs(request, "cases"),
        "case": case,
        "row": _row(case, names),
        "values": values,
        "errors": asking.errors_of(request, refusal) if refusal else [],
        "request_id": f"web-{new_public_id()}",
        "outcomes": [
            ("", Text("请选择", "Choose").in_language(language)),
            *((code, label.in_language(language)) for code, label in OUTCOMES.items()),
        ],
        "note_max": NOTE_LENGTH_MAX,
        "events_url": _events_url(request, case.person_id),
        "is_own": case.person_id == access.actor_of(request).person_id,
    }
    return render(request, "oversight/case.html", context, status=refusal.status if refusal else 200)


def _events_url(request: HttpRequest, person_id: str) -> str:
    """The person's records in the trail, for those who may search it."""
    if not access.may(access.actor_of(request), "oversight.trail.search"):
        return ""
    return asking.address(reverse("oversight:trail"), {"person": person_id})


def _row(case: oversight.CaseView, names: dict[str, str]) -> dict[str, Any]:
    verdict, tone = asking.VERDICTS[case.verdict]
    return {
        "case": case,
        "who": names.get(case.person_id, ""),
        "verdict": verdict,
        "tone": tone,
        "kind": asking.KINDS[case.kind],
        "outcome": OUTCOMES.get(case.outcome),
    }
