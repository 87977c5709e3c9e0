"""Activation codes: how they look and what is kept of them."""

import hashlib
import secrets

_SIGNS = (
    "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # read out loud and written by hand without mistaking one for another
)
_LENGTH = 16
"""78 random bits: there is nothing to guess, and a plain hash is enough."""


def new_code() -> str:
    """Make a code of four groups of four signs."""
    signs = [secrets.choice(_SIGNS) for _ in range(_LENGTH)]
    return "-".join("".join(signs[at : at + 4]) for at in range(0, _LENGTH, 4))


def digest(typed: str) -> str:
    """What is kept of a code, however it is typed."""
    signs = "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())
    return hashlib.sha256(b"activation:" + signs.encode()).hexdigest()
