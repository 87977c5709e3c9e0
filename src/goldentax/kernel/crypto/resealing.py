"""
Sealing values anew after a rotation (轮换后重新封装), a piece at a time, by the job of the node's worker.

Only columns with a retired key are looked at. A pass over a column goes by primary key; a pass that finds nothing
under an old key notes that the old keys are empty. They stay in the vault: a backup may hold what they sealed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from goldentax.kernel.crypto import vault
from goldentax.kernel.crypto.fields import EncryptedTextField
from goldentax.kernel.models import DataKey

BATCH = 500
PIECE_MAX = 20_000
"""Values of one run: about two seconds at 10,000 a second, so that other jobs get their turn."""


def reseal(
    now: datetime, *, piece_max: int = PIECE_MAX, fields: Sequence[EncryptedTextField] | None = None
) -> int:
    """Seal values under retired keys with the present ones; how many were done in this run."""
    waiting = set(
        DataKey.objects.filter(retired_at__isnull=False, emptied_at__isnull=True).values_list(
            "purpose", flat=True
        )
    )
    done = 0
    for field in sealed_fields() if fields is None else fields:
        if field.purpose in waiting and done < piece_max:
            done += _reseal_column(field, now=now, most=piece_max - done)
    return done


def sealed_fields() -> list[EncryptedTextField]:
    """Every sealed column of the product."""
    return [
        field
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedTextField)
    ]


def _reseal_column(field: EncryptedTextField, *, now: datetime, most: int) -> int:
    done, last = 0, None
    while done < most:
        count, last = _reseal_batch(field, after=last)
        done += count
        if last is None:
            break
    if done == 0:
        # A process that has not read its keys again may seal with the old one a little longer.
        quiet = now - timedelta(seconds=2 * vault.RELOAD_S)
        DataKey.objects.filter(purpose=field.purpose, retired_at__lt=quiet, emptied_at__isnull=True).update(
            emptied_at=now
        )
    return done


@transaction.atomic
def _reseal_batch(field: EncryptedTextField, *, after: Any) -> tuple[int, Any]:
    """Seal one batch anew; how many, and the last primary key, or None at the end of the table."""
    quote = connection.ops.quote_name
    table, column = quote(field.model._meta.db_table), quote(str(field.column))
    key = quote(str(field.model._meta.pk.column))
    beyond = f"AND {key} > %s" if after is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {column} FROM {table} WHERE length({column}) > 0"  # noqa: S608  (names of our tables)
            f" AND substring({column} FROM 2 FOR 4) <> %s {beyond} ORDER BY {key} LIMIT %s FOR UPDATE",
            [vault.active_key_id(field.purpose), *([after] if after is not None else []), BATCH],
        )
        rows = cursor.fetchall()
        cursor.executemany(
            f"UPDATE {table} SET {column} = %s WHERE {key} = %s",  # noqa: S608
            [
                (vault.seal(vault.open_sealed(bytes(sealed), field.purpose), field.purpose), row_key)
                for row_key, sealed in rows
            ],
        )
    return len(rows), rows[-1][0] if len(rows) == BATCH else None
