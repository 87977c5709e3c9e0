"""Blocks of numbers (号段): taken from the series of a year and channel by a desk, for one month."""

from typing import Any

from django.db import connection, transaction

from goldentax.invoicing.rules.batches import Block

SHARED_BLOCK = 1_000
"""Numbers that the shared desk takes at once; what is left of a block when its month ends is never issued."""


def taking(*, desk: str, year: str, channel: str, month: str, size: str) -> str:
    """
    The statement that takes a block, and makes the table of its month if it is not there; gives id, first and last.

    Each argument is a placeholder: the plain path and the desks speak to PostgreSQL through different drivers.
    """
    return f"""
WITH month AS MATERIALIZED (SELECT invoicing_add_month({month})),
series AS (
    INSERT INTO invoicing_number_series (year, channel, next_sequence)
    SELECT {year}, {channel}, 1 + {size}::int8 FROM month
    ON CONFLICT ON CONSTRAINT number_series_one
    DO UPDATE SET next_sequence = invoicing_number_series.next_sequence + {size}::int8
    RETURNING next_sequence - {size}::int8 AS first
)
INSERT INTO invoicing_number_block (desk, year, channel, month, first, last, next)
SELECT {desk}, {year}, {channel}, {month}, first, first + {size}::int8 - 1, first FROM series
RETURNING id, first, last
"""  # noqa: S608


_NAMES = ("desk", "year", "channel", "month", "size")
_TAKE = taking(**{name: f"%({name})s" for name in _NAMES})


def take_block(*, desk: int, digit: str, month: int, size: int) -> Block:
    """
    Take the next numbers of a series for a desk, and make sure that the table of the month is there.

    :param month: yyyymm; the numbers are of its year.
    """
    year = month // 100
    values: dict[str, Any] = {"desk": desk, "year": year, "channel": digit, "month": month, "size": size}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        block_id, first, last = cursor.fetchone()
    return Block(id=block_id, year=year, digit=digit, month=month, next=first, last=last)
