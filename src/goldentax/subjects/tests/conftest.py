"""What the tests of subjects share: a company with its people, and their records at the local sources."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from goldentax.identity import api as identity
from goldentax.kernel import access
from goldentax.kernel.values import identifiers
from goldentax.node.testing import NOW
from goldentax.subjects import api as subjects
from goldentax.subjects.operations import sources as adapters
from goldentax.subjects.rules import sources

PASSWORD = "a-long-and-odd-passphrase-88"
COMPANY_NAME = "南宁青禾测试科技有限公司"
TAX_ID = identifiers.make_uscc(prefix="91450103", organisation8="MAY0UT01")
TAXPAYER_ID = uuid.UUID("01900000-0000-7000-8000-0000000000aa")
_serial = itertools.count(1)


def card(serial: int, *, division: str = "450103", born: str = "19900307") -> str:
    """The identity card number of nobody."""
    return identifiers.make_id_card(f"{division}{born}{serial:03d}")


def uscc(serial: int, *, division: str = "450103") -> str:
    """The credit code of an invented company."""
    return identifiers.make_uscc(prefix=f"91{division}", organisation8=f"MAY1U{serial:03d}")


def know_person(*, name: str, number: str, is_slow: bool = False) -> None:
    """Put a person on record at public security."""
    person = subjects.KnownPerson(name=name, id_card=number)
    subjects.seed_local_source([subjects.person_record(person, is_slow=is_slow)])


def know_company(*, number: str, name: str, is_slow: bool = False, **more: Any) -> None:
    """Put a company on record at the market regulator."""
    company = subjects.KnownCompany(tax_id=number, name=name, **more)
    subjects.seed_local_source([subjects.company_record(company, is_slow=is_slow)])


@dataclass(frozen=True)
class World:
    """A company whose legal representative and administrator act for it, and a clerk who does not yet."""

    company: subjects.Company
    owner: Any
    administrator: Any
    clerk: Any


@pytest.fixture
def make_person(db: None) -> Callable[..., Any]:
    """Register a person with a card that public security knows."""

    def make(name: str = "测试员", *, known_as: str = "", **more: Any) -> Any:
        serial = next(_serial)
        number = card(serial)
        know_person(name=known_as or name, number=number)
        return identity.register_person(
            login=more.pop("login", f"subject.person{serial}"),
            name=name,
            password=PASSWORD,
            id_card_number=number,
            actor="system:test",
            now=NOW,
            **more,
        )

    return make


@pytest.fixture
def world(make_person: Callable[..., Any]) -> World:
    """A verified company with its people."""
    owner, administrator, clerk = make_person("韦大明"), make_person("陆管理"), make_person("黄办税")
    know_company(
        number=TAX_ID,
        name=COMPANY_NAME,
        representative=owner.name,
        representative_id_card=owner.id_card_number,
    )
    for person, duty in ((owner, "01"), (administrator, "05")):
        grant(person, duty)
    return World(
        subjects.Company(tax_id=TAX_ID, public_id=TAXPAYER_ID, name=COMPANY_NAME), owner, administrator, clerk
    )


def grant(person: Any, duty: str, *, valid_to: date | None = None) -> Any:
    """Let somebody act for the test company since the start of the year."""
    return identity.grant_membership(
        person_id=person.public_id,
        tax_id=TAX_ID,
        taxpayer_public_id=TAXPAYER_ID,
        taxpayer_name=COMPANY_NAME,
        duty=duty,
        valid_from=date(2026, 1, 1),
        valid_to=valid_to,
        actor="system:test",
        now=NOW,
    )


def wish(person: Any, **changed: Any) -> subjects.Wish:
    """An invitation that is right for a person, but for what the test changes."""
    right: dict[str, Any] = {
        "duty": "03",
        "valid_from": NOW.date(),
        "valid_to": NOW.date() + timedelta(days=30),
        "name": person.name,
        "tail": person.id_card_number[-4:],
    }
    return subjects.Wish(**(right | changed))


def invite(
    world: World, *, giver: Any = None, at: datetime = NOW, request_id: str = "", **changed: Any
) -> Any:
    """Invite the clerk as the administrator, or otherwise as told; the code and the invitation."""
    to = changed.pop("to", world.clerk)
    return subjects.invite(
        company=world.company,
        wish=wish(to, **changed),
        giver_id=(giver or world.administrator).public_id,
        actor="system:test",
        now=at,
        request_id=request_id or f"test-{uuid.uuid4()}",
    )


@pytest.fixture
def away() -> Iterator[Callable[[str], None]]:
    """Switch a local source away; it comes back with the rollback of the test."""

    def switch(source: str = sources.MARKET_REGULATOR, *, is_away: bool = True) -> None:
        subjects.switch_local_source(source=source, is_away=is_away)

    yield switch


@pytest.fixture(autouse=True)
def _no_connections() -> Iterator[None]:
    """Each test reads the file of connections anew."""
    adapters._connections.cache_clear()
    yield
    adapters._connections.cache_clear()


@pytest.fixture
def browse(monkeypatch: pytest.MonkeyPatch, stopped_clock: Any) -> Callable[..., Client]:
    """A browser in which somebody stands at the doors: as told, with every function but those that are kept."""

    def make(
        person: Any = None, *, roles: tuple[str, ...] = (), without: tuple[str, ...] = (), **more: Any
    ) -> Client:
        actor = access.Actor(
            person_id=str(person.public_id) if person else "",
            person_name=person.name if person else "",
            person_login=person.login if person else "",
            roles=frozenset({access.PUBLIC, *((access.PERSON,) if person else ()), *roles}),
            assurance=more.pop("assurance", 2),
            **more,
        )
        monkeypatch.setattr(access, "actor_of", lambda request: actor)
        monkeypatch.setattr(access, "_decide", lambda *, actor, function: function not in without)
        return Client()

    return make


def acting(world: World, person: Any, *, duty_roles: tuple[str, ...] = (access.TAXPAYER,)) -> dict[str, Any]:
    """What makes somebody act for the test company."""
    company = world.company
    return {
        "person": person,
        "roles": duty_roles,
        "taxpayer_id": company.tax_id,
        "taxpayer_name": company.name,
        "taxpayer_public_id": str(company.public_id),
    }


@pytest.fixture(autouse=True)
def _empty_register(request: pytest.FixtureRequest) -> None:
    """Whom the demo world collected is put aside, so that each test counts its own; the rollback brings them back."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or marker.kwargs.get("transaction"):
        return
    request.getfixturevalue("db")
    tables = (
        "review",
        "load_row",
        "invitation",
        "relation",
        "check",
        "credential",
        "subject_version",
        "subject",
        "load",
    )
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM subjects_{table}")
        cursor.execute("DELETE FROM kernel_outbox WHERE type LIKE 'subjects.%'")
