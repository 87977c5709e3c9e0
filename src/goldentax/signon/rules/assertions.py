"""A client's signed proof of who it is (private_key_jwt, RFC 7523 §3), held against our clock and our name."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeGuard

from goldentax.signon import errors
from goldentax.signon.rules.tokens import ASSERTION_LIVES_MAX, CLOCK_SKEW

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NUMBER_LENGTH_MAX = 200


def check_assertion(
    *, claims: Mapping[str, Any], client_id: str, audiences: Collection[str], now: datetime
) -> tuple[str, int]:
    """
    Give the number (jti) of an assertion and the second it ends, if it speaks for this client to us.

    The audience is one text and our own: a list would let one assertion be used at two servers.

    :raises ClientNotProven: if it does not.
    """
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise errors.ClientNotProven("client_assertion")
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not isinstance(audience, str) or audience not in audiences:
        raise errors.ClientNotProven("client_assertion")
    number, ends, begins = claims.get("jti"), claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(number, str) or not 1 <= len(number) <= NUMBER_LENGTH_MAX:
        raise errors.ClientNotProven("client_assertion")
    if not _is_second(ends) or not _is_second(begins):
        raise errors.ClientNotProven("client_assertion")
    second, skew = int(now.timestamp()), int(CLOCK_SKEW.total_seconds())
    if not second - skew < ends <= second + int(ASSERTION_LIVES_MAX.total_seconds()) + skew:
        raise errors.ClientNotProven("client_assertion")
    if begins > second + skew:
        raise errors.ClientNotProven("client_assertion")
    return number, ends


def _is_second(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
