"""Invitations (邀请): a code that is told once, kept as a digest, and good for one acceptance."""

import hashlib
import re
import secrets
from datetime import timedelta

OPEN, ACCEPTED, DECLINED, WITHDRAWN = "open", "accepted", "declined", "withdrawn"
STATES = (OPEN, ACCEPTED, DECLINED, WITHDRAWN)

LIVES = timedelta(days=7)
"""A week: long enough for somebody on leave, short enough that a forgotten message opens nothing."""

TRIES_MAX = 5
"""Wrong names or card numbers for one invitation; then it is withdrawn and the inviter sees why."""

# Without signs that are taken for one another: a code is read out on the telephone. 12 signs hold 59 bits.
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH = 12
_CODE = re.compile(rf"[{_SIGNS}]{{{_LENGTH}}}")


def new_code() -> str:
    """Make a code: three groups of four signs."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
    return "-".join(signs[i : i + 4] for i in range(0, _LENGTH, 4))


def tidied_code(text: str) -> str:
    """A code as it is compared, however it was typed; "" for what cannot be one."""
    signs = re.sub(r"[\s\-]+", "", text).upper()
    return signs if _CODE.fullmatch(signs) else ""


def digest(code: str) -> str:
    """What is kept of a code. It is random, so a plain hash tells nothing."""
    return hashlib.sha256(tidied_code(code).encode()).hexdigest()
