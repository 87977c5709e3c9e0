"""Looks at what somebody else may: answered like any decision, and recorded as a look."""

import re
from datetime import datetime

from django.db import transaction

from goldentax.authority import errors
from goldentax.authority.operations import doors
from goldentax.authority.queries import decisions, holders
from goldentax.authority.rules.values import OFFICE_PREFIX, Decision, Holder, Object, Subject
from goldentax.kernel import audit
from goldentax.kernel.access import Actor

SHELL = Actor(channel="cli")
"""Whoever has a shell on the node: the command line asks for nobody's grant, and is recorded like everybody."""

EXPLAIN = "authority.explain.read"
_PERSON = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@transaction.atomic
def explain_for(
    *, actor: Actor, subject: Subject, function: str, object: Object | None, at: datetime, now: datetime
) -> Decision:
    """
    Decide for somebody, on behalf of an officer who wants to know why.

    :raises errors.BadMoment: if the moment has no time zone.
    :raises errors.UnknownPerson: if the text is no public id.
    :raises errors.NotAllowed: if neither the object nor the office they act in is within the actor's reach.
    """
    _refuse_bad_moment(at)
    _refuse_out_of_reach(actor, object.office if object else "", acting_for=subject.acting_for, now=now)
    if not _PERSON.fullmatch(subject.person_id):
        raise errors.UnknownPerson("person_id", person=subject.person_id[:40])
    decision = decisions.decide(subject=subject, function=function, object=object, at=at)
    audit.record(
        actor=actor.label,
        action="authority.decision.explain",
        subject=f"person:{subject.person_id}",
        now=now,
        category=audit.LOOK,
        detail={"function": function, "at": at.isoformat(), "allowed": decision.allowed},
    )
    return decision


@transaction.atomic
def who_could_for(
    *, actor: Actor, function: str, object: Object, at: datetime, now: datetime
) -> list[Holder]:
    """
    Tell an officer who could use a function on something at a moment.

    :raises errors.BadMoment: if the moment has no time zone.
    :raises errors.UnknownFunction: if the catalogue of that day has no such function.
    :raises errors.NotAllowed: if the object lies in an office beyond the actor's reach.
    """
    _refuse_bad_moment(at)
    _refuse_out_of_reach(actor, object.office, now=now)
    found = holders.who_could(function=function, object=object, at=at)
    audit.record(
        actor=actor.label,
        action="authority.holders.look",
        subject=object.taxpayer or object.office,
        now=now,
        category=audit.LOOK,
        detail={"function": function, "at": at.isoformat(), "count": len(found)},
    )
    return found


def _refuse_bad_moment(at: datetime) -> None:
    if at.tzinfo is None:
        raise errors.BadMoment("at")


def _refuse_out_of_reach(actor: Actor, office: str, *, now: datetime, acting_for: str = "") -> None:
    if actor == SHELL:
        return
    acted_in = acting_for.removeprefix(OFFICE_PREFIX) if acting_for.startswith(OFFICE_PREFIX) else ""
    if acted_in and doors.reaches(actor=actor, function=EXPLAIN, office=acted_in, now=now):
        return
    doors.hold(actor=actor, function=EXPLAIN, office=office, now=now)
