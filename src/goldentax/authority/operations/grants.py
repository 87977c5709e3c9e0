"""
Give and end posts and function sets: asked for by one, decided by another, ended by who administers the office.

Every step locks the person it concerns, so that two steps at once cannot break together a segregation rule that each
keeps alone. What is checked when a grant is asked for is checked again when it is approved: in between, the world and
the approver are others. ``appoint`` is for the system itself (founding a world, importing): it asks for no approver,
but knows the same rules.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from goldentax.authority import errors, store
from goldentax.authority.models import Grant, GrantStep
from goldentax.authority.operations import requests
from goldentax.authority.queries import decisions, offices
from goldentax.authority.queries import grants as views
from goldentax.authority.rules import catalogue as catalogues
from goldentax.authority.rules import grants as rules
from goldentax.authority.rules.catalogue import Catalogue
from goldentax.authority.rules.deciding import moment
from goldentax.authority.rules.grants import ACTIVE, ENDED, POST, REFUSED, REQUESTED, WITHDRAWN, Scope, Wish
from goldentax.authority.rules.values import VIA_GRANT, VIA_POST, Appointment, GrantView, Object
from goldentax.kernel import audit
from goldentax.kernel.access import Actor
from goldentax.kernel.clock import CHINA
from goldentax.kernel.crypto import sm

REQUEST_APPOINTMENT = "authority.appointment.request"
REQUEST_GRANT = "authority.grant.request"
APPROVE = "authority.grant.approve"
END = "authority.grant.end"
_TEXT_MAX = 200


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
    person = _person(person_id)
    asked = requests.digest("appoint", _content(person, wish) | {"title": title})
    if request_id:
        first = requests.find_first_answer(request_id=request_id, asked=asked)
        if first is not None:
            return views.as_appointment(first)
    rules.refuse_bad_term(valid_from=valid_from, valid_to=valid_to)
    catalogue = catalogues.catalogue_on(now.astimezone(CHINA).date())
    _refuse_impossible(catalogue, wish)
    requests.wait_for(f"person:{person}")
    _refuse_torn(catalogue, person=person, wish=wish)
    revision = store.touch()
    grant = _create(
        person=person,
        wish=wish,
        state=ACTIVE,
        requested_at=now,
        decided_at=now,
        granted_at=now,
        title=_text(title, 60),
        revision=revision,
    )
    _note(grant, action="appoint", actor=actor, now=now, request_id=request_id, asked=asked)
    return views.as_appointment(grant)


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
    person = _person(person_id)
    scope = Scope(office=office_code, taxpayers=frozenset(taxpayers), fields=frozenset(fields))
    wish = Wish(kind=kind, code=code, scope=scope, valid_from=valid_from, valid_to=valid_to)
    asked = requests.digest(
        "request", _content(person, wish) | {"by": actor.person_id, "title": title, "reason": reason}
    )
    first = requests.find_first_answer(request_id=request_id, asked=asked)
    if first is not None:
        return views.as_view(first)
    rules.refuse_bad_term(valid_from=valid_from, valid_to=valid_to, today=now.astimezone(CHINA).date())
    rules.refuse_bad_scope(scope)
    catalogue = catalogues.catalogue_on(now.astimezone(CHINA).date())
    _refuse_impossible(catalogue, wish)
    _refuse_not_allowed(
        actor, function=REQUEST_APPOINTMENT if kind == POST else REQUEST_GRANT, office=office_code, now=now
    )
    requests.wait_for(f"person:{person}")
    _refuse_above(actor, wish=wish, catalogue=catalogue, now=now)
    _refuse_torn(catalogue, person=person, wish=wish)
    grant = _create(
        person=person,
        wish=wish,
        state=REQUESTED,
        requested_by=actor.person_id,
        requested_at=now,
        title=_text(title, 60),
        reason=_text(reason),
    )
    _note(
        grant, action="request", actor=actor.label, now=now, request_id=request_id, asked=asked, note=reason
    )
    return views.as_view(grant)


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
    asked, grant, first = _begin_step(
        "approve", grant_id=grant_id, actor=actor, note=note, request_id=request_id
    )
    if first is not None:
        return first
    wish = _wish_of(grant)
    _refuse_decider(grant, actor=actor, now=now)
    rules.refuse_bad_term(
        valid_from=wish.valid_from, valid_to=wish.valid_to, today=now.astimezone(CHINA).date()
    )
    catalogue = catalogues.catalogue_on(now.astimezone(CHINA).date())
    _refuse_impossible(catalogue, wish)
    _refuse_above(actor, wish=wish, catalogue=catalogue, now=now)
    _refuse_torn(catalogue, person=str(grant.person_id), wish=wish, but=grant)
    grant.revision = store.touch()
    grant.state, grant.granted_at = ACTIVE, now
    grant.decided_by, grant.decided_at, grant.note = UUID(actor.person_id), now, _text(note)
    grant.save()
    _note(grant, action="approve", actor=actor.label, now=now, request_id=request_id, asked=asked, note=note)
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
    asked, grant, first = _begin_step(
        "refuse", grant_id=grant_id, actor=actor, note=note, request_id=request_id
    )
    if first is not None:
        return first
    _refuse_decider(grant, actor=actor, now=now)
    grant.state, grant.note = REFUSED, _text(note)
    grant.decided_by, grant.decided_at = UUID(actor.person_id), now
    grant.save()
    _note(grant, action="refuse", actor=actor.label, now=now, request_id=request_id, asked=asked, note=note)
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
    asked, grant, first = _begin_step(
        "withdraw", grant_id=grant_id, actor=actor, note=note, request_id=request_id
    )
    if first is not None:
        return first
    if str(grant.requested_by) != actor.person_id:
        raise errors.NotAllowed("grant_id", reason=rules.NOT_THE_ASKER)
    grant.state, grant.note = WITHDRAWN, _text(note)
    grant.save()
    _note(grant, action="withdraw", actor=actor.label, now=now, request_id=request_id, asked=asked, note=note)
    return views.as_view(grant)


@transaction.atomic
def end_grant(
    *, grant_id: str | UUID, actor: Actor, now: datetime, request_id: str, note: str = ""
) -> GrantView:
    """
    End a grant at this moment; what could be done with it until now stays told.

    :raises errors.NotAllowed: if the actor may not end grants of that office.
    :raises errors.WrongState: if it is not in force.
    """
    asked, grant, first = _begin_step(
        "end", grant_id=grant_id, actor=actor, note=note, request_id=request_id, state=ACTIVE
    )
    if first is not None:
        return first
    _refuse_not_allowed(actor, function=END, office=grant.office_code, now=now)
    _end([grant], actor=actor.label, now=now, note=note, request_id=request_id, asked=asked)
    return views.as_view(grant)


@transaction.atomic
def end_all_of_person(*, person_id: str | UUID, actor: str, now: datetime, note: str = "") -> int:
    """
    End everything a person holds in offices, when they leave; tells how many. Twice changes nothing.

    It is the system's own step: who calls it has asked whether the actor may.
    """
    person = _person(person_id)
    requests.wait_for(f"person:{person}")
    grants = list(Grant.objects.select_for_update().filter(person_id=person, state=ACTIVE).order_by("id"))
    if grants:
        _end(grants, actor=actor, now=now, note=note)
    return len(grants)


def _begin_step(
    action: str,
    *,
    grant_id: str | UUID,
    actor: Actor,
    note: str,
    request_id: str,
    state: str = REQUESTED,
) -> tuple[str, Grant, GrantView | None]:
    """The repeat question, then the grant, locked, in the state this step begins from."""
    asked = requests.digest(action, {"grant": str(grant_id), "by": actor.person_id, "note": note})
    first = requests.find_first_answer(request_id=request_id, asked=asked)
    if first is not None:
        return asked, first, views.as_view(first)
    found = views.find_row(grant_id)
    if found is None:
        raise errors.UnknownGrant("grant_id")
    requests.wait_for(f"person:{found.person_id}")
    grant = Grant.objects.select_for_update().get(id=found.id)
    if grant.state != state:
        raise errors.WrongState("grant_id", state=rules.STATES[grant.state])
    return asked, grant, None


def _end(
    grants: Sequence[Grant], *, actor: str, now: datetime, note: str, request_id: str = "", asked: str = ""
) -> None:
    revision = store.touch()
    for grant in grants:
        assert grant.granted_at is not None
        grant.state, grant.ended_at, grant.ended_by = ENDED, max(now, grant.granted_at), actor[:120]
        grant.note, grant.revision = _text(note) or grant.note, revision
        grant.save()
        _note(grant, action="end", actor=actor, now=now, request_id=request_id, asked=asked, note=note)


def _refuse_decider(grant: Grant, *, actor: Actor, now: datetime) -> None:
    if actor.person_id in (str(grant.requested_by), str(grant.person_id)):
        raise errors.OwnRequest("grant_id")
    asked_by: dict[str, object] = {"requested_by": str(grant.requested_by), "person": str(grant.person_id)}
    _refuse_not_allowed(actor, function=APPROVE, office=grant.office_code, now=now, attributes=asked_by)


def _refuse_not_allowed(
    actor: Actor, *, function: str, office: str, now: datetime, attributes: dict[str, object] | None = None
) -> None:
    decision = decisions.decide(
        subject=decisions.subject_of(actor),
        function=function,
        object=Object(kind="grant", office=office, attributes=attributes or {}),
        at=now,
    )
    if not decision.allowed:
        reason = rules.first_obstacle(decision)
        raise errors.NotAllowed("office_code", reason=reason)


def _refuse_above(actor: Actor, *, wish: Wish, catalogue: Catalogue, now: datetime) -> None:
    policy = store.policy_for(person_id=actor.person_id, at=now)
    own = [one for one in policy.holdings_of(actor.person_id) if policy.is_usable(one, actor.acting_for)]
    refusal = rules.why_not_to_give(
        wish=wish, giver=own, catalogue=catalogue, lines=policy.lines, at=moment(now)
    )
    if refusal is not None:
        raise refusal


def _refuse_impossible(catalogue: Catalogue, wish: Wish) -> None:
    """A post or set that does not exist, a post that the office does not have, an office that nobody knows."""
    catalogues.refuse_unknown(catalogue, via=wish.kind, code=wish.code)
    office = offices.get_office(wish.scope.office)
    if office.closed_date is not None:
        raise errors.OfficeClosed("office_code", name=office.name, closed=office.closed_date)
    rules.refuse_post_not_at_level(catalogue, wish=wish, level=office.level)


def _refuse_torn(catalogue: Catalogue, *, person: str, wish: Wish, but: Grant | None = None) -> None:
    """Hold a wish against what the person holds or has asked for on some of the same days."""
    rows = Grant.objects.filter(person_id=person, state__in=[ACTIVE, REQUESTED])
    if but is not None:
        # A request that waits takes nothing away from one that is decided now; its own approval is held against this.
        rows = rows.filter(state=ACTIVE).exclude(id=but.id)
    present = [
        (_via(one.kind), one.code) for one in rows if rules.terms_meet(wish, one.valid_from, one.valid_to)
    ]
    rules.refuse_torn(catalogue, wish=wish, present=present)


def _create(*, person: str, wish: Wish, **particulars: Any) -> Grant:
    try:
        with transaction.atomic():
            return Grant.objects.create(
                person_id=UUID(person),
                kind=wish.kind,
                code=wish.code,
                office_code=wish.scope.office,
                taxpayers=sorted(wish.scope.taxpayers),
                fields=sorted(wish.scope.fields),
                scope_key=scope_key(wish.scope),
                valid_from=wish.valid_from,
                valid_to=wish.valid_to,
                **particulars,
            )
    except IntegrityError as error:
        name = catalogues.catalogue_on(wish.valid_from).name_of(via=_via(wish.kind), code=wish.code)
        raise errors.HeldAlready("code", what=name) from error


def _note(
    grant: Grant, *, action: str, actor: str, now: datetime, request_id: str, asked: str, note: str = ""
) -> None:
    """One step of the grant, and its row in the audit trail."""
    GrantStep.objects.create(
        grant=grant,
        action=action,
        at=now,
        actor=actor[:120],
        request_id=request_id,
        digest=asked,
        note=_text(note),
    )
    audit.record(
        actor=actor,
        action=f"authority.grant.{action}",
        subject=f"grant:{grant.public_id}",
        now=now,
        request_id=request_id,
        category=audit.GRANT,
        detail={
            "person": str(grant.person_id),
            "kind": grant.kind,
            "code": grant.code,
            "office": grant.office_code,
            "from": str(grant.valid_from),
            "to": str(grant.valid_to or ""),
            "state": grant.state,
        },
    )


def _wish_of(grant: Grant) -> Wish:
    return Wish(
        kind=grant.kind,
        code=grant.code,
        scope=Scope(
            office=grant.office_code, taxpayers=frozenset(grant.taxpayers), fields=frozenset(grant.fields)
        ),
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
    )


def _content(person: str, wish: Wish) -> dict[str, Any]:
    return {
        "person": person,
        "kind": wish.kind,
        "code": wish.code,
        "office": wish.scope.office,
        "taxpayers": sorted(wish.scope.taxpayers),
        "fields": sorted(wish.scope.fields),
        "from": str(wish.valid_from),
        "to": str(wish.valid_to or ""),
    }


def scope_key(scope: Scope) -> str:
    """ "" for a grant that names neither taxpayers nor fields, else a digest of both lists."""
    if not scope.taxpayers and not scope.fields:
        return ""
    return sm.sm3("|".join([*sorted(scope.taxpayers), "", *sorted(scope.fields)]).encode()).hex()


def _via(kind: str) -> str:
    return VIA_POST if kind == POST else VIA_GRANT


def _text(text: str, longest: int = _TEXT_MAX) -> str:
    """What somebody wrote, as the database takes it."""
    return text.replace("\x00", "")[:longest]


def _person(person_id: str | UUID) -> str:
    try:
        return str(UUID(str(person_id)))
    except ValueError:
        raise errors.UnknownPerson("person_id", person=str(person_id)[:40]) from None
