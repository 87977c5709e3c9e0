"""
Rebuild the receipt (受理回执) of an invoice, to the byte as it was first given.

No receipt is stored: the head of its batch, the frontier before it and the documents' hashes of the batch say it all.
"""

from goldentax.invoicing.models import Invoice, TreeHead
from goldentax.invoicing.rules import heads, receipts
from goldentax.invoicing.rules.receipts import AnyReceipt, Receipt
from goldentax.invoicing.rules.rows import split_hashes
from goldentax.kernel.crypto import merkle
from goldentax.kernel.node import this_node


def head_of_row(row: TreeHead) -> heads.TreeHead:
    """The head that a row keeps."""
    return heads.TreeHead(
        log=heads.log_of(node=this_node().code, desk=row.desk),
        tree_size=row.tree_size,
        root=bytes(row.root),
        at_ms=heads.milliseconds(row.at),
        previous=bytes(row.previous),
        key_id=row.key_id,
        signature=bytes(row.signature),
    )


def receipt_of_row(row: Invoice) -> AnyReceipt:
    """
    The receipt of an invoice, by two look-ups: its head, and the hashes of its batch.

    Nothing is checked here: from a store that was altered comes a receipt that does not verify.
    """
    if row.desk < 0:
        assert row.receipt is not None, "an invoice from before the logs keeps its receipt"
        return receipts.decode(bytes(row.receipt))
    head = TreeHead.objects.filter(desk=row.desk, tree_size__gt=row.leaf).order_by("tree_size").first()
    assert head is not None, f"no head covers leaf {row.leaf} of desk {row.desk}"
    first = head.tree_size - head.count
    batch = Invoice.objects.filter(desk=row.desk, leaf__gte=first, leaf__lt=head.tree_size).order_by("leaf")
    leaves = [merkle.leaf_hash(bytes(one)) for one in batch.values_list("document_hash", flat=True)]
    tree = merkle.extend(size=first, frontier=split_hashes(bytes(head.frontier)), leaves=leaves)
    text = heads.to_text(head_of_row(head))
    return Receipt(
        number=row.number,
        seller_tax_id=row.seller_tax_id,
        document_hash=bytes(row.document_hash).hex(),
        log=text.log,
        leaf_index=row.leaf,
        path=[one.hex() for one in tree.paths[row.leaf - first]],
        head=text,
    )
