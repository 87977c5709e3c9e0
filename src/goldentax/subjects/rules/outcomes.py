"""
What becomes of each row of a load, decided from the pairs that the matcher found.

Of two rows that may be the same, the one to decide about is the one with the wrong number; if both are right, the
later one. What is on record always stands. Two wrong numbers that look alike make nobody: both are rejected.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from goldentax.subjects import errors
from goldentax.subjects.rules.cleaning import Entry
from goldentax.subjects.rules.matching import Pair

PENDING, ADD, ADDED, MERGED, REPEATED, REVIEW, REJECTED = (
    "pending",  # not matched yet
    "add",  # will be added
    "added",
    "merged",  # the same as a subject on record
    "repeated",  # the same as an earlier row
    "review",  # a person decides
    "rejected",
)
OUTCOMES = (PENDING, ADD, ADDED, MERGED, REPEATED, REVIEW, REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of one row."""

    outcome: str
    code: str = ""  # of the refusal, where it is rejected
    same_as: int | None = None  # the place of what it is the same as, or may be
    pair: Pair | None = None  # why a person must look
    others: int = 0  # further candidates that scored less


def decide_all(entries: Sequence[Entry], *, pairs: Sequence[Pair], first_new: int) -> list[Fate]:
    """
    What becomes of every entry from ``first_new`` on, in their order; those before are on record.

    :param pairs: best first, with places counted over all entries.
    """
    about: dict[int, list[tuple[int, Pair]]] = {}
    for pair in pairs:
        decided = _decided(entries, pair, first_new=first_new)
        if decided is not None:
            other = pair.left if decided == pair.right else pair.right
            about.setdefault(decided, []).append((other, pair))
    return [
        _fate(entry, about.get(place, []), first_new=first_new)
        for place, entry in enumerate(entries[first_new:], start=first_new)
    ]


def _decided(entries: Sequence[Entry], pair: Pair, *, first_new: int) -> int | None:
    """The place that is to be decided about; None where neither can stand."""
    if pair.left < first_new:
        return pair.right
    left, right = entries[pair.left], entries[pair.right]
    if left.is_number_valid and not left.lacks:
        return pair.right
    return pair.left if right.is_number_valid and not right.lacks else None


def _fate(entry: Entry, found: list[tuple[int, Pair]], *, first_new: int) -> Fate:
    if "name" in entry.lacks:
        return Fate(outcome=REJECTED, code=errors.RowLacks.code)
    # Those that are exactly the same are all the same: the first of them stands for all.
    exact = min((other for other, pair in found if pair.is_exact), default=None)
    if exact is not None:
        return Fate(outcome=MERGED if exact < first_new else REPEATED, same_as=exact)
    if found:
        other, pair = found[0]
        return Fate(outcome=REVIEW, same_as=other, pair=pair, others=len(found) - 1)
    if not entry.is_number_valid:
        return Fate(outcome=REJECTED, code=(errors.BadCredential if entry.number else errors.RowLacks).code)
    return Fate(outcome=ADD)
