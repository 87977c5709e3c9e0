"""Hold an actor against a function on one office, and say why not."""

from datetime import datetime

from goldentax.authority import errors
from goldentax.authority.queries import decisions
from goldentax.authority.rules import grants as rules
from goldentax.authority.rules.values import Decision, Object
from goldentax.kernel.access import Actor


def reaches(*, actor: Actor, function: str, office: str, now: datetime) -> bool:
    """Tell whether an actor may use a function on an office."""
    return _decide(actor, function, office, now).allowed


def hold(*, actor: Actor, function: str, office: str, now: datetime, field: str = "office_code") -> None:
    """
    Hold an actor against a function on an office.

    :raises errors.NotAllowed: if they may not use it there; it names the first obstacle.
    """
    decision = _decide(actor, function, office, now)
    if not decision.allowed:
        raise errors.NotAllowed(field, reason=rules.first_obstacle(decision))


def _decide(actor: Actor, function: str, office: str, now: datetime) -> Decision:
    return decisions.decide(
        subject=decisions.subject_of(actor),
        function=function,
        object=Object(kind="office", office=office),
        at=now,
    )
