"""
The chain over the audit trail: rows are hashed into blocks, blocks are chained and signed.

A block covers the rows of the trail after the last one of the block before it, in the order (transaction, id), up to
its own last row. Over their bytes stands a Merkle tree in the shape of RFC 6962 with SM3 (GB/T 32905); the block's
head names the tree's root and the hash of the head before it, and the node signs it with SM2 (GB/T 32918). So one
changed byte, a row too many or too few, and a block out of its place each break something that can be named, and one
row can be proved to a third party without showing any other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from goldentax.kernel.crypto.sm import sm3, verify

BLOCK_ROWS_MAX = 4096
"""Rows of a block: about one second of the busiest node; a proof then holds 12 hashes."""
NO_BLOCK = bytes(32)
"""What the first block names as the block before it."""

_LEAF, _NODE = b"\x00", b"\x01"  # RFC 6962 §2.1: a leaf can never pass for a node
_ENTRY_BYTES = 8 + 32


class Place(NamedTuple):
    """Where a row stands in the trail: the transaction that wrote it, then its id."""

    tx: int
    id: int


START = Place(-1, -1)
"""Before every row."""


# Places and leaves are named tuples, not data classes: a verification makes two of them for each row.
class Leaf(NamedTuple):
    """One row under a block: its place and the hash of its bytes."""

    place: Place
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a block (链块头): all that is signed."""

    number: int  # 1, 2, 3, …
    node: str
    first: Place
    last: Place
    rows: int
    root: bytes
    previous: bytes  # the hash of the head before
    sealed_at_us: int  # microseconds since 1970, UTC

    @property
    def hash(self) -> bytes:
        """The hash that the next block names and the node signs."""
        return sm3(self.canonical)

    @property
    def canonical(self) -> bytes:
        """The bytes of the head: one field a line, in this order, none of which can hold a line break."""
        fields = (
            "goldentax.oversight.block.v1",
            *(self.number, self.node, self.first.tx, self.first.id, self.last.tx, self.last.id),
            *(self.rows, self.root.hex(), self.previous.hex(), self.sealed_at_us),
        )
        return "\n".join(str(one) for one in fields).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A head with the signature over its hash."""

    head: Head
    hash: bytes  # as stored; a true block's equals the head's
    public_key: str  # 128 hexadecimal digits
    signature: bytes

    @property
    def is_signed(self) -> bool:
        """Tell whether its key signed its head."""
        return verify(public_key_hex=self.public_key, data=self.head.hash, signature=self.signature)


def microseconds(at: datetime) -> int:
    """A moment as whole microseconds since 1970, exactly."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def leaf_of(line: bytes) -> Leaf:
    """The leaf of a row: ``line`` is its canonical form, which begins with its transaction and id."""
    tx, id_, _ = line.split(b"\t", 2)
    return Leaf(Place(int(tx), int(id_)), sm3(_LEAF + line))


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """The root over the leaves' hashes, in their order; at least one."""
    assert hashes, "a block holds at least one row"
    level = list(hashes)
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def merkle_path(hashes: Sequence[bytes], *, index: int) -> list[tuple[bool, bytes]]:
    """The hashes that lead from one leaf to the root: whether each stands to the left, and the hash."""
    level, at, path = list(hashes), index, []
    while len(level) > 1:
        beside = at ^ 1
        if beside < len(level):  # the last of an odd level goes up alone
            path.append((beside < at, level[beside]))
        level, at = _level_above(level), at // 2
    return path


def root_by_path(leaf: bytes, path: Iterable[tuple[bool, bytes]]) -> bytes:
    """The root that a leaf and its path lead to."""
    found = leaf
    for is_left, beside in path:
        found = sm3(_NODE + beside + found) if is_left else sm3(_NODE + found + beside)
    return found


def _level_above(level: list[bytes]) -> list[bytes]:
    pairs = [sm3(_NODE + level[at] + level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs


def pack(leaves: Iterable[Leaf]) -> bytes:
    """Ids and hashes of a block's rows as they are kept beside it, so that a changed or missing row can be named."""
    return b"".join(one.place.id.to_bytes(8, "big") + one.hash for one in leaves)


def unpack(packed: bytes) -> list[tuple[int, bytes]]:
    """Ids and hashes as :func:`pack` wrote them; what is cut off at the end is left out."""
    whole = range(0, len(packed) - _ENTRY_BYTES + 1, _ENTRY_BYTES)
    return [(int.from_bytes(packed[at : at + 8], "big"), packed[at + 8 : at + _ENTRY_BYTES]) for at in whole]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not as it was sealed: ``changed``, ``missing`` or ``added``."""

    kind: str
    entry_id: int


def differences(*, sealed: Iterable[tuple[int, bytes]], found: Iterable[Leaf]) -> Iterator[Difference]:
    """Name the rows in which a block as sealed and as found differ, by id."""
    then, now = dict(sealed), {one.place.id: one.hash for one in found}
    for entry_id in sorted(then.keys() | now.keys()):
        if entry_id not in now:
            yield Difference("missing", entry_id)
        elif entry_id not in then:
            yield Difference("added", entry_id)
        elif then[entry_id] != now[entry_id]:
            yield Difference("changed", entry_id)
