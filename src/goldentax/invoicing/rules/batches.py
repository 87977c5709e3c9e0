"""
A batch: invoices that get their numbers and their places in a desk's log together, under one signed head.

Nothing here knows a store. :func:`make_batch` takes what a desk holds and what is to be issued, and gives what must be
written for all of it to stand: one signature, one entry of the limit for each seller, one document for each invoice.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import NamedTuple, Protocol, TypeVar

from goldentax.invoicing.rules import heads, numbers
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.kernel.crypto import merkle
from goldentax.kernel.crypto.sm import Signer, sm3

_UNNUMBERED = b'{"number":"",'


class ToIssue(Protocol):
    """What a batch needs of a request that was examined."""

    @property
    def seller_tax_id(self) -> str: ...
    @property
    def document(self) -> InvoiceDocument: ...
    @property
    def encoded(self) -> bytes: ...
    @property
    def digit(self) -> str: ...
    @property
    def month(self) -> int: ...


W = TypeVar("W", bound=ToIssue)


class Block(NamedTuple):
    """What is left of a stretch of numbers (号段): those from ``next`` to ``last``, for one month and channel."""

    id: int
    year: int
    digit: str
    month: int  # yyyymm
    next: int
    last: int

    @property
    def left(self) -> int:
        return self.last - self.next + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskState:
    """What a desk holds between two batches."""

    desk: int
    tree_size: int = 0
    frontier: tuple[bytes, ...] = ()
    head_hash: bytes = b""
    last_at: datetime | None = None
    blocks: dict[tuple[str, int], tuple[Block, ...]] = field(default_factory=dict)
    """By digit of the channel and month, in the order in which they are used up."""

    def left(self, digit: str, month: int) -> int:
        """How many numbers are left for a channel and month."""
        return sum(one.left for one in self.blocks.get((digit, month), ()))


class Entered(NamedTuple):
    """One invoice in its place."""

    number: str
    leaf: int
    document: bytes
    document_hash: bytes


class Charge(NamedTuple):
    """What the invoices of one seller and month take from the limit, together; they stand side by side in the log."""

    seller_tax_id: str
    month: int
    amount_fen: int
    leaf_from: int
    leaf_count: int


class Move(NamedTuple):
    """A block of numbers that is used further: from where, to where."""

    block_id: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Everything that one commit writes; ``entered`` and ``paths`` stand in the order of the wishes."""

    before: DeskState
    after: DeskState
    at: datetime
    entered: tuple[Entered, ...]
    paths: tuple[Sequence[bytes], ...]
    charges: tuple[Charge, ...]
    moves: tuple[Move, ...]
    head: heads.TreeHead


class NumbersShort(Exception):
    """The desk's blocks do not hold numbers enough; take another block first."""


def in_log_order(wishes: Iterable[W]) -> list[W]:
    """The same wishes as they enter the log: those of one seller and month side by side, otherwise as they came."""
    return sorted(wishes, key=lambda one: (one.seller_tax_id, one.month))


def make_batch(
    *,
    state: DeskState,
    wishes: Sequence[ToIssue],
    node: str,
    at: datetime,
    signer: Signer,
) -> Batch:
    """
    Give each wish its number and leaf, and sign the head of the log that holds them all.

    :param wishes: in the order of :func:`in_log_order`.
    :param at: the moment of the batch; a desk's heads never go back in time.
    :raises NumbersShort: if the blocks of the state do not hold numbers enough.
    """
    at = _whole_ms(max(at, state.last_at) if state.last_at else at)
    given, blocks, moves = _take_numbers(state, wishes)
    entered = []
    for leaf, (wish, number) in enumerate(zip(wishes, given, strict=True), state.tree_size):
        document = _numbered(wish.encoded, numbers.compose_number(province=node, **number._asdict()))
        entered.append(Entered(document[11:31].decode(), leaf, document, sm3(document)))
    grown = merkle.extend(
        size=state.tree_size,
        frontier=state.frontier,
        leaves=[merkle.leaf_hash(one.document_hash) for one in entered],
    )
    head = heads.sign_head(
        log=heads.log_of(node=node, desk=state.desk),
        tree_size=grown.size,
        root=grown.root,
        at_ms=heads.milliseconds(at),
        previous=state.head_hash,
        signer=signer,
    )
    after = DeskState(
        desk=state.desk,
        tree_size=grown.size,
        frontier=tuple(grown.frontier),
        head_hash=heads.head_hash(head),
        last_at=at,
        blocks=blocks,
    )
    return Batch(
        before=state,
        after=after,
        at=at,
        entered=tuple(entered),
        paths=tuple(grown.paths),
        charges=tuple(_charges(wishes, state.tree_size)),
        moves=moves,
        head=head,
    )


def _whole_ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class _Given(NamedTuple):
    year: int
    channel: str
    sequence: int


_Blocks = dict[tuple[str, int], tuple[Block, ...]]


def _take_numbers(
    state: DeskState, wishes: Sequence[ToIssue]
) -> tuple[list[_Given], _Blocks, tuple[Move, ...]]:
    """A number for each wish from the blocks of its channel and month, in order; and what is left of the blocks."""
    iterators = {key: _walk(blocks) for key, blocks in state.blocks.items()}
    given, used = [], Counter[int]()
    for wish in wishes:
        try:
            block, sequence = next(iterators[wish.digit, wish.month])
        except (KeyError, StopIteration):
            raise NumbersShort(wish.digit, wish.month) from None
        given.append(_Given(block.year, block.digit, sequence))
        used[block.id] += 1
    left: _Blocks = {}
    moves = []
    for key, blocks in state.blocks.items():
        kept = []
        for one in blocks:
            moved = one._replace(next=one.next + used[one.id])
            if used[one.id]:
                moves.append(Move(one.id, one.next, moved.next))
            if moved.left:
                kept.append(moved)
        left[key] = tuple(kept)
    return given, left, tuple(moves)


def _walk(blocks: Sequence[Block]) -> Iterator[tuple[Block, int]]:
    for one in blocks:
        for sequence in range(one.next, one.last + 1):
            yield one, sequence


def _numbered(encoded: bytes, number: str) -> bytes:
    """The canonical document with its number: the number is its first field, so nothing else moves."""
    assert encoded.startswith(_UNNUMBERED), "a document is numbered once, and its number is its first field"
    return b'{"number":"' + number.encode() + encoded[11:]


def _charges(wishes: Sequence[ToIssue], first_leaf: int) -> Iterator[Charge]:
    leaf = first_leaf
    for (seller, month), group in groupby(wishes, key=lambda one: (one.seller_tax_id, one.month)):
        amounts = [one.document.amount_fen for one in group]
        yield Charge(seller, month, sum(amounts), leaf, len(amounts))
        leaf += len(amounts)
