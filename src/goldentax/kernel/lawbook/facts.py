"""
Dated facts: what a parameter or a table of the lawbook says on one day, since when, on which basis, how
surely.

A period is ``[from, to)``. A fact is *known* (confidence H or M: read in a source), *assumed* (L: weak, or
chosen by us until something better is found) or *missing* (looked for and not found). What is worked out
from an assumption is an assumption; :func:`weakest` says so.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from goldentax.kernel.lawbook.errors import MissingFact
from goldentax.kernel.text import Text

KNOWN, ASSUMED, MISSING = "known", "assumed", "missing"
CONFIDENCES = ("H", "M", "L")

Value = Decimal | int | str | bool | date | tuple[str, ...] | None
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One value for one period, with the reason to believe it."""

    path: str
    value: Any
    basis: str
    confidence: str  # H, M or L
    from_: date
    to: date | None = None
    origin: str = ""  # file and line

    @property
    def state(self) -> str:
        """One of ``known``, ``assumed``, ``missing``."""
        if self.value is None:
            return MISSING
        return ASSUMED if self.confidence == "L" else KNOWN


def weakest(facts: Iterable[Fact]) -> str:
    """The state of a result that rests on all of these facts; ``known`` if it rests on none."""
    states = {fact.state for fact in facts}
    return next((state for state in (MISSING, ASSUMED) if state in states), KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One dated value (参数)."""

    path: str
    label: Text
    unit: str
    exported: bool
    origin: str
    values: tuple[Fact, ...]  # in the order of their first days, not overlapping

    def find(self, on: date) -> Fact:
        """
        The fact in force that day; its value is None where it is recorded as missing.

        :raises MissingFact: if the parameter begins later, or has ended.
        """
        place = bisect_right(self.values, on, key=lambda one: one.from_) - 1
        if place < 0:
            raise MissingFact(self.path, path=self.path, on=on, why=f"it begins on {self.values[0].from_}")
        fact = self.values[place]
        if fact.to is not None and on >= fact.to:
            raise MissingFact(self.path, path=self.path, on=on, why=f"it ended on {fact.to}")
        return fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Dated rows (表) of the same columns; rows of the same key never overlap in time."""

    path: str
    label: Text
    columns: Mapping[str, str]
    key: tuple[str, ...]
    exported: bool
    origin: str
    rows: tuple[Row, ...]
    _days: tuple[date, ...] = ()  # the days on which the table changes
    _answers: dict[int, tuple[Row, ...]] = field(default_factory=dict)

    def find(self, on: date) -> tuple[Row, ...]:
        """
        The rows in force that day, in the order of the file.

        :raises MissingFact: if there is none.
        """
        # Between two days of change the answer is the same, so it is worked out once for each such stretch.
        stretch = bisect_right(self._days, on)
        found = self._answers.get(stretch)
        if found is None:
            found = tuple(
                row for row in self.rows if row["from"] <= on and (row["to"] is None or on < row["to"])
            )
            self._answers[stretch] = found
        if not found:
            raise MissingFact(self.path, path=self.path, on=on, why="no row is in force")
        return found

    def explain(self, on: date) -> Fact:
        """The rows of that day as one fact: every basis, and the weakest confidence among them."""
        rows = self.find(on)
        return Fact(
            path=self.path,
            value=rows,
            basis="; ".join(dict.fromkeys(row["basis"] for row in rows)),
            confidence=max((row["confidence"] for row in rows), key=CONFIDENCES.index),
            from_=max(row["from"] for row in rows),
            to=min((row["to"] for row in rows if row["to"]), default=None),
            origin=self.origin,
        )


def days_of_change(rows: Iterable[Row]) -> tuple[date, ...]:
    """Every day on which one of the rows begins or has ended."""
    return tuple(sorted({day for row in rows for day in (row["from"], row["to"]) if day is not None}))
