"""
The life of a signing key: published, then signing, then only published, then gone.

A client may keep our key set for a day (Cache-Control of /oidc/jwks says less). So a key is published a day before it
signs, and stays a day after it has stopped; whoever reads the set once a day never meets a key they do not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

AHEAD = timedelta(days=1)
SIGNS = timedelta(days=90)
OVERLAP = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLife:
    """When a key does what; ``signs_until`` and ``published_until`` are the first moments without it."""

    kid: str
    algorithm: str
    signs_from: datetime
    signs_until: datetime
    published_until: datetime

    def is_published(self, now: datetime) -> bool:
        return now < self.published_until

    def signs(self, now: datetime) -> bool:
        return self.signs_from <= now < self.signs_until


def life_from(*, signs_from: datetime) -> tuple[datetime, datetime]:
    """When a key that begins to sign then stops signing, and when it stops being published."""
    until = signs_from + SIGNS
    return until, until + OVERLAP


def next_start(*, keys: Sequence[KeyLife], now: datetime) -> datetime | None:
    """
    When the next key of one algorithm must begin to sign; None while nothing is to be made.

    Now, if none signs; at the end of the present one, if that is less than :data:`AHEAD` away and none follows.
    """
    ends = max((key.signs_until for key in keys if key.signs_from <= key.signs_until), default=None)
    if ends is None or ends <= now:
        return now
    if not any(key.signs(now) for key in keys):
        return now
    return ends if ends - now <= AHEAD else None
