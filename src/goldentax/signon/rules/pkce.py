"""Proof key for code exchange (PKCE, RFC 7636): whoever brings the code must be whoever began. S256 alone."""

import hashlib
import hmac
import re

from goldentax.signon import errors
from goldentax.signon.rules.encoding import base64url

METHOD = "S256"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def check_challenge(*, challenge: str, method: str) -> None:
    """
    Hold the challenge of a request against the standard.

    :raises PkceNeeded: without one, and for ``plain``, which anybody who sees the request could answer.
    """
    if method != METHOD or not _CHALLENGE.fullmatch(challenge):
        raise errors.PkceNeeded("code_challenge")


def is_answered(*, challenge: str, verifier: str) -> bool:
    """Tell whether this verifier answers the challenge."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    answer = base64url(hashlib.sha256(verifier.encode("ascii")).digest())
    return hmac.compare_digest(answer, challenge)
