"""The keys that sign tokens, and those that verify them."""

from datetime import datetime
from functools import lru_cache

from goldentax.kernel.crypto import vault
from goldentax.signon.models import TokenKey
from goldentax.signon.rules import jose

PURPOSE = "signon.token-key"
"""What the secrets of token keys are sealed for."""


def public_keys(now: datetime) -> list[jose.PublicKey]:
    """Every key that may have signed a token which somebody still holds, or will soon sign one."""
    rows = TokenKey.objects.filter(published_until__gt=now).order_by("-signs_from", "algorithm")
    return [jose.PublicKey(row.kid, row.algorithm, bytes(row.material)) for row in rows]


def private_key(*, algorithm: str, now: datetime) -> jose.SigningKey | None:
    """The key of an algorithm that signs now; the newest where a rotation overlaps."""
    row = (
        TokenKey.objects.filter(algorithm=algorithm, signs_from__lte=now, signs_until__gt=now)
        .order_by("-signs_from", "-id")
        .values_list("kid", "sealed_secret", "material")
        .first()
    )
    if row is None:
        return None
    kid, sealed, material = row
    return _opened(kid, algorithm, bytes(sealed), bytes(material))


# What is sealed is part of the question, so a key that is sealed anew is opened anew.
@lru_cache(maxsize=16)
def _opened(kid: str, algorithm: str, sealed: bytes, material: bytes) -> jose.SigningKey:
    secret = vault.open_sealed(sealed, PURPOSE)
    return jose.signing_key(kid=kid, algorithm=algorithm, secret=secret, material=material)
