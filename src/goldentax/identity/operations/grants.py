"""Give people duties for taxpayers, and end them."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from goldentax.authority import api as authority
from goldentax.identity import errors, queries
from goldentax.identity.models import Membership, MembershipVersion
from goldentax.identity.operations import trail
from goldentax.identity.rules import duties


@transaction.atomic
def grant_membership(
    *,
    person_id: str | UUID,
    tax_id: str,
    taxpayer_public_id: str | UUID,
    duty: str,
    valid_from: date,
    actor: str,
    now: datetime,
    valid_to: date | None = None,
    taxpayer_name: str = "",
    request_id: str = "",
) -> Membership:
    """
    Let a person act for a taxpayer in a duty, from ``valid_from`` until the day before ``valid_to``.

    :raises UnknownDuty: if there is no such duty.
    :raises BadTerm: if the term ends before it begins.
    :raises DutyOverlaps: if the person already has that duty on one of the days.
    :raises NoSuchPerson: if there is no such person.
    """
    earlier = Membership.objects.filter(request_id=request_id).first() if request_id else None
    if earlier:
        return earlier
    if duty not in duties.DUTIES:
        raise errors.UnknownDuty("duty", duty=duty, known="、".join(duties.DUTIES))
    _check_term(valid_from, valid_to)
    person = queries.get_person(person_id)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                person=person,
                taxpayer_public_id=taxpayer_public_id,
                tax_id=tax_id,
                taxpayer_name=taxpayer_name,
                duty=duty,
                valid_from=valid_from,
                valid_to=valid_to,
                granted_at=now,
                granted_by=actor[:120],
                request_id=request_id,
            )
    except IntegrityError as error:
        names = duties.DUTIES[duty]
        raise errors.DutyOverlaps("duty", tax_id=tax_id, duty_zh=names.zh, duty_en=names.en) from error
    MembershipVersion.count_up()
    authority.source_touched()
    queries.forget_proven_tokens()
    detail = {"tax_id": tax_id, "duty": duty, "from": str(valid_from), "to": str(valid_to or "")}
    trail.record(
        actor=actor,
        action="identity.membership.grant",
        person=person,
        now=now,
        request_id=request_id,
        detail=detail,
    )
    return membership


@transaction.atomic
def end_membership(
    *, membership_id: str | UUID, valid_to: date, actor: str, now: datetime, request_id: str = ""
) -> Membership:
    """
    End a membership: ``valid_to`` is the first day on which it no longer holds.

    Ending it today ends it at once. Ending it later than it ends is not possible; a second call with the same day
    changes nothing.

    :raises NoSuchMembership: if there is none.
    :raises BadTerm: if it would end before it began, or later than it does.
    :raises EndInThePast: if the day has passed: who could act on a past day stays as it was.
    """
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(public_id=membership_id)
        .first()
    )
    if membership is None:
        raise errors.NoSuchMembership("membership_id")
    if membership.valid_to == valid_to:
        return membership
    if valid_to < membership.valid_from or (membership.valid_to and valid_to > membership.valid_to):
        raise errors.BadTerm("valid_to")
    if valid_to < now.date():
        raise errors.EndInThePast("valid_to", today=now.date())
    membership.valid_to, membership.ended_at, membership.ended_by = valid_to, now, actor[:120]
    membership.save(update_fields=["valid_to", "ended_at", "ended_by"])
    MembershipVersion.count_up()
    authority.source_touched()
    queries.forget_proven_tokens()
    detail = {"tax_id": membership.tax_id, "duty": membership.duty, "to": str(valid_to)}
    trail.record(
        actor=actor,
        action="identity.membership.end",
        person=membership.person,
        now=now,
        request_id=request_id,
        detail=detail,
    )
    return membership


def _check_term(valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to <= valid_from:
        raise errors.BadTerm("valid_to")
