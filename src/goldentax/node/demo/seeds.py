"""
Chance that always falls the same way: two demo worlds differ in nothing but passwords and times.

Every company and every number is invented. Organisation codes begin with MAY, a segment that is not given
out, and identity cards name a division that does not exist (450199), so that no number is anybody's.
"""

import random

from goldentax.kernel.values import identifiers

_ORGANISATION_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_NO_DIVISION = "450199"


def dice(*parts: object) -> random.Random:
    """Dice for one purpose; the same parts give the same throws for ever."""
    # Not a secret of anybody: these numbers make a believable world, nothing is protected by them.
    return random.Random("goldentax demo world 1:" + ":".join(map(str, parts)))  # noqa: S311


def credit_code(key: str, *, division: str, is_household: bool = False) -> str:
    """A valid unified social credit code of an invented organisation in a division."""
    throw = dice("uscc", key)
    organisation8 = "MAY" + "".join(throw.choice(_ORGANISATION_SIGNS) for _ in range(5))
    prefix = ("92" if is_household else "91") + division
    return identifiers.make_uscc(prefix=prefix, organisation8=organisation8)


def identity_card(key: str) -> str:
    """A valid identity card number of nobody."""
    throw = dice("card", key)
    born = f"{throw.randint(1965, 1999)}{throw.randint(1, 12):02d}{throw.randint(1, 28):02d}"
    return identifiers.make_id_card(f"{_NO_DIVISION}{born}{throw.randint(1, 999):03d}")


def mobile_number(key: str) -> str:
    """A mobile number of nobody: of the segment 154, which is not given out."""
    return "154" + digits(8, "mobile", key)


def digits(length: int, *parts: object) -> str:
    """So many digits, the first one not zero."""
    throw = dice("digits", *parts)
    return str(throw.randint(1, 9)) + "".join(str(throw.randint(0, 9)) for _ in range(length - 1))
