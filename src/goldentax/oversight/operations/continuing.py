"""Go on with the chain in a database that was restored into another server, whose count of transactions is behind."""

from datetime import datetime

from django.db import transaction

from goldentax.kernel import audit
from goldentax.oversight import store
from goldentax.oversight.models import Block

MARGIN = 1_000_000
"""Rows written after the last block and before the dump carry higher numbers than its last; this stays above them."""


def continue_count(*, actor: str, now: datetime) -> int:
    """
    Let the trail count on from where the chain and the trail ended; gives the offset, 0 where nothing was behind.

    Run it while nobody writes: rows written before it would stand among sealed ones, and be found there.
    """
    with transaction.atomic():
        # Several workers sealing at once keep out; one that waits here would have nothing to do.
        if not store.hold_chain() or not is_behind():
            return 0
        offset = store.last_number() + MARGIN - store.transaction_number()
        store.set_count_offset(offset)
    with transaction.atomic():
        audit.record(
            actor=actor,
            action="oversight.count.continue",
            subject="audit-chain",
            now=now,
            detail={"offset": offset},
            category=audit.PRIVILEGED,
        )
    return offset


def is_behind() -> bool:
    """Tell whether the database counts below what the chain has seen."""
    last = Block.objects.order_by("-number").values_list("last_tx", flat=True).first()
    return last is not None and store.horizon() <= last
