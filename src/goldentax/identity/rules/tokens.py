"""API tokens: how they look, how they are kept, how long they live."""

import hashlib
import re
import secrets
from datetime import timedelta

PREFIX = "gt_"
DAYS_MAX = 366
"""A year and a day: a program's owner looks at its tokens once a year."""
USE_NOTED_AFTER = timedelta(minutes=10)
"""How coarse ``last_used_at`` is: a busy program writes it six times an hour, not at every call."""
SHOWN_LENGTH = 9  # gt_ and six characters: enough to tell one's tokens apart, useless for guessing the rest
_TOKEN = re.compile(r"gt_[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """Make a token: ``gt_`` and 43 characters that carry 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Whether a text has the form of a token."""
    return _TOKEN.fullmatch(text) is not None


def digest(text: str) -> str:
    """
    What is kept of a token: its SHA-256, in hex.

    A plain hash is enough because a token is random: there is nothing to guess from, unlike a password.
    """
    return hashlib.sha256(text.encode()).hexdigest()
