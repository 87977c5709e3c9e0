"""
Where a desk's batches are committed: one connection to PostgreSQL, which also holds the lease of the desk.

The lease is an advisory lock of the session: whoever's connection ends, however it ends, has lost the desk. A batch
says which size of the log it follows on, so a writer that lost its desk without knowing it changes nothing.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import asyncpg
from django.db import connections

from goldentax.invoicing.desk import statement
from goldentax.invoicing.operations import blocks
from goldentax.invoicing.rules.batches import Batch, Block, DeskState
from goldentax.invoicing.rules.rows import Issuable, split_hashes
from goldentax.kernel.ids import new_public_id

DESKS_MAX = 999
_LEASES = 0x64657368
"""The first half of the advisory locks that are leases of desks; the second is the desk."""


class StoreError(Exception):
    """A batch did not come to stand; nothing of it is there."""


class Repeated(StoreError):
    """One of the requests has its first answer already."""


class LimitShort(StoreError):
    """One of the charges is not covered."""


class DeskLost(StoreError):
    """Another holds the desk, or moved its numbers."""


class StoreFull(StoreError):
    """The store has no room left: nothing was written, and trying again at once would not help."""


class StoreGone(StoreError):
    """The connection broke: whether the batch stands is not known until the store is asked anew."""


class Answer(NamedTuple):
    """What a request became."""

    number: str
    month: int
    request_hash: bytes


class Store(Protocol):
    """What a desk needs of its store."""

    async def lease(self) -> DeskState:
        """Take a free desk, with what it holds; gives up the one held before."""

    async def take_block(self, *, desk: int, digit: str, month: int, size: int) -> Block:
        """Take the next numbers of a series."""

    async def commit(
        self, batch: Batch, wishes: Sequence[Issuable], *, hashes: Sequence[bytes], accounts: Sequence[int]
    ) -> None:
        """Make a batch stand, durably and whole."""

    async def answers(self, keys: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Answer]:
        """What requests, by seller and id, have become."""

    async def available(self, accounts: Iterable[int]) -> Mapping[int, int]:
        """What is left of limits, in fen, by account."""

    async def close(self) -> None:
        """Give up the desk."""


_TAKE_BLOCK = blocks.taking(desk="$1", year="$2", channel="$3", month="$4", size="$5")
_ANSWERS = """
SELECT first.seller_tax_id, first.request_id, first.number, first.month, first.request_hash
FROM unnest($1::text[], $2::text[]) AS asked (seller, request)
JOIN invoicing_first_answer AS first ON first.seller_tax_id = asked.seller AND first.request_id = asked.request
"""
_AVAILABLE = """
SELECT id, total_fen - used_fen - reserved_fen FROM invoicing_limit_account WHERE id = ANY($1::int8[])
"""
_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    OSError,
    TimeoutError,
)


class PostgresStore:
    """The store of a desk, in the node's database."""

    def __init__(self) -> None:
        self._connection: asyncpg.Connection | None = None
        self._commit: Any = None

    async def lease(self) -> DeskState:
        """Take the first desk that nobody holds."""
        await self.close()
        with _gone():
            self._connection = connection = await asyncpg.connect(
                **_address(),
                timeout=5,
                command_timeout=30,
                server_settings={
                    "application_name": "goldentax-desk",
                    "plan_cache_mode": "force_generic_plan",
                },
            )
            self._commit = await connection.prepare(statement.COMMIT)
            desk = await self._first_free(connection)
            await connection.execute(
                "INSERT INTO invoicing_desk (id, tree_size, frontier, head_hash)"
                " VALUES ($1, 0, '', '') ON CONFLICT DO NOTHING",
                desk,
            )
            return await self._state(connection, desk)

    async def _first_free(self, connection: asyncpg.Connection) -> int:
        for desk in range(1, DESKS_MAX + 1):
            if await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", _LEASES, desk):
                return desk
        raise StoreGone("every desk is held")

    async def _state(self, connection: asyncpg.Connection, desk: int) -> DeskState:
        row = await connection.fetchrow("SELECT * FROM invoicing_desk WHERE id = $1", desk)
        held = await connection.fetch(
            "SELECT id, year, channel, month, next, last FROM invoicing_number_block"
            " WHERE desk = $1 AND next <= last ORDER BY first",
            desk,
        )
        blocks: dict[tuple[str, int], tuple[Block, ...]] = {}
        for one in held:
            block = Block(*one)
            blocks[block.digit, block.month] = (*blocks.get((block.digit, block.month), ()), block)
        return DeskState(
            desk=desk,
            tree_size=row["tree_size"],
            frontier=split_hashes(row["frontier"]),
            head_hash=row["head_hash"],
            last_at=row["last_at"],
            blocks=blocks,
        )

    async def take_block(self, *, desk: int, digit: str, month: int, size: int) -> Block:
        """Take the next numbers of a series; the table of the month is made if it is not there."""
        try:
            with _gone():
                block_id, first, last = await self._held.fetchrow(
                    _TAKE_BLOCK, desk, month // 100, digit, month, size
                )
        except asyncpg.PostgresError as error:
            raise _meaning(error) from error
        return Block(id=block_id, year=month // 100, digit=digit, month=month, next=first, last=last)

    async def commit(
        self, batch: Batch, wishes: Sequence[Issuable], *, hashes: Sequence[bytes], accounts: Sequence[int]
    ) -> None:
        """One statement, one round trip, one durable commit."""
        values = statement.values_of(
            batch, wishes, hashes=hashes, accounts=accounts, event_id=str(new_public_id())
        )
        try:
            with _gone():
                await self._commit.fetchval(*values)
        except asyncpg.UniqueViolationError as error:
            if error.table_name == "invoicing_first_answer":
                raise Repeated from error
            raise DeskLost(str(error)) from error
        except asyncpg.PostgresError as error:
            raise _meaning(error) from error

    async def answers(self, keys: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Answer]:
        """Look requests up in one statement."""
        asked = list(keys)
        with _gone():
            found = await self._held.fetch(_ANSWERS, [one for one, _ in asked], [one for _, one in asked])
        return {(seller, request): Answer(*rest) for seller, request, *rest in found}

    async def available(self, accounts: Iterable[int]) -> Mapping[int, int]:
        """Read what is left of limits."""
        with _gone():
            return dict(map(tuple, await self._held.fetch(_AVAILABLE, list(accounts))))

    async def close(self) -> None:
        """End the connection, and with it the lease."""
        connection, self._connection, self._commit = self._connection, None, None
        if connection is not None and not connection.is_closed():
            with contextlib.suppress(*_GONE):
                await connection.close(timeout=2)

    @property
    def _held(self) -> asyncpg.Connection:
        if self._connection is None:
            raise StoreGone("no connection")
        return self._connection


@contextlib.contextmanager
def _gone() -> Any:
    try:
        yield
    except _GONE as error:
        raise StoreGone(repr(error)) from error


def _meaning(error: asyncpg.PostgresError) -> StoreError:
    """What an error of the statement tells the desk."""
    if error.sqlstate in (statement.DESK_LOST, statement.BLOCK_MOVED):
        return DeskLost(str(error))
    if error.sqlstate == statement.LIMIT_SHORT:
        return LimitShort(str(error))
    if isinstance(error, asyncpg.InsufficientResourcesError):
        return StoreFull(str(error))
    # A deadlock took the batch back: who asks again comes through.
    return StoreGone(repr(error))


def _address() -> dict[str, Any]:
    """Where the node's database is, as the web framework has it."""
    values = connections["default"].settings_dict
    named = {
        "host": values["HOST"],
        "port": values["PORT"],
        "user": values["USER"],
        "password": values["PASSWORD"],
    }
    return {name: value for name, value in named.items() if value} | {"database": values["NAME"]}
