"""
How alike two texts are, in thousandths: whole numbers, so that a score is the same on every machine.
"""

from functools import lru_cache

SAME = 1000


def edits(one: str, other: str, *, at_most: int) -> int:
    """
    How many edits lead from one text to the other: a sign put in, left out, changed, or two neighbours exchanged.

    Counts only up to ``at_most``; whatever is further apart gives ``at_most + 1``.
    """
    if one == other:
        return 0
    if abs(len(one) - len(other)) > at_most:
        return at_most + 1
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, sign in enumerate(one, start=1):
        here = [row] + [0] * len(other)
        for place, against in enumerate(other, start=1):
            best = min(above[place] + 1, here[place - 1] + 1, above[place - 1] + (sign != against))
            is_exchange = row > 1 and place > 1 and sign == other[place - 2] and one[row - 2] == against
            here[place] = min(best, before[place - 2] + 1) if is_exchange else best
        if min(here) > at_most:
            return at_most + 1
        before, above = above, here
    return min(above[-1], at_most + 1)


@lru_cache(maxsize=65536)
def pairs_of(text: str) -> frozenset[str]:
    """The neighbours of a text, with its ends: what two texts share of them says how alike they are."""
    padded = f"^{text}$"
    return frozenset(padded[i : i + 2] for i in range(len(padded) - 1))


def alike(one: str, other: str) -> int:
    """Shared neighbours of two texts in thousandths (Dice): 1000 is the same, 0 nothing in common."""
    if one == other:
        return SAME if one else 0
    first, second = pairs_of(one), pairs_of(other)
    return 2 * SAME * len(first & second) // (len(first) + len(second))
