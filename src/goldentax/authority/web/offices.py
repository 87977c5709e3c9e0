"""机构: the tree of offices as far as one reaches, each office with its people, and its changes."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from goldentax.authority import api as authority
from goldentax.authority.operations import office_changes
from goldentax.authority.queries import listing, people
from goldentax.authority.queries import office_changes as history
from goldentax.authority.web import asking
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal

READ, MANAGE = "authority.office.read", "authority.office.manage"
SEE_APPOINTMENTS, SEE_GRANTS = "authority.appointment.read", "authority.grant.read"
ASK_POST, ASK_SET = "authority.appointment.request", "authority.grant.request"
FOUND_MAX = 50
OPENED_MAX = 200
"""Offices whose whole tree is written into one page; of more, one level is."""
PEOPLE_SHOWN = 100


@dataclass(slots=True, kw_only=True)
class Branch:
    """An office in the tree, with those below it that are shown."""

    office: authority.OfficeView
    below: "list[Branch]"
    people: int = 0
    below_count: int = 0

    @property
    def level(self) -> Any:
        return authority.LEVEL_NAMES[self.office.level]


@access.open_to(access.OFFICER, function=READ)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The tree of offices, or those a search finds."""
    offices = asking.reach_of(request, READ)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    level = request.GET.get("level", "")
    closed = request.GET.get("closed") == "on"
    on = clock.today()
    shown = [one for one in offices if closed or not one.is_closed(on)]
    context: dict[str, Any] = {
        "text": text,
        "level": level,
        "closed": closed,
        "count": len(shown),
        "levels": _levels(request, shown),
        "tab": "offices",
    }
    if text or level:
        found = [one for one in shown if _fits(one, text) and (not level or one.level == level)]
        counts = _counts(request, found[:FOUND_MAX], on)
        context |= {
            "found": [
                Branch(office=one, below=[], people=counts.get(one.code, 0)) for one in found[:FOUND_MAX]
            ],
            "found_count": len(found),
            "is_search": True,
        }
    else:
        context["tree"] = tree_of(shown, people=_counts(request, shown, on))
    return asking.page(request, "authority/offices.html", context)


def _levels(request: HttpRequest, offices: Sequence[authority.OfficeView]) -> list[tuple[str, str]]:
    there, language = {one.level for one in offices}, language_of(request)
    named = [(one, authority.LEVEL_NAMES[one].in_language(language)) for one in authority.OFFICE_LEVELS]
    return [
        ("", "全部层级" if language == "zh" else "Every level"),
        *(one for one in named if one[0] in there),
    ]


def _fits(office: authority.OfficeView, text: str) -> bool:
    return not text or office.code.startswith(text) or text in office.name or text in office.short_name


def _counts(request: HttpRequest, offices: Sequence[authority.OfficeView], on: date) -> dict[str, int]:
    seen = asking.codes_of(asking.reach_of(request, SEE_APPOINTMENTS))
    return listing.count_by_office(offices=asking.codes_of(offices) & seen, on=on)


def tree_of(offices: Sequence[authority.OfficeView], *, people: dict[str, int]) -> list[Branch]:
    """Offices as a tree; what stands below is written out only where the page stays short."""
    branches = {one.code: Branch(office=one, below=[], people=people.get(one.code, 0)) for one in offices}
    roots: list[Branch] = []
    for one in branches.values():
        above = branches.get(one.office.parent_code)
        (above.below if above else roots).append(one)
    for one in branches.values():
        one.below_count = len(one.below)
    if len(branches) > OPENED_MAX:
        for one in (child for root in roots for child in root.below):
            one.below = []
    return roots


@access.open_to(access.OFFICER, function=READ)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One office: where it stands, those below it, who has which post in it."""
    office, on = readable_office(request, code), clock.today()
    reach = asking.reach_of(request, READ)
    below = [one for one in reach if one.parent_code == office.code]
    counts = _counts(request, below, on)
    buttons = asking.may_on(request, (MANAGE, SEE_APPOINTMENTS, SEE_GRANTS, ASK_POST, ASK_SET), office.code)
    context: dict[str, Any] = {
        "office": office,
        "level": authority.LEVEL_NAMES[office.level],
        "above": _above(office, reach),
        "below": [Branch(office=one, below=[], people=counts.get(one.code, 0)) for one in below],
        "changes": [_told(one) for one in history.list_changes(code=office.code)],
        "may_manage": MANAGE in buttons and not office.is_closed(on),
        "may_branch": office.level != "branch",
        "may_ask": ASK_SET in buttons and not office.is_closed(on),
        "is_closed": office.is_closed(on),
        "may_see_grants": SEE_GRANTS in buttons,
    }
    if SEE_APPOINTMENTS in buttons:
        context["appointments"] = _appointments(office.code, on)
    if SEE_GRANTS in buttons:
        waiting = listing.GrantFilter(offices=[office.code], standing="requested")
        sets = listing.GrantFilter(offices=[office.code], standing=listing.CURRENT, kind="set")
        context |= {
            "waiting_count": listing.count_grants(waiting, on=on),
            "grants_count": listing.count_grants(sets, on=on),
        }
    return asking.page(request, "authority/office.html", context)


def readable_office(request: HttpRequest, code: str) -> authority.OfficeView:
    """
    An office within the actor's reach.

    :raises asking.OfficeNotHere: if there is none, or it lies elsewhere: the answer is the same.
    """
    found = next((one for one in asking.reach_of(request, READ) if one.code == code), None)
    if found is None:
        raise asking.OfficeNotHere("office_code", office=code[:11])
    return found


def _above(
    office: authority.OfficeView, reach: Sequence[authority.OfficeView]
) -> list[tuple[authority.OfficeView, bool]]:
    """The line upwards, the highest first, each with whether one may open it."""
    seen = asking.codes_of(reach)
    return [(one, one.code in seen) for one in reversed(authority.ancestors(office.code))]


def _appointments(office_code: str, on: date) -> list[dict[str, Any]]:
    rows: list[authority.GrantView] = []
    for standing in (listing.CURRENT, listing.COMING):
        wanted = listing.GrantFilter(offices=[office_code], standing=standing, kind="post")
        rows += listing.search_grants(wanted, on=on, limit=PEOPLE_SHOWN).items
    cards = people.person_cards({one.person_id for one in rows})
    return [grant_row(one, on=on, cards=cards) for one in rows]


def grant_row(grant: authority.GrantView, *, on: date, cards: Any) -> dict[str, Any]:
    """A grant as lists show it."""
    standing = listing.standing_of(grant, on=on)
    return {
        "grant": grant,
        "person": cards.get(grant.person_id),
        "standing": listing.STANDINGS[standing],
        "tone": TONES[standing],
        "ends_soon": standing == listing.CURRENT
        and grant.valid_to is not None
        and grant.valid_to <= on + listing.SOON,
    }


TONES = {
    "requested": "wait",
    "current": "done",
    "coming": "act",
    "over": "plain",
    "ended": "plain",
    "refused": "wrong",
    "withdrawn": "plain",
}
"""The colour of a badge for each standing; its words say the same."""


def _told(change: history.ChangeView) -> dict[str, Any]:
    person = change.actor.partition(":")[2].partition("@")[0]
    return {
        "change": change,
        "who": people.person_card(person).name if people.is_id(person) else change.actor,
    }


_NAMES = ("name", "short_name", "effective_date", "basis")


@access.open_to(access.OFFICER, function=MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, code: str) -> HttpResponse:
    """The form that sets up an office below another."""
    parent = readable_office(request, code)
    below = authority.OFFICE_LEVELS[authority.OFFICE_LEVELS.index(parent.level) + 1 :]
    language = language_of(request)
    extra = {
        "action": "add",
        "levels": [(one, authority.LEVEL_NAMES[one].in_language(language)) for one in below],
    }
    if request.method == "GET":
        level = below[-1] if below else ""
        values = {
            "code": history.next_code(division_code=parent.division_code) if level == "branch" else "",
            "level": level,
            "name": parent.name,
            "effective_date": clock.today().isoformat(),
        }
        return _form(request, parent, values=values, extra=extra)
    values = asking.values_of(request.POST, ("code", "level", *_NAMES))

    def act(day: date) -> authority.OfficeView:
        office = authority.OfficeView(
            code=values["code"],
            name=values["name"],
            short_name=values["short_name"],
            level=values["level"],
            parent_code=parent.code,
            division_code=values["code"][1:7],
        )
        return office_changes.set_up_office(
            office=office,
            effective_date=day,
            basis=values["basis"],
            actor=access.actor_of(request),
            now=clock.now(),
            request_id=asking.request_id_of(request),
        )

    return _save(
        request, parent, values=values, extra=extra, act=act, said=("机构已设立", "The office is set up")
    )


@access.open_to(access.OFFICER, function=MANAGE)
@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, code: str) -> HttpResponse:
    """The form that gives an office another name from a day on."""
    office = readable_office(request, code)
    extra = {"action": "rename"}
    if request.method == "GET":
        values = {
            "name": office.name,
            "short_name": office.short_name,
            "effective_date": clock.today().isoformat(),
        }
        return _form(request, office, values=values, extra=extra)
    values = asking.values_of(request.POST, _NAMES)

    def act(day: date) -> authority.OfficeView:
        return office_changes.rename_office(
            code=office.code,
            name=values["name"],
            short_name=values["short_name"],
            effective_date=day,
            basis=values["basis"],
            actor=access.actor_of(request),
            now=clock.now(),
            request_id=asking.request_id_of(request),
        )

    return _save(
        request, office, values=values, extra=extra, act=act, said=("机构已更名", "The office is renamed")
    )


@access.open_to(access.OFFICER, function=MANAGE)
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, code: str) -> HttpResponse:
    """The form that closes an office."""
    office = readable_office(request, code)
    extra = {"action": "close"}
    if request.method == "GET":
        return _form(request, office, values={"effective_date": clock.today().isoformat()}, extra=extra)
    values = asking.values_of(request.POST, ("effective_date", "basis"))

    def act(day: date) -> authority.OfficeView:
        return office_changes.close_office(
            code=office.code,
            effective_date=day,
            basis=values["basis"],
            actor=access.actor_of(request),
            now=clock.now(),
            request_id=asking.request_id_of(request),
        )

    return _save(
        request, office, values=values, extra=extra, act=act, said=("机构已撤销", "The office is closed")
    )


def _save(
    request: HttpRequest,
    office: authority.OfficeView,
    *,
    values: dict[str, str],
    extra: dict[str, Any],
    act: Callable[[date], authority.OfficeView],
    said: tuple[str, str],
) -> HttpResponse:
    try:
        day = asking.read_day(values["effective_date"], field="effective_date")
        if day is None:
            raise asking.BadDay("effective_date", text="")
        changed = act(day)
    except Refusal as refusal:
        return _form(request, office, values=values, extra=extra, refusal=refusal)
    asking.say_done(request, *said)
    return HttpResponseRedirect(reverse("authority:office", args=[changed.code]))


def _form(
    request: HttpRequest,
    office: authority.OfficeView,
    *,
    values: dict[str, str],
    extra: dict[str, Any],
    refusal: Refusal | None = None,
) -> HttpResponse:
    context = {
        "office": office,
        "values": values,
        "request_id": asking.new_request_id(),
        "errors": asking.errors_of(request, refusal) if refusal else [],
        **extra,
    }
    return asking.page(
        request, "authority/office_form.html", context, status=refusal.status if refusal else 200
    )


def office_options(
    offices: Collection[authority.OfficeView], *, first: tuple[str, str] | None = None
) -> list[tuple[str, str]]:
    """Offices as the options of a list, each set in by its level."""
    depth = {level: number for number, level in enumerate(authority.OFFICE_LEVELS)}
    top = min((depth[one.level] for one in offices), default=0)
    rows = [
        (one.code, "\u3000" * (depth[one.level] - top) + one.short_name) for one in in_tree_order(offices)
    ]
    return [first, *rows] if first else rows


def in_tree_order(offices: Collection[authority.OfficeView]) -> list[authority.OfficeView]:
    """Offices so that each is followed by those below it."""
    by_code = {one.code: one for one in offices}
    children: dict[str, list[authority.OfficeView]] = {}
    for one in sorted(offices, key=lambda office: office.code):
        children.setdefault(one.parent_code if one.parent_code in by_code else "", []).append(one)
    ordered: list[authority.OfficeView] = []

    def walk(parent: str) -> None:
        for one in children.get(parent, ()):
            ordered.append(one)
            walk(one.code)

    walk("")
    return ordered
