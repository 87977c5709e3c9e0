"""Before a grant is asked for: what a giver may give, what the person gains by it, what must not stand beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from goldentax.authority import errors, store
from goldentax.authority.queries import offices
from goldentax.authority.rules import catalogue as catalogues
from goldentax.authority.rules import grants as rules
from goldentax.authority.rules.catalogue import Catalogue, Function, Post, SegregationRule
from goldentax.authority.rules.deciding import moment
from goldentax.authority.rules.grants import POST, SET, Scope, Wish
from goldentax.authority.rules.values import VIA_DUTY, VIA_GRANT, VIA_POST
from goldentax.kernel.access import Actor
from goldentax.kernel.clock import CHINA


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What a post or set would add to what a person may do in offices."""

    added: tuple[Function, ...]
    already: tuple[Function, ...]  # carried by it, and held by them in some office before


def list_givable(*, actor: Actor, office_code: str, at: datetime) -> dict[tuple[str, str], date | None]:
    """
    The posts and sets an actor may hand on for an office, by kind and code, each with the last day of their own.

    It asks the rule that refuses a request; what is given for some taxpayers or fields only may be more.
    """
    office = offices.find_office(office_code)
    if office is None:
        return {}
    day = at.astimezone(CHINA).date()
    catalogue = catalogues.catalogue_on(day)
    policy = store.policy_for(person_id=actor.person_id, at=at)
    own = [one for one in policy.holdings_of(actor.person_id) if policy.is_usable(one, actor.acting_for)]
    posts = [(POST, code) for code, post in catalogue.posts.items() if office.level in post.levels]
    sets = [(SET, code) for code in catalogue.function_sets]
    found: dict[tuple[str, str], date | None] = {}
    for kind, code in (*posts, *sets):
        wish = Wish(kind=kind, code=code, scope=Scope(office=office_code), valid_from=day, valid_to=None)
        refusal = rules.why_not_to_give(
            wish=wish, giver=own, catalogue=catalogue, lines=policy.lines, at=moment(at)
        )
        if refusal is None:
            found[kind, code] = None
        elif isinstance(refusal, errors.BeyondOwnEnd):
            ends = refusal.facts["ends"]
            assert isinstance(ends, date)
            found[kind, code] = ends
    return found


def gain_of(*, person_id: str, kind: str, code: str, at: datetime) -> Gain:
    """What a person could do after it that they cannot do now in any office; duties for taxpayers do not count."""
    catalogue = catalogues.catalogue_on(at.astimezone(CHINA).date())
    carried = catalogue.functions_in(
        catalogue.sets_of(via=VIA_POST if kind == POST else VIA_GRANT, code=code)
    )
    now = moment(at)
    held: set[str] = set()
    if person_id:
        for one in store.policy_for(person_id=person_id, at=at).holdings_of(person_id):
            if one.via != VIA_DUTY and one.begins <= now < one.ends:
                held |= catalogue.functions_in(one.sets)
    return Gain(
        added=tuple(catalogue.functions[one] for one in sorted(carried - held)),
        already=tuple(catalogue.functions[one] for one in sorted(carried & held)),
    )


def conflicts_of_sets(catalogue: Catalogue) -> Mapping[str, tuple[tuple[str, SegregationRule], ...]]:
    """Each set with those it must not meet in one hand, and the rule that says so; a set may be its own rival."""
    found: dict[str, dict[tuple[str, str], tuple[str, SegregationRule]]] = {}
    for rule, left, right in catalogue.sides:
        ours = [code for code, functions in catalogue.functions_of_set.items() if functions & left]
        theirs = [code for code, functions in catalogue.functions_of_set.items() if functions & right]
        for one in ours:
            for other in theirs:
                found.setdefault(one, {})[other, rule.code] = (other, rule)
                found.setdefault(other, {})[one, rule.code] = (one, rule)
    return {code: tuple(pairs.values()) for code, pairs in found.items()}


def rivals_of_post(catalogue: Catalogue, *, post: str) -> tuple[tuple[Post, SegregationRule], ...]:
    """The posts that nobody may have beside this one, each with the first rule that says so."""
    own = catalogue.sets_of_post[post]
    found = []
    for code, sets in catalogue.sets_of_post.items():
        broken = rules.broken_rule(catalogue=catalogue, new=own, present=sets) if code != post else None
        if broken is not None:
            found.append((catalogue.posts[code], broken[0]))
    return tuple(found)
