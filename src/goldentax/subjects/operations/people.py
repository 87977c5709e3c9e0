"""
A company looks after its people (办税人员管理): invite, change until when, end.

Who gives, holds: what somebody may give is asked of the lawbook by the duties they hold for that company today,
at inviting and again when the invitation is accepted.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from goldentax.identity import api as identity
from goldentax.kernel import audit
from goldentax.kernel.clock import CHINA
from goldentax.kernel.refusals import Refusal
from goldentax.subjects import errors
from goldentax.subjects.models import Invitation, Relation
from goldentax.subjects.operations import desk, records, registering, relating, requests
from goldentax.subjects.rules import credentials, invitations, kinds, names, relations, throttle

_NAME_LENGTH_MAX = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The taxpayer somebody acts for."""

    tax_id: str
    public_id: uuid.UUID | str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Whom a company invites, for what, until when."""

    duty: str
    valid_from: date
    valid_to: date | None
    name: str
    tail: str  # the last characters of the person's card
    login: str = ""  # the person's login name or mobile number; "" hands the code over by other means


@transaction.atomic
def invite(
    *, company: Company, wish: Wish, giver_id: uuid.UUID | str, actor: str, now: datetime, request_id: str
) -> tuple[str, Invitation]:
    """
    Invite somebody to act for a company; the code is given here, this once.

    :raises errors.CodeAlreadyShown: if this request invited already.
    :raises errors.MayNotGive: if none of the giver's duties lets them give that one.
    :raises errors.BadTerm, errors.TermTooLong: if the term is not one that may be given.
    :raises errors.BadInvitee: if it does not say for whom.
    :raises errors.NotVerified: if the company is disputed.
    """
    today = now.astimezone(CHINA).date()
    content = [
        company.tax_id,
        wish.duty,
        str(wish.valid_from),
        str(wish.valid_to),
        wish.name,
        wish.tail,
        wish.login,
    ]
    action = "invitation.make"
    first = requests.find_first_answer(
        scope=str(giver_id), request_id=request_id, action=action, content=content
    )
    if first is not None:
        raise errors.CodeAlreadyShown("request_id", invitation_id=str(first))
    relations.check_giving(
        held=duties_held(tax_id=company.tax_id, person_id=giver_id, on=today), duty=wish.duty, on=today
    )
    relations.check_term(duty=wish.duty, valid_from=wish.valid_from, valid_to=wish.valid_to, on=today)
    assert wish.valid_to is not None, "a term without end was refused"
    name, tail = names.tidied(wish.name)[:_NAME_LENGTH_MAX], credentials.tidied(wish.tail)
    if not name or not credentials.TAIL_LENGTH <= len(tail) <= 18 or not tail.isalnum():
        raise errors.BadInvitee("name" if not name else "tail")
    _refuse_if_disputed(company.tax_id)
    code = invitations.new_code()
    invitation = Invitation.objects.create(
        tax_id=company.tax_id,
        taxpayer_public_id=company.public_id,
        taxpayer_name=company.name,
        duty=wish.duty,
        valid_from=wish.valid_from,
        valid_to=wish.valid_to,
        invitee_name=name,
        invitee_tail=tail,
        invitee_login=_login_form(wish.login),
        code_digest=invitations.digest(code),
        invited_by=giver_id,
        invited_at=now,
        expires_at=now + invitations.LIVES,
    )
    requests.keep_answer(
        scope=str(giver_id),
        request_id=request_id,
        action=action,
        content=content,
        result_id=invitation.public_id,
        now=now,
    )
    _trail(invitation, action="invitation.make", actor=actor, now=now, request_id=request_id)
    return code, invitation


def accept_invitation(
    *,
    person_id: uuid.UUID | str,
    actor: str,
    now: datetime,
    code: str = "",
    invitation_id: uuid.UUID | str = "",
) -> Relation:
    """
    Accept an invitation: by its code, or from the list of those addressed to one's login name.

    The person's own name and card, as public security verified them, are held against what the inviter wrote. Wrong
    tries stay counted when the call is refused, so it must not run inside a caller's transaction.

    :raises errors.TooManyQuestions: if this person tried too often.
    :raises errors.CannotAccept: if it is unknown, used, over, or for somebody else; one answer for all.
    :raises errors.NotVerified: if the person, or the company, is not verified.
    """
    desk.count_question(purpose=throttle.ACCEPT_INVITATION, asker=str(person_id), now=now)
    person = identity.get_person(person_id)
    invitation = _find(code=code, invitation_id=invitation_id, login=person.login)
    if invitation is None or not _is_good(invitation, now=now):
        raise errors.CannotAccept("code")
    if not _is_for(invitation, person=person):
        _count_wrong_try(invitation, now=now)
        raise errors.CannotAccept("code")
    subject = registering.ensure_person(person_id=person_id, actor=actor, now=now)
    if not names.is_same(subject.name, invitation.invitee_name):
        raise errors.CannotAccept("code")
    company = registering.ensure_company(
        tax_id=invitation.tax_id, name=invitation.taxpayer_name, actor=actor, now=now
    )
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if not _is_good(invitation, now=now):
            raise errors.CannotAccept("code")  # somebody was quicker
        relation = relating.relate(
            from_id=subject.public_id,
            to_id=company.public_id,
            kind=invitation.duty,
            valid_from=max(invitation.valid_from, now.astimezone(CHINA).date()),
            valid_to=invitation.valid_to,
            taxpayer_public_id=invitation.taxpayer_public_id,
            taxpayer_name=invitation.taxpayer_name,
            actor=actor,
            now=now,
            request_id=f"invitation-{invitation.public_id}",
        )
        invitation.accepted_by, invitation.relation = person.public_id, relation
        _settle(invitation, state=invitations.ACCEPTED, actor=actor, now=now)
    return relation


@transaction.atomic
def withdraw_invitation(
    *, tax_id: str, invitation_id: uuid.UUID | str, giver_id: uuid.UUID | str, actor: str, now: datetime
) -> Invitation:
    """
    Take an invitation back; a second call changes nothing.

    :raises errors.UnknownInvitation: if the company has none such.
    :raises errors.MayNotGive: if the giver may not give that duty.
    :raises errors.AlreadySettled: if it was accepted or declined.
    """
    invitation = Invitation.objects.select_for_update().filter(public_id=invitation_id, tax_id=tax_id).first()
    if invitation is None:
        raise errors.UnknownInvitation("invitation_id")
    if invitation.state == invitations.WITHDRAWN:
        return invitation
    if invitation.state != invitations.OPEN:
        raise errors.AlreadySettled("invitation_id")
    today = now.astimezone(CHINA).date()
    held = duties_held(tax_id=tax_id, person_id=giver_id, on=today)
    relations.check_giving(held=held, duty=invitation.duty, on=today)
    _settle(invitation, state=invitations.WITHDRAWN, actor=actor, now=now)
    return invitation


@transaction.atomic
def decline_invitation(
    *, person_id: uuid.UUID | str, invitation_id: uuid.UUID | str, actor: str, now: datetime
) -> None:
    """
    Decline an invitation that was addressed to one's login name.

    :raises errors.UnknownInvitation: if there is none such.
    """
    login = identity.get_person(person_id).login
    invitation = (
        Invitation.objects.select_for_update()
        .filter(public_id=invitation_id, invitee_login=login, state=invitations.OPEN)
        .first()
    )
    if invitation is None:
        raise errors.UnknownInvitation("invitation_id")
    _settle(invitation, state=invitations.DECLINED, actor=actor, now=now)


def end_duty(
    *,
    tax_id: str,
    membership_id: uuid.UUID | str,
    valid_to: date,
    giver_id: uuid.UUID | str,
    actor: str,
    now: datetime,
) -> None:
    """
    End somebody's duty for a company; ``valid_to`` is the first day without it, today ends it at once.

    A person may always lay down a duty of their own, but for the legal representative's.

    :raises errors.UnknownRelationId: if nobody has such a duty for this company.
    :raises errors.OnlySelf: if it is the legal representative's.
    :raises errors.MayNotGive: if the giver may not give that duty.
    :raises errors.BadTerm: if it would end in the past, or later than it does.
    """
    with transaction.atomic():
        membership = _membership(tax_id=tax_id, membership_id=membership_id)
        today = now.astimezone(CHINA).date()
        _refuse_unless_governed(membership, giver_id=giver_id, on=today, may_lay_down=True)
        is_late = membership.valid_to is not None and valid_to > membership.valid_to
        has_ended = membership.valid_to is not None and membership.valid_to <= today
        if valid_to < today or is_late or has_ended:
            raise errors.BadTerm("valid_to")
        relation = Relation.objects.select_for_update().filter(membership_id=membership.public_id).first()
        if relation is not None:
            relating.close(relation, valid_to=valid_to, actor=actor, now=now)
        else:
            # It was given before relations were kept: the power ends all the same.
            identity.end_membership(
                membership_id=membership.public_id,
                valid_to=max(valid_to, membership.valid_from),
                actor=actor,
                now=now,
            )


def extend_duty(
    *,
    company: Company,
    membership_id: uuid.UUID | str,
    valid_to: date,
    giver_id: uuid.UUID | str,
    actor: str,
    now: datetime,
    request_id: str,
) -> Relation:
    """
    Give a duty again from the day it ends, until ``valid_to``; the present term stays as it is on record.

    Not to be called inside a transaction.

    :raises errors.UnknownRelationId: if nobody has such a duty for this company.
    :raises errors.MayNotGive: if the giver may not give that duty.
    :raises errors.BadTerm: if the duty has ended, never ends, or would end no later than it does.
    :raises errors.TermTooLong: if it would end too late.
    :raises errors.NotVerified: if person or company are not verified.
    """
    today = now.astimezone(CHINA).date()
    membership = _membership(tax_id=company.tax_id, membership_id=membership_id)
    _refuse_unless_governed(membership, giver_id=giver_id, on=today, may_lay_down=False)
    if membership.valid_to is None or membership.valid_to <= today or valid_to <= membership.valid_to:
        raise errors.BadTerm("valid_to")
    latest = relations.longest_end(duty=membership.duty, valid_from=today, on=today)
    if valid_to > latest:
        raise errors.TermTooLong("valid_to", latest=latest)
    subject = registering.ensure_person(person_id=membership.person.public_id, actor=actor, now=now)
    target = registering.ensure_company(tax_id=company.tax_id, name=company.name, actor=actor, now=now)
    return relating.relate(
        from_id=subject.public_id,
        to_id=target.public_id,
        kind=membership.duty,
        valid_from=membership.valid_to,
        valid_to=valid_to,
        taxpayer_public_id=company.public_id,
        taxpayer_name=company.name,
        actor=actor,
        now=now,
        request_id=request_id,
    )


def duties_held(*, tax_id: str, person_id: uuid.UUID | str, on: date) -> frozenset[str]:
    """The duties somebody holds for a taxpayer on a day."""
    held = identity.list_memberships(person_id=person_id, on=on)
    return frozenset(one.duty for one in held if one.tax_id == tax_id)


def _membership(*, tax_id: str, membership_id: uuid.UUID | str) -> Any:
    members = identity.list_members(tax_id=tax_id)
    found = next((one for one in members if str(one.public_id) == str(membership_id)), None)
    if found is None:
        raise errors.UnknownRelationId("membership_id")
    return found


def _refuse_unless_governed(
    membership: Any, *, giver_id: uuid.UUID | str, on: date, may_lay_down: bool
) -> None:
    if membership.duty == relations.REPRESENTATIVE:
        raise errors.OnlySelf("membership_id")
    if may_lay_down and str(membership.person.public_id) == str(giver_id):
        return
    held = duties_held(tax_id=membership.tax_id, person_id=giver_id, on=on)
    relations.check_giving(held=held, duty=membership.duty, on=on)


def _refuse_if_disputed(tax_id: str) -> None:
    company = records.find_holder(kind=credentials.USCC, number=tax_id)
    if company is not None and company.status == kinds.DISPUTED:
        raise errors.NotVerified(status=kinds.status_name(company.status))


def _find(*, code: str, invitation_id: uuid.UUID | str, login: str) -> Invitation | None:
    if invitations.tidied_code(code):
        return Invitation.objects.filter(code_digest=invitations.digest(code)).first()
    if not invitation_id:
        return None
    return (
        Invitation.objects.filter(public_id=invitation_id, invitee_login=login)
        .exclude(invitee_login="")
        .first()
    )


def _is_good(invitation: Invitation, *, now: datetime) -> bool:
    """Whether it is open, in time, and its inviter could still give what it offers."""
    today = now.astimezone(CHINA).date()
    if invitation.state != invitations.OPEN or invitation.expires_at <= now or invitation.valid_to <= today:
        return False
    held = duties_held(tax_id=invitation.tax_id, person_id=invitation.invited_by, on=today)
    try:
        relations.check_giving(held=held, duty=invitation.duty, on=today)
    except Refusal:
        return False
    return True


def _is_for(invitation: Invitation, *, person: Any) -> bool:
    number = credentials.tidied(person.id_card_number)
    return (
        names.is_same(person.name, invitation.invitee_name)
        and credentials.tail_fits(number=number, tail=invitation.invitee_tail)
        and invitation.invitee_login in ("", person.login)
    )


def _count_wrong_try(invitation: Invitation, *, now: datetime) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(tries=F("tries") + 1)
    invitation.refresh_from_db(fields=["tries"])
    if invitation.tries >= invitations.TRIES_MAX and invitation.state == invitations.OPEN:
        with transaction.atomic():
            _settle(invitation, state=invitations.WITHDRAWN, actor="system:subjects", now=now)


def _settle(invitation: Invitation, *, state: str, actor: str, now: datetime) -> None:
    invitation.state, invitation.settled_at = state, now
    invitation.save(update_fields=["state", "settled_at", "accepted_by", "relation"])
    _trail(invitation, action=f"invitation.{state}", actor=actor, now=now)


def _trail(invitation: Invitation, *, action: str, actor: str, now: datetime, request_id: str = "") -> None:
    audit.record(
        actor=actor,
        action=f"subjects.{action}",
        subject=f"taxpayer:{invitation.tax_id}",
        now=now,
        request_id=request_id,
        detail={
            "invitation": str(invitation.public_id),
            "duty": invitation.duty,
            "from": str(invitation.valid_from),
            "to": str(invitation.valid_to),
        },
        category=audit.GRANT,
    )


def _login_form(login: str) -> str:
    """The login name as identity keeps it, whether or not anybody has it: the inviter must not learn that."""
    person = identity.find_person(login=login) if login.strip() else None
    return person.login if person else login.strip().lower()[:64]
