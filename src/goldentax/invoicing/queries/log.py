"""
Read the transparency log (透明日志) of a desk: its heads, its leaves, and proofs between any two of its heads.

No inner node of a tree is stored. Every head keeps the frontier of the tree before it, and a frontier holds roots of
complete subtrees; a proof is put together from those. For a proof over n leaves in batches of b that takes about
log²(n ÷ b) ÷ 6 heads, each found by its index, and the leaves of a few batches: counted at 10⁸ leaves in batches of 30,
95 look-ups on average, 160 at worst in 200 tries, some tens of milliseconds.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from goldentax.invoicing import errors
from goldentax.invoicing.models import Cosignature, Desk, Invoice, TreeHead, Witness
from goldentax.invoicing.queries.receipts import head_of_row
from goldentax.invoicing.rules import heads
from goldentax.invoicing.rules.receipts import AnyReceipt, Finding, Receipt
from goldentax.invoicing.rules.rows import split_hashes
from goldentax.kernel.crypto import merkle
from goldentax.kernel.node import this_node
from goldentax.kernel.text import Text

HEADS_MAX = 1000
"""Heads of one page."""
LEAVES_MAX = 10_000
"""Leaves of one page."""
LEAVES_AT_ONCE = 256
"""A subtree of no more leaves is worked out from them: one look-up, a tenth of a millisecond of hashing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """One log of this node, and the newest head of it."""

    log: str
    tree_size: int
    head: heads.TreeHead | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadPage:
    """One page of heads, the newest first; the next one begins below ``next_before`` (0: there is none)."""

    heads: tuple[heads.TreeHead, ...]
    next_before: int


def desk_of(log: str) -> int:
    """
    The desk whose log this is.

    :raises goldentax.invoicing.errors.LogUnknown: if it is none of this node.
    """
    name = heads.parse_log(log)
    if name is None or name.node != this_node().code or not Desk.objects.filter(pk=name.desk).exists():
        raise errors.LogUnknown("log", log=log[:40])
    return name.desk


def list_logs() -> list[LogState]:
    """The logs of this node, each with its newest head."""
    return [
        LogState(
            log=heads.log_of(node=this_node().code, desk=desk.pk),
            tree_size=desk.tree_size,
            head=_newest(desk.pk),
        )
        for desk in Desk.objects.filter(pk__gte=0).order_by("pk")
    ]


def _newest(desk: int) -> heads.TreeHead | None:
    row = TreeHead.objects.filter(desk=desk).order_by("-tree_size").first()
    return head_of_row(row) if row else None


def list_heads(*, log: str, before: int = 0, limit: int = 100) -> HeadPage:
    """
    The heads of a log, the newest first.

    :param before: only heads of smaller trees; 0 for the newest.
    :raises goldentax.invoicing.errors.LogUnknown: as :func:`desk_of`.
    """
    limit = max(1, min(limit, HEADS_MAX))
    rows = TreeHead.objects.filter(desk=desk_of(log)).order_by("-tree_size")
    if before > 0:
        rows = rows.filter(tree_size__lt=before)
    found = [head_of_row(row) for row in rows[: limit + 1]]
    more = len(found) > limit
    return HeadPage(heads=tuple(found[:limit]), next_before=found[limit - 1].tree_size if more else 0)


def get_head(*, log: str, tree_size: int = 0) -> heads.TreeHead:
    """
    The head of a log at a size; the newest if none is named.

    :raises goldentax.invoicing.errors.HeadNotFound: if no batch ended at this size.
    """
    desk = desk_of(log)
    if tree_size == 0:
        head = _newest(desk)
    else:
        row = TreeHead.objects.filter(desk=desk, tree_size=_bounded(tree_size)).first()
        head = head_of_row(row) if row else None
    if head is None:
        raise errors.HeadNotFound("tree_size", log=log, size=tree_size)
    return head


def prove_consistency(*, log: str, first: int, second: int) -> list[bytes]:
    """
    Prove that the log under its head at ``second`` begins with the log under its head at ``first``.

    :raises goldentax.invoicing.errors.HeadNotFound: if one is the size of no head, or the first is the later one.
    """
    if not 0 < first <= second:
        raise errors.HeadNotFound("first", log=log, size=first)
    get_head(log=log, tree_size=first)
    get_head(log=log, tree_size=second)
    trees = Subtrees(desk_of(log))
    return [trees.root(*part) for part in merkle.consistency_parts(first=first, second=second)]


def prove_inclusion(
    *, log: str, leaf_index: int, leaf_hash: bytes, tree_size: int = 0
) -> tuple[heads.TreeHead, list[bytes]]:
    """
    Prove that a leaf stands at an index, under a later head or the newest.

    The leaf's hash must be known to whoever asks: a log tells nobody what it holds.

    :raises goldentax.invoicing.errors.HeadNotFound: as :func:`get_head`.
    :raises goldentax.invoicing.errors.LeafNotFound: if another leaf stands there, or none under this head.
    """
    head = get_head(log=log, tree_size=tree_size)
    trees = Subtrees(desk_of(log))
    is_within = 0 <= leaf_index < head.tree_size
    if not is_within or trees.root(leaf_index, leaf_index + 1) != leaf_hash:
        raise errors.LeafNotFound("leaf_hash", log=log, index=leaf_index)
    parts = merkle.inclusion_parts(index=leaf_index, size=head.tree_size)
    return head, [trees.root(*part) for part in parts]


def list_cosignatures(*, log: str, tree_sizes: Collection[int]) -> list[Cosignature]:
    """What witnesses signed of some heads of a log."""
    kept = Cosignature.objects.filter(desk=desk_of(log), tree_size__in=tree_sizes)
    return list(kept.order_by("-tree_size", "witness"))


def list_witnesses() -> list[Witness]:
    """Everybody whose cosignatures are or were taken."""
    return list(Witness.objects.order_by("name"))


def iterate_heads(*, log: str) -> Iterator[heads.TreeHead]:
    """All heads of a log, the oldest first, a few at a time in memory."""
    rows = TreeHead.objects.filter(desk=desk_of(log)).order_by("tree_size")
    for row in rows.iterator(chunk_size=1000):
        yield head_of_row(row)


def examine_here(receipt: AnyReceipt) -> list[Finding]:
    """Hold a receipt against this node's logs of now: is its head one of theirs, and do they go on from it?"""
    if not isinstance(receipt, Receipt):
        return []
    try:
        given = heads.from_text(receipt.head)
        desk_of(given.log)
    except (errors.LogUnknown, ValueError):
        return []
    row = TreeHead.objects.filter(desk=desk_of(given.log), tree_size=_bounded(given.tree_size)).first()
    is_ours = row is not None and head_of_row(row) == given
    return [
        Finding(
            code="head_here",
            name=Text("本节点的树头", "Head of this node"),
            outcome="passed" if is_ours else "failed",
            detail=Text("本节点的日志有这个树头。", "A log of this node has this very head.")
            if is_ours
            else Text("本节点的日志没有这个树头。", "No log of this node has this head."),
        ),
        *([_log_goes_on(given)] if is_ours else []),
    ]


def _log_goes_on(given: heads.TreeHead) -> Finding:
    newest = get_head(log=given.log)
    path = prove_consistency(log=given.log, first=given.tree_size, second=newest.tree_size)
    goes_on = merkle.verify_consistency(
        first=given.tree_size,
        second=newest.tree_size,
        first_root=given.root,
        second_root=newest.root,
        path=path,
    )
    right = Text(
        "现在的日志（{size} 张）包含回执时的日志，一字未改。",
        "The log of now ({size} invoices) begins with the log of the receipt, unchanged.",
    )
    wrong = Text(
        "现在的日志不是从回执时的日志接下来的！", "The log of now does not go on from that of the receipt!"
    )
    return Finding(
        code="log_goes_on",
        name=Text("与最新树头一致", "Consistent with the newest head"),
        outcome="passed" if goes_on else "failed",
        detail=(right if goes_on else wrong).format(size=f"{newest.tree_size:,}"),
    )


class Subtrees:
    """The roots of subtrees of one desk's log, from the frontiers of its heads and, at the bottom, its leaves."""

    def __init__(self, desk: int) -> None:
        self.desk = desk

    def root(self, start: int, end: int) -> bytes:
        """The root over the leaves in [start, end), which must be a subtree under one of the heads."""
        if end - start <= LEAVES_AT_ONCE:
            return merkle.root_of([merkle.leaf_hash(one) for one in _entries(self.desk, start, end)])
        length = end - start
        # A complete right half stands in no frontier: it became a part of its parent when it was complete.
        is_right_half = length & (length - 1) == 0 and start // length & 1
        held = None if is_right_half else self._held(start, end)
        if held is not None:
            return held
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        return merkle.node_hash(self.root(start, middle), self.root(middle, end))

    def _held(self, start: int, end: int) -> bytes | None:
        """The root, if the first frontier from ``end`` on holds this subtree, whole or in parts."""
        size, frontier = self._frontier_from(end)
        at, within = 0, []
        for height in range(size.bit_length() - 1, -1, -1):
            if size >> height & 1:
                if start <= at and at + (1 << height) <= end:
                    within.append((1 << height, frontier[(size >> height).bit_count() - 1]))
                at += 1 << height
        if sum(length for length, _ in within) != end - start:
            return None
        return merkle.root_of_frontier([one for _, one in within])

    def _frontier_from(self, size: int) -> tuple[int, tuple[bytes, ...]]:
        """The smallest tree of a head with at least so many leaves, and its frontier."""
        rows = TreeHead.objects.filter(desk=self.desk, tree_size__gte=size).order_by("tree_size")
        found = list(rows.values_list("tree_size", "count", "frontier")[:2])
        if len(found) == 2:
            later, count, frontier = found[1]
            if later - count == found[0][0]:
                return later - count, split_hashes(bytes(frontier))
        newest = Desk.objects.get(pk=self.desk)
        return newest.tree_size, split_hashes(bytes(newest.frontier))


def _entries(desk: int, start: int, end: int) -> list[bytes]:
    rows = Invoice.objects.filter(desk=desk, leaf__gte=start, leaf__lt=end).order_by("leaf")
    return [bytes(one) for one in rows.values_list("document_hash", flat=True)]


def _bounded(number: int) -> int:
    """A number that the database can compare with; what is beyond is as far away as can be."""
    return max(-1, min(number, 2**62))
