"""How long a person stays signed in on the web."""

from datetime import datetime, timedelta

IDLE_MAX = timedelta(minutes=30)
"""A desk that nobody uses for half an hour is taken for a desk somebody left."""

AGE_MAX = timedelta(hours=8)
"""One working day; after it everybody shows their password again."""

NOTE_AFTER = timedelta(minutes=1)
"""Use is noted at most this often, so that reading pages does not write a session each time."""


def is_over(*, signed_in_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session has ended by idleness or age."""
    return now - seen_at >= IDLE_MAX or now - signed_in_at >= AGE_MAX
