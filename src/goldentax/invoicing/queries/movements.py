"""Read what happened: limit movements (额度变动明细), what a request issued, an invoice's history (办理记录)."""

from dataclasses import dataclass
from datetime import datetime

from goldentax.invoicing.models import Invoice, LimitEntry
from goldentax.invoicing.queries.invoices import get_invoice
from goldentax.kernel.access import Actor
from goldentax.kernel.models import AuditEntry

MOVEMENTS_MAX = 200
HISTORY_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMovement:
    """One entry of a month's limit: a grant above zero, a charge by an invoice below."""

    at: datetime
    movement: str  # grant, charge
    amount_fen: int
    invoice_number: str


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
            at=row.at, movement=row.movement, amount_fen=row.amount_fen, invoice_number=row.invoice_number
        )
        for row in rows[: min(limit, MOVEMENTS_MAX)]
    ]


def find_number(*, actor: Actor, request_id: str) -> str:
    """The number of the invoice that a request of the taxpayer's has issued; "" where it has issued none."""
    if not request_id or "\x00" in request_id:
        return ""
    found = Invoice.objects.filter(seller_tax_id=actor.taxpayer_id, request_id=request_id[:64])
    return found.values_list("number", flat=True).first() or ""


def list_history(*, number: str, actor: Actor) -> list[HistoryEntry]:
    """
    What was done to one's own invoice, the first thing first.

    :raises goldentax.invoicing.errors.InvoiceNotFound: as :func:`get_invoice`.
    """
    get_invoice(number=number, actor=actor)
    rows = AuditEntry.objects.filter(subject=number, action__startswith="invoicing.").order_by("id")
    return [
        HistoryEntry(
            at=row.at, action=row.action, channel=row.actor.partition(":")[0], request_id=row.request_id
        )
        for row in rows[:HISTORY_MAX]
    ]
