"""
Seal the audit trail: rows whose transactions have ended are put into signed, chained blocks.

Writers of the trail never wait for this and never know of it. One block is one transaction; two workers at once are
kept apart by a lock, and the second simply finds nothing to do.
"""

import json
import os
from datetime import datetime, timedelta

from django.db import transaction

from goldentax.contracts.oversight import TrailSealedV1
from goldentax.kernel import outbox
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.node import this_node
from goldentax.oversight import store
from goldentax.oversight.errors import CountBehind
from goldentax.oversight.models import Block
from goldentax.oversight.rules import chain
from goldentax.oversight.rules.chain import Place

SEAL_AFTER = timedelta(seconds=10)
"""How long a row may wait for others to fill its block; a quiet node makes at most six blocks a minute."""
BLOCKS_A_RUN_MAX = 250
"""About a million rows, ten seconds of work; the rest of a flood waits for the next run."""
_FIRST_ID_MAX = 2**63 - 1


def seal(*, now: datetime, at_once: bool = False) -> int:
    """
    Seal what can be sealed; how many rows were.

    :param at_once: seal a block that is not full even if its first row is young.
    :raises CountBehind: if the database was restored into another server and not told so.
    """
    sealed = 0
    for _ in range(BLOCKS_A_RUN_MAX):
        block = _seal_block(now=now, at_once=at_once)
        if block is None:
            break
        publish_head(block)
        sealed += block.rows
    return sealed


@transaction.atomic
def _seal_block(*, now: datetime, at_once: bool) -> Block | None:
    if not store.hold_chain():
        return None
    # The lock comes before everything that is read here: what the holder before us sealed must be seen.
    before = Block.objects.order_by("-number").defer("leaves").first()
    after = Place(before.last_tx, before.last_id) if before else chain.START
    # The horizon is taken before the rows are read: each row below it is then there for good.
    horizon = store.horizon()
    if before and horizon <= before.last_tx:
        raise CountBehind(horizon=horizon, last=before.last_tx)
    below = Place(horizon - 1, _FIRST_ID_MAX)
    lines = list(store.read_lines(after=after, until=below, limit=chain.BLOCK_ROWS_MAX))
    if not lines or not (at_once or _is_due(lines, now=now)):
        return None
    return _add(before=before, leaves=[chain.leaf_of(line) for line in lines], now=now)


def _is_due(lines: list[bytes], *, now: datetime) -> bool:
    if len(lines) == chain.BLOCK_ROWS_MAX:
        return True
    written_at_us = int(lines[0].split(b"\t", 3)[2])
    return chain.microseconds(now - SEAL_AFTER) >= written_at_us


def _add(*, before: Block | None, leaves: list[chain.Leaf], now: datetime) -> Block:
    signer = node_signer()
    head = chain.Head(
        number=before.number + 1 if before else 1,
        node=this_node().code,
        first=leaves[0].place,
        last=leaves[-1].place,
        rows=len(leaves),
        root=chain.merkle_root([one.hash for one in leaves]),
        previous=bytes(before.hash) if before else chain.NO_BLOCK,
        sealed_at_us=chain.microseconds(now),
    )
    block = Block.objects.create(
        number=head.number,
        node=head.node,
        first_tx=head.first.tx,
        first_id=head.first.id,
        last_tx=head.last.tx,
        last_id=head.last.id,
        rows=head.rows,
        root=head.root,
        previous=head.previous,
        hash=head.hash,
        sealed_at=now,
        public_key=signer.public_key_hex,
        signature=signer.sign(head.hash),
        leaves=chain.pack(leaves),
    )
    _tell(block, key_id=signer.key_id)
    return block


def _tell(block: Block, *, key_id: str) -> None:
    event = TrailSealedV1(
        node=block.node,
        number=block.number,
        hash=block.hash.hex(),
        rows=block.rows,
        last_id=block.last_id,
        sealed_at=block.sealed_at,
        key_id=key_id,
        signature=block.signature.hex(),
    )
    outbox.publish(event, key=f"audit-{block.node}", now=block.sealed_at)


def publish_head(block: Block) -> None:
    """Note a head in the node's file; a crash before this leaves a gap there, which proves nothing either way."""
    line = json.dumps({"number": block.number, "hash": block.hash.hex()}) + "\n"
    descriptor = os.open(store.heads_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        file.write(line)
