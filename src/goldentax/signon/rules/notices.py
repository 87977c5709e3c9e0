"""Sign-out notices to clients (back-channel logout): when to try again, when to give up."""

from datetime import datetime, timedelta

WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 1800, 3600, 4 * 3600, 8 * 3600))
"""
Waits after each failed try: a restart of the client is bridged in seconds, a maintenance night by the later ones.

After about 18 hours every session of that working day is over by itself; then it is given up and stays visible.
"""

TIMEOUT_S = 5
BATCH = 20
LEASE = timedelta(seconds=BATCH * TIMEOUT_S + 20)
"""How long a worker has a notice to itself: as long as a whole batch can take when nobody answers."""

LOGOUT_TOKEN_LIVES = timedelta(minutes=2)
KEPT = timedelta(days=30)
"""Delivered notices are shown on the client's page for a month."""


def next_try_at(*, tries: int, now: datetime) -> datetime | None:
    """When to try again after that many failed tries; None to give up."""
    return now + WAITS[tries - 1] if tries <= len(WAITS) else None
