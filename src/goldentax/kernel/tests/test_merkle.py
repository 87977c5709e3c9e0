"""The tree against the definition in RFC 9162, for every small size, and for random batches."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldentax.kernel.crypto import merkle
from goldentax.kernel.crypto.sm import sm3

SIZES = range(131)
LEAVES = [merkle.leaf_hash(sm3(bytes([i]))) for i in range(256)]


def _split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word; leaves come hashed."""
    if not leaves:
        return sm3(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return sm3(b"\x01" + root(leaves[:k]) + root(leaves[k:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162, 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*path(index, leaves[:k]), root(leaves[k:])]
    return [*path(index - k, leaves[k:]), root(leaves[:k])]


def proof(first: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 9162, 2.1.4.1."""
    if first == len(leaves):
        return [] if whole else [root(leaves)]
    k = _split(len(leaves))
    if first <= k:
        return [*proof(first, leaves[:k], whole=whole), root(leaves[k:])]
    return [*proof(first - k, leaves[k:], whole=False), root(leaves[:k])]


def test_hashes_are_told_apart_by_their_first_byte() -> None:
    assert merkle.leaf_hash(b"x") == sm3(b"\x00x")
    assert merkle.node_hash(b"l", b"r") == sm3(b"\x01lr")
    assert sm3(b"") == merkle.EMPTY_ROOT


@pytest.mark.parametrize("size", SIZES)
def test_roots_are_those_of_the_definition(size: int) -> None:
    assert merkle.root_of(LEAVES[:size]) == root(LEAVES[:size])


@pytest.mark.parametrize("size", SIZES[1:])
def test_inclusion_paths_are_those_of_the_definition_and_prove(size: int) -> None:
    leaves = LEAVES[:size]
    top = root(leaves)
    for index in range(size):
        found = merkle.inclusion_path(leaves, index)
        assert found == path(index, leaves)
        assert [root(leaves[a:b]) for a, b in merkle.inclusion_parts(index=index, size=size)] == found
        assert merkle.verify_inclusion(leaf=leaves[index], index=index, size=size, path=found, root=top)


@pytest.mark.parametrize("second", SIZES[1:])
def test_consistency_paths_are_those_of_the_definition_and_prove(second: int) -> None:
    leaves = LEAVES[:second]
    for first in range(1, second + 1):
        found = merkle.consistency_path(leaves, first)
        assert found == proof(first, leaves)
        roots = {"first_root": root(leaves[:first]), "second_root": root(leaves)}
        assert merkle.verify_consistency(first=first, second=second, path=found, **roots)


@pytest.mark.parametrize("added", [1, 2, 3, 7, 64, 100])
def test_a_tree_carried_on_is_the_whole_tree(added: int) -> None:
    for size in SIZES:
        before = merkle.extend(size=0, frontier=(), leaves=LEAVES[:size])
        after = merkle.extend(size=size, frontier=before.frontier, leaves=LEAVES[size : size + added])
        _is_whole(after, new=added)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_however_the_leaves_were_batched_the_tree_is_the_same(batches: list[int]) -> None:
    size, frontier = 0, ()
    for count in batches:
        new = LEAVES[size : size + count]
        after = merkle.extend(size=size, frontier=frontier, leaves=new)
        _is_whole(after, new=len(new))
        size, frontier = after.size, after.frontier


def _is_whole(after: merkle.Extension, *, new: int) -> None:
    leaves = LEAVES[: after.size]
    assert after.root == root(leaves) == merkle.root_of_frontier(after.frontier)
    assert len(after.frontier) == after.size.bit_count()
    assert after.paths == [merkle.inclusion_path(leaves, i) for i in range(after.size - new, after.size)]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_changed_proof_of_inclusion_holds(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 130))
    index = data.draw(st.integers(0, size - 1))
    leaves = LEAVES[:size]
    facts = {"leaf": leaves[index], "index": index, "size": size, "root": root(leaves)}
    good = path(index, leaves)
    assert merkle.verify_inclusion(**facts, path=good)
    other = data.draw(st.integers(0, 255).filter(lambda i: i != index))
    assert not merkle.verify_inclusion(**{**facts, "leaf": LEAVES[other]}, path=good)
    assert not merkle.verify_inclusion(**{**facts, "root": LEAVES[other]}, path=good) or size == 1
    assert not merkle.verify_inclusion(**{**facts, "index": size}, path=good)
    assert not merkle.verify_inclusion(**facts, path=[*good, LEAVES[0]])
    if good:
        assert not merkle.verify_inclusion(**facts, path=good[1:])
        assert not merkle.verify_inclusion(**facts, path=good[:-1])
        place = data.draw(st.integers(0, len(good) - 1))
        assert not merkle.verify_inclusion(**facts, path=[*good[:place], sm3(b"other"), *good[place + 1 :]])


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 130), st.data())
def test_no_changed_proof_of_consistency_holds(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second - 1))
    leaves = LEAVES[:second]
    facts = {
        "first": first,
        "second": second,
        "first_root": root(leaves[:first]),
        "second_root": root(leaves),
    }
    good = proof(first, leaves)
    assert merkle.verify_consistency(**facts, path=good)
    forked = [*LEAVES[: first - 1], sm3(b"forged"), *LEAVES[first:second]]
    assert not merkle.verify_consistency(**{**facts, "second_root": root(forked)}, path=proof(first, forked))
    assert not merkle.verify_consistency(**{**facts, "first_root": sm3(b"x")}, path=good)
    assert not merkle.verify_consistency(**facts, path=good[1:])
    assert not merkle.verify_consistency(**facts, path=[*good, sm3(b"x")])
    place = data.draw(st.integers(0, len(good) - 1))
    assert not merkle.verify_consistency(**facts, path=[*good[:place], sm3(b"x"), *good[place + 1 :]])


def test_what_makes_no_sense_proves_nothing() -> None:
    same = LEAVES[0]
    assert not merkle.verify_inclusion(leaf=same, index=0, size=0, path=[], root=same)
    assert not merkle.verify_inclusion(leaf=same, index=-1, size=1, path=[], root=same)
    assert not merkle.verify_consistency(first=0, second=1, first_root=same, second_root=same, path=[])
    assert not merkle.verify_consistency(first=2, second=1, first_root=same, second_root=same, path=[])
    assert not merkle.verify_consistency(first=3, second=5, first_root=same, second_root=same, path=[])
