"""Decide what machines must not decide (人工复核): likely duplicates, and subjects whose source disagrees."""

import uuid
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from goldentax.kernel import audit
from goldentax.kernel.text import Text
from goldentax.subjects import errors
from goldentax.subjects.models import LoadRow, Review
from goldentax.subjects.models import loads as states
from goldentax.subjects.operations import life, loading, records, verifying
from goldentax.subjects.rules import credentials, kinds

MERGE, KEEP_APART, REJECT = "merge", "keep_apart", "reject"
UPHOLD, CANCEL = "uphold", "cancel"
DECISIONS: dict[str, dict[str, Text]] = {
    states.DUPLICATE: {
        MERGE: Text("合并：同一主体", "Merge: the same subject"),
        KEEP_APART: Text("分立：不同主体", "Keep apart: two subjects"),
        REJECT: Text("退回该行", "Reject the row"),
    },
    states.DISPUTE: {
        UPHOLD: Text("维持：以现有登记为准", "Uphold what is on record"),
        CANCEL: Text("注销该主体", "Cancel the subject"),
    },
}


@transaction.atomic
def decide_review(*, review_id: uuid.UUID | str, decision: str, actor: str, now: datetime) -> Review:
    """
    Decide one entry of the review list; the same decision again changes nothing.

    :raises errors.UnknownReview: if there is none.
    :raises errors.AlreadyDecided: if it was decided otherwise before.
    :raises errors.BadDecision: if it does not offer that decision.
    :raises errors.BadCredential: if a row is kept apart whose number is wrong or missing.
    :raises errors.AlreadyOnRecord: if a row is kept apart whose number another one holds.
    """
    review = _locked(review_id)
    offered = DECISIONS[review.kind]
    if decision not in offered:
        raise errors.BadDecision("decision", known="、".join(offered))
    if review.decision == decision:
        return review
    if review.decision:
        known = offered.get(review.decision, Text("已解决", "settled"))
        raise errors.AlreadyDecided("decision", decision=known)
    if review.kind == states.DISPUTE:
        _decide_dispute(review, decision=decision, actor=actor, now=now)
    else:
        _decide_duplicate(review, decision=decision, actor=actor, now=now)
    review.decision, review.decided_by, review.decided_at = decision, actor[:120], now
    review.save()
    audit.record(
        actor=actor,
        action="subjects.review.decide",
        subject=f"review:{review.public_id}",
        now=now,
        detail={"decision": decision, "kind": review.kind},
        category=audit.PRIVILEGED,
    )
    return review


def _decide_dispute(review: Review, *, decision: str, actor: str, now: datetime) -> None:
    assert review.subject is not None
    subject = records.locked(review.subject.public_id)
    if decision == CANCEL:
        life.cancel_subject(subject_id=subject.public_id, reason="dispute", actor=actor, now=now)
    elif subject.status == kinds.DISPUTED:
        verifying.end_dispute(subject, decision=decision, actor=actor, now=now)
        # Asked about again in the usual rhythm, not at once: the source would say the same.
        subject.asked_at = now
        subject.save(update_fields=["asked_at"])


def _decide_duplicate(review: Review, *, decision: str, actor: str, now: datetime) -> None:
    row = review.row
    assert row is not None
    entry = loading.entry_of(row)
    if decision == REJECT:
        row.outcome, row.code = states.REJECTED, errors.RowIsRepeated.code
    elif decision == KEEP_APART:
        if not entry.is_number_valid:
            raise errors.BadCredential("number", credential=credentials.NAMES[entry.credential])
        row.subject = loading.add_subject(entry=entry, row=row, now=now)
        row.outcome = states.ADDED
    else:
        subject = review.subject or (review.other_row.subject if review.other_row else None)
        if subject is None:
            # The row it is the same as became no subject itself: both wait for that one.
            raise errors.LoadNotReady(
                "decision", state=Text("先判定较早的行", "decide the earlier row first")
            )
        subject = records.locked(subject.public_id)
        loading.merge_into(subject=subject, entry=entry, origin=f"review:{review.public_id}", now=now)
        row.outcome, row.subject = states.MERGED, subject
    row.save()
    if row.subject is not None:
        repeats = LoadRow.objects.filter(load=row.load, outcome=states.REPEATED, same_as_row=row.row)
        repeats.update(subject=row.subject)


def _locked(review_id: uuid.UUID | str) -> Review:
    try:
        review = Review.objects.select_for_update(of=("self",)).filter(public_id=review_id).first()
    except ValidationError:
        review = None
    if review is None:
        raise errors.UnknownReview("review_id")
    return review
