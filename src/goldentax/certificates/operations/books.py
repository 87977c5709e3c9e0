"""Entering a certificate into the books of what was issued."""

from datetime import datetime

from goldentax.certificates.models import Authority, Certificate
from goldentax.certificates.rules import reading


def add_row(
    certificate: reading.Certificate,
    *,
    authority: Authority,
    actor: str,
    now: datetime,
    name: str = "",
    renews: Certificate | None = None,
) -> Certificate:
    """Enter a certificate; ``name`` is the holder's whole one, where the certificate had to cut it."""
    holder = certificate.holder
    assert holder is not None
    return Certificate.objects.create(
        authority=authority,
        serial=reading.serial_text(certificate.serial),
        holder_kind=holder.kind,
        subject_id=holder.subject_id,
        name=name or holder.name,
        algorithm=certificate.algorithm,
        key_fingerprint=certificate.public_key.fingerprint,
        der=certificate.der,
        valid_from=certificate.valid_from,
        valid_to=certificate.valid_to,
        issued_at=now,
        issued_by=actor[:120],
        renews=renews,
    )
