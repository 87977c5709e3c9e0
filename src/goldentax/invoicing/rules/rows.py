"""The rows that a batch becomes, as plain tuples: the plain path and the desks write the same ones."""

from datetime import date, datetime
from typing import NamedTuple, Protocol

from goldentax.invoicing.rules.batches import Batch, Entered, ToIssue
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.kernel.crypto.merkle import HASH_BYTES

SEARCHED_GOODS_MAX = 30
"""Goods beyond the first thirty are found by their invoice, not by the search over all: rows stay narrow."""


class InvoiceRow(NamedTuple):
    """One row of `invoicing_invoice`, in the order of its columns."""

    number: str
    month: int
    desk: int
    leaf: int
    kind: str
    is_red: bool
    seller_tax_id: str
    buyer_tax_id: str
    buyer_name: str
    goods: str
    line_count: int
    amount_fen: int
    tax_fen: int
    gross_fen: int
    issued_at: datetime
    issue_date: date
    drawer: str
    channel: str
    actor: str
    request_id: str
    document: bytes
    document_hash: bytes


class HeadRow(NamedTuple):
    """One row of `invoicing_tree_head`."""

    desk: int
    tree_size: int
    count: int  # type: ignore[assignment] # the column is called so; nobody counts in a row
    at: datetime
    root: bytes
    previous: bytes
    frontier: bytes
    key_id: str
    signature: bytes


class Issuable(ToIssue, Protocol):
    """What a row needs of a request beyond what its batch needs."""

    @property
    def request_id(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def actor(self) -> str: ...


def invoice_row(wish: Issuable, entered: Entered, *, desk: int) -> InvoiceRow:
    """The row of an invoice."""
    document = wish.document
    at = document.issued_at
    return InvoiceRow(
        entered.number,
        at.year * 100 + at.month,
        desk,
        entered.leaf,
        document.kind,
        document.is_red,
        document.seller.tax_id,
        document.buyer.tax_id,
        document.buyer.name,
        document.lines[0].full_name[:300],
        len(document.lines),
        document.amount_fen,
        document.tax_fen,
        document.gross_fen,
        at,
        at.date(),
        document.drawer,
        wish.channel,
        wish.actor[:120],
        wish.request_id,
        entered.document,
        entered.document_hash,
    )


def head_row(batch: Batch) -> HeadRow:
    """The row of a batch's head."""
    head = batch.head
    return HeadRow(
        batch.after.desk,
        head.tree_size,
        len(batch.entered),
        batch.at,
        head.root,
        head.previous,
        b"".join(batch.before.frontier),
        head.key_id,
        head.signature,
    )


def search_text(document: InvoiceDocument, number: str) -> str:
    """The words by which an invoice is found: number, buyer and goods."""
    goods = list(dict.fromkeys(line.full_name for line in document.lines))
    return " ".join([number, document.buyer.name, document.buyer.tax_id, *goods[:SEARCHED_GOODS_MAX]])


def split_hashes(packed: bytes) -> tuple[bytes, ...]:
    """Hashes that were kept one after another."""
    return tuple(packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES))
