"""审批: requests that wait for the actor, what they decided, one decision for many at once with its outcome each."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from goldentax.authority import api as authority
from goldentax.authority.queries import giving, listing, people
from goldentax.authority.web import asking, grants, offices
from goldentax.kernel import access, clock
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

APPROVE = grants.APPROVE
PAGE_SIZE = 30
AT_ONCE_MAX = 100
"""Requests decided with one click: more than anybody reads."""


class NothingChosen(Refusal):
    """No request was ticked."""

    code = "AUT-GRT-13"
    title = Text("没有选择任何申请", "No request is ticked")
    way_out = Text("请勾选要审批的申请，每次最多 100 项", "Tick those you decide on, at most 100 at once")


@access.open_to(access.OFFICER, function=APPROVE)
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for the actor, or what they decided."""
    if request.GET.get("tab") == "decided":
        return _decided(request)
    return _inbox(request)


def _inbox(request: HttpRequest, **more: Any) -> HttpResponse:
    actor, on, now = access.actor_of(request), clock.today(), clock.now()
    cursor = request.GET.get("cursor", "")
    page = authority.list_waiting(
        office_codes=asking.codes_of(asking.reach_of(request, APPROVE)),
        not_by=actor.person_id,
        cursor=cursor,
        limit=PAGE_SIZE,
    )
    named = {one.person_id for one in page.items} | {one.requested_by for one in page.items}
    cards = people.person_cards(named)
    rows = [
        offices.grant_row(one, on=on, cards=cards)
        | {
            "asked_by": cards.get(one.requested_by),
            "added": len(giving.gain_of(person_id=one.person_id, kind=one.kind, code=one.code, at=now).added),
            "is_ticked": one.public_id in more.get("ticked", ()),
        }
        for one in page.items
    ]
    path = reverse("authority:approvals")
    context = {
        "tab": "waiting",
        "rows": rows,
        "count": waiting_count(request),
        "is_proven": actor.assurance >= access.TWO_FACTORS,
        "request_id": asking.new_request_id(),
        "next_url": asking.address(path, {"cursor": page.next_cursor}) if page.next_cursor else "",
        "first_url": path if cursor else "",
        "note": "",
        "errors": [],
    } | more
    return asking.page(request, "authority/approvals.html", context, status=more.get("status", 200))


def waiting_count(request: HttpRequest) -> int:
    """How many requests the actor may decide on now."""
    actor = access.actor_of(request)
    return listing.count_waiting(
        offices=asking.codes_of(asking.reach_of(request, APPROVE)), not_by=actor.person_id
    )


def _decided(request: HttpRequest) -> HttpResponse:
    actor, on, cursor = access.actor_of(request), clock.today(), request.GET.get("cursor", "")
    reach = asking.codes_of(asking.reach_of(request, APPROVE))
    page = listing.search_grants(
        listing.GrantFilter(offices=reach, decided_by=actor.person_id), on=on, cursor=cursor, limit=PAGE_SIZE
    )
    cards = people.person_cards(
        {one.person_id for one in page.items} | {one.requested_by for one in page.items}
    )
    path = reverse("authority:approvals")
    context = {
        "tab": "decided",
        "rows": [
            offices.grant_row(one, on=on, cards=cards) | {"asked_by": cards.get(one.requested_by)}
            for one in page.items
        ],
        "count": waiting_count(request),
        "next_url": asking.address(path, {"tab": "decided", "cursor": page.next_cursor})
        if page.next_cursor
        else "",
        "first_url": asking.address(path, {"tab": "decided"}) if cursor else "",
    }
    return asking.page(request, "authority/approvals.html", context)


@access.open_to(access.OFFICER, function=APPROVE, assurance=access.TWO_FACTORS)
@require_GET
def prove(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor before anything is typed, and come back."""
    return HttpResponseRedirect(reverse("authority:approvals"))


@access.open_to(access.OFFICER, function=APPROVE, assurance=access.TWO_FACTORS)
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Approve or refuse what is ticked; each request has its own outcome, in the order of the list."""
    ticked = [one for one in request.POST.getlist("grant") if people.is_id(one)]
    note = asking.values_of(request.POST, ("note",), longest=200)["note"]
    verdict = request.POST.get("verdict", "")
    try:
        if not ticked or len(ticked) > AT_ONCE_MAX or verdict not in ("approve", "refuse"):
            raise NothingChosen("grant")
        if verdict == "refuse" and not note:
            raise grants.NoteNeeded("note")
    except Refusal as refusal:
        errors = asking.errors_of(request, refusal)
        return _inbox(request, note=note, errors=errors, ticked=frozenset(ticked), status=refusal.status)
    act = authority.approve_grant if verdict == "approve" else authority.refuse_grant
    base = asking.request_id_of(request)[:50]
    outcomes = [_outcome(request, act, one, note=note, base=base) for one in dict.fromkeys(ticked)]
    done = sum(1 for one in outcomes if not one["errors"])
    context = {
        "outcomes": outcomes,
        "verdict": verdict,
        "done": done,
        "failed": len(outcomes) - done,
        "count": waiting_count(request),
    }
    return asking.page(request, "authority/decided.html", context)


def _outcome(request: HttpRequest, act: Any, grant_id: str, *, note: str, base: str) -> dict[str, Any]:
    """One request decided, or the refusal that kept it from being."""
    grant = authority.find_grant(grant_id)
    if grant is not None and grant.office_code not in asking.codes_of(asking.reach_of(request, APPROVE)):
        grant = None
    found: dict[str, Any] = {"grant": grant, "errors": []}
    try:
        if grant is None:
            raise authority.UnknownGrant("grant_id")
        found["person"] = people.person_card(grant.person_id)
        found["grant"] = act(
            grant_id=grant_id,
            actor=access.actor_of(request),
            now=clock.now(),
            # The tail of a UUID v7 is its random part: the same form and grant have the same id again.
            request_id=f"{base}.{grant_id[-12:]}",
            note=note,
        )
    except Refusal as refusal:
        found["errors"] = asking.errors_of(request, refusal)
    return found
