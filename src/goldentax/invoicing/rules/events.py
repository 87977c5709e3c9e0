"""What is told of a batch."""

from collections.abc import Sequence

from goldentax.contracts.invoicing import InvoicesIssuedV1, IssuedInvoice
from goldentax.invoicing.rules.batches import Batch, Entered, ToIssue


def issued(wishes: Sequence[ToIssue], batch: Batch) -> InvoicesIssuedV1:
    """The event of a batch; the wishes stand in the order of the batch."""
    return InvoicesIssuedV1(
        log=batch.head.log,
        first_leaf=batch.before.tree_size,
        invoices=tuple(_one(wish, entered) for wish, entered in zip(wishes, batch.entered, strict=True)),
    )


def _one(wish: ToIssue, entered: Entered) -> IssuedInvoice:
    document = wish.document
    return IssuedInvoice(
        number=entered.number,
        kind=document.kind,
        is_red=document.is_red,
        seller_tax_id=document.seller.tax_id,
        buyer_tax_id=document.buyer.tax_id or None,
        issued_at=document.issued_at,
        amount_fen=document.amount_fen,
        tax_fen=document.tax_fen,
        gross_fen=document.gross_fen,
        document_hash=entered.document_hash.hex(),
        home_node=document.node,
    )
