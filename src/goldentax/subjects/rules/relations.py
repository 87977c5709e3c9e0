"""
Relations between subjects (主体关系), and who may give which duty.

The tables stand in ``lawbook/subjects``. A relation that confers a duty (办税身份) is given power through identity;
here stands only that it is so, since when and until when. Nobody gives more than the table lets them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from goldentax.kernel import lawbook
from goldentax.kernel.text import Text
from goldentax.subjects import errors

REPRESENTATIVE = "01"
ADMINISTRATOR = "05"
GOVERNING = frozenset({REPRESENTATIVE, ADMINISTRATOR})
"""The duties whose holders look after their company's people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationKind:
    """One kind of relation: from whom to whom, and which duty it confers."""

    code: str
    label: Text
    from_kinds: tuple[str, ...]
    to_kinds: tuple[str, ...]
    duty: str  # 人员类型 code, "" for none
    is_single: bool  # only one at a time for one target


def relation_kinds(*, on: date) -> dict[str, RelationKind]:
    """Every kind of relation of a day, by code."""
    return {
        str(row["code"]): RelationKind(
            code=str(row["code"]),
            label=row["label"],
            from_kinds=tuple(row["from_kinds"]),
            to_kinds=tuple(row["to_kinds"]),
            duty=str(row["duty"] or ""),
            is_single=bool(row["is_single"]),
        )
        for row in lawbook.table("subjects/relations", on=on)
    }


def get_kind(code: str, *, on: date) -> RelationKind:
    """
    One kind of relation.

    :raises errors.UnknownRelation: if there is none with that code.
    """
    known = relation_kinds(on=on)
    if code not in known:
        raise errors.UnknownRelation("kind", kind=code[:20], known="、".join(known))
    return known[code]


def check_ends(*, kind: RelationKind, from_kind: str, to_kind: str) -> None:
    """
    Look whether subjects of these kinds may stand in that relation.

    :raises errors.RelationDoesNotFit: if they may not.
    """
    if from_kind not in kind.from_kinds or to_kind not in kind.to_kinds:
        raise errors.RelationDoesNotFit("kind", relation=kind.label)


def duties_given_by(*, held: Collection[str], on: date) -> frozenset[str]:
    """The duties that somebody who holds these may give to others."""
    rows = lawbook.table("subjects/giving", on=on)
    return frozenset(str(duty) for row in rows if row["giver"] in held for duty in row["may_give"])


def check_giving(*, held: Collection[str], duty: str, on: date) -> None:
    """
    Let somebody give, change or end a duty.

    :raises errors.MayNotGive: if none of the duties they hold lets them.
    """
    allowed = duties_given_by(held=held, on=on)
    if duty not in allowed:
        known = relation_kinds(on=on)
        label = known[duty].label if duty in known else Text(duty, duty)
        raise errors.MayNotGive("duty", duty=label, allowed="、".join(sorted(allowed)) or "—")


def longest_end(*, duty: str, valid_from: date, on: date) -> date:
    """The latest day on which a duty that somebody gives may end."""
    rows = {str(row["duty"]): int(row["days"]) for row in lawbook.table("subjects/longest_terms", on=on)}
    return valid_from + timedelta(days=rows[duty])


def check_term(*, duty: str, valid_from: date, valid_to: date | None, on: date) -> None:
    """
    Look at the term of a duty that somebody gives: it begins today or later, ends, and not too late.

    :raises errors.BadTerm: if it ends before it begins, or would begin in the past.
    :raises errors.TermTooLong: if it has no end, or ends too late.
    """
    if valid_from < on or (valid_to is not None and valid_to <= valid_from):
        raise errors.BadTerm("valid_to" if valid_from >= on else "valid_from")
    latest = longest_end(duty=duty, valid_from=valid_from, on=on)
    if valid_to is None or valid_to > latest:
        raise errors.TermTooLong("valid_to", latest=latest)
