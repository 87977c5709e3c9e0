"""
How often somebody may try to sign in.

Failures are counted for a login name *from one network*, and for a network as a whole. Nothing counts against
a login name alone: otherwise anybody could lock another person out by failing on purpose.
"""

from datetime import timedelta

WINDOW = timedelta(minutes=15)
"""Failures older than this are forgotten; a person who mistyped waits no longer than a coffee."""

LOGIN_FAILURES_MAX = 5
"""Tries for one login name from one network: people find the right one of their passwords within five."""

NETWORK_FAILURES_MAX = 60
"""
Failures of one network over all login names: an office of 200 people behind one address, one in four of whom
mistypes within the same quarter of an hour, still gets in; guessing gets 240 tries an hour.
"""


def is_too_many(*, login_failures: int, network_failures: int) -> bool:
    """Decide by the failures of the window, the present attempt not counted."""
    return login_failures >= LOGIN_FAILURES_MAX or network_failures >= NETWORK_FAILURES_MAX
