"""
Pages: a company registers itself. Its code is looked up first, then what the register says is confirmed.

What was typed is kept as a draft at every step, so that a source that is away costs nobody their work.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from goldentax.kernel import access, clock
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.registry.operations import enrolment
from goldentax.registry.web import asking
from goldentax.subjects import api as subjects

DEMO_NEWCOMERS_FILE = "demo-newcomers.json"  # in the world's home, written by the maker of the demo world
_FIELDS = ("number", "name", "address", "phone")


@never_cache
@access.open_to(access.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Look a company up by its code, then register it."""
    actor = access.actor_of(request)
    if request.method != "POST":
        return _page(request, subjects.find_draft(person_id=actor.person_id, purpose=subjects.COMPANY))
    values = asking.values_of(request, _FIELDS)
    now = clock.now()
    subjects.save_draft(person_id=actor.person_id, purpose=subjects.COMPANY, values=values, now=now)
    if request.POST.get("step") != "register":
        return _look_up(request, values)
    try:
        taxpayer = enrolment.register_company(
            **values,
            person_id=actor.person_id,
            actor=actor.label,
            request_id=asking.request_id_of(request),
            now=now,
        )
    except Refusal as refusal:
        return _page(request, values, refusal=refusal, is_looked_up=bool(values["name"]))
    return render(request, "registry/enrolled.html", {"taxpayer": taxpayer})


def _look_up(request: HttpRequest, values: dict[str, str]) -> HttpResponse:
    actor = access.actor_of(request)
    try:
        facts = subjects.ask_company(number=values["number"], person_id=actor.person_id, now=clock.now())
    except Refusal as refusal:
        return _page(request, values, refusal=refusal)
    # What stood there may have been filled in for another code: the register's word replaces it.
    filled = values | {"name": facts.get("name", ""), "address": facts.get("address", "")}
    subjects.save_draft(person_id=actor.person_id, purpose=subjects.COMPANY, values=filled, now=clock.now())
    # Who the representative is, the representative knows: others see no more than the first character.
    shown = {"representative": subjects.masked_name(facts.get("representative_name", ""))}
    return _page(request, filled, is_looked_up=True, more={"facts": facts | shown})


def _page(
    request: HttpRequest,
    values: dict[str, str],
    *,
    refusal: Refusal | None = None,
    is_looked_up: bool = False,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "values": values,
        "request_id": asking.new_request_id(),
        "errors": asking.errors_of(request, refusal) if refusal else [],
        "is_looked_up": is_looked_up,
        "facts": {},
        "newcomers": _newcomers(),
    }
    status = refusal.status if refusal else 200
    return render(request, "registry/enrol.html", context | (more or {}), status=status)


def _newcomers() -> list[subjects.DemoNewcomer]:
    """The companies that may be registered in a demo world."""
    if not settings().demo:
        return []
    return subjects.list_demo_newcomers(path=settings().home / DEMO_NEWCOMERS_FILE, kind="company")
