"""
Issuing and renewing certificates (签发、更新).

Who asks must hold the key: a PKCS#10 request is signed with it, and a bare public key comes with a signature over what
is asked. Whom the certificate names is given by the caller, never taken from the request. A key belongs to one holder
for good; one that was revoked as leaked belongs to nobody.
"""

from datetime import datetime, timedelta
from typing import Any

from asn1crypto import pem
from django.db import transaction

from goldentax.certificates import errors
from goldentax.certificates.models import Certificate
from goldentax.certificates.operations import authorities as authority_operations
from goldentax.certificates.operations import books, requests
from goldentax.certificates.queries import authorities, issued, kinds, places
from goldentax.certificates.rules import building, profiles, reading
from goldentax.certificates.rules import requests as request_rules
from goldentax.certificates.rules.keys import ALGORITHMS, PublicKey
from goldentax.certificates.rules.views import EXPIRED, FUTURE, REVOKED, VALID, CertificateView, Kind
from goldentax.kernel import audit
from goldentax.kernel.text import Text

_WHY = {
    EXPIRED: Text("已过期", "it has ended"),
    REVOKED: Text("已吊销", "it was revoked"),
    FUTURE: Text("未生效", "it is not in force yet"),
    "early": Text("未到更新期", "it is too early"),
    "renewed": Text("已更新过", "it was renewed already"),
}
_MADE_ELSEWHERE = (profiles.ROOT, profiles.ISSUING, profiles.OCSP, profiles.TIMESTAMP)


@transaction.atomic
def issue_for(
    *,
    subject_kind: str,
    subject_id: str,
    name: str,
    csr_or_public_key: str | bytes,
    actor: str,
    request_id: str,
    now: datetime,
    proof: bytes = b"",
    algorithm: str = "",
) -> CertificateView:
    """
    Issue a certificate to a holder; asked again with the same request id, it gives the same one.

    :param csr_or_public_key: a PKCS#10 request, or a public key that comes with ``proof``; PEM or DER.
    :param proof: the key's signature over :func:`goldentax.certificates.rules.requests.possession_text`.
    :param algorithm: refuse a key of another family than this; "" takes either.
    :raises errors.PossessionNotProven: if it is not signed with the key.
    :raises errors.KeyTaken: if the key is somebody else's, or was leaked.
    :raises errors.TooManyCertificates: if the holder has as many as one may have.
    """
    text = csr_or_public_key.encode() if isinstance(csr_or_public_key, str) else csr_or_public_key
    holder = profiles.Holder(kind=subject_kind, subject_id=subject_id, name=name)
    scope = f"{subject_kind}:{subject_id}"[:100]
    content: dict[str, Any] = {"name": name, "request": text.hex(), "algorithm": algorithm}
    action = "certificates.certificate.issue"
    first = requests.find_first_answer(scope=scope, request_id=request_id, action=action, content=content)
    if first is not None:
        return issued.get_certificate(serial=first)
    kind = _kind(subject_kind, now)
    holder.check()
    key = _proven_key(text, proof=proof, holder=holder, request_id=request_id)
    if algorithm and key.algorithm != algorithm:
        raise errors.WrongAlgorithm("algorithm", algorithm=algorithm if algorithm in ALGORITHMS else "?")
    _refuse_taken_key(key, holder)
    _refuse_too_many(holder, kind, now)
    row = _issue(
        holder, key=key, kind=kind, actor=actor, now=now, valid_to=now + timedelta(days=kind.term_days)
    )
    _finish(row, scope=scope, request_id=request_id, action=action, content=content, actor=actor, now=now)
    return issued.as_view(row)


@transaction.atomic
def renew(
    *, serial: str, actor: str, request_id: str, now: datetime, csr: str | bytes = b""
) -> CertificateView:
    """
    Issue the certificate that follows this one, for the same holder; both are good until the old one ends.

    :param csr: a request with a fresh key; without one, the key stays.
    :raises errors.NotRenewable: if it is not valid, or not near its end, or was renewed already.
    """
    text = csr.encode() if isinstance(csr, str) else csr
    old = issued.get_row(serial)
    scope = f"{old.holder_kind}:{old.subject_id}"[:100]
    content: dict[str, Any] = {"serial": old.serial, "request": text.hex()}
    action = "certificates.certificate.renew"
    first = requests.find_first_answer(scope=scope, request_id=request_id, action=action, content=content)
    if first is not None:
        return issued.get_certificate(serial=first)
    kind = _kind(old.holder_kind, now)
    old = issued.get_row(serial)  # once more, now that nobody else can change it
    _refuse_not_renewable(old, kind, now)
    holder = profiles.Holder(kind=old.holder_kind, subject_id=old.subject_id, name=old.name)
    key = request_rules.proven_key(text) if text else reading.read_certificate(bytes(old.der)).public_key
    if text:
        _refuse_taken_key(key, holder)
    ends = old.valid_to + timedelta(days=kind.term_days)
    row = _issue(holder, key=key, kind=kind, actor=actor, now=now, valid_to=ends, renews=old)
    _finish(row, scope=scope, request_id=request_id, action=action, content=content, actor=actor, now=now)
    return issued.as_view(row)


def _issue(
    holder: profiles.Holder,
    *,
    key: PublicKey,
    kind: Kind,
    actor: str,
    now: datetime,
    valid_to: datetime,
    renews: Certificate | None = None,
) -> Certificate:
    try:
        authority = authorities.get_authority(kind=profiles.ISSUING, algorithm=key.algorithm)
    except errors.AuthorityMissing:
        authority_operations.make_authorities(now=now)
        authority = authorities.get_authority(kind=profiles.ISSUING, algorithm=key.algorithm)
    order = building.Order(
        holder=holder,
        public_key=key,
        organisation=authorities.organisation_of(authority),
        valid_from=now,
        valid_to=min(valid_to, authority.valid_to),
        serial=building.new_serial(),
        places=places.places_of(authority.key_id, issuer_kind=authority.kind),
    )
    der = building.build_certificate(
        order, issuer_key=authorities.key_of(authority), issuer_name=bytes(authority.subject)
    )
    return books.add_row(
        reading.read_certificate(der),
        authority=authority,
        actor=actor,
        now=now,
        name=holder.name,
        renews=renews,
    )


def _proven_key(text: bytes, *, proof: bytes, holder: profiles.Holder, request_id: str) -> PublicKey:
    if not proof:
        return request_rules.proven_key(text)
    if pem.detect(text) and b"CERTIFICATE REQUEST" in text:
        raise errors.PossessionNotProven("proof")
    key = PublicKey.from_pem(text)
    asked = request_rules.possession_text(
        holder_kind=holder.kind, subject_id=holder.subject_id, request_id=request_id
    )
    if not key.verify(data=asked, signature=proof):
        raise errors.PossessionNotProven("proof")
    return key


def _kind(code: str, now: datetime) -> Kind:
    on = kinds.day_of(now)
    if code in _MADE_ELSEWHERE or code not in profiles.PROFILES:
        known = [one.code for one in kinds.list_kinds(on=on) if one.code not in _MADE_ELSEWHERE]
        raise errors.UnknownKind("subject_kind", kind=code[:20], known=", ".join(known))
    return kinds.get_kind(code, on=on)


def _refuse_taken_key(key: PublicKey, holder: profiles.Holder) -> None:
    # Two holders with one key at once wait for each other.
    requests.lock(f"certificates:key:{key.fingerprint}")
    for kind, subject_id, reason in Certificate.objects.filter(key_fingerprint=key.fingerprint).values_list(
        "holder_kind", "subject_id", "revocation_reason"
    ):
        if (kind, subject_id) != (holder.kind, holder.subject_id) or reason == "key_compromise":
            raise errors.KeyTaken("csr")


def _refuse_too_many(holder: profiles.Holder, kind: Kind, now: datetime) -> None:
    valid = Certificate.objects.filter(
        holder_kind=holder.kind, subject_id=holder.subject_id, revoked_at__isnull=True, valid_to__gte=now
    )
    if valid.count() >= kind.valid_count_max:
        raise errors.TooManyCertificates(limit=kind.valid_count_max)


def _refuse_not_renewable(old: Certificate, kind: Kind, now: datetime) -> None:
    state = issued.as_view(old).state(now)
    if state != VALID:
        why = state
    elif old.valid_to - timedelta(days=kind.renew_days) > now:
        why = "early"
    elif Certificate.objects.filter(renews=old, revoked_at__isnull=True).exists():
        why = "renewed"
    else:
        return
    raise errors.NotRenewable("serial", serial=old.serial, why=_WHY[why], days=kind.renew_days)


def _finish(
    row: Certificate,
    *,
    scope: str,
    request_id: str,
    action: str,
    content: dict[str, Any],
    actor: str,
    now: datetime,
) -> None:
    requests.keep_answer(
        scope=scope, request_id=request_id, action=action, content=content, serial=row.serial, now=now
    )
    audit.record(
        actor=actor,
        action=action,
        subject=f"{row.holder_kind}:{row.subject_id}",
        request_id=request_id,
        now=now,
        detail={"serial": row.serial, "algorithm": row.algorithm, "valid_to": row.valid_to.isoformat()},
    )
