"""Find what many requests became: a few statements for all that stood in the same batches."""

from collections.abc import Iterable, Sequence

from goldentax.invoicing.models import Invoice, TreeHead
from goldentax.invoicing.queries.answers import FoundAnswer
from goldentax.invoicing.queries.receipts import head_of_row, receipt_of_row
from goldentax.invoicing.rules import heads
from goldentax.invoicing.rules.receipts import AnyReceipt, Receipt
from goldentax.invoicing.rules.rows import split_hashes
from goldentax.kernel.crypto import merkle


def read_answers(wanted: Iterable[tuple[str, int]]) -> dict[str, FoundAnswer]:
    """
    The invoices of answers that are known to stand, by number, with their receipts.

    :param wanted: numbers and months.
    """
    by_month: dict[int, list[str]] = {}
    for number, month in wanted:
        by_month.setdefault(month, []).append(number)
    found = [
        row for month, numbers in by_month.items()
        for row in Invoice.objects.filter(month=month, number__in=numbers)
    ]  # fmt: skip
    given = _receipts(sorted(found, key=lambda row: (row.desk, row.leaf)))
    return {
        row.number: FoundAnswer(
            number=row.number, request_hash=b"", document=bytes(row.document), receipt=given[row.number]
        )
        for row in found
    }


def _receipts(rows: Sequence[Invoice]) -> dict[str, AnyReceipt]:
    """The receipts of invoices that stand in the order of their logs; each batch is read once."""
    given: dict[str, AnyReceipt] = {}
    batch: _Batch | None = None
    for row in rows:
        if row.desk < 0:  # from before the logs: its receipt is kept with it
            given[row.number] = receipt_of_row(row)
            continue
        if batch is None or not batch.holds(row):
            batch = _Batch(row)
        given[row.number] = batch.receipt(row)
    return given


class _Batch:
    """One batch of a log, with the way up from each of its leaves."""

    def __init__(self, row: Invoice) -> None:
        head = TreeHead.objects.filter(desk=row.desk, tree_size__gt=row.leaf).order_by("tree_size").first()
        assert head is not None, f"no head covers leaf {row.leaf} of desk {row.desk}"
        self.desk, self.first, self.end = row.desk, head.tree_size - head.count, head.tree_size
        entries = Invoice.objects.filter(desk=row.desk, leaf__gte=self.first, leaf__lt=self.end)
        hashes = entries.order_by("leaf").values_list("document_hash", flat=True)
        leaves = [merkle.leaf_hash(bytes(one)) for one in hashes]
        self.paths = merkle.extend(
            size=self.first, frontier=split_hashes(bytes(head.frontier)), leaves=leaves
        ).paths
        self.head = heads.to_text(head_of_row(head))

    def holds(self, row: Invoice) -> bool:
        """Whether the invoice is one of this batch."""
        return row.desk == self.desk and self.first <= row.leaf < self.end

    def receipt(self, row: Invoice) -> Receipt:
        """The receipt of an invoice of this batch."""
        return Receipt(
            number=row.number,
            seller_tax_id=row.seller_tax_id,
            document_hash=bytes(row.document_hash).hex(),
            log=self.head.log,
            leaf_index=row.leaf,
            path=[one.hex() for one in self.paths[row.leaf - self.first]],
            head=self.head,
        )
