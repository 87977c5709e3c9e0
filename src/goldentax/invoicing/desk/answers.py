"""The answer to an issue, as the API gives it: number, amounts, where the invoice is, and the receipt."""

from collections.abc import Sequence

import msgspec

from goldentax.invoicing.rules import receipts
from goldentax.invoicing.rules.batches import Batch, ToIssue
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.kernel.values.money import yuan


class ApiIssued(msgspec.Struct, kw_only=True):
    """An invoice that was issued; amounts are yuan as text. The whole invoice is at ``links.self``."""

    number: str
    kind: str
    issued_at: str
    amount: str
    tax: str
    gross: str
    repeated: bool
    links: dict[str, str]
    receipt: msgspec.Raw


_encoder = msgspec.json.Encoder()


def write(document: InvoiceDocument, number: str, receipt: bytes, *, repeated: bool) -> bytes:
    """
    The answer as JSON.

    :param receipt: its canonical JSON.
    """
    base = f"/api/v1/invoices/{number}"
    return _encoder.encode(
        ApiIssued(
            number=number,
            kind=document.kind,
            issued_at=document.issued_at.isoformat(),
            amount=yuan(document.amount_fen),
            tax=yuan(document.tax_fen),
            gross=yuan(document.gross_fen),
            repeated=repeated,
            links={"self": base, "xml": f"{base}.xml", "pdf": f"{base}.pdf", "ofd": f"{base}.ofd"},
            receipt=msgspec.Raw(receipt),
        )
    )


def render(batch: Batch, wishes: Sequence[ToIssue]) -> list[bytes]:
    """The answers of a batch, in its order."""
    written = receipts.encode_many(
        numbers=[one.number for one in batch.entered],
        sellers=[one.seller_tax_id for one in wishes],
        document_hashes=[one.document_hash for one in batch.entered],
        first_leaf=batch.before.tree_size,
        paths=batch.paths,
        head=batch.head,
    )
    return [
        write(wish.document, entered.number, receipt, repeated=False)
        for wish, entered, receipt in zip(wishes, batch.entered, written, strict=True)
    ]
