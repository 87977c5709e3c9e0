"""
The local source (本地数据源): invented records that answer as a real source would.

For demo worlds and tests. It agrees, disagrees, does not know a number, keeps silent for chosen records, and can be
switched away as a whole. What it answers follows from its records alone; nothing else in the product knows
whether the local source or a real one was asked.
"""

import json
from collections.abc import Iterable

from goldentax.kernel.crypto.fields import blind_index
from goldentax.subjects.models import LocalRecord, LocalSource
from goldentax.subjects.rules import credentials, sources
from goldentax.subjects.rules.sources import Answer, Query
from goldentax.subjects.rules.views import SourceRecord

_BATCH = 500


class LocalRegister:
    """One local source."""

    def __init__(self, key: str) -> None:
        self.key = key

    def ask(self, query: Query) -> Answer:
        if LocalSource.objects.filter(source=self.key, is_away=True).exists():
            return Answer(verdict=sources.AWAY)
        record = LocalRecord.objects.filter(source=self.key, digest=_digest(self.key, query.number)).first()
        if record is None:
            return Answer(verdict=sources.NOT_FOUND)
        if record.is_slow:
            # A real one would let the caller wait for its time-out; a demo need not.
            return Answer(verdict=sources.AWAY)
        return sources.compare(record=json.loads(record.body), query=query)


def seed_local_source(records: Iterable[SourceRecord]) -> int:
    """
    Write invented records into the local sources; a record with the same number is replaced.

    :return: how many were written.
    """
    rows = [
        LocalRecord(
            source=one.source,
            digest=_digest(one.source, credentials.tidied(one.number)),
            body=json.dumps(one.facts, ensure_ascii=False),
            is_slow=one.is_slow,
        )
        for one in records
    ]
    LocalRecord.objects.bulk_create(
        rows,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["source", "digest"],
        update_fields=["body", "is_slow"],
    )
    return len(rows)


def switch_local_source(*, source: str, is_away: bool) -> None:
    """Let a local source go away, or come back."""
    LocalSource.objects.update_or_create(source=source, defaults={"is_away": is_away})


def _digest(source: str, number: str) -> str:
    return blind_index(number, f"subjects.local.{source}")
