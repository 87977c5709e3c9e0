"""The claims of identity tokens, sign-out tokens and introspection answers, put together."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goldentax.kernel.crypto import sm
from goldentax.signon.rules import jose, methods
from goldentax.signon.rules.encoding import base64url
from goldentax.signon.rules.notices import LOGOUT_TOKEN_LIVES
from goldentax.signon.rules.tokens import ID_TOKEN_LIVES

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
ID_TOKEN, LOGOUT_TOKEN = "JWT", "logout+jwt"

_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    jose.ES256: lambda data: hashlib.sha256(data).digest(),
    jose.RS256: lambda data: hashlib.sha256(data).digest(),
    jose.SM2SM3: sm.sm3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What an identity token says of a sign-in."""

    issuer: str
    client_id: str
    subject: str
    session_id: str
    at: datetime
    assurance: int
    methods: tuple[str, ...]


def id_token_claims(
    *, signed_in: SignedIn, access_token: str, algorithm: str, nonce: str, now: datetime
) -> dict[str, Any]:
    """OpenID Connect Core 1.0 §2; the nonce is left out where the client gave none, and at a refresh (§12.2)."""
    found: dict[str, Any] = {
        "iss": signed_in.issuer,
        "sub": signed_in.subject,
        "aud": signed_in.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + ID_TOKEN_LIVES).timestamp()),
        "auth_time": int(signed_in.at.timestamp()),
        "acr": methods.acr_of(signed_in.assurance),
        "amr": methods.amr_of(methods=signed_in.methods, level=signed_in.assurance),
        "sid": signed_in.session_id,
        "at_hash": half_hash(text=access_token, algorithm=algorithm),
    }
    return found | ({"nonce": nonce} if nonce else {})


def logout_claims(
    *, issuer: str, client_id: str, subject: str, session_id: str, number: str, now: datetime
) -> dict[str, Any]:
    """OpenID Connect Back-Channel Logout 1.0 §2.4; never a nonce, so it cannot pass for an identity token."""
    return {
        "iss": issuer,
        "sub": subject,
        "aud": client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + LOGOUT_TOKEN_LIVES).timestamp()),
        "jti": number,
        "sid": session_id,
        "events": {LOGOUT_EVENT: {}},
    }


def half_hash(*, text: str, algorithm: str) -> str:
    """The left half of the digest that belongs to the algorithm (OpenID Connect Core 1.0 §3.1.3.6)."""
    whole = _DIGESTS[algorithm](text.encode("ascii"))
    return base64url(whole[: len(whole) // 2])
