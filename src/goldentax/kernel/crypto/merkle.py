"""
Merkle trees over SM3 in the shape of RFC 9162: append-only logs whose past anyone can hold their keeper to.

A leaf hash is SM3(0x00 ‖ entry), an inner one SM3(0x01 ‖ left ‖ right); a subtree without a right half hands its left
half up. Everything here takes and gives leaf hashes, not entries, except :func:`leaf_hash`. What the entries are, and
who signs the roots, is the caller's.

A tree is carried on from its *frontier*: the roots of its complete subtrees, the largest first, one for every 1 in the
binary form of its size. That is at most 63 hashes for any tree, so a writer never reads the log that it appends to.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import gmssl_pyx

_sm3 = gmssl_pyx.sm3_hash  # 0.5 µs; its wrapper in `sm` would cost another tenth on the hot path
HASH_BYTES = 32
EMPTY_ROOT: bytes = _sm3(b"")
"""The root of the tree of no leaves."""


@dataclass(frozen=True, slots=True)
class Extension:
    """A tree after leaves were appended, and the paths of these leaves to its root."""

    size: int
    frontier: tuple[bytes, ...]
    root: bytes
    paths: list[list[bytes]]


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry into the leaf that stands for it."""
    return _sm3(b"\0" + entry)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into the node above them."""
    return _sm3(b"\1" + left + right)


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes."""
    level = list(leaf_hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def root_of_frontier(frontier: Sequence[bytes]) -> bytes:
    """The root of the tree that ends in this frontier."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node_hash(left, root)
    return root


def extend(*, size: int, frontier: Sequence[bytes], leaves: Sequence[bytes]) -> Extension:
    """
    Append leaf hashes to the tree of this size and frontier.

    :returns: the new tree; ``paths`` holds the inclusion path of each new leaf in it, bottom up.
    """
    assert len(frontier) == size.bit_count(), "the frontier is of another size"
    if not leaves:
        return Extension(size, tuple(frontier), root_of_frontier(frontier), [])
    new_size = size + len(leaves)
    olds = list(frontier)
    levels, starts, smaller = _climb(size, new_size, olds, list(leaves))
    # One node is left that holds all new leaves; what still stands to its left is old.
    top, height = levels[-1][0], len(levels) - 1
    root, rising = top, top
    for left in reversed(olds):
        root = _sm3(b"\1" + left + root)
    paths = _paths_down(levels, starts, list(reversed(olds)))[size - starts[0] :]
    before = size >> height
    if new_size >> height > before:  # that node is complete: it rises through its complete neighbours
        while before & 1:
            rising = _sm3(b"\1" + olds.pop() + rising)
            before >>= 1
        olds.append(rising)
    return Extension(new_size, (*olds, *reversed(smaller)), root, paths)


def _climb(
    size: int, new_size: int, olds: list[bytes], level: list[bytes]
) -> tuple[list[list[bytes]], list[int], list[bytes]]:
    """
    Work up from the new leaves until one node holds them all, taking old left neighbours from the frontier.

    :returns: the nodes of each level; which node of the level each list starts with; and the complete subtrees
        below the last level that stay in the frontier, the smallest first.
    """
    levels, starts, smaller = [], [], []
    while len(level) > 1:
        start = size
        if size & 1:  # a complete old subtree is the neighbour to the left
            level.insert(0, olds.pop())
            start -= 1
        if new_size & 1:
            smaller.append(level[new_size - 1 - start])
        levels.append(level)
        starts.append(start)
        level = _level_above(level)
        size, new_size = size >> 1, new_size >> 1
    levels.append(level)
    starts.append(size)
    return levels, starts, smaller


def _level_above(level: list[bytes]) -> list[bytes]:
    """Hash pairs; a last one without a neighbour goes up as it is, which gives the tree of the RFC."""
    sm3 = _sm3
    pairs = iter(level)
    above = [sm3(b"\1" + left + right) for left, right in zip(pairs, pairs, strict=False)]
    if len(level) & 1:
        above.append(level[-1])
    return above


def _paths_down(levels: list[list[bytes]], starts: list[int], above_all: list[bytes]) -> list[list[bytes]]:
    """
    The path of each node of the lowest level: its neighbour's hash, then the path of the node above both.

    From the top down, so that a path is put together once for each node and shared by all leaves under it.
    """
    paths = [above_all]
    for height in range(len(levels) - 2, -1, -1):
        level, shift = levels[height], (starts[height] >> 1) - starts[height + 1]
        paths = [
            [level[i ^ 1], *paths[shift + (i >> 1)]] if i ^ 1 < len(level) else paths[shift + (i >> 1)]
            for i in range(len(level))
        ]
    return paths


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """
    The hashes, bottom up, that lead from one leaf to the root over all of them.

    Hashes every leaf; a log of millions is asked level by level instead, see the queries of its owner.
    """
    assert 0 <= index < len(leaves), "no such leaf"
    path, level = [], list(leaves)
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        level = _level_above(level)
        index >>= 1
    return path


def verify_inclusion(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether the leaf hash stands at this index in the tree of this size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, result = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and result == root


def consistency_parts(*, first: int, second: int) -> list[tuple[int, int]]:
    """
    Name the subtrees, as [from, to) over leaves, whose roots prove that the tree of `first` leaves began that of
    `second` (RFC 9162, 2.1.4.1), in the order of the proof.
    """
    assert 0 < first <= second, "sizes must rise"
    parts: list[tuple[int, int]] = []
    start, end, is_whole = 0, second, True
    while first != end:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if first <= middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start, is_whole = middle, False
    if not is_whole:
        parts.append((start, end))
    return parts[::-1]


def inclusion_parts(*, index: int, size: int) -> list[tuple[int, int]]:
    """Name the subtrees, as [from, to) over leaves, whose roots are the inclusion path of a leaf, bottom up."""
    assert 0 <= index < size, "no such leaf"
    parts: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if index < middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start = middle
    return parts[::-1]


def consistency_path(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """The hashes that prove that the first so many of these leaves were the whole tree once."""
    return [root_of(leaves[start:end]) for start, end in consistency_parts(first=first, second=len(leaves))]


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Tell whether the tree of `second` leaves begins with that of `first` (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    hashes = [first_root, *path] if first.bit_count() == 1 else list(path)
    if not hashes:
        return False
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
