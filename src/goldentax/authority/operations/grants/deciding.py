"""What was asked for is decided by another person, or taken back by who asked."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from goldentax.authority import errors, store
from goldentax.authority.operations.grants import checks, keeping
from goldentax.authority.operations.grants.near_misses import near_misses_noted
from goldentax.authority.queries import grants as views
from goldentax.authority.rules import catalogue as catalogues
from goldentax.authority.rules import grants as rules
from goldentax.authority.rules.grants import ACTIVE, REFUSED, WITHDRAWN
from goldentax.authority.rules.values import GrantView
from goldentax.kernel.access import Actor
from goldentax.kernel.clock import CHINA


@near_misses_noted(tried="authority.grant.approve")
@transaction.atomic
def approve_grant(
    *, grant_id: str | UUID, actor: Actor, now: datetime, request_id: str, note: str = ""
) -> GrantView:
    """
    Give what was asked for; it holds from this moment on, or from its first day if that is later.

    :raises errors.OwnRequest: if the actor asked for it or would get it.
    :raises errors.NotAllowed: if the actor may not approve in that office, or is not known surely enough.
    :raises errors.AboveOneself: if the actor could not give it themselves; also :class:`errors.OutsideOwnOffice` and
        :class:`errors.BeyondOwnEnd`.
    :raises errors.WouldBreakSegregation: if it must not stand beside what the person holds by now.
    :raises errors.WrongState: if it was decided already.
    :raises errors.BadTerm: if its last day has passed meanwhile.
    """
    asked, grant, first = keeping.begin_step(
        "approve", grant_id=grant_id, actor=actor, note=note, request_id=request_id
    )
    if first is not None:
        return first
    wish = keeping.wish_of(grant)
    checks.refuse_decider(grant, actor=actor, now=now)
    rules.refuse_bad_term(
        valid_from=wish.valid_from, valid_to=wish.valid_to, today=now.astimezone(CHINA).date()
    )
    catalogue = catalogues.catalogue_on(now.astimezone(CHINA).date())
    checks.refuse_impossible(catalogue, wish)
    checks.refuse_above(actor, wish=wish, catalogue=catalogue, now=now)
    checks.refuse_torn(catalogue, person=str(grant.person_id), wish=wish, but=grant)
    grant.revision = store.touch()
    grant.state, grant.granted_at = ACTIVE, now
    grant.decided_by, grant.decided_at, grant.note = UUID(actor.person_id), now, keeping.clean(note)
    grant.save()
    keeping.keep_step(
        grant, action="approve", actor=actor.label, now=now, request_id=request_id, asked=asked, note=note
    )
    return views.as_view(grant)


@transaction.atomic
def refuse_grant(
    *, grant_id: str | UUID, actor: Actor, now: datetime, request_id: str, note: str = ""
) -> GrantView:
    """
    Turn down what was asked for.

    :raises errors.OwnRequest: if the actor asked for it or would get it.
    :raises errors.NotAllowed: if the actor may not decide in that office.
    :raises errors.WrongState: if it was decided already.
    """
    asked, grant, first = keeping.begin_step(
        "refuse", grant_id=grant_id, actor=actor, note=note, request_id=request_id
    )
    if first is not None:
        return first
    checks.refuse_decider(grant, actor=actor, now=now)
    grant.state, grant.note = REFUSED, keeping.clean(note)
    grant.decided_by, grant.decided_at = UUID(actor.person_id), now
    grant.save()
    keeping.keep_step(
        grant, action="refuse", actor=actor.label, now=now, request_id=request_id, asked=asked, note=note
    )
    return views.as_view(grant)


@transaction.atomic
def withdraw_grant(
    *, grant_id: str | UUID, actor: Actor, now: datetime, request_id: str, note: str = ""
) -> GrantView:
    """
    Take one's own request back before it is decided.

    :raises errors.NotAllowed: if somebody else asked for it.
    :raises errors.WrongState: if it was decided already.
    """
    asked, grant, first = keeping.begin_step(
        "withdraw", grant_id=grant_id, actor=actor, note=note, request_id=request_id
    )
    if first is not None:
        return first
    if str(grant.requested_by) != actor.person_id:
        raise errors.NotAllowed("grant_id", reason=rules.NOT_THE_ASKER)
    grant.state, grant.note = WITHDRAWN, keeping.clean(note)
    grant.save()
    keeping.keep_step(
        grant, action="withdraw", actor=actor.label, now=now, request_id=request_id, asked=asked, note=note
    )
    return views.as_view(grant)
