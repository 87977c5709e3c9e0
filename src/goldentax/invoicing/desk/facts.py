"""
What the rules ask for, remembered for a second.

A fact is read from the store at its first use, in a thread, and counts for :data:`FACTS_LAST`. Shortly before that is
over, everything that was used meanwhile is read again in the background, so busy sellers never wait. What changes
elsewhere, a seller struck off, a limit that ended, a new code table, holds here within that second.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from django.db import close_old_connections

from goldentax.invoicing.operations import composing, limits
from goldentax.invoicing.rules.drafts import InvoiceDraft
from goldentax.invoicing.rules.examining import CodeFacts, Seller
from goldentax.kernel.refusals import Refusal

T = TypeVar("T")

FACTS_LAST = 1.0
"""Seconds for which a fact counts: the longest that a desk issues by what is no longer so."""

READ_AHEAD = 0.6
"""Age in seconds at which a fact that was used is read again."""

FACTS_MAX = 50_000
"""Facts kept by one process, about 1 kB each."""


@dataclass(slots=True)
class _Fact:
    value: Any
    read_at: float
    is_used: bool = True


Key = tuple[str, str]


class KeptFacts:
    """Facts of sellers, codes, limits and test buyers; refusals are facts too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._facts: dict[Key, _Fact] = {}
        self._day = date.min
        self._asked: set[Key] = set()
        self._reading: asyncio.Future[None] | None = None
        self._next: asyncio.Future[None] | None = None

    # --- asked by the rules: everything must have been made ready before

    def seller(self, tax_id: str, now: datetime) -> Seller:
        """What the register says of a seller."""
        found: Seller = self._told(("seller", tax_id))
        return found

    def code(self, code: str, on: date) -> CodeFacts | None:
        """What the code table says."""
        found: CodeFacts | None = self._told(("code", code))
        return found

    def is_test_buyer(self, tax_id: str) -> bool:
        """Whether the number is a flagged test taxpayer's."""
        return bool(self._told(("test", tax_id)))

    def account(self, tax_id: str) -> int:
        """The limit account of a seller for this month; refuses where there is no limit."""
        return int(self._told(("limit", tax_id)))

    def _told(self, key: Key) -> Any:
        fact = self._facts[key]
        fact.is_used = True
        if isinstance(fact.value, Refusal):
            raise fact.value
        return fact.value

    def of_their_day(self, now: datetime) -> datetime:
        """The moment, or the last one of the day that the facts are of, where that has just ended."""
        return (
            now if now.date() == self._day else datetime.combine(self._day, datetime.max.time(), now.tzinfo)
        )

    # --- made ready by the desk's door

    def missing(self, *, draft: InvoiceDraft, seller: str, in_doubt: bool, now: datetime) -> list[Key]:
        """
        Which facts must be read before the rules can be asked.

        :param in_doubt: the buyer's number is wrong unless it is a test taxpayer's.
        """
        if now.date() != self._day:
            self._facts.clear()  # another day, another law, another month perhaps
            self._day = now.date()
        limit = self._clock() - FACTS_LAST
        wanted = [("seller", seller), ("limit", seller)]
        wanted += [("code", line.tax_code) for line in draft.lines]
        if in_doubt:
            wanted.append(("test", draft.buyer.tax_id))
        facts = self._facts
        return [key for key in wanted if (fact := facts.get(key)) is None or fact.read_at < limit]

    def names_missing(self, draft: InvoiceDraft) -> list[str]:
        """Codes whose other names must be read: those that a line calls by another than their short name."""
        found = []
        for line in draft.lines:
            fact = self._facts.get(("code", line.tax_code))
            known = fact.value if fact else None
            if (
                isinstance(known, CodeFacts)
                and line.short_name not in ("", known.short_name)
                and not isinstance(known.list_other_names, _Names)
            ):
                found.append(line.tax_code)
        return found

    async def read(self, keys: Iterable[Key], now: datetime) -> None:
        """
        Read facts from the store, in a thread; who knows all they need goes on being served meanwhile.

        One reading at a time: what is asked for while it lasts is read together by the next.
        """
        self._asked.update(keys)
        if self._next is None:
            before, self._next = self._reading, None
            self._next = asyncio.ensure_future(self._read_asked(before, now))
        await asyncio.shield(self._next)

    async def _read_asked(self, before: "asyncio.Future[None] | None", now: datetime) -> None:
        if before is not None:
            await asyncio.wait([before])
        keys, self._asked = self._asked, set()
        self._reading, self._next = self._next, None
        at = self._clock()
        found = await asyncio.to_thread(in_thread, partial(_read, keys, now))
        if now.date() != self._day:
            return  # the day ended meanwhile: last month's limit must not count for a second of this one
        for key in keys:
            old = self._facts.pop(key, None)
            self._facts[key] = _Fact(_with_names(found[key], old), at)
        for key in list(self._facts)[: max(0, len(self._facts) - FACTS_MAX)]:
            del self._facts[key]

    async def read_names(self, codes: list[str]) -> None:
        """Read what else codes may be called."""
        for code in codes:
            fact = self._facts[("code", code)]
            names = await asyncio.to_thread(in_thread, fact.value.list_other_names)
            fact.value = replace(fact.value, list_other_names=_Names(names))

    def take_due(self) -> list[Key]:
        """The facts that were used and will soon be too old; they count as unused from here on."""
        limit = self._clock() - READ_AHEAD
        due = []
        for key, fact in self._facts.items():
            if fact.is_used and fact.read_at < limit:
                fact.is_used = False
                due.append(key)
        return due


class _Names:
    """The other names of a code, read."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def __call__(self) -> frozenset[str]:
        return self._names


def _with_names(value: Any, before: _Fact | None) -> Any:
    """The same fact with the names that were read for it before, where nothing else changed."""
    known = before.value if before else None
    if (
        isinstance(value, CodeFacts)
        and isinstance(known, CodeFacts)
        and isinstance(known.list_other_names, _Names)
        and known.short_name == value.short_name
    ):
        return replace(value, list_other_names=known.list_other_names)
    return value


def _read(keys: Collection[Key], now: datetime) -> dict[Key, Any]:
    """The values of facts: a few statements for all of them."""
    names: dict[str, list[str]] = {kind: [] for kind in ("seller", "limit", "code", "test")}
    for kind, name in keys:
        names[kind].append(name)
    found: dict[str, Mapping[str, Any]] = {
        "seller": composing.read_sellers(names["seller"], now) if names["seller"] else {},
        "limit": limits.find_accounts(tax_ids=names["limit"], now=now) if names["limit"] else {},
        "code": composing.read_codes(names["code"], now.date()) if names["code"] else {},
        "test": {one: composing.read_is_test(one) for one in names["test"]},
    }
    return {(kind, name): found[kind].get(name) for kind, name in keys}


def in_thread(work: Callable[[], T]) -> T:
    """Work with the database in a thread of a pool; a connection that broke is not taken again."""
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()
