"""
The rows of one subject: making it, its versions, its credentials, its number, its stations.

The other operations are written in these words. Everything here runs inside a caller's transaction.
"""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from goldentax.contracts.subjects import SubjectCancelledV1, SubjectChangedV1, SubjectVerifiedV1
from goldentax.kernel import audit, outbox
from goldentax.kernel.clock import CHINA
from goldentax.kernel.node import this_node
from goldentax.subjects import errors
from goldentax.subjects.models import Credential, NumberSeries, Subject, SubjectVersion
from goldentax.subjects.models.subjects import digest_of, sealed_particulars
from goldentax.subjects.rules import credentials, kinds, names, numbers


def locked(subject_id: uuid.UUID | str) -> Subject:
    """
    One subject, held until the transaction ends.

    :raises errors.UnknownSubject: if there is none.
    """
    try:
        row = Subject.objects.select_for_update().filter(public_id=subject_id).first()
    except ValidationError:
        row = None
    if row is None:
        raise errors.UnknownSubject("subject_id")
    return row


def find_holder(*, kind: str, number: str) -> Subject | None:
    """The living subject that holds a tidied number."""
    held = Credential.objects.filter(kind=kind, digest=digest_of(kind=kind, number=number), is_held=True)
    found = held.select_related("subject").first()
    return found.subject if found else None


def find_denied(*, kind: str, number: str, name: str) -> Subject | None:
    """The subject that its source contradicted, with this number and name: it is asked about again, not made anew."""
    digest = digest_of(kind=kind, number=number)
    denied = Subject.objects.filter(
        status=kinds.MISMATCH, credentials__kind=kind, credentials__digest=digest
    ).order_by("id")
    return next((one for one in denied if names.is_same(one.name, name)), None)


def make(
    *,
    kind: str,
    credential: str,
    number: str,
    name: str,
    particulars: Mapping[str, str],
    home: str,
    origin: str,
    now: datetime,
    person_id: uuid.UUID | None = None,
) -> Subject:
    """
    Make a collected subject with its first version and its credential, all of them checked by the caller.

    :raises errors.AlreadyOnRecord: if a living subject holds the number.
    """
    subject = Subject.objects.create(
        kind=kind,
        name=name,
        initials=names.initials(name),
        sound=names.sound(name, is_person=kind in kinds.PEOPLE),
        home=home,
        person_id=person_id,
        collected_at=now,
        next_try_at=now,
    )
    hold(subject, kind=credential, number=number, now=now)
    write_version(
        subject,
        name=name,
        particulars=particulars,
        reason="collected",
        origin=origin,
        valid_from=now.astimezone(CHINA).date(),
        now=now,
    )
    return subject


def hold(subject: Subject, *, kind: str, number: str, now: datetime) -> Credential:
    """
    Let a subject hold a number; the database lets one living subject of the nation do so.

    :raises errors.AlreadyOnRecord: if another one holds it.
    """
    digest = digest_of(kind=kind, number=number)
    released = subject.credentials.filter(kind=kind, digest=digest).first()
    try:
        with transaction.atomic():
            if released is None:
                return Credential.objects.create(
                    subject=subject, kind=kind, number=number, digest=digest, added_at=now
                )
            released.is_held, released.released_at = True, None
            released.save(update_fields=["is_held", "released_at"])
            return released
    except IntegrityError as error:
        if "once_in_the_nation" not in str(error):
            raise
        raise errors.AlreadyOnRecord("number", credential=credentials.NAMES[kind]) from None


def release(subject: Subject, *, now: datetime) -> None:
    """Let a subject hold no number any more: somebody else may come with it."""
    subject.credentials.filter(is_held=True).update(is_held=False, released_at=now)


def present_version(subject: Subject) -> SubjectVersion:
    """The version that is open, as it is known now."""
    return subject.versions.get(superseded_at__isnull=True, valid_to__isnull=True)


def write_version(
    subject: Subject,
    *,
    name: str,
    particulars: Mapping[str, str],
    reason: str,
    origin: str,
    valid_from: date,
    now: datetime,
) -> SubjectVersion:
    """
    Write what is known from a day on; the version before ends there, and what was known before stays readable.

    :raises errors.BadEffectiveDay: if the day lies before the present version began.
    """
    before = subject.versions.filter(superseded_at__isnull=True, valid_to__isnull=True).first()
    number = 1
    if before is not None:
        if valid_from < before.valid_from:
            raise errors.BadEffectiveDay("on", on=valid_from, since=before.valid_from)
        number = before.number + 1
        _supersede(before, valid_to=valid_from, now=now)
    written = SubjectVersion.objects.create(
        subject=subject,
        number=number,
        name=name,
        body=sealed_particulars(particulars),
        reason=reason,
        origin=origin[:120],
        valid_from=valid_from,
        recorded_at=now,
    )
    subject.name, subject.version = name, number
    subject.initials, subject.sound = names.initials(name), names.sound(name, is_person=subject.is_person)
    subject.save(update_fields=["name", "initials", "sound", "version"])
    return written


def go_to(subject: Subject, *, status: str) -> None:
    """
    Let a subject go on to a station; the caller saves what comes with it.

    :raises errors.WrongStation: if that does not follow the present one.
    """
    kinds.check_step(present=subject.status, wanted=status)
    subject.status = status
    subject.save(update_fields=["status"])


def give_number(subject: Subject, *, on: date) -> None:
    """Give a subject its network identity number, once for ever."""
    if subject.network_number:
        return
    node = this_node()
    issuer = numbers.HEADQUARTERS if node.is_headquarters else numbers.PROVINCE
    series, _ = NumberSeries.objects.get_or_create(province=subject.home, kind=subject.kind, issuer=issuer)
    series = NumberSeries.objects.select_for_update().get(pk=series.pk)
    series.last += 1
    series.save(update_fields=["last"])
    subject.network_number = numbers.make_number(
        province=subject.home, kind=subject.kind, issuer=issuer, serial=series.last, on=on
    )
    subject.save(update_fields=["network_number"])


def publish_verified(subject: Subject, *, now: datetime) -> None:
    """Tell the others that a subject was verified; of people neither name nor number travels."""
    uscc = subject.credentials.filter(kind=credentials.USCC, is_held=True).first()
    assert subject.verified_at is not None
    event = SubjectVerifiedV1(
        public_id=str(subject.public_id),
        network_number=subject.network_number,
        kind=subject.kind,
        version=subject.version,
        uscc=uscc.number if uscc else None,
        name=None if subject.is_person else subject.name,
        home=subject.home,
        verified_by=subject.verified_by,
        at=now,
    )
    outbox.publish(event, key=str(subject.public_id), now=now)


def publish_changed(subject: Subject, *, fields: tuple[str, ...], valid_from: date, now: datetime) -> None:
    """Tell the others that a subject has a new version or another status."""
    event = SubjectChangedV1(
        public_id=str(subject.public_id),
        network_number=subject.network_number,
        kind=subject.kind,
        version=subject.version,
        status=subject.status,
        fields=fields,
        valid_from=valid_from,
        home=subject.home,
        at=now,
    )
    outbox.publish(event, key=str(subject.public_id), now=now)


def publish_cancelled(subject: Subject, *, reason: str, now: datetime) -> None:
    """Tell the others that a subject lives no longer."""
    assert subject.cancelled_on is not None
    event = SubjectCancelledV1(
        public_id=str(subject.public_id),
        network_number=subject.network_number,
        kind=subject.kind,
        reason=reason,
        cancelled_on=subject.cancelled_on,
        home=subject.home,
        at=now,
    )
    outbox.publish(event, key=str(subject.public_id), now=now)


def trail(
    *,
    actor: str,
    action: str,
    subject: Subject,
    now: datetime,
    request_id: str = "",
    detail: dict[str, object] | None = None,
    category: str = audit.CHANGE,
) -> None:
    """Write one audit row about a subject; never a name or number of a person in it."""
    audit.record(
        actor=actor,
        action=f"subjects.{action}",
        subject=f"subject:{subject.public_id}",
        now=now,
        request_id=request_id,
        detail=detail,
        category=category,
    )


def home_of(*, division: str) -> str:
    """The province that has charge of a subject: by its division, else the node that collected it."""
    return division[:2] if len(division) == 6 and division.isdigit() else this_node().code


def _supersede(before: SubjectVersion, *, valid_to: date, now: datetime) -> None:
    before.superseded_at = now
    before.save(update_fields=["superseded_at"])
    if valid_to == before.valid_from:
        return  # corrected on its first day: it never held
    SubjectVersion.objects.create(
        subject_id=before.subject_id,
        number=before.number,
        name=before.name,
        body=before.body,
        reason=before.reason,
        origin=before.origin,
        valid_from=before.valid_from,
        valid_to=valid_to,
        recorded_at=now,
    )
