"""申请授权: asking for a post or a function set, with a preview of what would come of it."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from goldentax.authority import api as authority
from goldentax.authority.operations import previews
from goldentax.authority.queries import giving, listing, people
from goldentax.authority.rules.people import PersonCard
from goldentax.authority.web import asking, functions, offices
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

READ, ASK, ASK_POST = "authority.grant.read", "authority.grant.request", "authority.appointment.request"
PEOPLE_FOUND_MAX = 20
FIELDS_OF_REFUSALS = {"code": "what", "post": "what", "office_code": "office", "person_id": "person"}
"""Under which name the form of a request has what the operation names."""
_WISH = ("person", "office", "what", "taxpayers", "fields", "valid_from", "valid_to", "title", "reason")


@access.open_to(access.OFFICER, function=ASK)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The request for a post or set: fill in, look at what it would do, send."""
    if request.method == "GET":
        return _form(request, values=_first_values(request))
    values = asking.values_of(request.POST, _WISH, longest=30_000)
    person: PersonCard | None = None
    try:
        person = _person_meant(request, values)
        wish = _wish(values)
        if request.POST.get("step") != "send":
            return _preview(request, values=values, person=person, wish=wish)
        grant = authority.request_grant(
            person_id=person.person_id,
            actor=access.actor_of(request),
            now=clock.now(),
            request_id=asking.request_id_of(request),
            **wish,
        )
    except Refusal as refusal:
        return _form(request, values=values, person=person, refusal=refusal)
    asking.say_done(request, "申请已提交，等待审批", "The request is sent and waits for approval")
    return HttpResponseRedirect(reverse("authority:grant", args=[grant.public_id]))


def _first_values(request: HttpRequest) -> dict[str, str]:
    """What the address asks for, else one's own office from today on."""
    asked = asking.values_of(request.GET, _WISH, longest=200)
    asked["office"] = asked["office"] or access.actor_of(request).office_code
    asked["valid_from"] = asked["valid_from"] or clock.today().isoformat()
    return asked


class WhatNeeded(Refusal):
    """Nothing was chosen that should be given."""

    code = "AUT-GRT-12"
    title = Text("请选择岗位或功能集", "Choose a post or a function set")
    way_out = Text("从列表中选择要授予的岗位或功能集", "Choose from the list what should be given")


def _person_meant(request: HttpRequest, values: dict[str, str]) -> PersonCard:
    picked = request.POST.get("picked_person", "")
    if picked and values["person"]:
        # One of those that a search found just before; a login name written since stands before it.
        among = {one.person_id: one for one in _people_found(request, values["person"])}
        if picked in among:
            return among[picked]
    return asking.find_person(text=values["person"], among=_people_in_reach(request))


def _people_in_reach(request: HttpRequest) -> frozenset[str]:
    return frozenset(listing.people_of(offices=asking.codes_of(asking.reach_of(request, ASK))))


def _people_found(request: HttpRequest, text: str) -> list[PersonCard]:
    among = _people_in_reach(request)
    return people.search_person_cards(text=text, among=among, limit=PEOPLE_FOUND_MAX)


def _wish(values: dict[str, str]) -> dict[str, Any]:
    """
    What the form asks for, as the operation takes it.

    :raises Refusal: if a day cannot be read, or nothing is chosen.
    """
    kind, _, code = values["what"].partition(":")
    if kind not in ("post", "set") or not code:
        raise WhatNeeded("what")
    valid_from = asking.read_day(values["valid_from"], field="valid_from")
    return {
        "kind": kind,
        "code": code[:60],
        "office_code": values["office"][:11],
        "valid_from": valid_from or clock.today(),
        "valid_to": asking.read_day(values["valid_to"], field="valid_to"),
        "taxpayers": _words(values["taxpayers"].upper()),
        "fields": _words(values["fields"].lower()),
        "title": values["title"][:60],
        "reason": values["reason"][:200],
    }


def _words(text: str) -> list[str]:
    for mark in ",，;；、":
        text = text.replace(mark, " ")
    return text.split()


def _preview(
    request: HttpRequest, *, values: dict[str, str], person: PersonCard, wish: dict[str, Any]
) -> HttpResponse:
    now = clock.now()
    preview = previews.preview_grant(
        person_id=person.person_id, actor=access.actor_of(request), now=now, **wish
    )
    if preview.refusal is not None:
        return _form(request, values=values, person=person, refusal=preview.refusal, wish=wish)
    return _form(request, values=values, person=person, wish=wish, is_possible=True)


def _form(
    request: HttpRequest,
    *,
    values: dict[str, str],
    person: PersonCard | None = None,
    wish: dict[str, Any] | None = None,
    refusal: Refusal | None = None,
    is_possible: bool = False,
) -> HttpResponse:
    actor, now, language = access.actor_of(request), clock.now(), language_of(request)
    reach = [one for one in asking.reach_of(request, ASK) if not one.is_closed(clock.today())]
    givable = giving.list_givable(actor=actor, office_code=values.get("office", ""), at=now)
    catalogue = authority.get_catalogue(on=clock.today())
    kind, _, code = values.get("what", "").partition(":")
    context: dict[str, Any] = {
        "values": values,
        "offices": offices.office_options(reach),
        "groups": _choices(catalogue, givable, language),
        "own_end": givable.get((kind, code)),
        "request_id": asking.new_request_id(),
        "errors": asking.errors_of(request, refusal, fields=FIELDS_OF_REFUSALS) if refusal else [],
        "person": person,
        "is_possible": is_possible,
        "candidates": _people_found(request, values["person"])
        if isinstance(refusal, asking.SeveralPeople)
        else [],
        "is_segregated": isinstance(refusal, authority.WouldBreakSegregation),
    }
    if wish is not None and person is not None:
        seen = asking.codes_of(asking.reach_of(request, READ))
        context |= _what_it_does(catalogue, person, wish, seen=seen)
    return asking.page(
        request, "authority/grant_form.html", context, status=refusal.status if refusal else 200
    )


def _what_it_does(
    catalogue: authority.Catalogue, person: PersonCard, wish: dict[str, Any], *, seen: frozenset[str]
) -> dict[str, Any]:
    """What the person would be able to do, and what is held against it."""
    gain = giving.gain_of(person_id=person.person_id, kind=wish["kind"], code=wish["code"], at=clock.now())
    via = "post" if wish["kind"] == "post" else "grant"
    office = authority.find_office(wish["office_code"])
    held = [
        one
        for one in authority.list_grants(person_id=person.person_id, state="active").items
        if listing.standing_of(one, on=clock.today()) in (listing.CURRENT, listing.COMING)
    ]
    return {
        "wish": wish,
        "what_name": catalogue.name_of(via=via, code=wish["code"]),
        "office": office,
        "gain": gain,
        "groups_added": functions.by_system(catalogue, gain.added),
        "rules_count": len(catalogue.segregation),
        "held_count": len(held),
        "held_now": [one for one in held if one.office_code in seen],
    }


def _choices(
    catalogue: authority.Catalogue, givable: dict[tuple[str, str], date | None], language: str
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Posts and sets the actor may give at the office, then those they may not, each said so."""
    shelves = (
        ("post", catalogue.posts, "岗位", "Posts"),
        ("set", catalogue.function_sets, "功能集", "Function sets"),
    )
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    for is_ours, zh, en in (
        (True, "可授予", "you may give"),
        (False, "超出您的权限或该级机关不设", "beyond you, or not of this office"),
    ):
        for kind, shelf, kind_zh, kind_en in shelves:
            options = [
                (f"{kind}:{code}", one.label.in_language(language))
                for code, one in shelf.items()
                if ((kind, code) in givable) == is_ours and getattr(one, "kind", "") != "taxpayer"
            ]
            if options:
                groups.append((_say(language, f"{kind_zh}（{zh}）", f"{kind_en} ({en})"), options))
    return groups


def _say(language: str, zh: str, en: str) -> str:
    return zh if language == "zh" else en
