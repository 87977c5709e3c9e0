"""How far an actor reaches: the offices on which they have a function."""

from collections.abc import Iterable
from datetime import datetime

from goldentax.authority.queries import decisions, offices
from goldentax.authority.rules.offices import OfficeView
from goldentax.authority.rules.values import Object, Subject
from goldentax.kernel.access import STRONG, Actor


def offices_within(*, actor: Actor, function: str, at: datetime) -> tuple[OfficeView, ...]:
    """
    The offices on which an actor has a function, whatever their level of assurance, in the order of their codes.

    For showing and finding; what is done is decided again, and there the level counts.
    """
    every = offices.list_offices()
    answers = decisions.may_each(
        subject=_strong(actor),
        function=function,
        objects=[Object(kind="office", office=one.code) for one in every],
        at=at,
    )
    return tuple(one for one, may in zip(every, answers, strict=True) if may)


def functions_on(*, actor: Actor, functions: Iterable[str], office: str, at: datetime) -> frozenset[str]:
    """Those of the functions that an actor has on an office, such as the buttons of its page."""
    return decisions.may_which(
        subject=_strong(actor), functions=functions, object=Object(kind="office", office=office), at=at
    )


def _strong(actor: Actor) -> Subject:
    # What is offered does not depend on how one signed in: who lacks a factor is asked for it on the way.
    return Subject(actor.person_id, actor.acting_for, STRONG, actor.channel)
