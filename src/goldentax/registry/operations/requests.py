"""The repeat question: a request id that was answered before gets the first answer back."""

import dataclasses
import uuid
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from goldentax.kernel.crypto import sm
from goldentax.registry import errors
from goldentax.registry.models import AnsweredRequest
from goldentax.registry.rules import checks


def find_first_answer(*, scope: str, request_id: str, action: str, content: object) -> uuid.UUID | None:
    """
    Look for the answer this request got before; call it first inside the transaction.

    Until the transaction ends, the same request id in parallel waits here.

    :raises errors.BadRequestId: if the id is malformed.
    :raises errors.RequestIdReused: if the id was answered for another content.
    """
    checks.refuse_bad_request_id(request_id)
    assert connection.in_atomic_block, "the wait for a parallel request ends with the transaction"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"registry:{scope}:{request_id}"]
        )
    answered = AnsweredRequest.objects.filter(scope=scope, request_id=request_id).first()
    if answered is None:
        return None
    if (answered.action, answered.digest) != (action, _digest(content)):
        raise errors.RequestIdReused("request_id", request_id=request_id)
    return answered.result_id


def keep_answer(
    *, scope: str, request_id: str, action: str, content: object, result_id: uuid.UUID, now: datetime
) -> None:
    """Keep the answer of a request, in the transaction that did it."""
    AnsweredRequest.objects.create(
        scope=scope,
        request_id=request_id,
        action=action,
        digest=_digest(content),
        result_id=result_id,
        at=now,
    )


def _digest(content: object) -> str:
    return sm.sm3(msgspec.json.encode(_plain(content), order="sorted")).hex()


def _plain(content: object) -> Any:
    if dataclasses.is_dataclass(content) and not isinstance(content, type):
        return dataclasses.asdict(content)
    return content
