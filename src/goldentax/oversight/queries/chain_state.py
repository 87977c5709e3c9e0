"""Where the chain stands: for the page, the probe, and the proof of one record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from goldentax.kernel.crypto.sm import sm3, verify
from goldentax.kernel.models import AuditEntry
from goldentax.oversight import errors, store
from goldentax.oversight.models import Block
from goldentax.oversight.queries.trail import find_block
from goldentax.oversight.queries.verifying import block_of
from goldentax.oversight.rules import chain
from goldentax.oversight.rules.chain import Place

LATE = timedelta(minutes=5)
"""Sealing that has not come by for this long has stopped, or a transaction was left open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """The newest block, and what waits after it."""

    number: int
    hash: str
    sealed_at: datetime | None
    rows: int  # of the newest block
    waiting: int
    oldest_waiting_at: datetime | None

    def is_late(self, *, now: datetime) -> bool:
        return self.oldest_waiting_at is not None and self.oldest_waiting_at < now - LATE


def chain_state() -> ChainState:
    """Where the chain stands now; fast."""
    block = Block.objects.order_by("-number").defer("leaves").first()
    end = Place(block.last_tx, block.last_id) if block else chain.START
    oldest = store.oldest_after(end)
    return ChainState(
        number=block.number if block else 0,
        hash=bytes(block.hash).hex() if block else "",
        sealed_at=block.sealed_at if block else None,
        rows=block.rows if block else 0,
        waiting=store.count_rows(after=end, limit=100_000),
        oldest_waiting_at=oldest,
    )


def prove_entry(entry_id: int) -> dict[str, Any]:
    """
    The proof that one record stands in the chain, to be checked without the database or any other record.

    :raises EntryNotFound: if there is no such record.
    :raises NotSealedYet: if it is in no block yet.
    """
    row = AuditEntry.objects.filter(id=entry_id).only("id", "tx").first() if 0 < entry_id < 2**63 else None
    if row is None:
        raise errors.EntryNotFound(entry_id=entry_id)
    block = find_block(tx=row.tx, entry_id=row.id)
    if block is None:
        raise errors.NotSealedYet(entry_id=entry_id)
    hashes = [one for _, one in chain.unpack(bytes(block.leaves))]
    ids = [one for one, _ in chain.unpack(bytes(block.leaves))]
    line = next(iter(store.read_lines(after=Place(row.tx, row.id - 1), until=Place(row.tx, row.id))))
    sealed = block_of(block)
    index = ids.index(entry_id) if entry_id in ids else 0
    return {
        "record": line.decode(),
        "path": [
            {"side": "left" if is_left else "right", "hash": beside.hex()}
            for is_left, beside in chain.merkle_path(hashes, index=index)
        ],
        "head": sealed.head.canonical.decode(),
        "public_key": sealed.public_key,
        "signature": sealed.signature.hex(),
    }


def is_proof(proof: dict[str, Any], *, public_key: str) -> bool:
    """Tell whether a proof of :func:`prove_entry` holds under a key; needs no database."""
    try:
        path = [(one["side"] == "left", bytes.fromhex(one["hash"])) for one in proof["path"]]
        leaf = chain.leaf_of(proof["record"].encode())
        head = proof["head"].encode()
        root = head.split(b"\n")[8]
        signature = bytes.fromhex(proof["signature"])
    except (KeyError, ValueError, IndexError, TypeError, AttributeError):
        return False
    return chain.root_by_path(leaf.hash, path).hex().encode() == root and verify(
        public_key_hex=public_key, data=sm3(head), signature=signature
    )
