"""The shape of a compliance report (合规报表): columns, rows, and what of them a chart shows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from goldentax.kernel.text import Text
from goldentax.oversight.errors import BadPeriod

ROWS_MAX = 1000
"""A report is read by people; what does not fit is counted, and found by the search."""
PERIOD_MAX = timedelta(days=366)

TEXT, NUMBER, MOMENT, PERSON = "text", "number", "moment", "person"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the rows, its heading, and of which kind its values are."""

    name: str
    label: Text
    kind: str = TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """``[from_, to)``."""

    from_: datetime
    to: datetime

    @classmethod
    def of(cls, *, from_: datetime | None, to: datetime | None, now: datetime) -> "Period":
        """
        The period asked for; the last thirty days where nothing is.

        :raises BadPeriod: if it is none, or longer than :data:`PERIOD_MAX`.
        """
        end = to or now
        begin = from_ or end - timedelta(days=30)
        if begin >= end or end - begin > PERIOD_MAX:
            raise BadPeriod("from")
        return cls(from_=begin, to=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    One report: what it answers, its columns, and how its rows are made.

    ``chart`` names the column of the bars' labels and that of their lengths; both "" for a report without.
    """

    key: str
    title: Text
    lead: Text
    columns: tuple[Column, ...]
    rows: Callable[[Period], list[dict[str, Any]]]
    chart: tuple[str, str] = ("", "")
    order: int = 100


BARS_MAX = 15
"""Bars that a chart shows; the table below it has the rest."""
