"""Read what is set aside of a limit."""

from datetime import datetime
from uuid import UUID

import msgspec

from goldentax.invoicing.models import LimitReservation
from goldentax.kernel.clock import CHINA

LISTED_MAX = 200


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a month's limit that is set aside, as it was when it was asked for; amounts in fen."""

    id: str
    period: str
    amount_fen: int
    posted_fen: int
    left_fen: int
    purpose: str
    made_at: datetime
    until: datetime
    state: str  # open, posted, voided, expired
    repeated: bool = False


def reservation_of(row: LimitReservation) -> Reservation:
    """A row in the words of the API."""
    return Reservation(
        id=str(row.public_id),
        period=row.account.period,
        amount_fen=row.amount_fen,
        posted_fen=row.posted_fen,
        left_fen=row.left_fen,
        purpose=row.purpose,
        made_at=row.made_at.astimezone(CHINA),
        until=row.until.astimezone(CHINA),
        state=row.state,
    )


def find_row(*, tax_id: str, reservation_id: str | UUID) -> LimitReservation | None:
    """A taxpayer's reservation, or None; a text that is no id finds none."""
    try:
        wanted = UUID(str(reservation_id))
    except ValueError:
        return None
    rows = LimitReservation.objects.select_related("account")
    return rows.filter(tax_id=tax_id, public_id=wanted).first()


def list_reservations(*, tax_id: str, is_open: bool = True, limit: int = LISTED_MAX) -> list[Reservation]:
    """A taxpayer's reservations, the newest first: those that are open, or all."""
    rows = LimitReservation.objects.select_related("account").filter(tax_id=tax_id)
    if is_open:
        rows = rows.filter(state="open")
    return [reservation_of(row) for row in rows.order_by("-id")[: min(limit, LISTED_MAX)]]
