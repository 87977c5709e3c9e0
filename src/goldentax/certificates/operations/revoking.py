"""Revoking certificates (吊销): for good, with a reason, and in the list and the status service at once."""

from datetime import datetime

from django.db import transaction

from goldentax.certificates import errors
from goldentax.certificates.models import Authority, Certificate
from goldentax.certificates.operations import publishing, requests
from goldentax.certificates.queries import issued
from goldentax.certificates.rules import reasons
from goldentax.certificates.rules.views import CertificateView
from goldentax.kernel import audit


@transaction.atomic
def revoke(*, serial: str, reason: str, actor: str, request_id: str, now: datetime) -> CertificateView:
    """
    Revoke a certificate and publish the next list; asked again with the same request id, it answers the same.

    :raises errors.UnknownCertificate: if there is none with this serial number.
    :raises errors.UnknownReason: if the reason is none of :data:`goldentax.certificates.rules.reasons.REASONS`.
    :raises errors.AlreadyRevoked: if it was revoked before, by another request.
    """
    row = issued.get_row(serial)
    scope = f"{row.holder_kind}:{row.subject_id}"[:100]
    content = {"serial": row.serial, "reason": reason}
    action = "certificates.certificate.revoke"
    first = requests.find_first_answer(scope=scope, request_id=request_id, action=action, content=content)
    if first is not None:
        return issued.get_certificate(serial=first)
    if reason not in reasons.REASONS:
        raise errors.UnknownReason("reason", reason=reason[:40], known=", ".join(reasons.REASONS))
    changed = Certificate.objects.filter(pk=row.pk, revoked_at__isnull=True).update(
        revoked_at=now, revocation_reason=reason, revoked_by=actor[:120]
    )
    if not changed:
        raise errors.AlreadyRevoked("serial", serial=row.serial)
    # A service of ours whose certificate is revoked signs no more; the next run of the job makes another one.
    Authority.objects.filter(serial=row.serial, retired_at__isnull=True).update(retired_at=now)
    publishing.publish(row.authority, now=now)
    requests.keep_answer(
        scope=scope, request_id=request_id, action=action, content=content, serial=row.serial, now=now
    )
    audit.record(
        actor=actor,
        action=action,
        subject=f"{row.holder_kind}:{row.subject_id}",
        request_id=request_id,
        now=now,
        detail={"serial": row.serial, "reason": reason},
    )
    return issued.get_certificate(serial=row.serial)


def revoke_all_of(
    *, subject_kind: str, subject_id: str, reason: str, actor: str, request_id: str, now: datetime
) -> int:
    """
    Revoke every valid certificate of a holder, such as one who left; how many there were.

    Each is a request of its own, named by the request id and the end of the serial number.
    """
    rows = issued.list_of_holders([(subject_kind, subject_id)])
    valid = [one for one in rows if one.revoked_at is None and one.valid_to >= now]
    with transaction.atomic():
        for one in valid:
            revoke(
                serial=one.serial,
                reason=reason,
                actor=actor,
                request_id=f"{request_id[:46]}:{one.serial[-16:]}",
                now=now,
            )
    return len(valid)
