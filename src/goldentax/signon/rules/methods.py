"""How a sign-in is told to clients: its level as an acr, its methods as amr (RFC 8176)."""

from collections.abc import Iterable

from goldentax.signon.rules.requests import ACR_PREFIX

_AMR = {
    "password": "pwd",
    "sms": "sms",
    "totp": "otp",
    "recovery": "otp",
    "passkey": "hwk",
    "passkey-touch": "hwk",
    "certificate": "hwk",
    "face": "face",
}
TWO_FACTORS = 2


def acr_of(level: int) -> str:
    """The name of a level of assurance."""
    return f"{ACR_PREFIX}{level}"


def amr_of(*, methods: Iterable[str], level: int) -> list[str]:
    """The names of RFC 8176 for our methods; one that has none there keeps ours. Two factors add ``mfa``."""
    named = list(dict.fromkeys(_AMR.get(one, one) for one in methods))
    return [*named, "mfa"] if level >= TWO_FACTORS else named
