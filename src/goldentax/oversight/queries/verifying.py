"""
Verify the chain: read the whole trail again and say what is not as it was sealed.

One pass over the rows in the order of the chain, in one steady view of the database; every block is worked out anew
from the rows themselves. What is found names the block, and the row where there is one. The database alone cannot tell
whether the newest blocks were cut off: for that the chain is held against heads that were published outside it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

import msgspec
from django.db import transaction

from goldentax.contracts.events import event_type
from goldentax.contracts.oversight import TrailSealedV1
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.models import OutboxEvent
from goldentax.kernel.node import this_node
from goldentax.kernel.text import Text
from goldentax.oversight import store
from goldentax.oversight.errors import HeadsUnreadable
from goldentax.oversight.models import Block
from goldentax.oversight.rules import chain
from goldentax.oversight.rules.chain import Leaf, Place

Progress = Callable[[int, int], None]
"""Called now and then with the rows read and all rows to read."""

GUARDED = ("kernel_audit", "oversight_block")
FINDINGS_MAX = 1000
"""A trail with more wrong places than this is not mended by a longer list."""
OUTBOX_WINDOW = 50_000
"""So many of the newest events are searched for published heads: the outbox has no index by type."""
_STRETCH_ROWS = 20_000
"""Rows asked for at once: many small blocks share one question, and memory stays small."""

MEANINGS = {
    "row_changed": Text("记录 {entry_id} 封存后被改动", "Record {entry_id} was changed after it was sealed"),
    "row_missing": Text("记录 {entry_id} 封存后被删除", "Record {entry_id} was deleted after it was sealed"),
    "row_added": Text("记录 {entry_id} 是封存后插入的", "Record {entry_id} was slipped in after sealing"),
    "row_from_future": Text(
        "记录 {entry_id} 的事务序号尚未发生，永远不会被封存",
        "Record {entry_id} claims a transaction that has not begun, so it would never be sealed",
    ),
    "block_differs": Text(
        "第 {number} 块的记录与块头不符，块内名单也被改动",
        "The rows of block {number} do not lead to its head, and its list of rows was changed too",
    ),
    "list_changed": Text(
        "第 {number} 块附带的记录名单被改动（记录本身完好）",
        "The list of rows beside block {number} was changed; the rows themselves are whole",
    ),
    "head_changed": Text("第 {number} 块的块头被改动", "The head of block {number} was changed"),
    "block_missing": Text("第 {number} 块缺失", "Block {number} is missing"),
    "link_broken": Text(
        "第 {number} 块没有接在前一块之后（次序被改动或块被替换）",
        "Block {number} does not follow the one before it: blocks were reordered or replaced",
    ),
    "signature_wrong": Text("第 {number} 块的签名不成立", "The signature of block {number} does not hold"),
    "key_unknown": Text(
        "第 {number} 块由不认识的密钥 {key} 签名",
        "Block {number} is signed by a key that is not known: {key}",
    ),
    "head_cut_off": Text(
        "已公布的第 {number} 块不在库中：链尾被截断",
        "Block {number} was published and is not here: the end of the chain was cut off",
    ),
    "head_rewritten": Text(
        "第 {number} 块与已公布的链头不同：链被整体改写",
        "Block {number} is not the one that was published: the chain was written anew",
    ),
    "guard_off": Text(
        "表 {table} 的防改触发器不在或已停用", "The trigger that guards table {table} is gone or switched off"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it was sealed."""

    kind: str
    number: int = 0
    entry_id: int = 0
    facts: dict[str, object] = field(default_factory=dict)

    def message(self, language: str = "zh") -> str:
        """Say it in one sentence."""
        facts = {"number": self.number, "entry_id": self.entry_id, **self.facts}
        return MEANINGS[self.kind].in_language(language).format(**facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What a verification saw."""

    blocks: int
    rows: int
    waiting: int  # rows after the last block
    heads_compared: int
    last_number: int
    last_hash: str
    findings: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class PublishedHead:
    """A head as somebody outside the database remembers it."""

    number: int
    hash: str


@transaction.atomic(durable=True)
def verify_chain(
    *,
    progress: Progress = lambda done, total: None,
    heads: Iterable[PublishedHead] = (),
    known_keys: frozenset[str] = frozenset(),
    newest: int | None = None,
) -> ChainReport:
    """
    Verify the whole chain against the trail; takes some seconds for a million rows.

    :param newest: read the rows of so many of the newest blocks only; every head is verified all the same.
    :param heads: heads kept elsewhere, besides those in the node's own file and its newest events.
    :param known_keys: public keys the node has signed with before its present one.
    """
    store.read_steadily()
    blocks = list(Block.objects.order_by("number").defer("leaves"))
    findings = _Findings()
    keys = known_keys | {node_signer().public_key_hex}
    _check_heads(blocks, keys=keys, found=findings)
    end = _place_of(blocks[-1]) if blocks else chain.START
    read_from = 0 if newest is None else max(len(blocks) - newest, 0)
    after = _place_of(blocks[read_from - 1]) if read_from else chain.START
    rows = _check_rows(blocks[read_from:], after=after, progress=progress, found=findings)
    published = [*heads, *_heads_of_file(), *_heads_of_events()]
    _check_published(blocks, published, found=findings)
    for entry_id in store.ids_from_the_future():
        findings.add("row_from_future", entry_id=entry_id)
    for table in store.tables_without_guard(GUARDED):
        findings.add("guard_off", table=table)
    return ChainReport(
        blocks=len(blocks),
        rows=rows,
        waiting=store.count_rows(after=end),
        heads_compared=len(set(published)),
        last_number=blocks[-1].number if blocks else 0,
        last_hash=bytes(blocks[-1].hash).hex() if blocks else "",
        findings=tuple(findings.listed),
    )


class _Findings:
    def __init__(self) -> None:
        self.listed: list[Finding] = []

    def add(self, kind: str, *, number: int = 0, entry_id: int = 0, **facts: object) -> None:
        if len(self.listed) < FINDINGS_MAX:
            self.listed.append(Finding(kind=kind, number=number, entry_id=entry_id, facts=facts))


def block_of(row: Block) -> chain.Block:
    """A stored block in the words of the rules."""
    head = chain.Head(
        number=row.number,
        node=row.node,
        first=Place(row.first_tx, row.first_id),
        last=_place_of(row),
        rows=row.rows,
        root=bytes(row.root),
        previous=bytes(row.previous),
        sealed_at_us=chain.microseconds(row.sealed_at),
    )
    return chain.Block(
        head=head, hash=bytes(row.hash), public_key=row.public_key, signature=bytes(row.signature)
    )


def _place_of(row: Block) -> Place:
    return Place(row.last_tx, row.last_id)


def _check_heads(rows: list[Block], *, keys: frozenset[str], found: _Findings) -> None:
    """Each head is what it says, signed by the node, and names the one before it."""
    expected, previous, reached = 1, chain.NO_BLOCK, chain.START
    for row in rows:
        block = block_of(row)
        number = row.number
        for missing in range(expected, min(number, expected + FINDINGS_MAX)):
            found.add("block_missing", number=missing)
        if block.hash != block.head.hash:
            found.add("head_changed", number=number)
        if block.head.previous != previous or block.head.first <= reached:
            found.add("link_broken", number=number)
        if not block.is_signed:
            found.add("signature_wrong", number=number)
        elif block.public_key not in keys:
            found.add("key_unknown", number=number, key=block.public_key[:16])
        expected, previous, reached = number + 1, block.hash, block.head.last


def _check_rows(rows: list[Block], *, after: Place, progress: Progress, found: _Findings) -> int:
    """Every block's rows lead to its root; where they do not, the rows are named."""
    total, read = sum(row.rows for row in rows), 0
    for _, group in groupby(_stretches(rows), key=lambda pair: pair[0]):
        stretch = [row for _, row in group]
        leaves, lists = _leaves_by_block(stretch, after=after), _lists_of(stretch)
        for row in stretch:
            mine = leaves[row.number]
            _check_block(row, mine, kept=lists[row.number], found=found)
            read += len(mine)
        after = max(after, _place_of(stretch[-1]))
        progress(min(read, total), total)
    return read


def _stretches(rows: list[Block]) -> Iterator[tuple[int, Block]]:
    """Number the blocks by the question that reads their rows: a few thousand rows each."""
    stretch = held = 0
    for row in rows:
        if held and held + row.rows > _STRETCH_ROWS:
            stretch, held = stretch + 1, 0
        held += row.rows
        yield stretch, row


def _leaves_by_block(rows: list[Block], *, after: Place) -> dict[int, list[Leaf]]:
    """The rows as they are now, each given to the block whose stretch it lies in."""
    leaves: dict[int, list[Leaf]] = {row.number: [] for row in rows}
    waiting = iter(rows)
    row = next(waiting)
    end, mine = _place_of(row), leaves[row.number]
    for line in store.read_lines(after=after, until=max(_place_of(one) for one in rows)):
        leaf = chain.leaf_of(line)
        while leaf.place > end:
            row = next(waiting)
            end, mine = _place_of(row), leaves[row.number]
        mine.append(leaf)
    return leaves


def _lists_of(rows: list[Block]) -> dict[int, bytes]:
    """The lists of rows that stand beside some blocks."""
    kept = Block.objects.filter(number__gte=rows[0].number, number__lte=rows[-1].number)
    return {number: bytes(leaves) for number, leaves in kept.values_list("number", "leaves")}


def _check_block(row: Block, leaves: list[Leaf], *, kept: bytes, found: _Findings) -> None:
    root = chain.merkle_root([leaf.hash for leaf in leaves]) if leaves else b""
    if root == bytes(row.root) and len(leaves) == row.rows:
        if kept != chain.pack(leaves):
            found.add("list_changed", number=row.number)
        return
    sealed = chain.unpack(kept)
    if not sealed or chain.merkle_root([one for _, one in sealed]) != bytes(row.root):
        found.add("block_differs", number=row.number)
    for one in chain.differences(sealed=sealed, found=leaves):
        found.add(f"row_{one.kind}", number=row.number, entry_id=one.entry_id)


def _check_published(rows: list[Block], published: list[PublishedHead], *, found: _Findings) -> None:
    """The chain still leads through every head that somebody outside remembers."""
    here = {row.number: bytes(row.hash).hex() for row in rows}
    for head in sorted(set(published), key=lambda one: one.number):
        if head.number not in here:
            found.add("head_cut_off", number=head.number)
        elif here[head.number] != head.hash:
            found.add("head_rewritten", number=head.number)


def read_heads(lines: Iterable[str]) -> list[PublishedHead]:
    """
    Published heads, one JSON object with ``number`` and ``hash`` a line; more fields do not matter.

    :raises HeadsUnreadable: if a line is none.
    """
    heads = []
    for at, line in enumerate(lines, start=1):
        if line.strip():
            try:
                heads.append(msgspec.json.decode(line, type=PublishedHead))
            except msgspec.DecodeError:
                raise HeadsUnreadable(line=at) from None
    return heads


def _heads_of_file() -> list[PublishedHead]:
    path = store.heads_file()
    return read_heads(path.read_text(encoding="ascii").splitlines()) if path.exists() else []


def _heads_of_events() -> list[PublishedHead]:
    newest = OutboxEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
    events = OutboxEvent.objects.filter(id__gt=newest - OUTBOX_WINDOW, type=event_type(TrailSealedV1))
    payloads = events.values_list("payload", flat=True)
    return [msgspec.json.decode(bytes(one), type=PublishedHead) for one in payloads]


def list_heads(*, after: int = 0, limit: int = 100) -> list[dict[str, object]]:
    """The heads after a number, the oldest first, as they are given to whoever keeps them elsewhere."""
    rows = Block.objects.filter(number__gt=after).order_by("number").defer("leaves")[:limit]
    return [
        {
            "number": row.number,
            "hash": bytes(row.hash).hex(),
            "rows": row.rows,
            "last_id": row.last_id,
            "sealed_at": row.sealed_at.astimezone(this_node().time_zone).isoformat(),
            "public_key": row.public_key,
            "signature": bytes(row.signature).hex(),
        }
        for row in rows
    ]
