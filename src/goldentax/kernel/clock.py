"""
The clock of the product, read only at the edges (web, http, commands, jobs, handlers).

Business time is the time of day in China, whatever the machine's zone is. Tests step it; a demo world may run days
ahead (the setting ``clock_ahead_days``), so that a lesson need not wait for the end of a term.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from goldentax.kernel.settings import settings

CHINA = ZoneInfo("Asia/Shanghai")

_stepped_to: ContextVar[datetime | None] = ContextVar("stepped_to", default=None)


def now() -> datetime:
    """Tell the moment, aware, in China's zone."""
    at = _stepped_to.get()
    return at if at is not None else datetime.now(CHINA) + _ahead()


@cache
def _ahead() -> timedelta:
    return timedelta(days=settings().clock_ahead_days)


def today() -> date:
    """Tell the business day."""
    return now().date()


@contextmanager
def stepped(at: datetime) -> Iterator["SteppedClock"]:
    """Hold the clock at a moment inside the block; the yielded handle moves it on."""
    assert at.tzinfo is not None, "the clock needs an aware moment"
    token = _stepped_to.set(at.astimezone(CHINA))
    try:
        yield SteppedClock()
    finally:
        _stepped_to.reset(token)


class SteppedClock:
    """The handle of a stopped clock."""

    def step(self, by: timedelta) -> datetime:
        """Move the stopped clock by an interval, forward or back, and tell the new moment."""
        at = _stepped_to.get()
        assert at is not None, "the clock is running; stop it with stepped()"
        _stepped_to.set(at + by)
        return at + by
