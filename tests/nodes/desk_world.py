"""
The twin of the database that desks commit to: dictionaries that keep the same promises, and break down by seed.

Each session acts at one moment, after a journey that takes time; a session may be lost before a commit or just after
it, its lease may go to another desk without its knowing, and others take limits and requests meanwhile. :func:`audit`
holds the books against everything that must be true of them, however the schedule went.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from goldentax.invoicing.desk.store import Answer, DeskLost, LimitShort, Repeated, StoreGone
from goldentax.invoicing.rules import batches, heads, numbers
from goldentax.invoicing.rules.batches import Batch, Block, DeskState
from goldentax.kernel.crypto import merkle
from goldentax.kernel.crypto.sm import Signer, sm3

NODE = "45"
START = datetime.fromisoformat("2026-11-30T23:59:58+08:00")


class Seal(Signer):
    """Stands for the node's key: a schedule has many heads, and what signs them is tested elsewhere."""

    __slots__ = ()

    def sign(self, data: bytes) -> bytes:
        """A digest instead of a signature."""
        return sm3(b"seal" + data)


SEAL = Seal.generate()


class Paper(NamedTuple):
    """What a desk reads of a document; it is dated after everything, so that no desk dates it anew."""

    amount_fen: int
    issued_at: datetime = START + timedelta(days=30)


class Order(NamedTuple):
    """A request that was examined: what a desk reads of a wish, and no more."""

    seller_tax_id: str
    request_id: str
    request_hash: bytes
    document: Paper
    encoded: bytes
    digit: str
    month: int


def order(*, seller: str, request: str, amount_fen: int, digit: str, month: int) -> Order:
    """A request by what tells it from others."""
    content = f'{{"number":"","of":"{seller} {request} {amount_fen} {digit} {month}"}}'.encode()
    return Order(seller, request, sm3(content), Paper(amount_fen), content, digit, month)


class Issued(NamedTuple):
    """An invoice in the books."""

    order: Order
    desk: int
    leaf: int
    document: bytes
    document_hash: bytes


class Entry(NamedTuple):
    """A movement of a limit."""

    account: int
    amount_fen: int
    desk: int
    leaf_from: int
    leaf_count: int


@dataclass
class Account:
    """A limit of one seller and month."""

    seller: str
    month: int
    total_fen: int
    used_fen: int = 0

    @property
    def left_fen(self) -> int:
        return self.total_fen - self.used_fen


@dataclass
class Row:
    """What the store keeps of a desk."""

    tree_size: int = 0
    frontier: tuple[bytes, ...] = ()
    head_hash: bytes = b""
    last_at: datetime | None = None


@dataclass
class Books:
    """Everything that was committed."""

    accounts: dict[int, Account] = field(default_factory=dict)
    desks: dict[int, Row] = field(default_factory=dict)
    blocks: dict[int, Block] = field(default_factory=dict)
    first_of_block: dict[int, tuple[int, int]] = field(default_factory=dict)  # block → desk, first number
    series: Counter[tuple[int, str]] = field(default_factory=Counter)
    invoices: dict[str, Issued] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    leases: dict[int, object] = field(default_factory=dict)  # desk → session

    def account_of(self, seller: str, month: int) -> int:
        """The account of a seller and month."""
        return next(key for key, one in self.accounts.items() if (one.seller, one.month) == (seller, month))

    def state(self, desk: int) -> DeskState:
        """What a desk holds."""
        row = self.desks.setdefault(desk, Row())
        blocks: dict[tuple[str, int], tuple[Block, ...]] = {}
        for block in sorted(self.blocks.values(), key=lambda one: one.next):
            if self.first_of_block[block.id][0] == desk and block.left:
                key = (block.digit, block.month)
                blocks[key] = (*blocks.get(key, ()), block)
        return DeskState(
            desk=desk,
            tree_size=row.tree_size,
            frontier=row.frontier,
            head_hash=row.head_hash,
            last_at=row.last_at,
            blocks=blocks,
        )

    def take_block(self, *, desk: int, digit: str, month: int, size: int) -> Block:
        """The next numbers of a series."""
        year = month // 100
        first = self.series[year, digit] + 1
        self.series[year, digit] += size
        block = Block(len(self.blocks) + 1, year, digit, month, first, first + size - 1)
        self.blocks[block.id] = block
        self.first_of_block[block.id] = (desk, first)
        return block

    def commit(self, batch: Batch, orders: Sequence[Order], accounts: Sequence[int]) -> None:
        """All of a batch, or the error that says why nothing of it."""
        row = self.desks[batch.after.desk]
        if row.tree_size != batch.before.tree_size:
            raise DeskLost("another moved the log")
        if any(self.blocks[one.block_id].next != one.before for one in batch.moves):
            raise DeskLost("another moved the numbers")
        if any((one.seller_tax_id, one.request_id) in self.answers for one in orders):
            raise Repeated
        charged = Counter[int]()
        for account, charge in zip(accounts, batch.charges, strict=True):
            charged[account] += charge.amount_fen
        if any(amount > self.accounts[account].left_fen for account, amount in charged.items()):
            raise LimitShort
        self._write(batch, orders, accounts)

    def _write(self, batch: Batch, orders: Sequence[Order], accounts: Sequence[int]) -> None:
        after, desk = batch.after, batch.after.desk
        self.desks[desk] = Row(after.tree_size, after.frontier, after.head_hash, after.last_at)
        for move in batch.moves:
            self.blocks[move.block_id] = self.blocks[move.block_id]._replace(next=move.after)
        for account, charge in zip(accounts, batch.charges, strict=True):
            self.accounts[account].used_fen += charge.amount_fen
            self.entries.append(Entry(account, -charge.amount_fen, desk, charge.leaf_from, charge.leaf_count))
        for one, entered in zip(orders, batch.entered, strict=True):
            assert entered.number not in self.invoices, f"{entered.number} was given twice"
            self.invoices[entered.number] = Issued(
                one, desk, entered.leaf, entered.document, entered.document_hash
            )
            key = (one.seller_tax_id, one.request_id)
            self.answers[key] = Answer(entered.number, one.month, one.request_hash)
        self.batches.append(batch)

    def issue_plainly(self, one: Order) -> None:
        """One invoice at the shared desk, as a page does: at once, and nothing where it may not be."""
        state = self.state(0)
        if not state.left(one.digit, one.month):
            self.take_block(desk=0, digit=one.digit, month=one.month, size=3)
            state = self.state(0)
        batch = batches.make_batch(state=state, wishes=[one], node=NODE, at=START, signer=SEAL)  # type: ignore[list-item]
        try:
            self.commit(batch, [one], [self.account_of(one.seller_tax_id, one.month)])
        except (Repeated, LimitShort):
            return


@dataclass
class Faults:
    """How often what goes wrong, as parts of one; all zero once the weather is calm."""

    gone_before: float = 0.0
    gone_after: float = 0.0
    gone_else: float = 0.0
    stolen: float = 0.0
    away_until: float = 0.0  # loop time until which nobody gets a connection
    slow: float = 0.0

    def calm(self) -> None:
        """Nothing goes wrong from here on."""
        self.gone_before = self.gone_after = self.gone_else = self.stolen = self.slow = 0.0


@dataclass
class MemoryStore:
    """A store of desks in the books, through one session at a time."""

    books: Books
    chance: random.Random
    faults: Faults
    block_size: int = 0  # overrides what the desk asks for, so that blocks run out often
    session: object | None = None
    desk: int = 0

    async def _travel(self) -> None:
        slow = 50 if self.chance.random() < self.faults.slow else 1
        await asyncio.sleep(self.chance.random() * 0.004 * slow)

    def _lose(self) -> StoreGone:
        self._release()
        return StoreGone("the connection broke")

    def _release(self) -> None:
        if self.session is not None and self.books.leases.get(self.desk) is self.session:
            del self.books.leases[self.desk]
        self.session = None

    async def _arrive(self, chance_of_loss: float) -> None:
        await self._travel()
        if self.session is None:
            raise StoreGone("no connection")
        if self.chance.random() < chance_of_loss:
            raise self._lose()

    async def lease(self) -> DeskState:
        """Take the first desk that nobody holds."""
        self._release()
        await self._travel()
        if asyncio.get_running_loop().time() < self.faults.away_until:
            raise StoreGone("nobody answers")
        self.session = object()
        self.desk = next(one for one in range(1, 999) if one not in self.books.leases)
        self.books.leases[self.desk] = self.session
        return self.books.state(self.desk)

    async def take_block(self, *, desk: int, digit: str, month: int, size: int) -> Block:
        """Take the next numbers; the connection may break before or after."""
        await self._arrive(self.faults.gone_else)
        block = self.books.take_block(desk=desk, digit=digit, month=month, size=self.block_size or size)
        if self.chance.random() < self.faults.gone_else:
            raise self._lose()
        return block

    async def commit(
        self, batch: Batch, wishes: Sequence[Any], *, hashes: Sequence[bytes], accounts: Sequence[int]
    ) -> None:
        """Commit; the connection may break before it, or after it with nobody knowing."""
        assert [one.request_hash for one in wishes] == list(hashes)
        await self._arrive(self.faults.gone_before)
        if self.chance.random() < self.faults.stolen:  # the lease is another's now; only the fence is left
            self.books.leases.pop(self.desk, None)
            await self._travel()
        self.books.commit(batch, wishes, accounts)
        if self.chance.random() < self.faults.gone_after:
            raise self._lose()
        await self._travel()

    async def answers(self, keys: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Answer]:
        """First answers."""
        asked = list(keys)
        await self._arrive(self.faults.gone_else)
        return {one: self.books.answers[one] for one in asked if one in self.books.answers}

    async def available(self, accounts: Iterable[int]) -> Mapping[int, int]:
        """What is left of limits."""
        asked = list(accounts)
        await self._arrive(self.faults.gone_else)
        found = {one: self.books.accounts[one].left_fen for one in asked}
        await self._travel()  # what is told may have changed by the time it arrives
        return found

    async def close(self) -> None:
        """Give up the desk."""
        self._release()


def audit(books: Books) -> None:
    """Everything that must be true of the books."""
    _audit_numbers(books)
    _audit_limits(books)
    for desk in books.desks:
        _audit_log(books, desk)


def _audit_numbers(books: Books) -> None:
    """Numbers lie in their blocks without a gap, and the answers name each of them once."""
    given: dict[tuple[int, str], set[int]] = {}
    for number in books.invoices:
        parts = numbers.read_number(number)
        assert parts is not None
        given.setdefault((parts.year, parts.channel), set()).add(parts.sequence)
    used: dict[tuple[int, str], set[int]] = {}
    for block in books.blocks.values():
        _, first = books.first_of_block[block.id]
        used.setdefault((block.year, block.digit), set()).update(range(first, block.next))
    assert given == {key: found for key, found in used.items() if found}, "a gap, or a number from nowhere"
    assert sorted(one.number for one in books.answers.values()) == sorted(books.invoices)
    for number, issued in books.invoices.items():
        answer = books.answers[issued.order.seller_tax_id, issued.order.request_id]
        assert answer == (number, issued.order.month, issued.order.request_hash)
        assert issued.document == issued.order.encoded.replace(b'""', b'"%s"' % number.encode(), 1)
        block = next(one for one in books.blocks.values() if _holds(books, one, number))
        assert block.month == issued.order.month, "a number of another month's block"


def _holds(books: Books, block: Block, number: str) -> bool:
    parts = numbers.read_number(number)
    assert parts is not None
    is_in = books.first_of_block[block.id][1] <= parts.sequence <= block.last
    return is_in and (block.year, block.digit) == (parts.year, parts.channel)


def _audit_limits(books: Books) -> None:
    """Every account is the sum of its entries, within its limit; every invoice stands in one entry."""
    sums, covered = Counter[int](), Counter[tuple[int, int]]()
    placed = {(one.desk, one.leaf): one.order for one in books.invoices.values()}
    for entry in books.entries:
        sums[entry.account] -= entry.amount_fen
        account = books.accounts[entry.account]
        leaves = [(entry.desk, entry.leaf_from + n) for n in range(entry.leaf_count)]
        covered.update(leaves)
        held = [placed[one] for one in leaves]
        assert {(one.seller_tax_id, one.month) for one in held} == {(account.seller, account.month)}
        assert sum(one.document.amount_fen for one in held) == -entry.amount_fen
    assert covered == Counter(list(placed)), "an invoice is charged twice or never"
    for key, account in books.accounts.items():
        assert account.used_fen == sums[key], "the account is not the sum of its entries"
        assert account.used_fen <= account.total_fen, "overdrawn"


def _audit_log(books: Books, desk: int) -> None:
    """Leaves 0 to n − 1, and under them a chain of signed heads that never goes back in time."""
    found = sorted((one.leaf, one.document_hash) for one in books.invoices.values() if one.desk == desk)
    assert [leaf for leaf, _ in found] == list(range(books.desks[desk].tree_size))
    leaves = [merkle.leaf_hash(entry) for _, entry in found]
    made = [one for one in books.batches if one.after.desk == desk]
    sizes = [0, *(one.head.tree_size for one in made)]
    assert sizes == sorted(set(sizes)) and sizes[-1] == len(leaves)
    previous = b""
    for batch in made:
        head, before = batch.head, batch.before.tree_size
        assert head.log == f"{NODE}-{desk}" and head.previous == previous
        assert head.root == merkle.root_of(leaves[: head.tree_size])
        assert head.signature == sm3(b"seal" + heads.bytes_of(head))
        assert merkle.root_of_frontier(batch.before.frontier) == merkle.root_of(leaves[:before])
        for entered, path in zip(batch.entered, batch.paths, strict=True):
            leaf = merkle.leaf_hash(entered.document_hash)
            assert merkle.verify_inclusion(
                leaf=leaf, index=entered.leaf, size=head.tree_size, path=path, root=head.root
            )
        previous = heads.head_hash(head)
    assert all(one.at <= other.at for one, other in pairwise(made)), "a log went back in time"
    row = books.desks[desk]
    assert row.head_hash == previous and merkle.root_of_frontier(row.frontier) == merkle.root_of(leaves)


def moment(at: float, jump: float) -> datetime:
    """The wall clock at a loop time: it is set back now and then."""
    return START + timedelta(seconds=at - jump)
