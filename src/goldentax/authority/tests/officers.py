"""Officers who look at pages: a browser for each, their names, and grants to look at. Tests import what they use."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.test import Client

from goldentax.authority import api as authority
from goldentax.authority.queries import people
from goldentax.authority.rules.people import PersonCard
from goldentax.kernel import access
from goldentax.node.testing import NOW

CITY = "14501000000"  # 南宁市税务局
DISTRICT = "14501030000"  # 南宁市青秀区税务局, below it
OTHER_DISTRICT = "14501020000"  # 南宁市兴宁区税务局, beside it
OTHER_CITY = "14502000000"  # 柳州市税务局
PROVINCE = "14500000000"

ASKER = "00000000-0000-7000-8000-0000000000a1"
DECIDER = "00000000-0000-7000-8000-0000000000a2"
CLERK = "00000000-0000-7000-8000-0000000000a3"
STRANGER = "00000000-0000-7000-8000-0000000000a4"
CITY_ASKER = "00000000-0000-7000-8000-0000000000a5"
NAMES = {
    ASKER: ("陈区管", "asker"),
    DECIDER: ("林审批", "decider"),
    CLERK: ("何办税", "clerk"),
    STRANGER: ("柳州人", "stranger"),
    CITY_ASKER: ("市管理", "city-asker"),
}
_HEADER = "HTTP_X_TEST_ACTOR"


class Directory:
    """The people of these tests, and those of the demo world behind them."""

    def cards(self, person_ids: Collection[str]) -> Mapping[str, PersonCard]:
        found = {
            one: PersonCard(person_id=one, name=name, login=login)
            for one, (name, login) in NAMES.items()
            if one in person_ids
        }
        others = [UUID(one) for one in person_ids if one not in found]
        for row in get_user_model().objects.filter(public_id__in=others):
            found[str(row.public_id)] = PersonCard(
                person_id=str(row.public_id), name=row.name, login=row.login
            )
        return found

    def by_login(self, login: str) -> PersonCard | None:
        return next((card for card in self.cards(NAMES).values() if card.login == login.lower()), None)

    def search(self, *, text: str, among: Collection[str], limit: int) -> list[PersonCard]:
        found = [one for one in self.cards(among).values() if text in one.name or text in one.login]
        return sorted(found, key=lambda one: one.name)[:limit]


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names come from these tests."""
    monkeypatch.setattr(people, "_directories", [Directory()])


@pytest.fixture
def staff(db: None) -> None:
    """Who has which post: a district with its administrators, a city above it, another city."""
    for person, office, post in (
        (ASKER, DISTRICT, "post-admin"),
        (DECIDER, DISTRICT, "security-admin"),
        (CITY_ASKER, CITY, "post-admin"),
        (STRANGER, OTHER_CITY, "post-admin"),
    ):
        authority.appoint(
            person_id=person,
            office_code=office,
            post=post,
            valid_from=date(2026, 1, 1),
            actor="system:test",
            now=NOW.replace(month=1, day=5),
        )


def actor_of(person_id: str, *, office: str = DISTRICT, assurance: int = 2) -> access.Actor:
    """The actor of an officer in an office."""
    return access.Actor(
        person_id=person_id,
        person_name=NAMES.get(person_id, ("某人", ""))[0],
        roles=frozenset({access.PUBLIC, access.PERSON, access.OFFICER}),
        office_code=office,
        office_name=office,
        assurance=assurance,
    )


@pytest.fixture
def as_officer(
    monkeypatch: pytest.MonkeyPatch, directory: None, staff: None
) -> Iterator[Callable[..., Client]]:
    """A browser of an officer who has signed in at a level of assurance; how, is for others to test."""
    actors: dict[str, access.Actor] = {}
    real = access.actor_of

    def stand_in(request: HttpRequest) -> access.Actor:
        return actors.get(request.META.get(_HEADER, "")) or real(request)

    def make(person_id: str, **more: Any) -> Client:
        key = str(len(actors))
        actors[key] = actor_of(person_id, **more)
        return Client(**{_HEADER: key})

    monkeypatch.setattr(access, "actor_of", stand_in)
    yield make


@pytest.fixture
def ask_for(staff: None) -> Callable[..., authority.GrantView]:
    """Ask for a set for the clerk, as the district's administrator."""
    count = iter(range(1000))

    def make(
        code: str = "subject-verify", *, person_id: str = CLERK, kind: str = "set", **more: Any
    ) -> authority.GrantView:
        wish: dict[str, Any] = {"office_code": DISTRICT, "valid_from": NOW.date(), "reason": "窗口增派"}
        return authority.request_grant(
            person_id=person_id,
            kind=kind,
            code=code,
            actor=actor_of(ASKER),
            now=NOW,
            request_id=f"test-ask-{next(count):04d}",
            **(wish | more),
        )

    return make


def page_of(client: Client, path: str, *, status: int = 200) -> str:
    """The text of a page, whose status must be this."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code, answer.headers.get("Location"))
    return answer.content.decode()
