"""What a person may see of themselves: their devices, and what happened to their account."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from goldentax.kernel.audit import CHANGE
from goldentax.kernel.models import AuditEntry
from goldentax.oversight.models import Device

DEVICES_MAX = 50
OWN_EVENTS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """A device a person is known by."""

    public_id: str
    user_agent: str
    first_at: datetime
    last_at: datetime
    last_network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEvent:
    """One thing that concerns the safety of a person's account."""

    at: datetime
    action: str
    category: str
    network: str
    by_self: bool
    detail: dict[str, Any]


def list_devices(person_id: str) -> list[DeviceView]:
    """The devices a person is known by, the last used first; forgotten ones are gone."""
    rows = Device.objects.filter(person_id=person_id, forgotten_at__isnull=True).order_by("-last_at")
    return [
        DeviceView(
            public_id=str(row.public_id),
            user_agent=row.user_agent,
            first_at=row.first_at,
            last_at=row.last_at,
            last_network=row.last_network,
        )
        for row in rows[:DEVICES_MAX]
    ]


def list_own_events(person_id: str, limit: int = 50) -> list[OwnEvent]:
    """
    What happened to a person's account, the newest first: sign-ins, grants, and looks at their data by others.

    Business done in their name is not among it; it has lists of its own.
    """
    rows = AuditEntry.objects.filter(subject=f"person:{person_id}").order_by("-at", "-id")
    return list(islice(_events(rows, person_id), min(limit, OWN_EVENTS_MAX)))


def _events(rows: Any, person_id: str) -> Iterator[OwnEvent]:
    for row in rows[: OWN_EVENTS_MAX * 2]:
        if row.category == CHANGE and not row.action.startswith(("identity.", "oversight.", "signon.")):
            continue
        who = row.actor.partition(":")[2].partition("@")[0]
        yield OwnEvent(
            at=row.at,
            action=row.action,
            category=row.category,
            network=str(row.detail.get("network", "")),
            by_self=who == person_id,
            detail=row.detail if who == person_id else {},
        )
