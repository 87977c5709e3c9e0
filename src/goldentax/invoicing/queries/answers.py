"""Find what a request became."""

from collections.abc import Collection
from dataclasses import dataclass

from goldentax.invoicing.models import FirstAnswer, Invoice
from goldentax.invoicing.queries.receipts import receipt_of_row
from goldentax.invoicing.rules.receipts import AnyReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAnswer:
    """The invoice that a request of a seller became."""

    number: str
    request_hash: bytes
    document: bytes
    receipt: AnyReceipt


def find_first_answer(*, seller_tax_id: str, request_id: str) -> FoundAnswer | None:
    """The first answer to a request, or None if it became nothing yet."""
    found = FirstAnswer.objects.filter(seller_tax_id=seller_tax_id, request_id=request_id[:64])
    first = found.first() if "\x00" not in request_id else None
    if first is None:
        return None
    return read_answer(number=first.number, month=first.month, request_hash=bytes(first.request_hash))


def find_answered(*, seller_tax_id: str, request_id: str) -> tuple[str, int, bytes] | None:
    """Number and month of the invoice that a request became and the hash of that request, or None."""
    found = FirstAnswer.objects.filter(seller_tax_id=seller_tax_id, request_id=request_id)
    row = found.first() if "\x00" not in request_id else None
    return (row.number, row.month, bytes(row.request_hash)) if row is not None else None


def find_all_answered(
    *, seller_tax_id: str, request_ids: Collection[str]
) -> dict[str, tuple[str, int, bytes]]:
    """As :func:`find_answered`, for many requests of one seller in one statement; what became nothing is left out."""
    wanted = [one for one in request_ids if "\x00" not in one]
    found = FirstAnswer.objects.filter(seller_tax_id=seller_tax_id, request_id__in=wanted)
    return {row.request_id: (row.number, row.month, bytes(row.request_hash)) for row in found}


def read_answer(*, number: str, month: int, request_hash: bytes = b"") -> FoundAnswer:
    """The invoice of an answer that is known to stand, with its receipt."""
    row = Invoice.objects.get(number=number, month=month)
    return FoundAnswer(
        number=number, request_hash=request_hash, document=bytes(row.document), receipt=receipt_of_row(row)
    )
