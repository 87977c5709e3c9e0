"""谁能办理、能否办理: who could use a function on something at a moment, and why one person may or may not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from goldentax.authority import api as authority
from goldentax.authority.queries import listing, people
from goldentax.authority.rules.people import PersonCard
from goldentax.authority.web import asking, functions, offices
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

EXPLAIN = "authority.explain.read"
SHOWN_MAX = 200
FOUND_MAX = 12
IDENTITIES_MAX = 10
FIELDS = ("function", "office", "taxpayer", "field", "at")

VIA = {
    "post": Text("岗位", "Post"),
    "grant": Text("授权", "Grant"),
    "duty": Text("办税身份", "Duty"),
    "self": Text("本人", "Oneself"),
}


class FunctionNotFound(Refusal):
    """No function has this code or name."""

    code = "AUT-CAT-07"
    title = Text("没有找到功能“{text}”", "No function was found for “{text}”")
    way_out = Text(
        "请填写功能代码或名称，也可在功能树中查找", "Write a code or a name, or look in the tree of functions"
    )


class SeveralFunctions(Refusal):
    """More than one function fits."""

    code = "AUT-CAT-08"
    title = Text("有 {count} 项功能符合“{text}”", "{count} functions fit “{text}”")
    way_out = Text("请从下面选择一项", "Choose one below")


@access.open_to(access.OFFICER, function=EXPLAIN)
@require_GET
def who_could(request: HttpRequest) -> HttpResponse:
    """Who could use a function on something at a moment, past or present; the look is recorded."""
    asked = _asked(request)
    context = _base(request, asked) | {"tab": "who-could"}
    if not request.GET:
        return asking.page(request, "authority/who_could.html", context)
    try:
        found, function = _holders(request, asked)
    except Refusal as refusal:
        context |= _refused(request, refusal, asked)
        return asking.page(request, "authority/who_could.html", context, status=refusal.status)
    catalogue = authority.get_catalogue(on=asking.read_moment(asked["at"], field="at").date())
    shown = found[:SHOWN_MAX]
    cards = people.person_cards({one.person_id for one in shown})
    names = authority.office_names({one.office for one in shown if one.office})
    context |= {
        "is_answered": True,
        "function": catalogue.functions.get(function),
        "holdings": [_row(one, catalogue, cards, names) for one in shown],
        "count": len(found),
        "people_count": len({one.person_id for one in found}),
        "moment": asking.read_moment(asked["at"], field="at"),
        "csv_url": asking.address(reverse("authority:who-could-csv"), asked | {"function": function}),
    }
    return asking.page(request, "authority/who_could.html", context)


def _asked(request: HttpRequest) -> dict[str, str]:
    return asking.values_of(request.GET, FIELDS, longest=80)


def _base(request: HttpRequest, asked: dict[str, str]) -> dict[str, Any]:
    actor = access.actor_of(request)
    reach = asking.reach_of(request, EXPLAIN)
    values = asked | {"office": asked["office"] or actor.office_code}
    if not request.GET:
        values["at"] = f"{clock.now():%Y-%m-%dT%H:%M}"
    return {"values": values, "offices": offices.office_options(reach), "errors": []}


def _refused(request: HttpRequest, refusal: Refusal, asked: dict[str, str]) -> dict[str, Any]:
    several = isinstance(refusal, SeveralFunctions)
    return {
        "errors": asking.errors_of(request, refusal, fields={"office_code": "office"}),
        "function_candidates": _functions_like(asked["function"])[:FOUND_MAX] if several else [],
    }


def _functions_like(text: str) -> list[authority.Function]:
    catalogue = authority.get_catalogue(on=clock.today())
    return [
        one for one in functions.search_functions(catalogue.functions.values(), text) if not one.is_heading
    ]


def _function_meant(text: str, *, is_needed: bool) -> str:
    """
    The code of the function meant by a code or a name; "" for any, where that may be asked.

    :raises FunctionNotFound: if there is none, :class:`SeveralFunctions` if there are several.
    """
    if not text and not is_needed:
        return ""
    if text in authority.known_functions(on=clock.today()):
        return text
    found = _functions_like(text) if text else []
    named = [one for one in found if text in (one.label.zh, one.label.en)] or found
    if not named:
        raise FunctionNotFound("function", text=text[:60])
    if len(named) > 1:
        raise SeveralFunctions("function", text=text[:60], count=len(named))
    return named[0].code


def _holders(request: HttpRequest, asked: dict[str, str]) -> tuple[list[authority.Holder], str]:
    actor, now = access.actor_of(request), clock.now()
    at = asking.read_moment(asked["at"], field="at")
    function = _function_meant(asked["function"], is_needed=False)
    found = authority.who_could_for(actor=actor, function=function, object=_object(asked), at=at, now=now)
    return found, function


def _object(asked: dict[str, str]) -> authority.Object:
    return authority.Object(
        office=asked["office"], taxpayer=asked["taxpayer"].upper()[:20], field=asked["field"]
    )


def _row(
    holder: authority.Holder,
    catalogue: authority.Catalogue,
    cards: Any,
    names: dict[str, str],
) -> dict[str, Any]:
    function_set = catalogue.function_sets.get(holder.function_set)
    return {
        "holder": holder,
        "person": cards[holder.person_id],
        "via": VIA[holder.via],
        "what": catalogue.name_of(via=holder.via, code=holder.code),
        "set": function_set.label if function_set else Text(holder.function_set, holder.function_set),
        "office": names.get(holder.office, holder.office),
        "conditions": holder.conditions,
    }


_CSV_HEAD = Text(
    "人员 · 登录名 · 方式 · 凭 · 功能集 · 机关 · 纳税人 · 字段 · 起 · 止 · 授予时刻 · 终止时刻 · 条件 · 编号",
    "person · login · via · through · function set · office · taxpayers · fields · from · to · granted · ended"
    " · conditions · reference",
)


@access.open_to(access.OFFICER, function=EXPLAIN)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The whole answer as CSV."""
    asked, language = _asked(request), language_of(request)
    found, _ = _holders(request, asked)
    at = asking.read_moment(asked["at"], field="at")
    catalogue = authority.get_catalogue(on=at.date())
    cards = people.person_cards({one.person_id for one in found})
    names = authority.office_names({one.office for one in found if one.office})
    head = _CSV_HEAD.in_language(language).split(" · ")
    rows = []
    for one in found:
        row = _row(one, catalogue, cards, names)
        rows.append(
            (
                row["person"].name,
                row["person"].login,
                row["via"].in_language(language),
                row["what"].in_language(language),
                row["set"].in_language(language),
                row["office"],
                " ".join(sorted(one.taxpayers)),
                " ".join(sorted(one.fields)),
                one.valid_from,
                one.valid_to or "",
                one.granted_at.isoformat(),
                one.ended_at.isoformat() if one.ended_at else "",
                "; ".join(condition.in_language(language) for condition in one.conditions),
                one.reference,
            )
        )
    name = f"谁能办理_{asked['taxpayer'] or asked['office']}_{at:%Y%m%d%H%M}.csv"
    return asking.csv_answer(name=name, plain_name="who-could.csv", rows=(head, *rows))


@access.open_to(access.OFFICER, function=EXPLAIN)
@require_GET
def explain(request: HttpRequest) -> HttpResponse:
    """Whether a person may use a function on something at a moment, in each of their identities, and why."""
    asked = _asked(request) | asking.values_of(request.GET, ("person", "assurance"), longest=64)
    asked["assurance"] = asked["assurance"] if asked["assurance"] in ("1", "2", "3") else "2"
    context = _base(request, asked) | {"tab": "explain", "levels": _levels(language_of(request))}
    if "person" not in request.GET:
        return asking.page(request, "authority/explain.html", context)
    try:
        context |= _explained(request, asked)
    except Refusal as refusal:
        context |= _refused(request, refusal, asked)
        if isinstance(refusal, asking.SeveralPeople):
            context["candidates"] = people.search_person_cards(
                text=asked["person"], among=_people_in_reach(request), limit=FOUND_MAX
            )
        return asking.page(request, "authority/explain.html", context, status=refusal.status)
    return asking.page(request, "authority/explain.html", context)


def _levels(language: str) -> list[tuple[str, str]]:
    words = (
        ("1", Text("1 级：一种因素", "1: one factor")),
        ("2", Text("2 级：两种因素", "2: two factors")),
        ("3", Text("3 级：证书或通行密钥", "3: certificate or passkey")),
    )
    return [(value, text.in_language(language)) for value, text in words]


def _people_in_reach(request: HttpRequest) -> frozenset[str]:
    return frozenset(listing.people_of(offices=asking.codes_of(asking.reach_of(request, EXPLAIN))))


def _explained(request: HttpRequest, asked: dict[str, str]) -> dict[str, Any]:
    actor, now, language = access.actor_of(request), clock.now(), language_of(request)
    at = asking.read_moment(asked["at"], field="at")
    person = _person_meant(request, asked)
    function = _function_meant(asked["function"], is_needed=True)
    obj = _object(asked)
    answers = []
    seen = asking.codes_of(asking.reach_of(request, EXPLAIN))
    for acting_for, label in _identities(person, obj, seen=seen, at=at, language=language):
        decision = authority.explain_for(
            actor=actor,
            subject=authority.Subject(person.person_id, acting_for, int(asked["assurance"])),
            function=function,
            object=obj,
            at=at,
            now=now,
        )
        answers.append(
            {
                "label": label,
                "allowed": decision.allowed,
                "reasons": [
                    (one.code, one.in_language("zh"), one.in_language("en")) for one in decision.reasons
                ],
            }
        )
    return {
        "is_answered": True,
        "person": person,
        "function": authority.get_function(code=function, on=at.date()),
        "office_name": authority.office_names([asked["office"]]).get(asked["office"], asked["office"]),
        "moment": at,
        "answers": sorted(answers, key=lambda one: not one["allowed"]),
        "is_allowed": any(one["allowed"] for one in answers),
    }


def _person_meant(request: HttpRequest, asked: dict[str, str]) -> PersonCard:
    """
    Somebody of one's own offices, or a person who has nothing in any office, such as a company's clerk.

    :raises asking.PersonNotFound: if there is none, or only elsewhere: the answer is the same.
    """
    reach = _people_in_reach(request)
    person = asking.find_person(text=asked["person"], among=reach)
    if person.person_id not in reach and listing.has_anything(person_id=person.person_id):
        raise asking.PersonNotFound("person", text=asked["person"][:40])
    return person


def _identities(
    person: PersonCard, obj: authority.Object, *, seen: frozenset[str], at: datetime, language: str
) -> Sequence[tuple[str, str]]:
    """In what a person could have acted: an office that is seen, the taxpayer asked about, for themselves."""
    posts = authority.list_grants(person_id=person.person_id, kind="post", limit=200).items
    there = {
        one.office_code: one.office_name
        for one in posts
        if one.granted_at and one.granted_at <= at and one.office_code in seen
    }
    found = [
        (f"{authority.OFFICE_PREFIX}{code}", name) for code, name in list(there.items())[:IDENTITIES_MAX]
    ]
    if obj.taxpayer:
        found.append((obj.taxpayer, obj.taxpayer))
    return [*found, ("", Text("本人（自然人）", "Oneself, as a natural person").in_language(language))]
