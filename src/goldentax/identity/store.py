"""
Named SQL of every sign-in: attempts counted, failures added up, second factors looked for, the session begun.

These run at each sign-in beside Argon2, which should be all that signing in costs; building the statements anew with
the ORM took a third of the rest.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from django.db import connection

from goldentax.identity.rules import throttle


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to sign in that was counted."""

    pk: int
    login_digest: str
    network: str
    device_digest: str  # "" unless the device signed in as this login name before
    at: datetime


@cache
def sql(name: str) -> str:
    """The statement of a file in ``sql/``."""
    return files("goldentax.identity").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def add_attempt(*, login_digest: str, network: str, device_digest: str, at: datetime) -> Attempt:
    """Count an attempt."""
    values: dict[str, Any] = {
        "login_digest": login_digest,
        "network": network,
        "device_digest": device_digest,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql("add_attempt"), values)
        (pk,) = cursor.fetchone()
    return Attempt(pk=pk, login_digest=login_digest, network=network, device_digest=device_digest, at=at)


def failures_before(attempt: Attempt) -> throttle.Failures:
    """What failed within the window before an attempt."""
    values: dict[str, Any] = {
        "login_digest": attempt.login_digest,
        "network": attempt.network,
        "device_digest": attempt.device_digest,
        "since": attempt.at - throttle.WINDOW,
        "attempt_id": attempt.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql("failures_before"), values)
        names = [column.name for column in cursor.description]
        return throttle.Failures(**dict(zip(names, cursor.fetchone(), strict=True)))


def forgive(attempt: Attempt) -> None:
    """Take back the failures of somebody who now proved who they are."""
    values: dict[str, Any] = {
        "login_digest": attempt.login_digest,
        "network": attempt.network,
        "device_digest": attempt.device_digest,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql("forgive"), values)


def has_second_factor(person_pk: int) -> bool:
    """Whether a person has anything that may be asked for besides a password."""
    with connection.cursor() as cursor:
        cursor.execute(sql("has_second_factor"), {"person": person_pk})
        (has,) = cursor.fetchone()
    return bool(has)


def start_session(
    *,
    public_id: UUID,
    person_pk: int,
    key_digest: str,
    device_digest: str,
    network: str,
    user_agent: str,
    methods: tuple[str, ...],
    assurance: int,
    acting_for: str,
    now: datetime,
) -> None:
    """Begin a session, and note with its person that they signed in."""
    values: dict[str, Any] = {
        "public_id": public_id,
        "person": person_pk,
        "key_digest": key_digest,
        "device_digest": device_digest,
        "network": network,
        "user_agent": user_agent,
        "methods": list(methods),
        "assurance": assurance,
        "acting_for": acting_for,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql("start_session"), values)
