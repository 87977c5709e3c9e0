"""How the writes of identity stand in the audit trail: their subject is always a person."""

from collections.abc import Mapping
from datetime import datetime

from goldentax.identity.models import Person
from goldentax.kernel import audit


def web(person: Person) -> str:
    """The actor's label of somebody who is not signed in yet, or no longer."""
    return f"web:{person.public_id}"


def subject(person: Person) -> str:
    """How records name a person."""
    return f"person:{person.public_id}"


def record(
    *,
    actor: str,
    action: str,
    person: Person,
    now: datetime,
    request_id: str = "",
    detail: Mapping[str, object] | None = None,
    category: str = audit.CHANGE,
) -> None:
    """Write one row; call it inside the transaction that does the thing."""
    audit.record(
        actor=actor,
        action=action,
        subject=subject(person),
        now=now,
        request_id=request_id,
        detail=dict(detail or {}),
        category=category,
    )
