"""Searching names: Chinese text anywhere, tax ids and initials from their start; and pages of lists."""

import base64
import binascii
import re
import uuid
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from goldentax.registry import errors

PAGE_SIZE = 50
PAGE_SIZE_MAX = 200
TEXT_LENGTH_MAX = 100

_LATIN = re.compile(r"[0-9A-Za-z]+")
M = TypeVar("M", bound=Model)


def searched_text(text: str) -> str:
    """A question as it is searched: without blanks and signs that no name holds."""
    return "".join(text.replace("\x00", "").split())[:TEXT_LENGTH_MAX]


def matching(text: str, *, tax_id: str = "tax_id") -> Q:
    """
    The condition under which an entry is found by a text; an empty text finds all.

    :param tax_id: the column that identifiers and codes are searched in.
    """
    text = searched_text(text)
    if not text:
        return Q()
    found = Q(name__icontains=text)
    if _LATIN.fullmatch(text):
        found |= Q(initials__startswith=text.lower())
        if any(sign.isdigit() for sign in text):
            found |= Q(**{f"{tax_id}__startswith": text.upper()})
    return found


def page_of(rows: QuerySet[M], *, cursor: str, limit: int) -> tuple[list[M], str]:
    """
    One page in the order of the public id, which is the order of adding, and the cursor of the next.

    :raises errors.BadCursor: if the cursor was not made here.
    """
    limit = max(1, min(limit, PAGE_SIZE_MAX))
    rows = rows.order_by("public_id")
    if cursor:
        rows = rows.filter(public_id__gt=_read_cursor(cursor))
    found = list(rows[: limit + 1])
    more = len(found) > limit
    return found[:limit], _write_cursor(found[limit - 1]) if more else ""


def _write_cursor(row: Any) -> str:
    return base64.urlsafe_b64encode(row.public_id.bytes).decode().rstrip("=")


def _read_cursor(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise errors.BadCursor("cursor") from None
