"""
The audit trail (审计记录): every change, sign-in, grant, use of a privileged function, and every unmasked look at
personal data leaves one row in the same transaction.

Rows are added, never changed. The room of oversight seals them into a chain, searches them and judges them; writers
never wait for that: a row carries the number of its transaction, and what is sealed is what no running transaction can
still add to.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from goldentax.kernel.models import AuditEntry

CHANGE = "change"  # business done: an invoice issued, an address changed
SIGN_IN = "sign_in"  # a person proved who they are, or failed to
GRANT = "grant"  # somebody was given power, or lost it
LOOK = "look"  # somebody saw protected data of another
PRIVILEGED = "privileged"  # a function that only administrators have was used
CATEGORIES = (CHANGE, SIGN_IN, GRANT, LOOK, PRIVILEGED)


def record(
    *,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    request_id: str = "",
    detail: dict[str, Any] | None = None,
    category: str = CHANGE,
) -> None:
    """
    Write down that this happened; call it inside the transaction that does it.

    :param actor: :attr:`goldentax.kernel.access.Actor.label`, or ``system:…``.
    :param action: ``module.noun.verb``, such as ``invoicing.invoice.issue``.
    :param category: one of :data:`CATEGORIES`.
    """
    assert category in CATEGORIES, category
    AuditEntry.objects.create(
        at=now,
        category=category,
        actor=actor[:120],
        action=action,
        subject=subject[:120],
        request_id=request_id[:64],
        detail=detail or {},
    )


def insert(*, at: str, actor: str, action: str, subject: str, detail: str) -> str:
    """
    The statement that writes one change of business, for a module that commits much in one statement of its own.

    Each argument is an SQL expression, such as a placeholder; what comes from outside must be one.
    """
    return (
        "INSERT INTO kernel_audit (at, actor, action, subject, request_id, detail)"  # noqa: S608
        f" VALUES ({at}, {actor}, {action}, {subject}, '', {detail}::jsonb)"
    )


def note_look(
    *, actor: str, subject: str, fields: Iterable[str], purpose: str, now: datetime, request_id: str = ""
) -> None:
    """
    Write down that somebody saw personal data unmasked: whose, which fields, and what for.

    Names of the fields only; what they said is never repeated here. Whether there were too many such looks is asked
    of the room of oversight, before the data are shown.

    :param purpose: the business the look serves, such as a function's code or what the officer wrote; never empty.
    """
    assert purpose, "a look without a purpose is not allowed to happen"
    record(
        actor=actor,
        action="kernel.personal-data.look",
        subject=subject,
        now=now,
        request_id=request_id,
        detail={"fields": sorted(set(fields)), "purpose": purpose[:200]},
        category=LOOK,
    )
