"""
What a grant may be: kinds, states, and the checks before one is asked for or given.

Who gives must hold it: every function set of the thing must be among what the giver uses or may hand on, for at least
that office, those taxpayers and fields, and until at least that day.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from goldentax.authority import errors
from goldentax.authority.rules.catalogue import Catalogue, SegregationRule
from goldentax.authority.rules.deciding import FOREVER, Held, day_begins, day_of
from goldentax.authority.rules.offices import LEVEL_NAMES
from goldentax.authority.rules.values import Decision
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

POST, SET = "post", "set"
KINDS = (POST, SET)

REQUESTED, ACTIVE, REFUSED, WITHDRAWN, ENDED = "requested", "active", "refused", "withdrawn", "ended"
STATES = {
    REQUESTED: Text("待审批", "waiting for approval"),
    ACTIVE: Text("已生效", "granted"),
    REFUSED: Text("已驳回", "refused"),
    WITHDRAWN: Text("已撤回", "withdrawn"),
    ENDED: Text("已终止", "ended"),
}
"""States of a grant (授权状态). That its last day has passed is no state: the days say so."""

TAXPAYERS_MAX = 1_000
"""Taxpayers one grant may name; a set of more is an office's, and every decision would walk it."""
FIELDS_MAX = 100

NOT_THE_ASKER = Text("不是您提出的申请", "you did not ask for it")

_TAXPAYER = re.compile(r"[0-9A-Z]{8,20}")
_FIELD = re.compile(r"[a-z0-9_.\-]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a grant reaches (授权范围)."""

    office: str
    taxpayers: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for: a post or a set, for somebody, somewhere, in a term."""

    kind: str
    code: str
    scope: Scope
    valid_from: date
    valid_to: date | None


def refuse_bad_term(*, valid_from: date, valid_to: date | None, today: date | None = None) -> None:
    """
    Hold a term against the calendar; where ``today`` is given, it must not be over.

    :raises errors.BadTerm: if it ends before it begins, or is over.
    """
    if valid_to is not None and (valid_to <= valid_from or (today is not None and valid_to <= today)):
        raise errors.BadTerm("valid_to", begins=valid_from, ends=valid_to)


def refuse_bad_scope(scope: Scope) -> None:
    """
    Hold the lists of a scope against their bounds.

    :raises errors.BadScope: if one is too long, or names something that cannot be.
    """
    if len(scope.taxpayers) > TAXPAYERS_MAX or len(scope.fields) > FIELDS_MAX:
        raise errors.BadScope("taxpayers", taxpayers=TAXPAYERS_MAX, fields=FIELDS_MAX)
    if any(not _TAXPAYER.fullmatch(one) for one in scope.taxpayers):
        raise errors.BadScope("taxpayers", taxpayers=TAXPAYERS_MAX, fields=FIELDS_MAX)
    if any(not _FIELD.fullmatch(one) for one in scope.fields):
        raise errors.BadScope("fields", taxpayers=TAXPAYERS_MAX, fields=FIELDS_MAX)


def refuse_post_not_at_level(catalogue: Catalogue, *, wish: Wish, level: str) -> None:
    """
    Hold a post against the level of its office.

    :raises errors.PostNotAtLevel: if offices of that level have no such post.
    """
    if wish.kind == POST and level not in catalogue.posts[wish.code].levels:
        raise errors.PostNotAtLevel("post", post=catalogue.posts[wish.code].label, level=LEVEL_NAMES[level])


def refuse_torn(catalogue: Catalogue, *, wish: Wish, present: Iterable[tuple[str, str]]) -> None:
    """
    Hold a wish against what else the person holds, by kind and code.

    :raises errors.ContradictsItself: if it holds both sides of a segregation rule in itself.
    :raises errors.WouldBreakSegregation: if it and one of the others hold the two sides.
    """
    new = catalogue.sets_of(via=wish.kind, code=wish.code)
    for via, code in (("", ""), *present):
        broken = broken_rule(catalogue=catalogue, new=new, present=catalogue.sets_of(via=via, code=code))
        if broken is not None and broken[1]:
            name = catalogue.name_of(via=wish.kind, code=wish.code)
            raise errors.ContradictsItself("code", what=name, rule=broken[0].label)
        if broken is not None:
            other = catalogue.name_of(via=via, code=code)
            raise errors.WouldBreakSegregation("code", other=other, rule=broken[0].label)


def terms_meet(wish: Wish, valid_from: date, valid_to: date | None) -> bool:
    """Tell whether two terms have a day in common."""
    return (valid_to is None or wish.valid_from < valid_to) and (
        wish.valid_to is None or valid_from < wish.valid_to
    )


def first_obstacle(decision: Decision) -> Text:
    """What a refused decision says first, in both languages."""
    reason = next((one for one in decision.reasons if one.code == "condition-fails"), decision.reasons[0])
    held = next((one for one in decision.reasons if one.code != "held"), reason)
    return Text(held.in_language("zh"), held.in_language("en"))


def broken_rule(
    *, catalogue: Catalogue, new: Iterable[str], present: Iterable[str]
) -> tuple[SegregationRule, bool] | None:
    """
    The first segregation rule that sets break among themselves or beside sets that are there.

    The flag tells whether the new ones break it alone.
    """
    fresh = catalogue.functions_in(new)
    there = catalogue.functions_in(present)
    for rule, left, right in catalogue.sides:
        if fresh & left and fresh & right:
            return rule, True
        if (fresh & left and there & right) or (fresh & right and there & left):
            return rule, False
    return None


def why_not_to_give(
    *, wish: Wish, giver: Iterable[Held], catalogue: Catalogue, lines: Mapping[str, tuple[str, ...]], at: int
) -> Refusal | None:
    """
    Why a giver may not give: the first set that goes above, outside or beyond what they hold at a moment.

    None where they may.
    """
    usable = [one for one in giver if one.begins <= at < one.ends]
    wanted = catalogue.sets_of(via=wish.kind, code=wish.code)
    until = FOREVER if wish.valid_to is None else day_begins(wish.valid_to)
    for code in sorted(wanted):
        name = catalogue.function_sets[code].label
        having = [one for one in usable if code in one.sets or _hands_on(one, code, catalogue)]
        if not having:
            return errors.AboveOneself("code", function_set=name)
        reaching = [one for one in having if _reaches(one, wish.scope, lines)]
        if not reaching:
            return errors.OutsideOwnOffice("office_code", function_set=name)
        longest = max(reaching, key=lambda one: one.ends)
        if longest.ends < until:
            return errors.BeyondOwnEnd("valid_to", function_set=name, ends=day_of(longest.ends))
    return None


def _hands_on(line: Held, code: str, catalogue: Catalogue) -> bool:
    return line.via == POST and code in catalogue.sets_given_by(line.code)


def _reaches(line: Held, scope: Scope, lines: Mapping[str, tuple[str, ...]]) -> bool:
    return (
        (not line.office or line.office in lines.get(scope.office, ()))
        and (not line.taxpayers or (bool(scope.taxpayers) and scope.taxpayers <= line.taxpayers))
        and (not line.fields or (bool(scope.fields) and scope.fields <= line.fields))
    )
