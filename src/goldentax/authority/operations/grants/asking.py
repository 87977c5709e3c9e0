"""A post or set is asked for, or given by the system itself."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from goldentax.authority import store
from goldentax.authority.operations import requests
from goldentax.authority.operations.grants import checks, keeping
from goldentax.authority.operations.grants.near_misses import near_misses_noted
from goldentax.authority.queries import grants as views
from goldentax.authority.rules import catalogue as catalogues
from goldentax.authority.rules import grants as rules
from goldentax.authority.rules.grants import ACTIVE, POST, REQUESTED, Scope, Wish
from goldentax.authority.rules.values import Appointment, GrantView
from goldentax.kernel.access import Actor
from goldentax.kernel.clock import CHINA

REQUEST_APPOINTMENT = "authority.appointment.request"
REQUEST_GRANT = "authority.grant.request"


@near_misses_noted(tried="authority.grant.appoint")
@transaction.atomic
def appoint(
    *,
    person_id: str | UUID,
    office_code: str,
    post: str,
    valid_from: date,
    actor: str,
    now: datetime,
    valid_to: date | None = None,
    title: str = "",
    request_id: str = "",
) -> Appointment:
    """
    Give a person a post in an office without a request, for the system itself: founding a world, importing a roster.

    An empty request id is for makers that ask themselves whether it is there; else the same id gets the first answer.

    :raises errors.UnknownPost: if there is no such post, :class:`errors.PostNotAtLevel` if not at that office.
    :raises errors.UnknownOffice: if there is no such office.
    :raises errors.BadTerm: if the term ends before it begins.
    :raises errors.HeldAlready: if the person has the post there on one of the days.
    :raises errors.WouldBreakSegregation: if it must not stand beside what the person holds.
    """
    wish = Wish(
        kind=POST, code=post, scope=Scope(office=office_code), valid_from=valid_from, valid_to=valid_to
    )
    person = keeping.person_of(person_id)
    asked = requests.digest("appoint", keeping.content_of(person, wish) | {"title": title})
    if request_id:
        first = requests.find_first_answer(request_id=request_id, asked=asked)
        if first is not None:
            return views.as_appointment(first)
    rules.refuse_bad_term(valid_from=valid_from, valid_to=valid_to)
    catalogue = catalogues.catalogue_on(now.astimezone(CHINA).date())
    checks.refuse_impossible(catalogue, wish)
    requests.wait_for(f"person:{person}")
    checks.refuse_torn(catalogue, person=person, wish=wish)
    revision = store.touch()
    grant = keeping.create_grant(
        person=person,
        wish=wish,
        state=ACTIVE,
        requested_at=now,
        decided_at=now,
        granted_at=now,
        title=keeping.clean(title, 60),
        revision=revision,
    )
    keeping.keep_step(grant, action="appoint", actor=actor, now=now, request_id=request_id, asked=asked)
    return views.as_appointment(grant)


@near_misses_noted(tried="authority.grant.request")
@transaction.atomic
def request_grant(
    *,
    person_id: str | UUID,
    kind: str,
    code: str,
    office_code: str,
    valid_from: date,
    actor: Actor,
    now: datetime,
    request_id: str,
    valid_to: date | None = None,
    taxpayers: Sequence[str] = (),
    fields: Sequence[str] = (),
    title: str = "",
    reason: str = "",
) -> GrantView:
    """
    Ask for a post (``kind`` "post") or a function set ("set") for somebody; another person decides.

    The same request id gets the first answer back.

    :raises errors.NotAllowed: if the actor may not ask for it in that office.
    :raises errors.AboveOneself: if the actor neither holds it nor may hand it on; also
        :class:`errors.OutsideOwnOffice` and :class:`errors.BeyondOwnEnd`.
    :raises errors.WouldBreakSegregation: if it must not stand beside what the person holds.
    :raises errors.HeldAlready: if it is held or asked for on one of the days.
    :raises errors.BadTerm: if the term is impossible or over.
    """
    person = keeping.person_of(person_id)
    scope = Scope(office=office_code, taxpayers=frozenset(taxpayers), fields=frozenset(fields))
    wish = Wish(kind=kind, code=code, scope=scope, valid_from=valid_from, valid_to=valid_to)
    asked = requests.digest(
        "request",
        keeping.content_of(person, wish) | {"by": actor.person_id, "title": title, "reason": reason},
    )
    first = requests.find_first_answer(request_id=request_id, asked=asked)
    if first is not None:
        return views.as_view(first)
    rules.refuse_bad_term(valid_from=valid_from, valid_to=valid_to, today=now.astimezone(CHINA).date())
    rules.refuse_bad_scope(scope)
    catalogue = catalogues.catalogue_on(now.astimezone(CHINA).date())
    checks.refuse_impossible(catalogue, wish)
    checks.refuse_not_allowed(
        actor, function=REQUEST_APPOINTMENT if kind == POST else REQUEST_GRANT, office=office_code, now=now
    )
    requests.wait_for(f"person:{person}")
    checks.refuse_above(actor, wish=wish, catalogue=catalogue, now=now)
    checks.refuse_torn(catalogue, person=person, wish=wish)
    grant = keeping.create_grant(
        person=person,
        wish=wish,
        state=REQUESTED,
        requested_by=actor.person_id,
        requested_at=now,
        title=keeping.clean(title, 60),
        reason=keeping.clean(reason),
    )
    keeping.keep_step(
        grant, action="request", actor=actor.label, now=now, request_id=request_id, asked=asked, note=reason
    )
    return views.as_view(grant)
