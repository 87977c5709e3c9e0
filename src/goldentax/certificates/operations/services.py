"""
What the node does with its own keys for others (签名、时间戳、信封加密): seals, timestamps, envelopes.

Documents are sealed with the node's signing key, which has a certificate of the kind ``node``; with a timestamp over
the seal it stays checkable after that certificate ended or was revoked.
"""

from collections.abc import Sequence
from datetime import datetime

from goldentax.certificates import errors
from goldentax.certificates.models import Authority, Certificate
from goldentax.certificates.operations import authorities as authority_operations
from goldentax.certificates.operations import issuing
from goldentax.certificates.queries import authorities, issued, verifying
from goldentax.certificates.rules import envelopes, profiles, reading, signed_data, timestamps
from goldentax.certificates.rules import requests as request_rules
from goldentax.certificates.rules.keys import ALGORITHMS, DIGEST_OIDS, SM2, KeyPair, PublicKey
from goldentax.certificates.rules.views import CertificateView, Seal
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.node import this_node


def timestamp(*, data: bytes, now: datetime, algorithm: str = SM2) -> bytes:
    """A timestamp over a document (RFC 3161 token, DER), by this node's timestamp authority."""
    assert algorithm in ALGORITHMS, algorithm
    wish = timestamps.Wish(hash_oid=DIGEST_OIDS[algorithm], digest=signed_data.digest(algorithm, data))
    return _token(wish, algorithm=algorithm, now=now)


def answer_timestamp(request: bytes, *, algorithm: str, now: datetime) -> bytes:
    """Answer a timestamp request (RFC 3161), DER to DER; what cannot be stamped is rejected in its own words."""
    wish = timestamps.read_request(request)
    if isinstance(wish, timestamps.Rejection):
        return timestamps.build_rejected(wish)
    try:
        return timestamps.build_granted(_token(wish, algorithm=algorithm, now=now))
    except errors.AuthorityMissing:
        return timestamps.build_rejected(timestamps.Rejection(failure="system_failure"))


def seal_document(*, data: bytes, now: datetime) -> Seal:
    """Seal a document with the node's key (CMS with SM2 and SM3, detached), and stamp the seal."""
    signer = node_signer()
    key = KeyPair(PublicKey(SM2, signer.public_key), signer.private_key)
    certificate = reading.read_certificate(_node_certificate(key, now).der)
    issuer = authorities.find_by_key_id(certificate.issuer_key_id.hex())
    assert issuer is not None
    seal = signed_data.build(
        data, key=key, certificate=certificate, now=now, chain=authorities.chain_of(issuer)
    )
    return Seal(seal=seal, timestamp=timestamp(data=seal, now=now))


def encrypt_for(*, content: bytes, certificates: Sequence[bytes], now: datetime) -> bytes:
    """
    Close an envelope that only the holders of these certificates (PEM or DER) can open.

    :raises errors.WrongUsage: if one of them is not an encryption certificate.
    :raises Refusal: if one of them is not believed now.
    """
    recipients = [
        verifying.believed(reading.read_certificate(one), now=now, use=verifying.TO_ENCRYPT)
        for one in certificates
    ]
    return envelopes.build(content, recipients=recipients)


def _token(wish: timestamps.Wish, *, algorithm: str, now: datetime) -> bytes:
    authority = _timestamp_authority(algorithm, now)
    return timestamps.build_token(
        wish,
        key=authorities.key_of(authority),
        certificate=authorities.certificate_of(bytes(authority.der)),
        now=now,
        chain=authorities.chain_of(authority)[1:],
    )


def _timestamp_authority(algorithm: str, now: datetime) -> Authority:
    try:
        return authorities.get_authority(kind=profiles.TIMESTAMP, algorithm=algorithm)
    except errors.AuthorityMissing:
        authority_operations.make_authorities(now=now)
        return authorities.get_authority(kind=profiles.TIMESTAMP, algorithm=algorithm)


def _node_certificate(key: KeyPair, now: datetime) -> CertificateView:
    """The certificate of the node's signing key; issued when there is none, followed by another when it ends."""
    valid = Certificate.objects.select_related("authority").filter(
        key_fingerprint=key.public.fingerprint, revoked_at__isnull=True, valid_from__lte=now, valid_to__gt=now
    )
    row = valid.order_by("-valid_to").first()
    if row is not None:
        return issued.as_view(row)
    request_id = f"node:{now:%Y%m%d%H%M%S}"
    node = this_node()
    asked = request_rules.possession_text(
        holder_kind=profiles.NODE, subject_id=node.code, request_id=request_id
    )
    return issuing.issue_for(
        subject_kind=profiles.NODE,
        subject_id=node.code,
        name=node.bureau_name.zh,
        csr_or_public_key=key.public.spki,
        proof=key.sign(asked),
        actor=authority_operations.SYSTEM,
        request_id=request_id,
        now=now,
    )
