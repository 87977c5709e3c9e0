"""What the pages of authority share: reading forms, addresses, files, what is said, and how far the actor reaches."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from goldentax.authority import api as authority
from goldentax.authority.queries import people, reach
from goldentax.authority.rules.people import PersonCard
from goldentax.kernel import access, clock
from goldentax.kernel.clock import CHINA
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

_VALUE_LENGTH_MAX = 500
_SEEN = "authority_reach"


class BadDay(Refusal):
    """A day or moment cannot be read."""

    code = "AUT-REQ-04"
    title = Text("“{text}”不是日期", "“{text}” is not a day")
    way_out = Text("请写成 2026-11-21 的形式", "Write it like 2026-11-21")


class OfficeNotHere(Refusal):
    """There is no such office within the actor's reach."""

    code = "AUT-OFF-08"
    status = 404
    title = Text("您的管辖范围内没有机关 {office}", "There is no office {office} within your reach")
    way_out = Text("请从机构列表中选择", "Choose one from the list of offices")


class NotInCatalogue(Refusal):
    """The catalogue of the day has no such post, set or function."""

    code = "AUT-CAT-06"
    status = 404
    title = Text("岗责目录中没有“{code}”", "The catalogue has no “{code}”")
    way_out = Text(
        "请从岗位矩阵或功能树中选择", "Choose one from the matrix of posts or the tree of functions"
    )


class PersonNotFound(Refusal):
    """Nobody has this login name among those one may name."""

    code = "AUT-PER-01"
    title = Text("没有找到“{text}”", "Nobody was found for “{text}”")
    way_out = Text(
        "本机关人员可按姓名查找；其他人员请填写完整的登录名",
        "Officers of your own offices are found by name; anybody else by the whole login name",
    )


class SeveralPeople(Refusal):
    """More than one person fits."""

    code = "AUT-PER-02"
    title = Text("有 {count} 人符合“{text}”", "{count} people fit “{text}”")
    way_out = Text("请从下面选择一人，或填写完整的登录名", "Choose one below, or write the whole login name")


TABS = (
    ("offices", "authority:offices", "authority.office.read", Text("机构", "Offices")),
    ("posts", "authority:posts", "authority.catalogue.read", Text("岗位", "Posts")),
    ("functions", "authority:functions", "authority.catalogue.read", Text("功能", "Functions")),
    ("grants", "authority:grants", "authority.grant.read", Text("授权", "Grants")),
    ("who-could", "authority:who-could", "authority.explain.read", Text("谁能办理", "Who could")),
    ("explain", "authority:explain", "authority.explain.read", Text("能否办理", "May they")),
)
"""The pages of this room that stand beside each other; each is shown to those who may open it."""


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page with the tabs of this room."""
    actor, language = access.actor_of(request), language_of(request)
    tabs = [
        {"key": key, "url": reverse(name), "label": label.in_language(language)}
        for key, name, function, label in TABS
        if access.may(actor, function)
    ]
    return render(request, template, {"tabs": tabs, "tab": ""} | context, status=status)


def values_of(source: Any, names: Iterable[str], *, longest: int = _VALUE_LENGTH_MAX) -> dict[str, str]:
    """What a form or address says for these names, without blanks at the ends and characters no database keeps."""
    return {name: source.get(name, "").replace("\x00", "").strip()[:longest] for name in names}


def request_id_of(request: HttpRequest) -> str:
    """The request id the form carried, or a new one; a form sent twice does its work once."""
    return request.POST.get("request_id", "") or new_request_id()


def new_request_id() -> str:
    """A new request id for a form."""
    return f"web-{new_public_id()}"


def errors_of(
    request: HttpRequest, *refusals: Refusal, fields: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """Refusals as the frame shows them; ``fields`` tells under which name the form has what a refusal names."""
    language = language_of(request)
    found = [one.as_error(language) for refusal in refusals for one in refusal.each()]
    for error in found:
        error["field"] = (fields or {}).get(error["field"], error["field"])
    return found


def say_done(request: HttpRequest, zh: str, en: str) -> None:
    """Tell the person on the next page what was done."""
    messages.success(request, Text(zh, en).in_language(language_of(request)))


def address(path: str, fields: dict[str, str]) -> str:
    """An address with those of the fields that are not empty."""
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"{path}?{query}" if query else path


def read_day(text: str, *, field: str) -> date | None:
    """
    A day; None where nothing is written.

    :raises BadDay: if it is none.
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadDay(field, text=text[:40]) from None


def read_moment(text: str, *, field: str) -> datetime:
    """
    A moment in China's time, as a browser writes it (``2026-11-21T09:30``); now where nothing is written.

    :raises BadDay: if it is none.
    """
    if not text:
        return clock.now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadDay(field, text=text[:40]) from None
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def csv_answer(*, name: str, plain_name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """
    A table as a file: UTF-8 with the mark that Excel looks for.

    No cell can be taken for a formula, whatever somebody wrote into a name or a reason.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_safe_cell(str(cell)) for cell in row])
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    return answer


def _safe_cell(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def reach_of(request: HttpRequest, function: str) -> tuple[authority.OfficeView, ...]:
    """The offices on which the actor has a function now, in the order of their codes; asked once a request."""
    seen: dict[str, tuple[authority.OfficeView, ...]] = request.__dict__.setdefault(_SEEN, {})
    if function not in seen:
        actor = access.actor_of(request)
        seen[function] = reach.offices_within(actor=actor, function=function, at=clock.now())
    return seen[function]


def codes_of(offices: Iterable[authority.OfficeView]) -> frozenset[str]:
    """The codes of offices."""
    return frozenset(one.code for one in offices)


def may_on(request: HttpRequest, functions: Iterable[str], office: str) -> frozenset[str]:
    """Those of the functions that the actor has on an office, such as the buttons of its page."""
    actor = access.actor_of(request)
    return reach.functions_on(actor=actor, functions=functions, office=office, at=clock.now())


def find_person(*, text: str, among: frozenset[str], field: str = "person") -> PersonCard:
    """
    The one person meant: by whole login name or id anybody, by a part of the name somebody of these offices' people.

    :raises PersonNotFound: if there is none, and :class:`SeveralPeople` if there are several.
    """
    exact = people.find_person_card(text=text)
    if exact is not None:
        return exact
    found = people.search_person_cards(text=text, among=among, limit=2)
    if len(found) > 1:
        count = len(people.search_person_cards(text=text, among=among, limit=20))
        raise SeveralPeople(field, text=text[:40], count=count)
    if not found:
        raise PersonNotFound(field, text=text[:40])
    return found[0]
