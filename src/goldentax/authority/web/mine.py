"""我的功能 (功能中心): an officer's own posts, terms, scopes and functions; what ends soon; whom to ask for more."""

import inspect
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.decorators.http import require_GET

from goldentax.authority import api as authority
from goldentax.authority.queries import listing, people
from goldentax.authority.web import functions, offices
from goldentax.kernel import access, clock, registry

ASK = "authority.grant.request"
ASKED_MAX = 6


@access.open_to(access.OFFICER)
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Everything one holds, in the identity one acts in."""
    actor, now, on = access.actor_of(request), clock.now(), clock.today()
    catalogue = authority.get_catalogue(on=on)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    # What asks for a second factor is one's own all the same; it says so.
    subject = authority.Subject(actor.person_id, actor.acting_for, access.STRONG, actor.channel)
    mine = [catalogue.functions[one] for one in sorted(authority.functions_of(subject=subject, at=now))]
    shown = functions.search_functions(mine, text) if text else mine
    pages = pages_of_functions() | {one.function: one.url for one in registry.menu_for(actor) if one.function}
    held = [
        one
        for one in authority.list_grants(person_id=actor.person_id, limit=200).items
        if listing.standing_of(one, on=on) in (listing.CURRENT, listing.COMING, "requested")
    ]
    rows = [offices.grant_row(one, on=on, cards={}) for one in held]
    context = {
        "text": text,
        "rows": rows,
        "ending": [one for one in rows if one["ends_soon"]],
        "groups": [
            (system, [(one, functions.KINDS[one.kind], pages.get(one.code, "")) for one in found])
            for system, found in functions.by_system(catalogue, shown)
        ],
        "count": len(mine),
        "found_count": len(shown),
        "may_ask": access.may(actor, ASK),
        "askable": [] if access.may(actor, ASK) else _whom_to_ask(actor),
    }
    return render(request, "authority/mine.html", context)


def _whom_to_ask(actor: access.Actor) -> list[dict[str, Any]]:
    """Those who can ask for a grant in the actor's office; the nearest office first."""
    now = clock.now()
    found = authority.who_could(function=ASK, object=authority.Object(office=actor.office_code), at=now)
    line = [actor.office_code, *(one.code for one in authority.ancestors(actor.office_code))]
    found = sorted(found, key=lambda one: line.index(one.office) if one.office in line else len(line))
    cards = people.person_cards({one.person_id for one in found[:ASKED_MAX]})
    names = authority.office_names({one.office for one in found})
    catalogue = authority.get_catalogue(on=now.date())
    first = {one.person_id: one for one in reversed(found[:ASKED_MAX])}
    return [
        {
            "person": cards[one.person_id],
            "office": names.get(one.office, one.office),
            "what": catalogue.name_of(via=one.via, code=one.code),
        }
        for one in reversed(first.values())
    ]


@lru_cache(maxsize=1)
def pages_of_functions() -> dict[str, str]:
    """The page of each function that has one without an argument: the shortest address."""
    found: dict[str, str] = {}
    for address, function in sorted(_pages(get_resolver(), ""), key=lambda one: (len(one[0]), one[0])):
        found.setdefault(function, address)
    return found


def _pages(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not address.startswith("api/"):
                yield from _pages(pattern, address)
        elif isinstance(pattern, URLPattern):
            door = getattr(pattern.callback, "door", None)
            is_plain = not set(address) & set("<>^$(\\")
            if door is not None and door.function and is_plain and _is_looked_at(pattern.callback):
                yield f"/{address}", door.function


def _is_looked_at(view: Any) -> bool:
    """Tell whether a view answers GET: Django's ``require_…`` decorators keep their list in their closure."""
    here: Any = view
    while here is not None:
        methods = inspect.getclosurevars(here).nonlocals.get("request_method_list")
        if methods is not None and "GET" not in methods:
            return False
        here = getattr(here, "__wrapped__", None)
    return True
