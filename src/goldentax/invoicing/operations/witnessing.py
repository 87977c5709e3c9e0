"""
Take the heads of the logs out of this database: to a file, to whoever listens, and to witnesses who sign them.

Who rewrites a log must then rewrite what others hold. Not every head leaves, only the newest every few seconds: a proof
of consistency ties all heads before it to it.
"""

import os
from datetime import datetime
from pathlib import Path

import msgspec
from django.db import transaction

from goldentax.contracts.invoicing import LogHeadPublishedV1
from goldentax.invoicing import errors
from goldentax.invoicing.models import Cosignature, Desk, LogFollower, TreeHead, Witness
from goldentax.invoicing.queries import log as logs
from goldentax.invoicing.queries.receipts import head_of_row
from goldentax.invoicing.rules import cosigning, heads
from goldentax.kernel import audit, outbox
from goldentax.kernel.settings import settings

_FOLLOWER = "heads"


def heads_file() -> Path:
    """Where the node notes the heads of its logs outside the database."""
    return settings().home / f"log-heads-{settings().node}.jsonl"


def publish_heads(*, now: datetime) -> int:
    """
    Note the newest head of each log that grew, and tell it; how many there were.

    Safe to run in two workers at once: the second finds nothing new.
    """
    published = 0
    for desk in Desk.objects.filter(pk__gte=0).order_by("pk").values_list("pk", flat=True):
        head = _publish(desk, now)
        if head is not None:
            _note(head)
            published += 1
    return published


@transaction.atomic
def _publish(desk: int, now: datetime) -> heads.TreeHead | None:
    LogFollower.objects.get_or_create(name=_FOLLOWER, desk=desk)
    follower = LogFollower.objects.select_for_update().get(name=_FOLLOWER, desk=desk)
    row = TreeHead.objects.filter(desk=desk, tree_size__gt=follower.position).order_by("-tree_size").first()
    if row is None:
        return None
    head = head_of_row(row)
    text = heads.to_text(head)
    event = LogHeadPublishedV1(
        log=text.log,
        tree_size=text.tree_size,
        root=text.root,
        at=heads.moment_of(text.at),
        previous=text.previous,
        key_id=text.key_id,
        signature=text.signature,
    )
    outbox.publish(event, key=f"log-{text.log}", now=now)
    LogFollower.objects.filter(name=_FOLLOWER, desk=desk).update(position=row.tree_size)
    return head


def _note(head: heads.TreeHead) -> None:
    """Write a head to the file; a crash before this leaves a gap there, which proves nothing either way."""
    line = msgspec.json.encode(heads.to_text(head)) + b"\n"
    descriptor = os.open(heads_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(line)


def read_heads(data: bytes) -> list[heads.TreeHead]:
    """
    Read heads that were kept, one as JSON a line; more fields do not matter.

    :raises goldentax.invoicing.errors.HeadsFileUnreadable: if a line is none.
    """
    kept = []
    for at, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            try:
                kept.append(heads.from_text(msgspec.json.decode(line, type=heads.HeadText)))
            except ValueError:
                raise errors.HeadsFileUnreadable("line", line=at) from None
    return kept


@transaction.atomic
def add_witness(*, name: str, algorithm: str, public_key: str, actor: str, now: datetime) -> Witness:
    """
    Register somebody whose cosignatures are taken; the same name again takes the new key from here on.

    :raises goldentax.invoicing.errors.WitnessKeyWrong: if the key is none of this algorithm.
    """
    if not cosigning.is_public_key(algorithm=algorithm, public_key=public_key):
        raise errors.WitnessKeyWrong("public_key", algorithm=algorithm[:20])
    witness, _ = Witness.objects.update_or_create(
        name=name,
        defaults={
            "algorithm": algorithm,
            "public_key": public_key.lower(),
            "added_at": now,
            "removed_at": None,
        },
    )
    detail = {"algorithm": algorithm, "public_key": public_key.lower()}
    audit.record(actor=actor, action="invoicing.witness.add", subject=name, detail=detail, now=now)
    return witness


@transaction.atomic
def remove_witness(*, name: str, actor: str, now: datetime) -> None:
    """
    Take no more cosignatures of this witness; those given stay.

    :raises goldentax.invoicing.errors.WitnessUnknown: if there is no such witness now.
    """
    if not Witness.objects.filter(name=name, removed_at=None).update(removed_at=now):
        raise errors.WitnessUnknown("witness", witness=name[:40])
    audit.record(actor=actor, action="invoicing.witness.remove", subject=name, detail={}, now=now)


@transaction.atomic
def take_cosignature(
    *, log: str, tree_size: int, witness: str, signature: bytes, now: datetime
) -> Cosignature:
    """
    Keep and publish a witness's signature over a head; the same head again gives the first one back.

    :raises goldentax.invoicing.errors.WitnessUnknown: if the witness is not registered.
    :raises goldentax.invoicing.errors.HeadNotFound: if the log has no head of this size.
    :raises goldentax.invoicing.errors.CosignatureWrong: if the signature is not the witness's over this head.
    """
    known = Witness.objects.filter(name=witness, removed_at=None).first()
    if known is None:
        raise errors.WitnessUnknown("witness", witness=witness[:40])
    head = logs.get_head(log=log, tree_size=tree_size)
    if not cosigning.is_cosigned(
        algorithm=known.algorithm,
        public_key=known.public_key,
        data=heads.bytes_of(head),
        signature=signature,
    ):
        raise errors.CosignatureWrong("signature")
    kept, is_new = Cosignature.objects.get_or_create(
        desk=logs.desk_of(log),
        tree_size=head.tree_size,
        witness=witness,
        defaults={
            "at": now,
            "algorithm": known.algorithm,
            "public_key": known.public_key,
            "signature": signature,
        },
    )
    if is_new:
        audit.record(
            actor=f"witness:{witness}"[:120],
            action="invoicing.log.witness",
            subject=f"log:{log}",
            detail={"tree_size": head.tree_size},
            now=now,
        )
    return kept
