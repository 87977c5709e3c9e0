"""Codes of an authenticator app (动态口令): RFC 6238 over RFC 4226, six digits of SHA-1 every thirty seconds."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

PERIOD_S = 30
DIGITS = 6
SECRET_BYTES = 20  # RFC 4226 section 4: 160 bits recommended


def new_secret() -> str:
    """Make a secret, in Base32 as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def step_of(at: datetime) -> int:
    """The time step a moment lies in."""
    return int(at.timestamp()) // PERIOD_S


def code_at(*, secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of one time step."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def find_step(*, secret: str, code: str, at: datetime, either_side: int, after: int | None) -> int | None:
    """
    The time step whose code this is, none if it is the code of no step near ``at``.

    :param either_side: how many steps before and after the present one are taken.
    :param after: the step of the last code that was taken; it and all before it are used up.
    """
    present = step_of(at)
    typed = "".join(code.split())
    found = None
    # Every step is compared, whichever fits: the time it takes tells nothing.
    for step in range(present - either_side, present + either_side + 1):
        fits = hmac.compare_digest(code_at(secret=secret, step=step).encode(), typed.encode())
        if fits and (after is None or step > after):
            found = step
    return found


def enrolment_uri(*, secret: str, account: str, issuer: str) -> str:
    """The address that a QR code shows to an authenticator app."""
    label = quote(f"{issuer}:{account}", safe=":@")
    facts = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": PERIOD_S}
    return f"otpauth://totp/{label}?{urlencode(facts, quote_via=quote)}"


def readable(secret: str) -> str:
    """A secret in groups of four, to be typed by hand."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
