"""
Grow the tree of a log anew from the stored documents, head by head, and name what does not fit.

One pass in the order of the log, a batch at a time in memory. After a batch that leads to another root the pass goes on
from the frontier that the next head keeps, if that leads to the root that was signed: one bad batch hides no other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import msgspec

from goldentax.contracts.events import event_type
from goldentax.contracts.invoicing import InvoicesIssuedV1
from goldentax.invoicing.models import Desk, Invoice, TreeHead
from goldentax.invoicing.queries.auditing.findings import Findings
from goldentax.invoicing.queries.receipts import head_of_row
from goldentax.invoicing.rules import documents, heads
from goldentax.invoicing.rules.rows import split_hashes
from goldentax.kernel.crypto import merkle
from goldentax.kernel.crypto.sm import sm3
from goldentax.kernel.models import OutboxEvent

_COLUMNS = (
    *("leaf", "number", "document", "document_hash", "kind", "is_red", "seller_tax_id", "buyer_tax_id"),
    *("amount_fen", "tax_fen", "gross_fen", "issued_at", "issue_date", "month"),
)
_ROWS_AT_ONCE = 2000
EVENT_WINDOW = 200_000
"""So many of the newest events are searched for what a broken batch once was: the outbox has no index by batch."""


class StoredInvoice(NamedTuple):
    """What an audit reads of an invoice."""

    leaf: int
    number: str
    document: bytes
    document_hash: bytes
    kind: str
    is_red: bool
    seller_tax_id: str
    buyer_tax_id: str
    amount_fen: int
    tax_fen: int
    gross_fen: int
    issued_at: datetime
    issue_date: object
    month: int


class _Told(msgspec.Struct):
    log: str
    first_leaf: int


@dataclass(slots=True)
class Sums:
    """Sums over the documents themselves, by day and kind: [count, amount, tax, gross]."""

    by_day: dict[tuple[object, str], list[int]] = field(default_factory=dict)

    def add(self, document: documents.InvoiceDocument) -> None:
        """Count one document in."""
        sums = self.by_day.setdefault((document.issue_date, document.kind), [0, 0, 0, 0])
        for at, value in enumerate((1, document.amount_fen, document.tax_fen, document.gross_fen)):
            sums[at] += value


@dataclass(slots=True, kw_only=True)
class TreeAudit:
    """The audit of one log; :meth:`run` reads it all."""

    desk: int
    log: str
    keys: dict[str, str]  # public keys by their short names
    found: Findings
    sums: Sums
    progress: Callable[[int, int], None]
    heads_seen: int = 0
    invoices: int = 0
    published: dict[int, str] = field(default_factory=dict)  # hashes of heads kept elsewhere, by size
    events: dict[int, int] | None = None  # of the batches by their first leaves, read when a batch is broken

    def run(self) -> None:
        """Read heads and invoices side by side; what is wrong is noted."""
        total = Desk.objects.get(pk=self.desk).tree_size
        rows = _Rows(self._rows())
        size, previous, at_ms = 0, b"", 0
        frontier: tuple[bytes, ...] = ()
        for row, following in _with_next(self._heads()):
            head = head_of_row(row)
            self._check_head(row, head, size=size, previous=previous, at_ms=at_ms)
            batch = list(rows.below(head.tree_size))
            size, frontier = self._check_batch(row, head, batch, (size, frontier), following)
            previous, at_ms = heads.head_hash(head), head.at_ms
            self.heads_seen += 1
            self.progress(size, total)
        self._check_end(rows, size, frontier, previous)

    def _rows(self) -> Iterator[StoredInvoice]:
        rows = Invoice.objects.filter(desk=self.desk).order_by("leaf", "number")
        for one in rows.values_list(*_COLUMNS).iterator(chunk_size=_ROWS_AT_ONCE):
            yield StoredInvoice(*one)

    def _heads(self) -> Iterator[TreeHead]:
        return (
            TreeHead.objects.filter(desk=self.desk).order_by("tree_size").iterator(chunk_size=_ROWS_AT_ONCE)
        )

    def _check_head(
        self, row: TreeHead, head: heads.TreeHead, *, size: int, previous: bytes, at_ms: int
    ) -> None:
        add, at = self.found.add, head.tree_size
        if at - row.count != size:
            self.found.add("head_missing", log=self.log, size=at)
        elif head.previous != previous:
            add("link_broken", log=self.log, size=at)
        if head.at_ms < at_ms:
            add("time_back", log=self.log, size=at)
        key = self.keys.get(head.key_id)
        if key is None:
            add("key_unknown", log=self.log, size=at, key=head.key_id)
        elif not heads.verify_head(head, public_key=key):
            add("signature_wrong", log=self.log, size=at)
        said = self.published.pop(at, "")
        if said and said != heads.head_hash(head).hex():
            add("head_rewritten", log=self.log, size=at)

    def _check_batch(
        self,
        row: TreeHead,
        head: heads.TreeHead,
        batch: list[StoredInvoice],
        before: tuple[int, tuple[bytes, ...]],
        following: TreeHead | None,
    ) -> tuple[int, tuple[bytes, ...]]:
        """Hold the rows of a batch against its head; the tree from which the next one goes on."""
        first = head.tree_size - row.count
        if first != before[0]:  # a head is missing; what its rows led to is taken from what this head keeps
            batch = [one for one in batch if one.leaf >= first]
            before = (first, split_hashes(bytes(row.frontier)))
        elif split_hashes(bytes(row.frontier)) != before[1]:
            self.found.add("frontier_changed", log=self.log, size=head.tree_size)
        leaves = self._leaves(batch, first=first, count=row.count)
        if leaves is not None:
            grown = merkle.extend(size=first, frontier=before[1], leaves=leaves)
            if grown.root == head.root:
                return grown.size, grown.frontier
        self._name_culprits(row, head, batch, before)
        return head.tree_size, self._trusted_frontier(head, following)

    def _leaves(self, batch: list[StoredInvoice], *, first: int, count: int) -> list[bytes] | None:
        """The leaf hashes of a batch from its documents; None if the rows are not one for each leaf."""
        leaves = []
        for one in batch:
            self._check_row(one)
            leaves.append(merkle.leaf_hash(sm3(one.document)))
        return leaves if [one.leaf for one in batch] == list(range(first, first + count)) else None

    def _check_row(self, one: StoredInvoice) -> None:
        self.invoices += 1
        if sm3(one.document) != bytes(one.document_hash):
            self.found.add("invoice_changed", log=self.log, number=one.number, leaf=one.leaf)
            return
        try:
            document = documents.decode(bytes(one.document))
        except msgspec.MsgspecError:
            self.found.add("invoice_changed", log=self.log, number=one.number, leaf=one.leaf)
            return
        self.sums.add(document)
        wrong = differing_columns(one, document)
        if wrong:
            self.found.add("columns_changed", log=self.log, number=one.number, columns=", ".join(wrong))

    def _name_culprits(
        self,
        row: TreeHead,
        head: heads.TreeHead,
        batch: list[StoredInvoice],
        before: tuple[int, tuple[bytes, ...]],
    ) -> None:
        """Say which rows of a batch are not as they were: by the event of the batch, if it is still there and true."""
        first = head.tree_size - row.count
        kept = [merkle.leaf_hash(bytes(one.document_hash)) for one in batch]
        if len(kept) == row.count and self._leads_to(head, first, before[1], kept):
            return  # only documents were changed, not their hashes: they are named already
        was = self._as_told(first, row.count)
        if was is not None:
            leaves = [merkle.leaf_hash(bytes.fromhex(one)) for _, one in was]
            if self._leads_to(head, first, before[1], leaves):
                self._compare(batch, was, first)
                return
        here = {one.leaf for one in batch}
        for leaf in range(first, head.tree_size):
            if leaf not in here:
                self.found.add("invoice_missing", log=self.log, leaf=leaf, number="")
        for one, other in pairwise(batch):
            if one.leaf == other.leaf:
                self.found.add("invoice_extra", log=self.log, number=other.number)
        self.found.add("batch_differs", log=self.log, first=first, last=head.tree_size - 1)

    @staticmethod
    def _leads_to(head: heads.TreeHead, first: int, frontier: tuple[bytes, ...], leaves: list[bytes]) -> bool:
        return merkle.extend(size=first, frontier=frontier, leaves=leaves).root == head.root

    def _as_told(self, first: int, count: int) -> list[tuple[str, str]] | None:
        """Numbers and hashes of a batch as they were told when it was issued, if that is still kept."""
        if self.events is None:
            self.events = dict(self._told_batches())
        payload = (
            OutboxEvent.objects.filter(id=self.events.get(first, 0)).values_list("payload", flat=True).first()
        )
        if payload is None:
            return None
        told = msgspec.json.decode(bytes(payload), type=InvoicesIssuedV1)
        return (
            [(one.number, one.document_hash) for one in told.invoices]
            if len(told.invoices) == count
            else None
        )

    def _told_batches(self) -> Iterator[tuple[int, int]]:
        newest = OutboxEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
        events = OutboxEvent.objects.filter(id__gt=newest - EVENT_WINDOW, type=event_type(InvoicesIssuedV1))
        for event_id, payload in events.values_list("id", "payload").iterator(chunk_size=_ROWS_AT_ONCE):
            told = msgspec.json.decode(bytes(payload), type=_Told)
            if told.log == self.log:
                yield told.first_leaf, event_id

    def _compare(self, batch: list[StoredInvoice], was: list[tuple[str, str]], first: int) -> None:
        places = {number: at for at, (number, _) in enumerate(was, first)}
        here = {one.number: one for one in batch}
        for number, leaf in places.items():
            if number not in here:
                self.found.add("invoice_missing", log=self.log, leaf=leaf, number=number)
        for one in batch:
            if one.number not in places:
                self.found.add("invoice_extra", log=self.log, number=one.number)
            elif places[one.number] != one.leaf:
                self.found.add("invoice_swapped", log=self.log, number=one.number)
            elif was[one.leaf - first][1] != sm3(one.document).hex() == bytes(one.document_hash).hex():
                self.found.add("invoice_changed", log=self.log, number=one.number, leaf=one.leaf)

    def _trusted_frontier(self, head: heads.TreeHead, following: TreeHead | None) -> tuple[bytes, ...]:
        """What stands beside the next head, if it leads to the signed root; else the audit of this tree goes blind."""
        kept = following.frontier if following else Desk.objects.get(pk=self.desk).frontier
        frontier = split_hashes(bytes(kept))
        is_right = (
            len(frontier) == head.tree_size.bit_count() and merkle.root_of_frontier(frontier) == head.root
        )
        if not is_right:
            self.found.add("frontier_changed", log=self.log, size=head.tree_size)
        return frontier if is_right else (bytes(32),) * head.tree_size.bit_count()

    def _check_end(self, rows: "_Rows", size: int, frontier: tuple[bytes, ...], previous: bytes) -> None:
        for one in rows.below(2**63):
            self.invoices += 1
            self.found.add("invoice_extra", log=self.log, number=one.number)
        desk = Desk.objects.get(pk=self.desk)
        held = (desk.tree_size, split_hashes(bytes(desk.frontier)), bytes(desk.head_hash))
        if held != (size, frontier, previous):
            self.found.add("desk_differs", log=self.log)
        for gone in sorted(self.published):
            self.found.add("head_cut_off", log=self.log, size=gone)


def differing_columns(row: StoredInvoice, document: documents.InvoiceDocument) -> list[str]:
    """The columns of a row that say something else than its document."""
    day = document.issue_date
    said = {
        "number": document.number,
        "kind": document.kind,
        "is_red": document.is_red,
        "seller_tax_id": document.seller.tax_id,
        "buyer_tax_id": document.buyer.tax_id,
        "amount_fen": document.amount_fen,
        "tax_fen": document.tax_fen,
        "gross_fen": document.gross_fen,
        "issued_at": document.issued_at,
        "issue_date": day,
        "month": day.year * 100 + day.month,
    }
    return [name for name, value in said.items() if getattr(row, name) != value]


class _Rows:
    """Rows in order of their leaves, taken up to a leaf at a time."""

    def __init__(self, rows: Iterator[StoredInvoice]) -> None:
        self._rows = rows
        self._waiting = next(rows, None)

    def below(self, leaf: int) -> Iterator[StoredInvoice]:
        while self._waiting is not None and self._waiting.leaf < leaf:
            yield self._waiting
            self._waiting = next(self._rows, None)


def _with_next(rows: Iterator[TreeHead]) -> Iterator[tuple[TreeHead, TreeHead | None]]:
    row = next(rows, None)
    while row is not None:
        following = next(rows, None)
        yield row, following
        row = following
