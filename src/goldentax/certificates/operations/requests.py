"""The repeat question: a request id that was answered before gets the first answer back."""

import re
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from goldentax.certificates import errors
from goldentax.certificates.models import AnsweredRequest
from goldentax.kernel.crypto import sm

_REQUEST_ID = re.compile(r"[0-9A-Za-z._:-]{8,64}")


def find_first_answer(*, scope: str, request_id: str, action: str, content: dict[str, Any]) -> str | None:
    """
    The serial number this request got before; call it first inside the transaction.

    Until the transaction ends, other requests of the same scope wait here.

    :raises errors.BadRequestId: if the id is malformed.
    :raises errors.RequestIdReused: if the id was answered for another content.
    """
    if not _REQUEST_ID.fullmatch(request_id):
        raise errors.BadRequestId("request_id")
    lock(f"certificates:{scope}")
    answered = AnsweredRequest.objects.filter(scope=scope, request_id=request_id).first()
    if answered is None:
        return None
    if (answered.action, answered.digest) != (action, _digest(content)):
        raise errors.RequestIdReused("request_id", request_id=request_id)
    return answered.serial


def keep_answer(
    *, scope: str, request_id: str, action: str, content: dict[str, Any], serial: str, now: datetime
) -> None:
    """Keep the answer of a request, in the transaction that did it."""
    AnsweredRequest.objects.create(
        scope=scope,
        request_id=request_id,
        action=action,
        digest=_digest(content),
        serial=serial,
        at=now,
    )


def lock(name: str) -> None:
    """Wait for others who hold this name; it is let go at the end of the transaction."""
    assert connection.in_atomic_block, "the wait ends with the transaction"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _digest(content: dict[str, Any]) -> str:
    return sm.sm3(msgspec.json.encode(content, order="sorted")).hex()
