"""授权: the list of posts and grants, one with its steps, taking back, ending."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from goldentax.authority import api as authority
from goldentax.authority.queries import giving, listing, people
from goldentax.authority.web import asking, functions, offices
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

READ, ASK, ASK_POST = "authority.grant.read", "authority.grant.request", "authority.appointment.request"
APPROVE, END = "authority.grant.approve", "authority.grant.end"
PAGE_SIZE = 30
FILTERS = ("q", "person", "office", "below", "state", "kind", "code", "set", "soon")


@access.open_to(access.OFFICER, function=READ)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Posts and grants in one's offices, the newest first; the conditions can be kept or sent as an address."""
    asked, on, path = _asked(request), clock.today(), reverse("authority:grants")
    cursor = request.GET.get("cursor", "")
    filter_ = _filter(request, asked, on)
    page = listing.search_grants(filter_, on=on, cursor=cursor, limit=PAGE_SIZE)
    cards = people.person_cards({one.person_id for one in page.items})
    reach = asking.reach_of(request, READ)
    language = language_of(request)
    context = {
        "asked": asked,
        "is_filtered": any(asked.values()),
        "rows": [offices.grant_row(one, on=on, cards=cards) for one in page.items],
        "count": listing.count_grants(filter_, on=on),
        "person": people.person_card(asked["person"]) if people.is_id(asked["person"]) else None,
        "offices": offices.office_options(reach, first=("", _say(language, "全部机关", "Every office"))),
        "states": [("", _say(language, "全部状态", "Any state"))]
        + [(code, text.in_language(language)) for code, text in listing.STANDINGS.items()],
        "kinds": [
            ("", _say(language, "岗位和功能集", "Posts and sets")),
            ("post", _say(language, "岗位", "Posts")),
            ("set", _say(language, "功能集", "Function sets")),
        ],
        "sets": [("", _say(language, "全部功能集", "Any set"))]
        + [
            (code, one.label.in_language(language))
            for code, one in authority.get_catalogue(on=on).function_sets.items()
            if one.kind != "taxpayer"
        ],
        "quick": _quick(path, asked, language),
        "next_url": asking.address(path, asked | {"cursor": page.next_cursor}) if page.next_cursor else "",
        "first_url": asking.address(path, asked) if cursor else "",
        "csv_url": asking.address(reverse("authority:grants-csv"), asked),
        "may_ask": bool(asking.reach_of(request, ASK)),
        "tab": "grants",
    }
    return asking.page(request, "authority/grants.html", context)


def _say(language: str, zh: str, en: str) -> str:
    return zh if language == "zh" else en


def _asked(request: HttpRequest) -> dict[str, str]:
    return asking.values_of(request.GET, FILTERS, longest=60)


def _quick(path: str, asked: dict[str, str], language: str) -> list[dict[str, Any]]:
    """What people ask for most, in one click."""
    links: tuple[tuple[dict[str, str], str, str], ...] = (
        ({"state": "current"}, "有效", "In force"),
        ({"state": "requested"}, "待审批", "Waiting"),
        ({"soon": "on"}, "30 日内到期", "Ends in 30 days"),
        ({"state": "ended"}, "已终止", "Ended"),
        ({}, "全部", "All"),
    )
    here = {name: asked[name] for name in ("state", "soon") if asked[name]}
    return [
        {
            "label": _say(language, zh, en),
            "url": asking.address(path, asked | {"state": "", "soon": ""} | fields),
            "is_here": fields == here,
        }
        for fields, zh, en in links
    ]


def _filter(request: HttpRequest, asked: dict[str, str], on: date) -> listing.GrantFilter:
    reach = asking.codes_of(asking.reach_of(request, READ))
    wanted = reach
    if asked["office"]:
        below = authority.offices_below(asked["office"])
        wanted = reach & (below if asked["below"] else frozenset({asked["office"]}))
    codes = None
    if asked["set"]:
        codes = listing.codes_carrying(authority.get_catalogue(on=on), sets=[asked["set"]])
    elif asked["code"]:
        codes = frozenset({(asked["kind"] or "post", asked["code"])})
    person_ids: Sequence[str] | None = None
    if asked["person"]:
        person_ids = [asked["person"]]
    elif asked["q"]:
        among = listing.people_of(offices=reach)
        found = people.search_person_cards(text=asked["q"], among=among, limit=200)
        exact = people.find_person_card(text=asked["q"])
        person_ids = [one.person_id for one in (*found, *([exact] if exact else []))]
    return listing.GrantFilter(
        offices=wanted,
        person_ids=person_ids,
        standing=asked["state"] if asked["state"] in listing.STANDINGS else "",
        kind=asked["kind"] if asked["kind"] in ("post", "set") else "",
        codes=codes,
        ends_by=on + listing.SOON if asked["soon"] else None,
    )


_CSV_HEAD = Text(
    "人员 · 登录名 · 类型 · 代码 · 名称 · 机关代码 · 机关 · 纳税人 · 字段 · 起 · 止 · 状态 · 事由 · 编号",
    "person · login · kind · code · name · office code · office · taxpayers · fields · from · to · state · reason · id",
)


@access.open_to(access.OFFICER, function=READ)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Everything the conditions of the list find, one row a line, as CSV."""
    asked, on, language = _asked(request), clock.today(), language_of(request)
    found = list(listing.walk_grants(_filter(request, asked, on), on=on))
    cards = people.person_cards({one.person_id for one in found})
    head = _CSV_HEAD.in_language(language).split(" · ")
    rows = (
        (
            cards[one.person_id].name,
            cards[one.person_id].login,
            one.kind,
            one.code,
            one.name.in_language(language),
            one.office_code,
            one.office_name,
            " ".join(one.taxpayers),
            " ".join(one.fields),
            one.valid_from,
            one.valid_to or "",
            listing.STANDINGS[listing.standing_of(one, on=on)].in_language(language),
            one.reason,
            one.public_id,
        )
        for one in found
    )
    return asking.csv_answer(name=f"授权_{on:%Y%m%d}.csv", plain_name="grants.csv", rows=(head, *rows))


@access.open_to(access.OFFICER, function=READ)
@require_GET
def show(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """One grant: what it opens, all its steps, what may be done with it."""
    grant, on, now = readable_grant(request, grant_id), clock.today(), clock.now()
    catalogue = authority.get_catalogue(on=on)
    actor = access.actor_of(request)
    via = "post" if grant.kind == "post" else "grant"
    carried = catalogue.functions_in(catalogue.sets_of(via=via, code=grant.code))
    steps = [_step(one) for one in authority.list_steps(grant.public_id)]
    people_named = {grant.person_id, grant.requested_by, grant.decided_by, *(one["id"] for one in steps)}
    cards = people.person_cards({one for one in people_named if people.is_id(one)})
    for one in steps:
        one["who"] = cards.get(one["id"])
    buttons = asking.may_on(request, (END, APPROVE), grant.office_code)
    row = offices.grant_row(grant, on=on, cards=cards)
    context = {
        **row,
        "steps": steps,
        "groups": functions.by_system(catalogue, (catalogue.functions[one] for one in sorted(carried))),
        "function_count": len(carried),
        "gain": giving.gain_of(person_id=grant.person_id, kind=grant.kind, code=grant.code, at=now)
        if grant.state == "requested"
        else None,
        "requested_by": cards.get(grant.requested_by),
        "decided_by": cards.get(grant.decided_by),
        "may_end": END in buttons and grant.state == "active",
        "may_withdraw": grant.state == "requested" and grant.requested_by == actor.person_id,
        "may_decide": grant.state == "requested"
        and APPROVE in buttons
        and actor.person_id not in (grant.requested_by, grant.person_id),
    }
    return asking.page(request, "authority/grant.html", context)


STEPS = {
    "request": ("提出申请", "Asked for"),
    "appoint": ("系统任命", "Appointed by the system"),
    "approve": ("审批通过", "Approved"),
    "refuse": ("审批驳回", "Refused"),
    "withdraw": ("撤回申请", "Taken back"),
    "end": ("终止", "Ended"),
}


def _step(step: authority.StepView) -> dict[str, Any]:
    person = step.actor.partition(":")[2].partition("@")[0]
    return {"step": step, "words": STEPS[step.action], "id": person if people.is_id(person) else ""}


def readable_grant(request: HttpRequest, grant_id: UUID) -> authority.GrantView:
    """
    A grant in an office where the actor may see grants.

    :raises authority.UnknownGrant: if there is none, or it lies elsewhere: the answer is the same.
    """
    grant = authority.get_grant(grant_id)
    if grant.office_code not in asking.codes_of(asking.reach_of(request, READ)):
        raise authority.UnknownGrant("grant_id")
    return grant


@access.open_to(access.OFFICER, function=END, assurance=access.TWO_FACTORS)
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """Show what ends, and end it."""
    grant = readable_grant(request, grant_id)
    return _closing(
        request, grant, action="end", act=authority.end_grant, said=("授权已终止", "The grant is ended")
    )


@access.open_to(access.OFFICER, function=ASK)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """Take one's own request back."""
    grant = readable_grant(request, grant_id)
    return _closing(
        request,
        grant,
        action="withdraw",
        act=authority.withdraw_grant,
        said=("申请已撤回", "The request is taken back"),
    )


def _closing(
    request: HttpRequest, grant: authority.GrantView, *, action: str, act: Any, said: tuple[str, str]
) -> HttpResponse:
    context: dict[str, Any] = {
        "grant": grant,
        "person": people.person_card(grant.person_id),
        "action": action,
        "note": "",
        "request_id": asking.new_request_id(),
        "errors": [],
    }
    if request.method == "GET":
        return asking.page(request, "authority/grant_end.html", context)
    note = asking.values_of(request.POST, ("note",), longest=200)["note"]
    try:
        if action == "end" and not note:
            raise NoteNeeded("note")
        act(
            grant_id=grant.public_id,
            actor=access.actor_of(request),
            now=clock.now(),
            request_id=asking.request_id_of(request),
            note=note,
        )
    except Refusal as refusal:
        context |= {"note": note, "errors": asking.errors_of(request, refusal)}
        return asking.page(request, "authority/grant_end.html", context, status=refusal.status)
    asking.say_done(request, *said)
    return HttpResponseRedirect(reverse("authority:grant", args=[grant.public_id]))


class NoteNeeded(Refusal):
    """Who refuses or ends a grant says why."""

    code = "AUT-GRT-11"
    title = Text("请填写理由", "Say why")
    way_out = Text(
        "理由会写入授权的办理记录，被授权人和申请人都能看到", "It is kept with the grant, for all it concerns"
    )
