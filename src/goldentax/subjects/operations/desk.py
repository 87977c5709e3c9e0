"""The desk of registration: drafts that nothing is lost from, and questions that are counted."""

import json
import math
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from goldentax.kernel.crypto.fields import blind_index
from goldentax.subjects import errors
from goldentax.subjects.models import Draft, Question
from goldentax.subjects.rules import throttle

COMPANY = "company"
"""The purpose of the draft that the registration of a company keeps."""

_DRAFT_KEPT = timedelta(days=30)
_VALUES_MAX = 30


def count_question(*, purpose: str, asker: str, now: datetime) -> None:
    """
    Count one question before it is answered; it stays counted when the answer is a refusal.

    So it must not run inside a caller's transaction that could be rolled back.

    :param asker: a network, or a person's public id; kept as a keyed hash.
    :raises errors.TooManyQuestions: if there were too many within the hour.
    """
    digest = blind_index(asker, "subjects.question")
    asked = Question.objects.filter(purpose=purpose, asker=digest, at__gt=now - throttle.WINDOW)
    if asked.count() >= throttle.LIMITS[purpose]:
        oldest = asked.order_by("at").values_list("at", flat=True)[0]
        wait_s = max(1, math.ceil((oldest + throttle.WINDOW - now).total_seconds()))
        raise errors.TooManyQuestions(minutes=math.ceil(wait_s / 60), retry_after_s=wait_s)
    Question.objects.create(purpose=purpose, asker=digest, at=now)


def save_draft(*, person_id: uuid.UUID | str, purpose: str, values: Mapping[str, str], now: datetime) -> None:
    """Keep what somebody typed; the next visit finds it."""
    kept = {str(name)[:40]: str(value)[:500] for name, value in list(values.items())[:_VALUES_MAX]}
    Draft.objects.update_or_create(
        person_id=person_id,
        purpose=purpose,
        defaults={"body": json.dumps(kept, ensure_ascii=False), "saved_at": now},
    )


def drop_draft(*, person_id: uuid.UUID | str, purpose: str) -> None:
    """Throw a draft away: what it was for is done."""
    Draft.objects.filter(person_id=person_id, purpose=purpose).delete()


@transaction.atomic
def sweep_desk(now: datetime) -> int:
    """The worker's job: throw away counted questions and drafts that serve nothing any more."""
    questions, _ = Question.objects.filter(at__lt=now - throttle.WINDOW).delete()
    drafts, _ = Draft.objects.filter(saved_at__lt=now - _DRAFT_KEPT).delete()
    return questions + drafts
