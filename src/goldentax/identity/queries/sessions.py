"""Reads of sessions on the web."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest

from goldentax.identity.models import UserSession
from goldentax.identity.rules import sessions

LISTED_MAX = 50
"""Sessions shown at once: nobody has more open ones, and older ended ones are for the audit search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice:
    """A device (登录设备) a person signed in from, and has not forgotten."""

    digest: str
    user_agent: str
    first_at: datetime
    last_at: datetime
    open_sessions: int


def find_session(*, secret: str) -> UserSession | None:
    """The session of a secret, ended or not, with its person, in one statement."""
    found = UserSession.objects.select_related("person").defer("person__id_card_number")
    return found.filter(key_digest=sessions.digest(secret)).first()


def session_of(request: HttpRequest) -> UserSession | None:
    """The web session that a request came with; none on the API and for people who are not signed in."""
    session: UserSession | None = getattr(request, "user_session", None)
    return session


def list_sessions(*, person_id: str | UUID, ended_too: bool = False) -> list[UserSession]:
    """A person's sessions, the open ones first, then the newest."""
    found = UserSession.objects.filter(person__public_id=person_id)
    if not ended_too:
        found = found.filter(ended_at__isnull=True)
    return list(found.order_by("-started_at", "-id")[:LISTED_MAX])


def is_known_device(*, login: str, device: str) -> bool:
    """Whether somebody signed in as this login (in its normal form) from this device (its digest) before."""
    return bool(device) and UserSession.objects.filter(person__login=login, device_digest=device).exists()


def is_device(device: str) -> bool:
    """Whether anybody signed in from this device (its digest) before."""
    return bool(device) and UserSession.objects.filter(device_digest=device).exists()


def list_known_devices(*, person_id: str | UUID) -> list[KnownDevice]:
    """The devices a person signed in from, the last used first; forgotten ones are gone."""
    found = UserSession.objects.filter(person__public_id=person_id).exclude(device_digest="")
    rows = (
        found.values("device_digest")
        .annotate(
            user_agent=Max("user_agent"),
            first_at=Min("started_at"),
            last_at=Max("seen_at"),
            open_sessions=Count("id", filter=Q(ended_at__isnull=True)),
        )
        .order_by("-last_at")[:LISTED_MAX]
    )
    return [
        KnownDevice(
            digest=row["device_digest"],
            user_agent=row["user_agent"],
            first_at=row["first_at"],
            last_at=row["last_at"],
            open_sessions=row["open_sessions"],
        )
        for row in rows
    ]
