"""
The outbox: events are written in the transaction that did the thing, and sent afterwards, at least once.

Each becomes a CloudEvents 1.0 envelope; the event id is the message id, so a stream drops what is sent twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import connection

from goldentax.contracts.events import Event, event_type
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.models import OutboxEvent

BATCH_SIZE = 200
"""Events read at once: at about 2 kB each this stays well below a megabyte in memory."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event ready to travel."""

    id: int
    event_id: str
    type: str
    key: str
    body: bytes


def publish(event: Event, *, key: str, now: datetime) -> None:
    """Keep an event for sending; call it inside the transaction, once for each thing that happened."""
    assert connection.in_atomic_block, "an event without its transaction could tell of a thing that never was"
    OutboxEvent.objects.create(
        event_id=new_public_id(),
        type=event_type(type(event)),
        key=key,
        at=now,
        payload=msgspec.json.encode(event),
    )


def insert(*, event_id: str, type: str, key: str, at: str, payload: str) -> str:
    """
    The statement that keeps one event, for a module that commits much in one statement of its own.

    Each argument is an SQL expression, such as a placeholder; the payload is the event's JSON as bytes.
    """
    return (
        "INSERT INTO kernel_outbox (event_id, type, key, at, payload)"  # noqa: S608
        f" VALUES ({event_id}::uuid, {type}, {key}, {at}, {payload})"
    )


def list_unsent(*, source: str, limit: int = BATCH_SIZE) -> list[Envelope]:
    """The oldest events that have not left, as CloudEvents JSON, in the order they were written."""
    rows = OutboxEvent.objects.filter(sent_at__isnull=True).order_by("id")[:limit]
    return [_envelope(row, source=source) for row in rows]


def mark_sent(ids: Iterable[int], *, now: datetime) -> None:
    """Note that the stream has these for good."""
    OutboxEvent.objects.filter(id__in=list(ids)).update(sent_at=now)


def _envelope(row: OutboxEvent, *, source: str) -> Envelope:
    body = msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": str(row.event_id),
            "source": source,
            "type": row.type,
            "subject": row.key,
            "time": row.at,
            "datacontenttype": "application/json",
            "data": msgspec.Raw(bytes(row.payload)),
        }
    )
    return Envelope(row.id, str(row.event_id), row.type, row.key, body)
