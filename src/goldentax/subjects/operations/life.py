"""Collect, change, cancel and archive subjects (采集、变更、注销、归档)."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from goldentax.kernel import lawbook
from goldentax.kernel.clock import CHINA
from goldentax.subjects import errors
from goldentax.subjects.models import Relation, Review, Subject
from goldentax.subjects.models.loads import DISPUTE
from goldentax.subjects.operations import records, relating, requests
from goldentax.subjects.operations.sources import get_source
from goldentax.subjects.rules import credentials, kinds, names, sources
from goldentax.subjects.rules.sources import Answer, Query

PARTICULARS = (
    "representative_name",
    "phone",
    "address",
    "division",
    "economic_type",
    "industry",
    "established",
)
_LENGTH_MAX = 200
_ARCHIVE_BATCH = 500


@transaction.atomic
def collect_subject(
    *,
    kind: str,
    credential: str,
    number: str,
    name: str,
    actor: str,
    now: datetime,
    request_id: str,
    particulars: Mapping[str, str] | None = None,
    person_id: uuid.UUID | str | None = None,
) -> Subject:
    """
    Collect a subject; the worker verifies it, or :func:`verify_subject` does at once.

    :raises errors.UnknownKind: if there is no such kind.
    :raises errors.BadCredential: if the number is wrong.
    :raises errors.AlreadyOnRecord: if a living subject holds it.
    """
    number, name = credentials.tidied(number), names.tidied(name)
    told = tidied_particulars(particulars or {})
    content = [kind, credential, number, name, sorted(told.items()), str(person_id or "")]
    first = requests.find_first_answer(
        scope=actor, request_id=request_id, action="subject.collect", content=content
    )
    if first is not None:
        return Subject.objects.get(public_id=first)
    if kind not in kinds.KIND_NAMES:
        raise errors.UnknownKind("kind", kind=kind[:20], known="、".join(kinds.KIND_NAMES))
    names.check(name)
    credentials.check(kind=credential, number=number, subject_kind=kind)
    division = told.get("division") or credentials.division_of(kind=credential, number=number)
    subject = records.make(
        kind=kind,
        credential=credential,
        number=number,
        name=name,
        particulars=told,
        home=records.home_of(division=division),
        origin=actor,
        now=now,
        person_id=uuid.UUID(str(person_id)) if person_id else None,
    )
    requests.keep_answer(
        scope=actor,
        request_id=request_id,
        action="subject.collect",
        content=content,
        result_id=subject.public_id,
        now=now,
    )
    records.trail(
        actor=actor,
        action="subject.collect",
        subject=subject,
        now=now,
        request_id=request_id,
        detail={"kind": kind, "home": subject.home},
    )
    return subject


def change_subject(
    *,
    subject_id: uuid.UUID | str,
    actor: str,
    now: datetime,
    on: date,
    name: str | None = None,
    particulars: Mapping[str, str] | None = None,
) -> Subject:
    """
    Change what is known of a subject from a day on; nothing that was known before is lost.

    Name and legal representative of a verified subject follow its source: it is asked first, and what it
    contradicts is not taken. Not to be called inside a transaction.

    :raises errors.SourceAway: if the source does not answer.
    :raises errors.SourceDisagrees: if it has something else on record.
    :raises errors.NothingChanged: if everything is on record already.
    :raises errors.BadEffectiveDay: if the day lies before the present version, or after today.
    """
    today = now.astimezone(CHINA).date()
    with transaction.atomic():
        subject = records.locked(subject_id)
        wanted_name, wanted = _wanted(subject, name=name, particulars=particulars)
        version = records.present_version(subject)
        changed = _changed(version.name, version.particulars, wanted_name, wanted)
        if not changed:
            raise errors.NothingChanged()
        if on > today or on < version.valid_from:
            raise errors.BadEffectiveDay("on", on=on, since=version.valid_from)
        is_claim = bool({"name", "representative_name"} & set(changed))
        query = _query(subject, name=wanted_name, particulars=wanted, now=now) if is_claim else None
    source = sources.source_of(subject.kind)
    if query is not None and source and subject.status in (kinds.VERIFIED, kinds.DISPUTED):
        refuse_unless_match(get_source(source).ask(query), source=source)
    with transaction.atomic():
        subject = records.locked(subject_id)
        records.write_version(
            subject,
            name=wanted_name,
            particulars=wanted,
            reason="change",
            origin=actor,
            valid_from=on,
            now=now,
        )
        if subject.network_number:
            records.publish_changed(subject, fields=changed, valid_from=on, now=now)
        detail: dict[str, object] = {"fields": list(changed), "on": str(on), "version": subject.version}
        records.trail(actor=actor, action="subject.change", subject=subject, now=now, detail=detail)
    return subject


@transaction.atomic
def cancel_subject(*, subject_id: uuid.UUID | str, reason: str, actor: str, now: datetime) -> Subject:
    """
    Cancel a subject today: its numbers are free, every relation ends, and with it the power it conferred.

    A second call changes nothing.

    :raises errors.UnknownSubject: if there is none.
    :raises errors.WrongStation: if it is being verified at this moment.
    """
    subject = records.locked(subject_id)
    if subject.status in (kinds.CANCELLED, kinds.ARCHIVED):
        return subject
    today = now.astimezone(CHINA).date()
    records.go_to(subject, status=kinds.CANCELLED)
    subject.cancelled_on, subject.next_try_at, subject.dispute_until = today, None, None
    subject.save()
    records.release(subject, now=now)
    for relation in Relation.objects.filter(relating.open_of(subject, on=today)):
        relating.close(relation, valid_to=today, actor=actor, now=now)
    Review.objects.filter(subject=subject, kind=DISPUTE, decision="").update(
        decision="cancel", decided_by=actor[:120], decided_at=now
    )
    if subject.network_number:
        records.publish_cancelled(subject, reason=reason[:60], now=now)
    records.trail(
        actor=actor, action="subject.cancel", subject=subject, now=now, detail={"reason": reason[:60]}
    )
    return subject


@transaction.atomic
def archive_cancelled(now: datetime) -> int:
    """The worker's job: archive those cancelled so long ago that nobody may ask for their papers any more."""
    today = now.astimezone(CHINA).date()
    days = int(lawbook.parameter("subjects/archive_after_days", on=today))
    due = Subject.objects.select_for_update(skip_locked=True).filter(
        status=kinds.CANCELLED, cancelled_on__lt=today - timedelta(days=days)
    )[:_ARCHIVE_BATCH]
    found = list(due)
    for subject in found:
        records.go_to(subject, status=kinds.ARCHIVED)
        records.trail(actor="system:subjects", action="subject.archive", subject=subject, now=now)
    return len(found)


def refuse_unless_match(answer: Answer, *, source: str) -> None:
    """
    Turn an answer about a company or a change into a refusal, where it is one.

    :raises errors.SourceAway: if there was none.
    :raises errors.NotOnRecord: if the number is unknown there.
    :raises errors.CompanyClosed: if the company lives no longer.
    :raises errors.SourceDisagrees: if something else is on record.
    """
    label = sources.LABELS[source]
    if answer.verdict == sources.AWAY:
        raise errors.SourceAway(source=label)
    if answer.verdict == sources.NOT_FOUND:
        raise errors.NotOnRecord("number", source=label)
    if answer.is_closed or "status" in answer.fields:
        raise errors.CompanyClosed("number", source=label)
    if answer.verdict == sources.MISMATCH:
        raise errors.SourceDisagrees(
            answer.fields[0] if answer.fields else "", source=label, fields=sources.fields_text(answer.fields)
        )


def tidied_particulars(particulars: Mapping[str, str]) -> dict[str, str]:
    """Those particulars that a subject keeps, tidied; nothing else gets in."""
    found = {name: names.tidied(str(particulars.get(name, "")))[:_LENGTH_MAX] for name in PARTICULARS}
    return {name: value for name, value in found.items() if value}


def _wanted(
    subject: Subject, *, name: str | None, particulars: Mapping[str, str] | None
) -> tuple[str, dict[str, str]]:
    wanted_name = subject.name if name is None else names.tidied(name)
    names.check(wanted_name)
    if not subject.is_living and subject.status != kinds.MISMATCH:
        raise errors.WrongStation(
            "status", present=kinds.status_name(subject.status), wanted=kinds.status_name(kinds.VERIFIED)
        )
    present = records.present_version(subject).particulars
    given = {
        key: names.tidied(value)[:_LENGTH_MAX]
        for key, value in (particulars or {}).items()
        if key in PARTICULARS
    }
    return wanted_name, {key: value for key, value in (present | given).items() if value}


def _changed(old_name: str, old: Mapping[str, str], new_name: str, new: Mapping[str, str]) -> tuple[str, ...]:
    fields = ["name"] if old_name != new_name else []
    fields += [key for key in PARTICULARS if old.get(key, "") != new.get(key, "")]
    return tuple(fields)


def _query(subject: Subject, *, name: str, particulars: Mapping[str, str], now: datetime) -> Query:
    credential = subject.credentials.order_by("-is_held", "id").first()
    assert credential is not None, "a subject without credential was never made"
    claims = {"name": name}
    if not subject.is_person and particulars.get("representative_name"):
        claims["representative_name"] = particulars["representative_name"]
    return Query(credential=credential.kind, number=credential.number, at=now, claims=claims)
