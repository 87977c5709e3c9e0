"""
Verify subjects against their sources (核验), first and again.

Asked is outside of transactions: mark, ask, settle. A process that dies between leaves a subject that is due
again. What follows from an answer is decided in one place, :func:`_settle`.
"""

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from goldentax.kernel import lawbook
from goldentax.kernel.clock import CHINA
from goldentax.kernel.node import this_node
from goldentax.subjects import errors
from goldentax.subjects.models import Check, Credential, Review, Subject
from goldentax.subjects.models.loads import DISPUTE
from goldentax.subjects.operations import desk, records
from goldentax.subjects.operations.sources import get_source
from goldentax.subjects.rules import credentials, kinds, names, sources, throttle
from goldentax.subjects.rules.sources import Answer, Query

BATCH = 100
"""Subjects the worker asks about in one go: at a source's usual 50 ms each, five seconds."""
STUCK_AFTER = timedelta(minutes=10)
"""A subject marked as being verified for longer lost its asker."""

WORKER = "system:subjects"


def verify_subject(*, subject_id: uuid.UUID | str, actor: str, now: datetime) -> Subject:
    """
    Ask a subject's source now, whatever station it is at, and settle what follows from the answer.

    Not to be called inside a transaction: the source may take its time.

    :raises errors.UnknownSubject: if there is none.
    :raises errors.WrongStation: if it lives no longer, or is asked about at this moment.
    :raises errors.AlreadyOnRecord: if another living subject holds its number by now.
    """
    with transaction.atomic():
        subject = records.locked(subject_id)
        query = _mark(subject, now=now)
        source = sources.source_of(subject.kind)
    answer = get_source(source).ask(query) if source else Answer(verdict=sources.MATCH)
    with transaction.atomic():
        return _settle(records.locked(subject_id), answer=answer, source=source, actor=actor, now=now)


def verify_due(now: datetime) -> int:
    """The worker's job: ask about those who are due, new ones and those whose source did not answer."""
    due = Subject.objects.filter(next_try_at__lte=now).exclude(status__in=[kinds.CANCELLED, kinds.ARCHIVED])
    return _ask_all(list(due.order_by("next_try_at").values_list("public_id", flat=True)[:BATCH]), now=now)


def recheck_due(now: datetime) -> int:
    """The worker's job: ask again about verified subjects, each after some months."""
    days = int(lawbook.parameter("subjects/recheck_after_days", on=now.date()))
    due = Subject.objects.filter(
        status=kinds.VERIFIED, asked_at__lt=now - timedelta(days=days), next_try_at__isnull=True
    ).exclude(kind=kinds.DEVICE)
    return _ask_all(list(due.order_by("asked_at").values_list("public_id", flat=True)[:BATCH]), now=now)


def verify_party(*, number: str, name: str, asker: str, now: datetime) -> Answer:
    """
    Hold the name of a company against the market regulator for somebody who does business with it.

    Of its legal representative nothing is said, and of a dispute here neither.

    :raises errors.TooManyQuestions: if this asker asked too often.
    :raises errors.BadCredential: if the code fails its check.
    :raises errors.BadName: if the name is none.
    """
    desk.count_question(purpose=throttle.VERIFY_PARTY, asker=asker, now=now)
    number, name = credentials.tidied(number), names.tidied(name)
    credentials.check(kind=credentials.USCC, number=number, subject_kind=kinds.LEGAL_ENTITY)
    names.check(name)
    query = Query(credential=credentials.USCC, number=number, at=now, claims={"name": name})
    return get_source(sources.MARKET_REGULATOR).ask(query)


def claims_of(subject: Subject) -> dict[str, str]:
    """What is claimed of a subject: its name, and of a company its legal representative where it is known."""
    claims = {"name": subject.name}
    if not subject.is_person:
        representative = records.present_version(subject).particulars.get("representative_name", "")
        claims |= {"representative_name": representative} if representative else {}
    return claims


def settle_answer(subject: Subject, *, answer: Answer, source: str, actor: str, now: datetime) -> Subject:
    """
    Settle an answer that was asked for already, about a subject that was just collected; inside a transaction.
    """
    if subject.status != kinds.VERIFYING:
        records.go_to(subject, status=kinds.VERIFYING)
    return _settle(subject, answer=answer, source=source, actor=actor, now=now)


def _ask_all(ids: list[uuid.UUID], *, now: datetime) -> int:
    done = 0
    for subject_id in ids:
        try:
            verify_subject(subject_id=subject_id, actor=WORKER, now=now)
            done += 1
        except (errors.WrongStation, errors.AlreadyOnRecord):
            # Somebody else was quicker, or the number has another holder now: nothing is due here any more.
            Subject.objects.filter(public_id=subject_id).exclude(status=kinds.VERIFYING).update(
                next_try_at=None
            )
    return done


def _mark(subject: Subject, *, now: datetime) -> Query:
    credential = _credential(subject)
    if subject.status in (kinds.VERIFIED, kinds.DISPUTED):
        pass  # it keeps its station while it is asked about again
    elif subject.status == kinds.VERIFYING and subject.next_try_at and subject.next_try_at <= now:
        pass  # its asker died
    else:
        if not credential.is_held:
            records.hold(subject, kind=credential.kind, number=credential.number, now=now)
        records.go_to(subject, status=kinds.VERIFYING)
    subject.next_try_at = now + STUCK_AFTER
    subject.save(update_fields=["next_try_at"])
    return Query(credential=credential.kind, number=credential.number, at=now, claims=claims_of(subject))


def _credential(subject: Subject) -> Credential:
    """The credential a source knows a subject by: what it holds, else what it held last."""
    found = subject.credentials.order_by("-is_held", "id").first()
    assert found is not None, "a subject without credential was never made"
    return found


def _settle(subject: Subject, *, answer: Answer, source: str, actor: str, now: datetime) -> Subject:
    Check.objects.create(
        subject=subject,
        source=source,
        verdict=answer.verdict,
        fields=list(answer.fields),
        reference=answer.reference,
        actor=actor[:120],
        at=now,
    )
    before = subject.status
    if answer.verdict == sources.AWAY:
        _wait(subject, now=now)
    else:
        subject.tries, subject.next_try_at, subject.asked_at = 0, None, now
        if before in (kinds.VERIFIED, kinds.DISPUTED):
            _settle_again(subject, answer=answer, actor=actor, now=now)
        elif answer.verdict == sources.MATCH:
            _become_verified(subject, answer=answer, source=source, now=now)
        else:
            records.go_to(subject, status=kinds.MISMATCH)
            # A number that its source does not give to this name must stay free for its owner.
            records.release(subject, now=now)
    subject.save()
    detail: dict[str, object] = {
        "source": source,
        "verdict": answer.verdict,
        "from": before,
        "to": subject.status,
    }
    if answer.fields:
        detail["fields"] = list(answer.fields)
    records.trail(actor=actor, action="subject.verify", subject=subject, now=now, detail=detail)
    return subject


def _become_verified(subject: Subject, *, answer: Answer, source: str, now: datetime) -> None:
    subject.verified_by, subject.verified_at = this_node().code, now
    records.give_number(subject, on=now.date())
    records.go_to(subject, status=kinds.VERIFIED)
    version = records.present_version(subject)
    known = version.particulars
    told = {name: value for name, value in answer.facts.items() if name not in ("name", "status")}
    if told and not known.items() >= told.items():
        records.write_version(
            subject,
            name=subject.name,
            particulars=told | known,
            reason="source",
            origin=f"{source} {answer.reference}".strip(),
            valid_from=version.valid_from,
            now=now,
        )
    subject.save()
    records.publish_verified(subject, now=now)


def _settle_again(subject: Subject, *, answer: Answer, actor: str, now: datetime) -> None:
    if answer.verdict == sources.MATCH:
        if subject.status == kinds.DISPUTED:
            end_dispute(subject, decision="agreed", actor=actor, now=now)
        return
    fields = answer.fields or ("number",)
    if subject.status == kinds.VERIFIED:
        _dispute(subject, fields=fields, now=now)
    else:
        Review.objects.filter(subject=subject, kind=DISPUTE, decision="").update(reasons=list(fields))


def _dispute(subject: Subject, *, fields: tuple[str, ...], now: datetime) -> None:
    """
    Its source disagrees since. Whoever acts for it goes on acting: one wrong answer of a source must not stop a
    company's business. But nobody gets a new duty for it or through it until an officer has decided.
    """
    today = now.astimezone(CHINA).date()
    records.go_to(subject, status=kinds.DISPUTED)
    subject.dispute_until = today + timedelta(days=int(lawbook.parameter("subjects/dispute_days", on=today)))
    subject.save()
    Review.objects.create(
        kind=DISPUTE, subject=subject, reasons=list(fields), made_at=now, due_on=subject.dispute_until
    )
    records.publish_changed(subject, fields=fields, valid_from=today, now=now)


def end_dispute(subject: Subject, *, decision: str, actor: str, now: datetime) -> None:
    """Take a subject back to verified and close its entry in the review list; inside a transaction."""
    records.go_to(subject, status=kinds.VERIFIED)
    subject.dispute_until = None
    subject.save()
    Review.objects.filter(subject=subject, kind=DISPUTE, decision="").update(
        decision=decision, decided_by=actor[:120], decided_at=now
    )
    records.publish_changed(subject, fields=("status",), valid_from=now.astimezone(CHINA).date(), now=now)


def _wait(subject: Subject, *, now: datetime) -> None:
    """No answer: ask again after a while that grows; after the last one an officer must ask."""
    waits = [int(minutes) for minutes in lawbook.parameter("subjects/retry_minutes", on=now.date())]
    has_more = subject.tries < len(waits)
    subject.next_try_at = now + timedelta(minutes=waits[subject.tries]) if has_more else None
    subject.tries = min(subject.tries + 1, len(waits))
    if subject.status == kinds.VERIFYING:
        records.go_to(subject, status=kinds.UNVERIFIABLE)
