"""Named SQL of the chain: the trail as a stream of canonical lines, the safe horizon, the chain's lock."""

from collections.abc import Iterator
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.db import connection

from goldentax.kernel.settings import settings
from goldentax.oversight.rules.chain import Place

_LOCK = 0x6F7665727369  # any number of our own: it names the lock of the chain in this database
"""Held by whoever adds a block, until its transaction ends."""


@cache
def sql(name: str) -> str:
    """The statement of a file in ``sql/``."""
    return files("goldentax.oversight").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


LOOKS = 3
"""How often the horizon is looked at before it is believed to be low: microseconds each, once a second."""


def hold_chain() -> bool:
    """Take the chain for this transaction; False where another worker has it."""
    return bool(_one("SELECT pg_try_advisory_xact_lock(%s)", _LOCK))


def horizon() -> int:
    """Every transaction below this number has ended: what it wrote is visible, and it can write no more."""
    # A transaction of another database that ends while it is looked at counts as ours; the next look knows better.
    # Every answer stays true, so the highest is taken.
    return max(int(_one("SELECT kernel_audit_horizon()")) for _ in range(LOOKS))


def read_lines(*, after: Place, until: Place, limit: int | None = None) -> Iterator[bytes]:
    """
    The rows with ``after`` < place ≤ ``until`` in their order, each in its canonical form.

    The form is PostgreSQL's own text line of COPY: fields in a fixed order, parted by tabs, with backslash escapes for
    tabs, line breaks and backslashes inside them. So no two different rows have the same bytes, and nothing is worked
    out row by row.
    """
    bounds = {"after_tx": after.tx, "after_id": after.id, "until_tx": until.tx, "until_id": until.id}
    with (
        closing(connection.cursor()) as cursor,
        cursor.copy(sql("lines"), {**bounds, "limit": limit}) as copy,
    ):
        for line in copy:
            yield bytes(line)[:-1]


def count_rows(*, after: Place, limit: int | None = None) -> int:
    """How many rows stand after a place; counts no further than the limit."""
    statement = (
        "SELECT count(*) FROM (SELECT FROM kernel_audit WHERE (tx, id) > (%s, %s) LIMIT %s) AS waiting"
    )
    return int(_one(statement, after.tx, after.id, limit))


def oldest_after(place: Place) -> Any:
    """When the first row after a place was written, by the caller's clock; None if there is none."""
    return _one(
        "SELECT at FROM kernel_audit WHERE (tx, id) > (%s, %s) ORDER BY tx, id LIMIT 1", place.tx, place.id
    )


def ids_from_the_future(*, limit: int = 20) -> list[int]:
    """Rows that claim a transaction which has not begun; nobody writes such a row honestly."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql("from_the_future"), {"limit": limit})
        return [row[0] for row in cursor.fetchall()]


def tables_without_guard(tables: tuple[str, ...]) -> list[str]:
    """Those of these tables whose trigger against changes is gone or switched off."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql("guards"))
        guarded = {row[0] for row in cursor.fetchall()}
    return [one for one in tables if one not in guarded]


def read_steadily() -> None:
    """Let this transaction see one state of the database until it ends, and write nothing; its first statement."""
    with closing(connection.cursor()) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL client_encoding = 'UTF8'")


def heads_file() -> Path:
    """Where the node notes its heads outside the database: who rewrites the one has not yet rewritten the other."""
    return settings().home / f"audit-heads-{settings().node}.jsonl"


def set_count_offset(offset: int) -> None:
    """Let the trail count its transactions from here on with this added: see :func:`count_offset`."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql("count_offset").replace("{offset}", str(int(offset))))


def transaction_number() -> int:
    """The number that rows written by this transaction get, without the offset."""
    return int(_one("SELECT pg_current_xact_id()::text::bigint"))


def last_number() -> int:
    """The highest transaction number in the trail; 0 while it is empty."""
    return int(_one("SELECT coalesce(max(tx), 0) FROM kernel_audit"))


def _one(statement: str, *values: int | None) -> Any:
    with closing(connection.cursor()) as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
        return row[0] if row else None
