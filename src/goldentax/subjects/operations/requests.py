"""The repeat question: a request id that was answered before gets the first answer back."""

import re
import uuid
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from goldentax.kernel.crypto.fields import blind_index
from goldentax.subjects import errors
from goldentax.subjects.models import AnsweredRequest

_REQUEST_ID = re.compile(r"[A-Za-z0-9\-_.:]{8,64}")


def find_first_answer(*, scope: str, request_id: str, action: str, content: Any) -> uuid.UUID | None:
    """
    Look for the answer this request got before; call it first inside the transaction.

    Until the transaction ends, the same request id in parallel waits here.

    :raises errors.BadRequestId: if the id is malformed.
    :raises errors.RequestIdReused: if the id was answered for another content.
    """
    if not _REQUEST_ID.fullmatch(request_id):
        raise errors.BadRequestId("request_id")
    assert connection.in_atomic_block, "the wait for a parallel request ends with the transaction"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"subjects:{scope}:{request_id}"]
        )
    answered = AnsweredRequest.objects.filter(scope=scope[:40], request_id=request_id).first()
    if answered is None:
        return None
    if (answered.action, answered.digest) != (action, _digest(content)):
        raise errors.RequestIdReused("request_id", request_id=request_id)
    return answered.result_id


def keep_answer(
    *, scope: str, request_id: str, action: str, content: Any, result_id: uuid.UUID, now: datetime
) -> None:
    """Keep the answer of a request, in the transaction that did it."""
    AnsweredRequest.objects.create(
        scope=scope[:40],
        request_id=request_id,
        action=action,
        digest=_digest(content),
        result_id=result_id,
        at=now,
    )


def _digest(content: Any) -> str:
    # Keyed: the content may be a name and a card number, which a plain hash would let anybody guess.
    return blind_index(msgspec.json.encode(content, order="sorted").decode(), "subjects.request")
