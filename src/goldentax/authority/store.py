"""
The policy of this process: read from the database once, then kept up by what changed.

Every decision asks whether the policy it has is still the present one; the answer is kept for half a second
(``CHECK_EVERY_S``), so what one process ends is over in every other within that time, and in the process that ended it
with the commit. A change reads the rows of a higher revision and makes another policy of the persons concerned; only
a new catalogue, another day of it, or a database that began anew reads everything.

A transaction that changed grants decides on a policy of its own, which nobody else ever sees: were it rolled back, no
other thread may have decided on it.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from goldentax.authority.rules import catalogue as catalogues
from goldentax.authority.rules.catalogue import Catalogue
from goldentax.authority.rules.deciding import (
    FOREVER,
    NOTHING_HELD,
    Classes,
    Elsewhere,
    Held,
    Policy,
    day_begins,
    held,
    moment,
    moment_as_datetime,
)
from goldentax.authority.rules.offices import lines_of
from goldentax.authority.rules.values import VIA_GRANT, VIA_POST, GrantSource
from goldentax.kernel.clock import CHINA

CHECK_EVERY_S = 0.5
PAST_KEPT = timedelta(days=366)
"""What ended longer ago is left out of memory; what is asked about a moment before that is read from the database."""

_EPOCH_DAY = date(1970, 1, 1)
_ROWS_AT_ONCE = 20_000
_PERSON = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class _Version:
    version: int  # 0 where nobody changed anything yet
    stamp: UUID | None
    epoch: UUID | None
    offices: int
    asked_at: datetime = field(compare=False)  # by the database's clock


@dataclass(slots=True)
class _Loaded:
    """A policy with what it was made of."""

    version: _Version
    sources: tuple[int, ...]
    catalogue_until: date
    policy: Policy


@dataclass(slots=True, eq=False)
class _Own:
    """What a connection changed in its open transaction."""

    stamps: set[UUID] = field(default_factory=set)
    sources_touched: bool = False
    loaded: _Loaded | None = None


_sources: dict[str, GrantSource] = {}
_lock = threading.Lock()
_shared: _Loaded | None = None
_checked_at = float("-inf")
_forgotten = 0  # how often
_owns: set[int] = set()  # the connections that have a policy of their own, by the identity of what they have
_classes: dict[int, tuple[Catalogue, Classes]] = {}


def register_source(source: GrantSource) -> None:
    """Let holdings that another module keeps count; the same key again replaces it."""
    _sources[source.key] = source
    forget()


def sources() -> tuple[GrantSource, ...]:
    """Every registered source, by key."""
    return tuple(_sources[key] for key in sorted(_sources))


def forget() -> None:
    """Look at the database again before the next decision, also where somebody is looking at this moment."""
    global _checked_at, _forgotten
    _forgotten += 1
    _checked_at = float("-inf")


def forget_all() -> None:
    """Forget the policy itself, for tests and benchmarks that fill the tables by other ways."""
    global _shared
    with _lock:
        _shared = None
    forget()


def touch(*, offices: bool = False) -> int:
    """
    Count the policy up in this transaction, which waits for others that do; the revision for the rows it writes.

    Call it before the rows are written.
    """
    stamp = uuid4()
    version = int(next(_rows("count_up", {"stamp": stamp, "epoch": uuid4(), "offices": offices}))[0])
    _own().stamps.add(stamp)
    transaction.on_commit(_publish)
    return version


def source_touched() -> None:
    """A source changed something in this transaction: what it says is asked anew until the end, and after."""
    own = _own()
    own.sources_touched, own.loaded = True, None
    transaction.on_commit(_publish_sources)


def _publish() -> None:
    _disown()
    forget()


def _publish_sources() -> None:
    global _shared
    _disown()
    with _lock:
        if _shared is not None:
            _shared = _with_fresh_sources(_shared, _shared.sources)
    forget()


def _own() -> _Own:
    """What this connection's open transaction changed; from the first change on there is something."""
    found: _Own | None = getattr(connection, "goldentax_policy", None)
    if found is None or not connection.in_atomic_block:
        found = _Own()
        connection.goldentax_policy = found  # type: ignore[attr-defined]
        _owns.add(id(found))
    return found


def _disown() -> None:
    own: _Own | None = getattr(connection, "goldentax_policy", None)
    if own is not None:
        connection.goldentax_policy = None  # type: ignore[attr-defined]
        _owns.discard(id(own))


def policy() -> Policy:
    """The present policy; for a moment it does not know, see :func:`policy_then`."""
    global _shared, _checked_at
    loaded = _shared
    # Asking the connection takes longer than deciding, so it is asked only where one has something of its own.
    if not _owns and loaded is not None and time.monotonic() - _checked_at < CHECK_EVERY_S:
        return loaded.policy
    own = getattr(connection, "goldentax_policy", None) if _owns else None
    if own is not None:
        private = _private(own)
        if private is not None:
            return private
    elif loaded is not None and time.monotonic() - _checked_at < CHECK_EVERY_S:
        return loaded.policy
    with _lock:
        if _shared is None or time.monotonic() - _checked_at >= CHECK_EVERY_S:
            # The clock is read before the question: what changes while it is answered is found the next time.
            asked_at, forgotten = time.monotonic(), _forgotten
            _shared = _brought_up(_shared, version=_read_version())
            _checked_at = asked_at if forgotten == _forgotten else float("-inf")
        return _shared.policy


def policy_for(*, person_id: str, at: datetime) -> Policy:
    """The policy that decides for a person at a moment: the present one, or of the past what concerns them."""
    present = policy()
    return present if present.knows(moment(at)) else policy_then(persons=[person_id], at=at)


def policy_then(*, persons: list[str], at: datetime) -> Policy:
    """The policy of any moment, for some persons, from the database: what was held then, under the law of that day."""
    catalogue = catalogues.catalogue_on(at.astimezone(CHINA).date())
    classes = _classes_of(catalogue)
    granted: dict[str, tuple[Held, ...]] = {}
    known = [one for one in persons if _PERSON.fullmatch(one)]
    compiled = _compiler(catalogue)
    for row in _rows("granted_to_persons", {"persons": known}):
        granted[row[1]] = (*granted.get(row[1], NOTHING_HELD), compiled(row))
    return Policy(classes=classes, lines=_read_lines(), granted=granted, elsewhere=_elsewhere(catalogue))


def lines() -> Mapping[str, tuple[str, ...]]:
    """Every office with its line upwards, from the database."""
    return _read_lines()


def _private(own: _Own) -> Policy | None:
    """The policy of an open transaction that changed it; None where the change is no longer there."""
    version = _read_version() if connection.in_atomic_block else None
    if version is None or not (version.stamp in own.stamps or own.sources_touched):
        # Rolled back, or the transaction has ended.
        _disown()
        return None
    if own.loaded is None or own.loaded.version != version or own.sources_touched:
        # Always from what is committed: an earlier own policy may hold what a savepoint took back since.
        own.loaded = _brought_up(_shared, version=version, fresh_sources=own.sources_touched)
    return own.loaded.policy


def _brought_up(loaded: _Loaded | None, *, version: _Version, fresh_sources: bool = False) -> _Loaded:
    """The policy at a version: the same, the same with some persons anew, or everything anew."""
    if loaded is None or _must_begin_anew(loaded, version):
        return _load(version)
    if version.stamp != loaded.version.stamp:
        loaded = _with_changes(loaded, version)
    said = tuple(one.version() for one in sources())
    if said != loaded.sources or fresh_sources:
        loaded = _with_fresh_sources(loaded, said)
    return loaded


def _must_begin_anew(loaded: _Loaded, version: _Version) -> bool:
    return (
        version.epoch != loaded.version.epoch
        or version.version < loaded.version.version
        or (version.version == loaded.version.version and version.stamp != loaded.version.stamp)
        or version.asked_at.astimezone(CHINA).date() >= loaded.catalogue_until
    )


def _end_of(until: date) -> int:
    return FOREVER if until == date.max else day_begins(until)


def _load(version: _Version) -> _Loaded:
    day = version.asked_at.astimezone(CHINA).date()
    catalogue = catalogues.catalogue_on(day)
    since = version.asked_at - PAST_KEPT
    granted: dict[str, list[Held]] = {}
    compiled = _compiler(catalogue)
    for row in _rows("granted", {"since": since}):
        granted.setdefault(row[1], []).append(compiled(row))
    return _Loaded(
        version=version,
        sources=tuple(one.version() for one in sources()),
        catalogue_until=catalogues.changes_after(day),
        policy=Policy(
            classes=_classes_of(catalogue),
            lines=_read_lines(),
            granted={person: tuple(found) for person, found in granted.items()},
            elsewhere=_elsewhere(catalogue),
            since=max(moment(since), day_begins(catalogues.changed_before(day))),
            until=_end_of(catalogues.changes_after(day)),
        ),
    )


def _with_changes(loaded: _Loaded, version: _Version) -> _Loaded:
    """The same policy, but for the persons whose grants changed and, where offices were added, the offices."""
    known = loaded.version.version
    since = moment_as_datetime(loaded.policy.since)
    compiled = _compiler(loaded.policy.catalogue)
    fresh: dict[str, list[Held]] = {}
    for row in _rows("granted_to_changed", {"since": since, "known": known}):
        held_now = fresh.setdefault(row[1], [])
        if row[0] is not None:
            held_now.append(compiled(row))
    granted = dict(loaded.policy.granted)
    for person, found in fresh.items():
        granted[person] = tuple(found)
    lines = _read_lines() if version.offices > known else loaded.policy.lines
    return replace(loaded, version=version, policy=loaded.policy.but(granted=granted, lines=lines))


def _with_fresh_sources(loaded: _Loaded, said: tuple[int, ...]) -> _Loaded:
    """The same policy, which has not asked its sources yet."""
    policy_ = loaded.policy.but(elsewhere=_elsewhere(loaded.policy.catalogue))
    return replace(loaded, sources=said, policy=policy_)


def _classes_of(catalogue: Catalogue) -> Classes:
    known = _classes.get(id(catalogue))
    if known is None or known[0] is not catalogue:
        if len(_classes) > 8:
            _classes.clear()
        known = _classes[id(catalogue)] = (catalogue, Classes(catalogue))
    return known[1]


def _elsewhere(catalogue: Catalogue) -> Elsewhere | None:
    """
    What the sources say of a person, compiled, and whether it may be remembered.

    Inside a transaction it may not: what a source reads there may never be committed.
    """
    asked = sources()
    if not asked:
        return None

    def of_person(person_id: str) -> tuple[tuple[Held, ...], bool]:
        if not _PERSON.fullmatch(person_id):
            return (), False
        found = tuple(
            held(one, catalogue=catalogue) for source in asked for one in source.of_person(person_id)
        )
        return found, not connection.in_atomic_block

    return of_person


def _read_version() -> _Version:
    return _Version(*next(_rows("policy_version", {})))


def _read_lines() -> dict[str, tuple[str, ...]]:
    return lines_of(dict(_rows("office_parents", {})))


def _rows(name: str, arguments: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql(name), arguments)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from rows


@cache
def sql(name: str) -> str:
    """The statement of a file in ``sql/``."""
    return files("goldentax.authority").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def _compiler(catalogue: Catalogue) -> Callable[[tuple[Any, ...]], Held]:
    """Turns rows of the table into holdings; equal sets and days are made once."""
    nothing: frozenset[str] = frozenset()
    sets: dict[tuple[str, str], frozenset[str]] = {}
    days: dict[int, int] = {}
    texts: dict[str, str] = {}

    def begins(day: int) -> int:
        found = days.get(day)
        if found is None:
            found = days[day] = day_begins(_EPOCH_DAY + timedelta(days=day))
        return found

    def compiled(row: tuple[Any, ...]) -> Held:
        number, _, kind, code, office, taxpayers, fields, first_day, end_day, granted, ended, public_id = row
        via = VIA_POST if kind == VIA_POST else VIA_GRANT
        key = (via, code)
        carried = sets.get(key)
        if carried is None:
            carried = sets[key] = catalogue.sets_of(via=via, code=code)
        ends = FOREVER if end_day is None else begins(end_day)
        return Held(
            sets=carried,
            begins=max(granted, begins(first_day)),
            ends=ends if ended is None else min(ends, ended),
            office=texts.setdefault(office, office),
            taxpayers=frozenset(taxpayers) if taxpayers else nothing,
            fields=frozenset(fields) if fields else nothing,
            rank=(granted, number),
            via=via,
            code=texts.setdefault(code, code),
            reference=public_id,
        )

    return compiled
