"""
Put subjects into relations, and end them.

A relation that confers a duty is given its power through identity; the membership is the power, the relation the
fact. Both are written and ended in one transaction.
"""

import uuid
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from goldentax.identity import api as identity
from goldentax.kernel import audit
from goldentax.kernel.clock import CHINA
from goldentax.subjects import errors
from goldentax.subjects.models import Relation, Subject
from goldentax.subjects.operations import records
from goldentax.subjects.rules import credentials, kinds, relations
from goldentax.subjects.rules.relations import RelationKind


@transaction.atomic
def relate(
    *,
    from_id: uuid.UUID | str,
    to_id: uuid.UUID | str,
    kind: str,
    valid_from: date,
    actor: str,
    now: datetime,
    valid_to: date | None = None,
    taxpayer_public_id: uuid.UUID | str = "",
    taxpayer_name: str = "",
    request_id: str = "",
) -> Relation:
    """
    Put one subject into a relation to another in ``[valid_from, valid_to)``; where it confers a duty, grant it.

    :param taxpayer_public_id: of the taxpayer the target is on the register as; needed for duties.
    :raises errors.NotVerified: if one of the two is not verified, or disputed.
    :raises errors.RelationDoesNotFit: if subjects of these kinds do not stand in it.
    :raises errors.RelationOverlaps: if it holds already in that time.
    """
    first, second = _both_locked(from_id, to_id)
    found = relations.get_kind(kind, on=now.astimezone(CHINA).date())
    relations.check_ends(kind=found, from_kind=first.kind, to_kind=second.kind)
    for subject in (first, second):
        refuse_unless_verified(subject)
    if valid_to is not None and valid_to <= valid_from:
        raise errors.BadTerm("valid_to")
    _refuse_second(found, target=second, valid_from=valid_from, valid_to=valid_to)
    membership_id = None
    if found.duty:
        membership_id = identity.grant_membership(
            person_id=_person_of(first),
            tax_id=tax_id_of(second),
            taxpayer_public_id=taxpayer_public_id,
            taxpayer_name=taxpayer_name or second.name,
            duty=found.duty,
            valid_from=valid_from,
            valid_to=valid_to,
            actor=actor,
            now=now,
            request_id=request_id,
        ).public_id
        known = Relation.objects.filter(membership_id=membership_id).first()
        if known is not None:
            return known  # the same request came again: identity gave its first answer
    return _write(
        first,
        second,
        kind=found,
        valid_from=valid_from,
        valid_to=valid_to,
        membership_id=membership_id,
        actor=actor,
        now=now,
    )


@transaction.atomic
def adopt_membership(
    *,
    from_id: uuid.UUID | str,
    to_id: uuid.UUID | str,
    membership_id: uuid.UUID | str,
    duty: str,
    valid_from: date,
    actor: str,
    now: datetime,
    valid_to: date | None = None,
) -> Relation:
    """
    Write the relation of a membership that identity has already; no power is given. A second call changes nothing.

    For taxpayers and people that were there before their subjects were collected.
    """
    known = Relation.objects.filter(membership_id=membership_id).first()
    if known is not None:
        return known
    first, second = _both_locked(from_id, to_id)
    found = relations.get_kind(duty, on=now.astimezone(CHINA).date())
    relations.check_ends(kind=found, from_kind=first.kind, to_kind=second.kind)
    return _write(
        first,
        second,
        kind=found,
        valid_from=valid_from,
        valid_to=valid_to,
        membership_id=uuid.UUID(str(membership_id)),
        actor=actor,
        now=now,
    )


@transaction.atomic
def end_relation(*, relation_id: uuid.UUID | str, valid_to: date, actor: str, now: datetime) -> Relation:
    """
    End a relation; ``valid_to`` is the first day without it. The duty it conferred ends with it.

    :raises errors.UnknownRelationId: if there is none.
    :raises errors.BadTerm: if it would end in the past, before it began, or later than it does.
    """
    relation = Relation.objects.select_for_update().filter(public_id=relation_id).first()
    if relation is None:
        raise errors.UnknownRelationId("relation_id")
    today = now.astimezone(CHINA).date()
    is_late = relation.valid_to is not None and valid_to > relation.valid_to
    if valid_to < max(today, relation.valid_from) or is_late:
        raise errors.BadTerm("valid_to")
    return close(relation, valid_to=valid_to, actor=actor, now=now)


def close(relation: Relation, *, valid_to: date, actor: str, now: datetime) -> Relation:
    """End a relation and its membership; inside a transaction, the day checked by the caller."""
    if relation.valid_to == valid_to:
        return relation
    # One that has not begun yet ends on the day it would have begun: it never held.
    valid_to = max(valid_to, relation.valid_from)
    relation.valid_to, relation.ended_at, relation.ended_by = valid_to, now, actor[:120]
    relation.save(update_fields=["valid_to", "ended_at", "ended_by"])
    if relation.membership_id is not None:
        identity.end_membership(membership_id=relation.membership_id, valid_to=valid_to, actor=actor, now=now)
    detail: dict[str, object] = {
        "kind": relation.kind,
        "to": str(valid_to),
        "relation": str(relation.public_id),
    }
    records.trail(
        actor=actor,
        action="relation.end",
        subject=relation.to_subject,
        now=now,
        detail=detail,
        category=audit.GRANT,
    )
    return relation


def open_of(subject: Subject, *, on: date) -> Q:
    """The condition: relations of a subject, to either side, that hold on a day or later."""
    is_its = Q(from_subject=subject) | Q(to_subject=subject)
    return is_its & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def refuse_unless_verified(subject: Subject) -> None:
    """
    Let only those be given duties, or have duties given for them, whom their source agrees with.

    :raises errors.NotVerified: if it does not, or not any more.
    """
    if subject.status != kinds.VERIFIED:
        raise errors.NotVerified(status=kinds.status_name(subject.status))


def tax_id_of(subject: Subject) -> str:
    """The taxpayer identifier of a company: its credit code."""
    found = subject.credentials.filter(kind=credentials.USCC, is_held=True).first()
    assert found is not None, "a living company holds its code"
    return str(found.number)


def _both_locked(from_id: uuid.UUID | str, to_id: uuid.UUID | str) -> tuple[Subject, Subject]:
    # Always in the same order: two at once between the same subjects must not wait for each other.
    by_id = {one: records.locked(one) for one in sorted({str(from_id), str(to_id)})}
    return by_id[str(from_id)], by_id[str(to_id)]


def _person_of(subject: Subject) -> uuid.UUID:
    if subject.person_id is None:
        raise errors.NotVerified(status=kinds.status_name(subject.status))
    return subject.person_id


def _refuse_second(kind: RelationKind, *, target: Subject, valid_from: date, valid_to: date | None) -> None:
    if not kind.is_single:
        return
    overlapping = Relation.objects.filter(to_subject=target, kind=kind.code).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
    )
    if valid_to is not None:
        overlapping = overlapping.filter(valid_from__lt=valid_to)
    if overlapping.exists():
        raise errors.RelationOverlaps("kind", relation=kind.label)


def _write(
    first: Subject,
    second: Subject,
    *,
    kind: RelationKind,
    valid_from: date,
    valid_to: date | None,
    membership_id: uuid.UUID | None,
    actor: str,
    now: datetime,
) -> Relation:
    try:
        with transaction.atomic():
            relation = Relation.objects.create(
                from_subject=first,
                to_subject=second,
                kind=kind.code,
                valid_from=valid_from,
                valid_to=valid_to,
                membership_id=membership_id,
                made_at=now,
                made_by=actor[:120],
            )
    except IntegrityError as error:
        if "subjects_relation_once" not in str(error):
            raise
        raise errors.RelationOverlaps("kind", relation=kind.label) from None
    detail: dict[str, object] = {
        "kind": kind.code,
        "relation": str(relation.public_id),
        "from_subject": str(first.public_id),
        "from": str(valid_from),
        "to": str(valid_to or ""),
    }
    records.trail(
        actor=actor,
        action="relation.make",
        subject=second,
        now=now,
        detail=detail,
        category=audit.GRANT,
    )
    return relation
