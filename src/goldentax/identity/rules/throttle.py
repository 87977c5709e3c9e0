"""
How often somebody may try to sign in.

Failures are counted for a login name *from one network* and for a network as a whole, so that nobody can lock
another person out by failing on purpose. Guessing at one login name from many networks makes devices that never signed
in as it wait their turn; a device that did signs in as before, and is counted apart (device cookies, as OWASP
describes them).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
"""Failures older than this are forgotten; a person who mistyped waits no longer than a coffee."""

LOGIN_FAILURES_MAX = 5
"""Tries for one login name from one network: people find the right one of their passwords within five."""

NETWORK_FAILURES_MAX = 60
"""
Failures of one network over all login names: an office of 200 people behind one address, one in four of whom
mistypes within the same quarter of an hour, still gets in; guessing gets 240 tries an hour.
"""

EVERYWHERE_FAILURES_MAX = 20
"""Failures for one login name over all networks: four places at which the same person mistypes five times."""

EVERYWHERE_PAUSE = timedelta(seconds=30)
"""Then one try in this time from all unknown devices together: 2,880 guesses a day, whatever the number of networks."""

DEVICE_FAILURES_MAX = 10
"""Failures of a known device; then it counts as unknown. Somebody who stole the cookie has ten guesses, not more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """What failed within the window, the present attempt not counted; known devices apart from all else."""

    of_device: int = 0  # for this login name, from this known device
    of_login_here: int = 0  # for this login name from this network
    of_network: int = 0  # over all login names
    of_login: int = 0  # for this login name over all networks
    first_of_login_here: datetime | None = None
    first_of_network: datetime | None = None
    last_of_login: datetime | None = None


def is_apart(failures: Failures, *, is_known: bool) -> bool:
    """Whether the attempt counts with its device alone: it signed in as this login name before, and rarely fails."""
    return is_known and failures.of_device < DEVICE_FAILURES_MAX


def wait_of_network(failures: Failures, *, now: datetime) -> timedelta | None:
    """How long to wait because too much failed from this network."""
    if failures.of_login_here >= LOGIN_FAILURES_MAX:
        return (failures.first_of_login_here or now) + WINDOW - now
    if failures.of_network >= NETWORK_FAILURES_MAX:
        return (failures.first_of_network or now) + WINDOW - now
    return None


def wait_of_login(failures: Failures, *, now: datetime) -> timedelta | None:
    """How long an unknown device waits because many networks guess at this login name."""
    if failures.of_login < EVERYWHERE_FAILURES_MAX or failures.last_of_login is None:
        return None
    wait = failures.last_of_login + EVERYWHERE_PAUSE - now
    return wait if wait > timedelta(0) else None
