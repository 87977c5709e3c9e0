"""What a grant is held against: the actor's own reach, the catalogue, and the segregation of duties."""

from datetime import datetime

from goldentax.authority import errors, store
from goldentax.authority.models import Grant
from goldentax.authority.operations.grants import keeping
from goldentax.authority.queries import decisions, offices
from goldentax.authority.rules import catalogue as catalogues
from goldentax.authority.rules import grants as rules
from goldentax.authority.rules.catalogue import Catalogue
from goldentax.authority.rules.deciding import moment
from goldentax.authority.rules.grants import ACTIVE, REQUESTED, Wish
from goldentax.authority.rules.values import Object
from goldentax.kernel.access import Actor

APPROVE = "authority.grant.approve"


def refuse_decider(grant: Grant, *, actor: Actor, now: datetime) -> None:
    """
    Hold who decides against the grant.

    :raises errors.OwnRequest: if the actor asked for it or would get it.
    :raises errors.NotAllowed: if they may not decide in that office.
    """
    if actor.person_id in (str(grant.requested_by), str(grant.person_id)):
        raise errors.OwnRequest("grant_id")
    asked_by: dict[str, object] = {"requested_by": str(grant.requested_by), "person": str(grant.person_id)}
    refuse_not_allowed(actor, function=APPROVE, office=grant.office_code, now=now, attributes=asked_by)


def refuse_not_allowed(
    actor: Actor, *, function: str, office: str, now: datetime, attributes: dict[str, object] | None = None
) -> None:
    """
    Hold an actor against a function on grants of an office.

    :raises errors.NotAllowed: if they may not use it there; it names the first obstacle.
    """
    decision = decisions.decide(
        subject=decisions.subject_of(actor),
        function=function,
        object=Object(kind="grant", office=office, attributes=attributes or {}),
        at=now,
    )
    if not decision.allowed:
        reason = rules.first_obstacle(decision)
        raise errors.NotAllowed("office_code", reason=reason)


def refuse_above(actor: Actor, *, wish: Wish, catalogue: Catalogue, now: datetime) -> None:
    """Refuse a wish that goes beyond what the actor could give themselves: nobody grants above, wider or longer."""
    policy = store.policy_for(person_id=actor.person_id, at=now)
    own = [one for one in policy.holdings_of(actor.person_id) if policy.is_usable(one, actor.acting_for)]
    refusal = rules.why_not_to_give(
        wish=wish, giver=own, catalogue=catalogue, lines=policy.lines, at=moment(now)
    )
    if refusal is not None:
        raise refusal


def refuse_impossible(catalogue: Catalogue, wish: Wish) -> None:
    """A post or set that does not exist, a post that the office does not have, an office that nobody knows."""
    catalogues.refuse_unknown(catalogue, via=wish.kind, code=wish.code)
    office = offices.get_office(wish.scope.office)
    if office.closed_date is not None:
        raise errors.OfficeClosed("office_code", name=office.name, closed=office.closed_date)
    rules.refuse_post_not_at_level(catalogue, wish=wish, level=office.level)


def refuse_torn(catalogue: Catalogue, *, person: str, wish: Wish, but: Grant | None = None) -> None:
    """Hold a wish against what the person holds or has asked for on some of the same days."""
    rows = Grant.objects.filter(person_id=person, state__in=[ACTIVE, REQUESTED])
    if but is not None:
        # A request that waits takes nothing away from one that is decided now; its own approval is held against this.
        rows = rows.filter(state=ACTIVE).exclude(id=but.id)
    present = [
        (keeping.via_of(one.kind), one.code)
        for one in rows
        if rules.terms_meet(wish, one.valid_from, one.valid_to)
    ]
    rules.refuse_torn(catalogue, wish=wish, present=present)
