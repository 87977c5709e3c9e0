"""May they, and why: the one question of every door and every row."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from goldentax.authority import store
from goldentax.authority.rules.deciding import moment
from goldentax.authority.rules.values import Decision, Object, Subject
from goldentax.kernel.access import Actor

_last: tuple[datetime | None, int] = (None, 0)
"""The moment that was asked about last, and what it is in microseconds: the rows of a page ask about one."""


def may(*, subject: Subject, function: str, object: Object | None = None, at: datetime) -> bool:
    """
    Tell whether a subject may use a function on an object at a moment; without an object, whether anywhere.

    What a grant does not say is closed, an unknown function too. The answer is at most half a second old.
    """
    global _last
    policy = store.policy()
    last = _last
    if last[0] is at:
        now = last[1]
    else:
        now = moment(at)
        _last = (at, now)
    if not policy.since <= now < policy.until:
        policy = store.policy_then(persons=[subject.person_id], at=at)
    return policy.may(subject, function, object, at, now)


def may_each(
    *, subject: Subject, function: str, objects: Sequence[Object | None], at: datetime
) -> list[bool]:
    """Tell it of each of many objects, such as the rows of a page, in their order; all by one state of the grants."""
    policy = store.policy_for(person_id=subject.person_id, at=at)
    now = moment(at)
    return policy.may_each(subject, function, objects, at, now)


def may_which(
    *, subject: Subject, functions: Iterable[str], object: Object | None = None, at: datetime
) -> frozenset[str]:
    """Those of the functions the subject may use on one object, such as the buttons of a page."""
    policy = store.policy_for(person_id=subject.person_id, at=at)
    now = moment(at)
    return frozenset(one for one in functions if policy.may(subject, one, object, at, now))


def decide(*, subject: Subject, function: str, object: Object | None = None, at: datetime) -> Decision:
    """Decide and give the reasons, in both languages; by the same policy as :func:`may`."""
    return store.policy_for(person_id=subject.person_id, at=at).decide(subject, function, object, at)


def functions_of(*, subject: Subject, at: datetime) -> frozenset[str]:
    """Every function the subject may use somewhere at a moment."""
    return store.policy_for(person_id=subject.person_id, at=at).functions_of(subject, at)


def subject_of(actor: Actor) -> Subject:
    """The subject an actor is, in the identity they act in."""
    return Subject(actor.person_id, actor.acting_for, actor.assurance, actor.channel)


def has_function(*, actor: Actor, function: str, at: datetime) -> bool:
    """
    Tell whether an actor has a function somewhere, whatever their level of assurance.

    Doors ask this first and for the level afterwards, so that who only lacks the level is asked to step up and not
    sent away; :func:`assurance_needed` tells the level.
    """
    return may(subject=Subject(actor.person_id, actor.acting_for, 3, actor.channel), function=function, at=at)
