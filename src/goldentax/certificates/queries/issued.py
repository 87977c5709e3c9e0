"""Certificates that were issued here: one, a holder's, or found by what an officer types."""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from goldentax.certificates import errors
from goldentax.certificates.models import Certificate
from goldentax.certificates.rules import reading, views
from goldentax.certificates.rules.views import CertificateView, Page

PAGE_SIZE, PAGE_SIZE_MAX = 50, 200


def get_certificate(*, serial: str) -> CertificateView:
    """
    One certificate by its serial number in hex.

    :raises errors.UnknownCertificate: if none was issued with it.
    """
    return as_view(get_row(serial))


def get_row(serial: str) -> Certificate:
    """The row of one certificate."""
    row = Certificate.objects.select_related("authority").filter(serial=tidied_serial(serial)).first()
    if row is None:
        raise errors.UnknownCertificate("serial", serial=serial[:40])
    return row


def find_by_public_id(public_id: uuid.UUID) -> CertificateView | None:
    """One certificate by its public id."""
    row = Certificate.objects.select_related("authority").filter(public_id=public_id).first()
    return as_view(row) if row else None


def list_of_holders(holders: Collection[tuple[str, str]]) -> list[CertificateView]:
    """The certificates of these holders (kind, id), the newest first."""
    if not holders:
        return []
    asked = Q()
    for kind, subject_id in holders:
        asked |= Q(holder_kind=kind, subject_id=subject_id)
    rows = Certificate.objects.select_related("authority").filter(asked).order_by("-id")[:PAGE_SIZE_MAX]
    return [as_view(row) for row in rows]


def list_certificates(
    *,
    text: str = "",
    kind: str = "",
    state: str = "",
    now: datetime,
    cursor: str = "",
    limit: int = PAGE_SIZE,
) -> Page:
    """A page of certificates, the newest first; the text is part of a name, an id, or the start of a serial number."""
    rows = Certificate.objects.select_related("authority").order_by("-id")
    if text:
        rows = rows.filter(
            Q(name__icontains=text) | Q(subject_id=text) | Q(serial__startswith=tidied_serial(text) or "-")
        )
    if kind:
        rows = rows.filter(holder_kind=kind)
    if state:
        rows = rows.filter(_in_state(state, now))
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        rows = rows.filter(id__lt=int(cursor))
    limit = max(1, min(limit, PAGE_SIZE_MAX))
    found = list(rows[: limit + 1])
    more = str(found[limit - 1].pk) if len(found) > limit else ""
    return Page(items=tuple(as_view(row) for row in found[:limit]), next_cursor=more)


def tidied_serial(text: str) -> str:
    """A serial number as it is kept: hex in lower case, without colons and blanks; "" for what is none."""
    found = text.lower().replace(":", "").replace(" ", "")[:40]
    return found if all(sign in "0123456789abcdef" for sign in found) else ""


def _in_state(state: str, now: datetime) -> Q:
    return {
        views.REVOKED: Q(revoked_at__isnull=False),
        views.EXPIRED: Q(revoked_at__isnull=True, valid_to__lt=now),
        views.VALID: Q(revoked_at__isnull=True, valid_to__gte=now, valid_from__lte=now),
    }.get(state, Q())


def as_view(row: Certificate) -> CertificateView:
    """What others see of a row."""
    der = bytes(row.der)
    return CertificateView(
        public_id=row.public_id,
        serial=row.serial,
        kind=row.holder_kind,
        subject_id=row.subject_id,
        name=row.name,
        algorithm=row.algorithm,
        key_fingerprint=row.key_fingerprint,
        der=der,
        pem=reading.to_pem(der),
        issuer_key_id=row.authority.key_id,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        revoked_at=row.revoked_at,
        revocation_reason=row.revocation_reason,
    )
