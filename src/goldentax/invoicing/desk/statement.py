"""The one statement that commits a batch, and the values it takes."""

from collections.abc import Sequence
from typing import Any

import msgspec

from goldentax.contracts.events import event_type
from goldentax.contracts.invoicing import InvoicesIssuedV1
from goldentax.invoicing.rules import events, rows
from goldentax.invoicing.rules.batches import Batch
from goldentax.invoicing.rules.rows import InvoiceRow, Issuable
from goldentax.kernel import audit, outbox

DESK_LOST, BLOCK_MOVED, LIMIT_SHORT = "GT001", "GT002", "GT003"
"""What the statement raises where something is not as the batch supposes (`invoicing_assert`)."""

_TYPES = {
    "month": "int4",
    "leaf": "int8",
    "is_red": "bool",
    "line_count": "int2",
    "amount_fen": "int8",
    "tax_fen": "int8",
    "gross_fen": "int8",
    "issued_at": "timestamptz",
    "issue_date": "date",
    "document": "bytea",
    "document_hash": "bytea",
}
_COLUMNS = tuple(name for name in InvoiceRow._fields if name != "desk")
_ARRAYS = ", ".join(f"${n}::{_TYPES.get(name, 'text')}[]" for n, name in enumerate(_COLUMNS, 23))
_NAMES = ", ".join(_COLUMNS)
_NEXT = 23 + len(_COLUMNS)
_TRAIL = audit.insert(
    at="$4", actor="'system:desk'", action="'invoicing.batch.issue'", subject="$21", detail=f"${_NEXT + 1}"
)
_EVENT = outbox.insert(type="$22", key="$21", at="$4", payload=f"${_NEXT + 2}", event_id=f"${_NEXT + 3}")

# Put together of names and placeholders written in this file; every value is a parameter.
COMMIT = f"""
WITH fence AS (
    UPDATE invoicing_desk SET tree_size = $1, frontier = $2, head_hash = $3, last_at = $4
    WHERE id = $5 AND tree_size = $6 RETURNING 1
), moved AS (
    UPDATE invoicing_number_block AS block SET next = move.after
    FROM unnest($7::int8[], $8::int8[], $9::int8[]) AS move (id, before, after)
    WHERE block.id = move.id AND block.next = move.before RETURNING 1
), locked AS MATERIALIZED (
    -- Desks lock the accounts that they share in one order, so that none waits for another in a ring.
    SELECT id FROM invoicing_limit_account WHERE id = ANY($10::int8[]) ORDER BY id FOR UPDATE
), charged AS (
    UPDATE invoicing_limit_account AS account SET used_fen = account.used_fen + charge.amount
    FROM unnest($10::int8[], $11::int8[]) AS charge (id, amount)
    WHERE account.id = charge.id AND account.used_fen + account.reserved_fen + charge.amount <= account.total_fen
        AND (SELECT count(*) FROM locked) > 0
    RETURNING 1
), entries AS (
    INSERT INTO invoicing_limit_entry
        (account_id, at, movement, amount_fen, invoice_number, desk, leaf_from, leaf_count)
    SELECT id, $4, 'charge', -amount, number, $5, leaf, count
    FROM unnest($10::int8[], $11::int8[], $12::text[], $13::int8[], $14::int4[])
        AS charge (id, amount, number, leaf, count)
), head AS (
    INSERT INTO invoicing_tree_head (desk, tree_size, count, at, root, previous, frontier, key_id, signature)
    VALUES ($5, $1, $15, $4, $16, $17, $18, $19, $20)
), invoices AS (
    INSERT INTO invoicing_invoice (desk, {_NAMES}) SELECT $5, {_NAMES}
    FROM unnest({_ARRAYS}) AS invoice ({_NAMES})
), answers AS (
    INSERT INTO invoicing_first_answer (seller_tax_id, request_id, number, month, request_hash)
    SELECT seller, request, number, month, hash
    FROM unnest(
        ${23 + _COLUMNS.index("seller_tax_id")}::text[], ${23 + _COLUMNS.index("request_id")}::text[],
        ${23 + _COLUMNS.index("number")}::text[], ${23 + _COLUMNS.index("month")}::int4[], ${_NEXT}::bytea[]
    ) AS answer (seller, request, number, month, hash)
), trail AS (
    {_TRAIL}
), event AS (
    {_EVENT}
)
SELECT invoicing_assert(
    (SELECT count(*) FROM fence),
    cardinality($7::int8[]) - (SELECT count(*) FROM moved),
    cardinality($10::int8[]) - (SELECT count(*) FROM charged)
)
"""  # noqa: S608
_EVENT_TYPE = event_type(InvoicesIssuedV1)


def values_of(
    batch: Batch,
    wishes: Sequence[Issuable],
    *,
    hashes: Sequence[bytes],
    accounts: Sequence[int],
    event_id: str,
) -> tuple[Any, ...]:
    """
    The values of :data:`COMMIT` for a batch.

    :param wishes: in the order of the batch.
    :param accounts: the limit account of each charge of the batch.
    """
    after, head = batch.after, rows.head_row(batch)
    written = [
        rows.invoice_row(one, entered, desk=after.desk)
        for one, entered in zip(wishes, batch.entered, strict=True)
    ]
    columns = dict(zip(InvoiceRow._fields, map(list, zip(*written, strict=True)), strict=True))
    return (
        after.tree_size,
        b"".join(after.frontier),
        after.head_hash,
        batch.at,
        after.desk,
        batch.before.tree_size,
        [one.block_id for one in batch.moves],
        [one.before for one in batch.moves],
        [one.after for one in batch.moves],
        accounts,
        [one.amount_fen for one in batch.charges],
        [_only_number(batch, one.leaf_from, one.leaf_count) for one in batch.charges],
        [one.leaf_from for one in batch.charges],
        [one.leaf_count for one in batch.charges],
        head.count,
        head.root,
        head.previous,
        head.frontier,
        head.key_id,
        head.signature,
        batch.head.log,
        _EVENT_TYPE,
        *(columns[name] for name in _COLUMNS),
        hashes,
        msgspec.json.encode(_detail(batch, written)).decode(),
        msgspec.json.encode(events.issued(wishes, batch)),
        event_id,
    )


def _only_number(batch: Batch, leaf: int, count: int) -> str:
    """An entry of one invoice names it; of several, their leaves do."""
    return batch.entered[leaf - batch.before.tree_size].number if count == 1 else ""


def _detail(batch: Batch, written: Sequence[InvoiceRow]) -> dict[str, Any]:
    """What the trail keeps of a batch; who issued each invoice stands in the invoice."""
    by: dict[str, int] = {}
    for row in written:
        by[row.actor] = by.get(row.actor, 0) + 1
    return {"first_leaf": batch.before.tree_size, "count": len(written), "by": by}
