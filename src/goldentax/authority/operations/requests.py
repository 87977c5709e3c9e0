"""The repeat question: a request id that was answered before gets the first answer back."""

import re
from typing import Any

import msgspec
from django.db import connection

from goldentax.authority import errors
from goldentax.authority.models import Grant, GrantStep
from goldentax.kernel.crypto import sm

_REQUEST_ID = re.compile(r"[0-9A-Za-z._:\-]{8,64}")


def digest(action: str, content: dict[str, Any]) -> str:
    """SM3 over what was asked, hex."""
    return sm.sm3(msgspec.json.encode([action, content], order="sorted")).hex()


def find_first_answer(*, request_id: str, asked: str) -> Grant | None:
    """
    Look for the grant that this request led to; call it first inside the transaction.

    Until the transaction ends, the same request id in parallel waits here.

    :raises errors.BadRequestId: if the id is malformed.
    :raises errors.RequestIdReused: if the id was answered for another content.
    """
    refuse_bad_request_id(request_id)
    wait_for(f"request:{request_id}")
    step = GrantStep.objects.select_related("grant").filter(request_id=request_id).first()
    if step is None:
        return None
    if step.digest != asked:
        raise errors.RequestIdReused("request_id", request_id=request_id)
    return step.grant


def refuse_bad_request_id(request_id: str) -> None:
    """
    Hold a request id against its form.

    :raises errors.BadRequestId: if it is malformed.
    """
    if not _REQUEST_ID.fullmatch(request_id):
        raise errors.BadRequestId("request_id")


def wait_for(name: str) -> None:
    """Wait for others that name the same, and keep them waiting until this transaction ends."""
    assert connection.in_atomic_block, "the wait for a parallel request ends with the transaction"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"authority:{name}"])
