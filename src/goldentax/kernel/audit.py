"""The audit trail: every change, and every look at protected data, leaves one row in the same transaction."""

from datetime import datetime
from typing import Any

from goldentax.kernel.models import AuditEntry


def record(
    *,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    request_id: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """
    Write down that this happened; call it inside the transaction that does it.

    :param actor: :attr:`goldentax.kernel.access.Actor.label`, or ``system:…``.
    :param action: ``module.noun.verb``, such as ``invoicing.invoice.issue``.
    """
    AuditEntry.objects.create(
        at=now,
        actor=actor[:120],
        action=action,
        subject=subject[:120],
        request_id=request_id,
        detail=detail or {},
    )
