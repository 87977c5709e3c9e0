"""Codes, tokens and secrets: how they look, how they are kept, how long they live."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

CODE, ACCESS, REFRESH, SECRET = "gtc_", "gto_", "gtr_", "gts_"
"""What each begins with, so that a leaked one is recognised for what it is, by people and by scanners."""

CODE_LIVES = timedelta(seconds=60)
"""RFC 6749 §4.1.2 asks for ten minutes at most; a program exchanges it in a second."""

ACCESS_LIVES = timedelta(minutes=10)
"""Revocation does not wait for this (each use asks the store); it bounds what a stolen one is worth unnoticed."""

ID_TOKEN_LIVES = timedelta(minutes=10)

REFRESH_IDLE = timedelta(days=30)
"""A refresh token nobody used for a month ends; the person signs in again."""

GRANT_LIVES = timedelta(hours=8)
"""A grant without offline access ends with its session, and a session ends after a working day."""

OFFLINE_GRANT_LIVES = timedelta(days=180)
"""Offline access is asked for anew twice a year."""

SECRET_OVERLAP = timedelta(days=7)
"""How long the old secret of a client works beside the new one: time for one release of theirs."""

SECRETS_MAX = 2
SHOWN_LENGTH = 10  # the prefix and six characters: enough to tell them apart, useless for guessing

ASSERTION_LIVES_MAX = timedelta(minutes=10)
"""The longest life of a client's signed assertion; its number (jti) is remembered so long."""

CLOCK_SKEW = timedelta(seconds=60)
"""How far a client's clock may be off."""

_FORM = re.compile(r"gt[cors]_[A-Za-z0-9_-]{43}")


def new_text(prefix: str) -> str:
    """Make a code, token or secret: its prefix and 43 characters that carry 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def is_of(prefix: str, text: str) -> bool:
    """Whether a text has the form of one with this prefix."""
    return text.startswith(prefix) and _FORM.fullmatch(text) is not None


def digest(text: str) -> str:
    """What is kept: the SHA-256, in hex. A plain hash is enough for 256 random bits."""
    return hashlib.sha256(text.encode()).hexdigest()


def grant_ends_at(*, signed_in_at: datetime, is_offline: bool, now: datetime) -> datetime:
    """The end of a grant, whatever is refreshed until then."""
    return now + OFFLINE_GRANT_LIVES if is_offline else max(signed_in_at + GRANT_LIVES, now)


def refresh_ends_at(*, grant_ends_at: datetime, now: datetime) -> datetime:
    """The end of one refresh token."""
    return min(now + REFRESH_IDLE, grant_ends_at)
