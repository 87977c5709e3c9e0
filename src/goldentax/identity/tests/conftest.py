"""People to try things with."""

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from goldentax.identity import operations
from goldentax.identity.models import Person

PASSWORD = "a-long-and-odd-passphrase-88"
TAX_ID = "91450100MA5K1A2B3C"
TAXPAYER_ID = uuid.UUID("01900000-0000-7000-8000-000000000001")
NOW = datetime.fromisoformat("2026-11-21T10:00:00+08:00")


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 as in the product, at a cost at which tests of much guessing end the same day."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickArgon2"]


@pytest.fixture
def make_person(db: None) -> Callable[..., Person]:
    """Register a person; with ``duty``, one who acts for the test company from the start of the year."""

    def make(
        login: str = "tester.one", *, duty: str = "", valid_to: date | None = None, **more: Any
    ) -> Person:
        person = operations.register_person(
            login=login, name="测试员", password=PASSWORD, actor="system:test", now=NOW, **more
        )
        if duty:
            operations.grant_membership(
                person_id=person.public_id,
                tax_id=TAX_ID,
                taxpayer_public_id=TAXPAYER_ID,
                taxpayer_name="测试新能源有限公司",
                duty=duty,
                valid_from=date(2026, 1, 1),
                valid_to=valid_to,
                actor="system:test",
                now=NOW,
            )
        return person

    return make


@pytest.fixture
def make_token(make_person: Callable[..., Person]) -> Callable[..., str]:
    """Make a token of somebody who acts for the test company, and give its text."""

    def make(
        *, duty: str = "09", scopes: tuple[str, ...] = ("invoices:read", "invoices:write"), days: int = 30
    ) -> str:
        person = make_person(f"holder{duty}", duty=duty)
        text, _ = operations.issue_token(
            person_id=person.public_id,
            tax_id=TAX_ID,
            label="test",
            scopes=scopes,
            days=days,
            actor="system:test",
            now=NOW,
        )
        return text

    return make
