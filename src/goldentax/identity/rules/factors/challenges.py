"""
What a key is asked to sign, so that a signature says what it was given for and serves nowhere else.

The challenge to a certificate is one line of text that its holder can read before signing it.
"""

import ipaddress
import secrets
from datetime import datetime
from urllib.parse import urlsplit

NONCE_BYTES = 32
CERTIFICATE_WORDS = "goldentax-challenge-v1"


def new_nonce() -> bytes:
    """Make 256 random bits."""
    return secrets.token_bytes(NONCE_BYTES)


def certificate_challenge(*, origin: str, purpose: str, nonce: bytes, expires_at: datetime) -> str:
    """The line a certificate's holder signs: for which site, for what, until when, and a nonce."""
    until = expires_at.isoformat(timespec="seconds")
    return f"{CERTIFICATE_WORDS} origin={origin} purpose={purpose} expires={until} nonce={nonce.hex()}"


def rp_id_of(origin: str) -> str:
    """
    The name passkeys are made for (依赖方标识): the host of the site, "" where it cannot have any.

    A browser gives passkeys to names over https, and to localhost; never to bare addresses.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if _is_address(host):
        return ""
    if parts.scheme == "https" or host == "localhost" or host.endswith(".localhost"):
        return host
    return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
