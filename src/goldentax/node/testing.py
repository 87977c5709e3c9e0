"""
Fixtures for every test: the built-in code tables and the demo world, made once for each test database.

A test that needs the database finds the world there; what it changes is rolled back. A test that needs real commits
(``transaction=True``) asks for ``committed_world``, which makes the world anew where an earlier such test flushed it.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

WORLD_MADE_AT = datetime.fromisoformat("2026-11-02T09:00:00+08:00")
"""The demo world of tests is made on this morning; its history lies in the months before."""
NOW = WORLD_MADE_AT + timedelta(days=19, hours=1)


class QuickArgon2(Argon2PasswordHasher):
    """The product's hash at the least cost: tests register many people, and guess none of their passwords."""

    time_cost = 1
    memory_cost = 64
    parallelism = 1


def make_world(home: Path) -> None:
    """Load code tables and demo world into the test database."""
    from goldentax.kernel.codes import api as codes
    from goldentax.node.demo import create_demo_world

    codes.load_builtin(now=WORLD_MADE_AT)
    create_demo_world(home=home, now=WORLD_MADE_AT, progress=lambda step, done, total: None)


def _home() -> Path:
    from goldentax.kernel.settings import settings

    home = settings().home
    home.mkdir(parents=True, exist_ok=True)
    return home


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, with the world in it."""
    with django_db_blocker.unblock():
        make_world(_home())
    yield


@pytest.fixture
def committed_world(transactional_db: None) -> None:
    """The world for tests with real commits."""
    from goldentax.authority import api as authority

    if not authority.list_offices():
        make_world(_home())


@pytest.fixture
def accounts() -> dict[str, dict[str, str]]:
    """The demo accounts by login: password, tax_id and the rest."""
    listed = json.loads((_home() / "demo-accounts.json").read_text(encoding="utf-8"))
    return {one["user"]: one for one in listed}


@pytest.fixture
def actor_for() -> Callable[..., Any]:
    """Make the actor of a taxpayer: ``actor_for("9145…")``."""
    from goldentax.kernel.access import ISSUER, PERSON, TAXPAYER, Actor

    def make(tax_id: str, *, channel: str = "web") -> Actor:
        return Actor(
            person_id="00000000-0000-7000-8000-000000000001",
            person_name="测试员",
            roles=frozenset({PERSON, TAXPAYER, ISSUER}),
            taxpayer_id=tax_id,
            taxpayer_name="测试企业",
            channel=channel,
        )

    return make


@pytest.fixture
def stopped_clock() -> Iterator[Any]:
    """The clock, held at :data:`NOW`; step it on by its handle."""
    from goldentax.kernel import clock

    with clock.stepped(NOW) as handle:
        yield handle
