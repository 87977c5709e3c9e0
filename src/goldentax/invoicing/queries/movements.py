"""Read what happened: limit movements (额度变动明细), what a request issued, an invoice's history (办理记录)."""

from dataclasses import dataclass
from datetime import datetime

from goldentax.invoicing.models import FirstAnswer, LimitEntry
from goldentax.invoicing.queries.invoices import get_row
from goldentax.invoicing.rules.limits import MOVEMENTS
from goldentax.kernel.access import Actor
from goldentax.kernel.models import AuditEntry
from goldentax.kernel.text import Text

MOVEMENTS_MAX = 200
HISTORY_MAX = 100
ISSUED = "invoicing.invoice.issue"
"""Told by the invoice itself: the trail has one record for each batch of a desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMovement:
    """One entry of a month's limit: what it adds above zero, what it takes below."""

    at: datetime
    movement: str  # grant, charge, return, reserve, post, void, expire
    amount_fen: int
    invoice_number: str  # where it is one invoice's
    invoice_count: int  # where it is several invoices': how many

    @property
    def name(self) -> Text:
        """The movement in words."""
        return MOVEMENTS[self.movement]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One thing done to an invoice, as the audit trail has it."""

    at: datetime
    action: str
    channel: str  # web, api, cli, system
    request_id: str


def list_limit_movements(*, tax_id: str, period: str, limit: int = MOVEMENTS_MAX) -> list[LimitMovement]:
    """The newest movements of a month's limit (yyyymm), at most :data:`MOVEMENTS_MAX`."""
    rows = LimitEntry.objects.filter(account__tax_id=tax_id, account__period=period).order_by("-id")
    return [
        LimitMovement(
            at=row.at,
            movement=row.movement,
            amount_fen=row.amount_fen,
            invoice_number=row.invoice_number,
            invoice_count=row.leaf_count,
        )
        for row in rows[: min(limit, MOVEMENTS_MAX)]
    ]


def find_number(*, actor: Actor, request_id: str) -> str:
    """The number of the invoice that a request of the taxpayer's has issued; "" where it has issued none."""
    if not request_id or "\x00" in request_id:
        return ""
    found = FirstAnswer.objects.filter(seller_tax_id=actor.taxpayer_id, request_id=request_id[:64])
    return found.values_list("number", flat=True).first() or ""


def list_history(*, number: str, actor: Actor) -> list[HistoryEntry]:
    """
    What was done to one's own invoice, the first thing first.

    :raises goldentax.invoicing.errors.InvoiceNotFound: as :func:`get_invoice`.
    """
    row = get_row(number=number, actor=actor)
    issued = HistoryEntry(at=row.issued_at, action=ISSUED, channel=row.channel, request_id=row.request_id)
    later = AuditEntry.objects.filter(subject=number, action__startswith="invoicing.").exclude(action=ISSUED)
    return [issued] + [
        HistoryEntry(
            at=one.at, action=one.action, channel=one.actor.partition(":")[0], request_id=one.request_id
        )
        for one in later.order_by("id")[: HISTORY_MAX - 1]
    ]
