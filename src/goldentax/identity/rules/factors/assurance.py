"""
How surely we know somebody (认证强度) after the methods they used; the table is `lawbook/identity/factors.yaml`.

Two factors count as two only if they are of different kinds: something known, held, or of the body.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from goldentax.kernel import lawbook
from goldentax.kernel.text import Text

PASSWORD, SMS, TOTP, RECOVERY = "password", "sms", "totp", "recovery"
PASSKEY, PASSKEY_TOUCH = "passkey", "passkey-touch"
SCAN, CERTIFICATE, FACE = "scan", "certificate", "face"

BOTH = "both"
"""The kind of a key that its holder unlocks: it is held and unlocked by what is known or of the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to sign in (认证方式)."""

    key: str
    kind: str
    alone: int  # the level it gives by itself; 0: it signs nobody in
    joined: int  # the level it gives beside a factor of another kind
    label: Text


def methods(on: date) -> dict[str, Method]:
    """Every method of a day, by its key."""
    return {
        row["method"]: Method(
            key=row["method"],
            kind=row["kind"],
            alone=row["alone"],
            joined=row["joined"],
            label=row["label"],
        )
        for row in lawbook.table("identity/factors", on=on)
    }


def level_of(used: Collection[str], *, on: date) -> int:
    """
    The level of assurance of a sign-in by these methods: 0 nobody, 1 one factor, 2 two, 3 the strongest.

    What signs nobody in by itself adds to another factor, never to its like.
    """
    known = methods(on)
    held = [known[one] for one in dict.fromkeys(used) if one in known]
    best = max((one.alone for one in held), default=0)
    if best == 0:
        return 0
    pairs = [min(one.joined, two.joined) for one, two in combinations(held, 2) if one.kind != two.kind]
    return max([best, *pairs])


def raised_level(*, first: str, base: int, method: str, on: date) -> int:
    """
    The level of a session after one more method.

    :param first: the method that the sign-in began with.
    :param base: the level of the sign-in; what was proved later, and has run out, counts for nothing.
    """
    return max(base, level_of((first, method), on=on))
