"""
Search the audit trail: the newest first, paged by the last row seen, as fast at ten million records as at one.

Each search walks the one index that narrows it most, in the order of the list, and stops when a page is full. Where a
condition stands for several values of a column (a person's labels at each door, the actions that begin alike), each
value is walked by itself and the walks are merged; so no search sorts what it does not show. Words in the detail have
no index: a walk looks at a bounded number of rows for them and gives the place to go on from (see the README).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from goldentax.kernel.models import AuditEntry
from goldentax.kernel.node import this_node
from goldentax.oversight import errors, store
from goldentax.oversight.models import Block
from goldentax.oversight.rules.searching import TrailCursor, TrailFilter

PAGE_SIZE, PAGE_SIZE_MAX = 50, 500
VALUES_MAX = 200
"""Values of one condition that are walked: a person has a handful of labels, the product some hundred actions."""
SCAN_ROWS_MAX = 200_000
"""Rows a walk looks at for words in the detail before it hands back its place: a third of a second."""
CHANNELS = ("web", "api", "cli")
SUBJECT_KINDS = ("", "person:", "taxpayer:", "office:", "grant:", "invoice:")
_END = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEntry:
    """One record of the trail."""

    id: int
    at: datetime
    category: str
    actor: str
    action: str
    subject: str
    request_id: str
    detail: dict[str, Any]

    @property
    def channel(self) -> str:
        return self.actor.partition(":")[0]

    @property
    def person_id(self) -> str:
        """Who did it, "" for a system."""
        return self.actor.partition(":")[2].partition("@")[0] if self.channel in CHANNELS else ""

    @property
    def acting_for(self) -> str:
        return self.actor.partition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailPage:
    """One page of a search; ``next_cursor`` is "" on the last one."""

    entries: tuple[TrailEntry, ...]
    next_cursor: str
    looked_back_to: datetime | None = None  # set where a walk for words stopped before the page was full


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One record with its place in the chain; ``block`` is 0 while it is not sealed."""

    entry: TrailEntry
    block: int
    sealed_at: datetime | None
    block_hash: str


def search_trail(*, filter_: TrailFilter, cursor: str = "", limit: int = PAGE_SIZE) -> TrailPage:
    """
    One page of the trail.

    :raises BadCursor: if the cursor is none.
    """
    below = TrailCursor.read(cursor, zone=this_node().time_zone)
    limit = max(1, min(limit, PAGE_SIZE_MAX))
    column, values = _narrowest(filter_)
    if values is not None and not values:
        return TrailPage(entries=(), next_cursor="")
    if filter_.text:
        return _search_words(filter_, column=column, values=values, below=below, limit=limit)
    rows = _walk(filter_, column=column, values=values, below=below, limit=limit + 1)
    entries = tuple(_entry(row) for row in rows[:limit])
    more = TrailCursor(entries[-1].at, entries[-1].id).text if len(rows) > limit else ""
    return TrailPage(entries=entries, next_cursor=more)


def get_entry(entry_id: int) -> EntryView:
    """
    One record, and the block that seals it.

    :raises EntryNotFound: if there is none.
    """
    row = AuditEntry.objects.filter(id=entry_id).first() if 0 < entry_id < 2**63 else None
    if row is None:
        raise errors.EntryNotFound(entry_id=entry_id)
    block = find_block(tx=row.tx, entry_id=row.id)
    entry = TrailEntry(**{name: getattr(row, name) for name in _COLUMNS})
    return EntryView(
        entry=entry,
        block=block.number if block else 0,
        sealed_at=block.sealed_at if block else None,
        block_hash=bytes(block.hash).hex() if block else "",
    )


def find_block(*, tx: int, entry_id: int) -> Block | None:
    """The block whose stretch holds a place, or None while it is not sealed."""
    blocks = Block.objects.extra(
        where=["(last_tx, last_id) >= (%s, %s)"], params=[tx, entry_id], order_by=["last_tx", "last_id"]
    )
    return blocks.defer("leaves").first()


_COLUMNS = ("id", "at", "category", "actor", "action", "subject", "request_id", "detail")


def _narrowest(filter_: TrailFilter) -> tuple[str, list[str] | None]:
    """The column to walk by, and its values; no values: the whole trail by time."""
    if filter_.request_id:
        return "request_id", [filter_.request_id]
    if filter_.subject:
        return "subject", _subjects(filter_.subject)
    if filter_.person:
        return "actor", _labels_of(filter_.person)
    if filter_.action:
        return "action", _values_beginning("action", filter_.action)
    if filter_.category and filter_.category != "change":
        return "category", [filter_.category]
    return "", None


def _subjects(typed: str) -> list[str]:
    return [typed] if ":" in typed else [kind + typed for kind in SUBJECT_KINDS]


def _labels_of(person: str) -> list[str]:
    """A person's labels at each door, alone and acting for whomever."""
    found = []
    for channel in CHANNELS:
        label = f"{channel}:{person}"
        found += [
            one for one in _values_beginning("actor", label) if one == label or one.startswith(label + "@")
        ]
    return found if found or ":" not in person else [person]


def _values_beginning(column: str, beginning: str) -> list[str]:
    """The distinct values of an indexed column that begin so, each found by one step into the index."""
    assert column in ("actor", "action")
    statement = store.sql("values_beginning").format(column=column)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"beginning": beginning, "end": beginning + _END, "limit": VALUES_MAX})
        return [row[0] for row in cursor.fetchall()]


def _walk(
    filter_: TrailFilter,
    *,
    column: str,
    values: list[str] | None,
    below: TrailCursor | None,
    limit: int,
) -> list[tuple[Any, ...]]:
    statement, facts = _walk_statement(filter_, column=column, values=values, below=below, limit=limit)
    return _fetch(statement, facts)


def _walk_statement(
    filter_: TrailFilter,
    *,
    column: str,
    values: list[str] | None,
    below: TrailCursor | None,
    limit: int,
) -> tuple[str, dict[str, Any]]:
    """The walk as SQL without its comment, and its parameters."""
    conditions, facts = _conditions(filter_, walked=column, below=below)
    facts["limit"] = limit
    if values is None:
        return store.sql("walk_by_time").replace("{conditions}", conditions), facts
    facts["values"] = values
    conditions += _PARTIAL.get(column, "")
    statement = store.sql("walk_by_value").replace("{column}", column)
    return statement.replace("{conditions}", conditions), facts


_PARTIAL = {"category": " AND a.category <> 'change'", "request_id": " AND a.request_id <> ''"}
"""What an index leaves out, said again: PostgreSQL must see that no such row is meant."""


def _fetch(statement: str, facts: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _conditions(
    filter_: TrailFilter, *, walked: str, below: TrailCursor | None
) -> tuple[str, dict[str, Any]]:
    """Everything besides the walked column, as SQL over the row ``a``; values go in as parameters only."""
    parts: list[str] = ["true"]
    facts: dict[str, Any] = {}
    if filter_.person and walked != "actor":
        parts.append("split_part(split_part(a.actor, ':', 2), '@', 1) = %(person)s")
        facts["person"] = filter_.person
    if filter_.subject and walked != "subject":
        parts.append("a.subject = ANY(%(subjects)s)")
        facts["subjects"] = _subjects(filter_.subject)
    if filter_.action and walked != "action":
        parts.append("starts_with(a.action, %(action)s)")
        facts["action"] = filter_.action
    if filter_.category and walked != "category":
        parts.append("a.category = %(category)s")
        facts["category"] = filter_.category
    if filter_.from_:
        parts.append("a.at >= %(from)s")
        facts["from"] = filter_.from_
    if filter_.to:
        parts.append("a.at < %(to)s")
        facts["to"] = filter_.to
    if below:
        parts.append("a.at <= %(below_at)s AND (a.at, a.id) < (%(below_at)s, %(below_id)s)")
        facts |= {"below_at": below.at, "below_id": below.id}
    return " AND ".join(parts), facts


def _search_words(
    filter_: TrailFilter,
    *,
    column: str,
    values: list[str] | None,
    below: TrailCursor | None,
    limit: int,
) -> TrailPage:
    """Walk a bounded stretch for words in the detail; the place where it ends is where the next page begins."""
    walk, facts = _walk_statement(filter_, column=column, values=values, below=below, limit=SCAN_ROWS_MAX)
    facts |= {"page": limit, "words": f"%{_escaped(filter_.text)}%"}
    entries = tuple(_entry(row) for row in _fetch(_around("words_within", walk, values), facts))
    if len(entries) == limit:
        return TrailPage(entries=entries, next_cursor=TrailCursor(entries[-1].at, entries[-1].id).text)
    end = _fetch(_around("end_of_walk", walk, values), facts)
    if not end:
        return TrailPage(entries=entries, next_cursor="")
    at, entry_id = end[0]
    return TrailPage(entries=entries, next_cursor=TrailCursor(at, entry_id).text, looked_back_to=at)


def _around(name: str, walk: str, values: list[str] | None) -> str:
    """A statement around a walk, in the walk's own order."""
    nulls = "NULLS LAST" if values is None else ""
    return store.sql(name).replace("{walk}", walk).replace("{nulls}", nulls)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _entry(row: tuple[Any, ...]) -> TrailEntry:
    values = dict(zip(_COLUMNS, row, strict=True))
    detail = values["detail"]
    if isinstance(detail, str):
        values["detail"] = json.loads(detail)
    return TrailEntry(**values)
