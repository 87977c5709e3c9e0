"""
The lawbook (法规数据): rates, limits and tables with their dates and bases, read from ``lawbook/**.yaml``.

A rule asks ``lawbook.parameter("invoicing/line_count_max", on=day)`` and gets what was in force that day, so
last year still computes. How files are written stands in ``lawbook/README.md``. Plain Python; no framework,
no clock. Code tables and nodes live in the same folder and are read elsewhere.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from goldentax.kernel.lawbook.book import Lawbook, book, consulted
from goldentax.kernel.lawbook.errors import BadLaw, MissingFact, UnknownFact, UnknownRunner
from goldentax.kernel.lawbook.facts import ASSUMED, KNOWN, MISSING, Fact, Row, weakest

__all__ = [
    "ASSUMED",
    "KNOWN",
    "MISSING",
    "BadLaw",
    "Fact",
    "Lawbook",
    "MissingFact",
    "Row",
    "UnknownFact",
    "UnknownRunner",
    "book",
    "consulted",
    "explain",
    "longest_prefix",
    "parameter",
    "table",
    "version",
    "weakest",
]


def parameter(path: str, *, on: date) -> Any:
    """
    The value of a parameter on a day: Decimal, int, str, bool, date or tuple of str, by its unit.

    :raises UnknownFact: if there is no such parameter.
    :raises MissingFact: if it has no value that day.
    """
    return book().parameter(path, on=on)


def table(path: str, *, on: date) -> tuple[Row, ...]:
    """
    The rows of a table on a day; each row is a read-only mapping and carries ``from, to, basis,
    confidence`` too.

    :raises UnknownFact: if there is no such table.
    :raises MissingFact: if no row is in force.
    """
    return book().table(path, on=on)


def explain(path: str, *, on: date) -> Fact:
    """
    Why a parameter or table says what it says: value, basis, confidence, state, period, file and line.

    :raises UnknownFact: if there is no such fact.
    :raises MissingFact: if that day lies outside all its periods.
    """
    return book().explain(path, on=on)


def version() -> str:
    """64 hexadecimal digits that name the content of the lawbook, so a document can say which law it used."""
    return book().version


def longest_prefix(rows: Sequence[Row], *, code: str, column: str = "prefix") -> Row | None:
    """The row whose prefix begins the code, the longest one first; None if no row does."""
    fitting = [row for row in rows if code.startswith(row[column])]
    return max(fitting, key=lambda row: len(row[column]), default=None)
