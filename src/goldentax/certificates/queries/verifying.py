"""
Whether to believe what somebody shows: a certificate, a signature under it, a sealed document, a timestamp.

The order is fixed, so that the same thing gets the same answer: readable, ours and unaltered, in force, not revoked,
made for this use, and at last the signature itself. A revocation counts from the moment it was made.
"""

from datetime import datetime

from goldentax.certificates import errors
from goldentax.certificates.models import Authority, Certificate
from goldentax.certificates.queries import authorities
from goldentax.certificates.rules import challenges, profiles, reading, signed_data, timestamps
from goldentax.certificates.rules.views import CertifiedSubject, Sealed, Stamped

TO_SIGN, TO_SIGN_IN, TO_ENCRYPT, TO_STAMP = "sign", "sign_in", "encrypt", "stamp"


def verify_certificate(*, certificate: bytes, now: datetime, use: str = "") -> CertifiedSubject:
    """
    Hold a certificate, PEM or DER, against everything this node knows of it.

    :raises errors.UnreadableCertificate: if it is none.
    :raises errors.UnknownIssuer: if no authority here issued it, or one bit of it was altered.
    :raises errors.NotInForce: before and after its period, or that of an authority above it.
    :raises errors.Revoked: if it, or an authority above it, was revoked.
    :raises errors.WrongUsage: if it is not made for this use.
    """
    return _subject(believed(reading.read_certificate(certificate), now=now, use=use))


def verify_challenge(
    *, certificate_pem: str | bytes, challenge: bytes, signature: bytes, now: datetime
) -> CertifiedSubject:
    """
    Tell who answered a challenge of the sign-in, by the certificate they show.

    That a challenge is fresh, and answered once, is for whoever made it. What is signed is
    :func:`goldentax.certificates.rules.challenges.signed_text`.

    :raises errors.WrongSignature: if it is another signature or another challenge.
    :raises Refusal: as :func:`verify_certificate` does.
    """
    pem = certificate_pem.encode() if isinstance(certificate_pem, str) else certificate_pem
    found = believed(reading.read_certificate(pem), now=now, use=TO_SIGN_IN)
    text = challenges.signed_text(challenge)
    if not found.public_key.verify(data=text, signature=signature):
        raise errors.WrongSignature("signature")
    return _subject(found)


def verify_signature(*, certificate: bytes, data: bytes, signature: bytes, now: datetime) -> CertifiedSubject:
    """
    Tell who signed this data with a plain signature.

    :raises errors.WrongSignature: if nobody with this certificate did.
    :raises Refusal: as :func:`verify_certificate` does.
    """
    found = believed(reading.read_certificate(certificate), now=now, use=TO_SIGN)
    if not found.public_key.verify(data=data, signature=signature):
        raise errors.WrongSignature("signature")
    return _subject(found)


def verify_sealed(*, data: bytes, seal: bytes, now: datetime, timestamp: bytes = b"") -> Sealed:
    """
    Tell who sealed this document (CMS, detached).

    :param timestamp: a timestamp over the seal; with it the signer's certificate must have been good at that moment,
        without it, it must be good now.
    :raises errors.WrongSignature: if the seal is not one of this document.
    :raises Refusal: as :func:`verify_certificate` does, for the signer's and the timestamp authority's certificate.
    """
    signed = signed_data.read(seal, content=data)
    if signed.content_type != signed_data.DATA:
        raise errors.WrongSignature("seal")
    at = verify_timestamp(data=seal, token=timestamp, now=now).at if timestamp else None
    by = _subject(believed(signed.certificate, now=at or now, use=TO_SIGN))
    return Sealed(by=by, stamped_at=at)


def verify_timestamp(*, data: bytes, token: bytes, now: datetime) -> Stamped:
    """
    Tell when this document was there, by a timestamp of this node.

    :raises errors.WrongSignature: if it is no stamp of this document.
    :raises Refusal: as :func:`verify_certificate` does, for the timestamp authority's certificate.
    """
    stamp = timestamps.read_token(token)
    believed(stamp.certificate, now=now, use=TO_STAMP)
    if stamp.digest != timestamps.digest(stamp.hash_oid, data):
        raise errors.WrongSignature("timestamp")
    return Stamped(
        at=stamp.at, serial=reading.serial_text(stamp.serial), algorithm=stamp.certificate.algorithm
    )


def believed(certificate: reading.Certificate, *, now: datetime, use: str = "") -> reading.Certificate:
    """The certificate itself, once nothing speaks against it; see :func:`verify_certificate`."""
    issuer = _issuer_of(certificate)
    row = Certificate.objects.filter(serial=reading.serial_text(certificate.serial), authority=issuer).first()
    # Signed with our key and not in our books: then the key is in other hands, or the books are older.
    if row is None or bytes(row.der) != certificate.der:
        raise errors.UnknownIssuer("certificate")
    _refuse_unless_in_force(certificate, now)
    _refuse_revoked(row.serial, row.revoked_at, now)
    _hold_authorities(issuer, now)
    _refuse_other_use(certificate, use)
    return certificate


def _issuer_of(certificate: reading.Certificate) -> Authority:
    named = Authority.objects.filter(key_id=certificate.issuer_key_id.hex(), kind=profiles.ISSUING)
    issuer = named.select_related("parent").first()
    if issuer is None or not certificate.is_signed_by(authorities.certificate_of(bytes(issuer.der))):
        raise errors.UnknownIssuer("certificate")
    return issuer


def _hold_authorities(issuer: Authority, now: datetime) -> None:
    above: Authority | None = issuer
    while above is not None:
        # The root is trusted because it is ours: its period is no part of the path (RFC 5280, 6.1).
        if above.parent is not None:
            _refuse_unless_in_force(authorities.certificate_of(bytes(above.der)), now)
        _refuse_revoked(above.serial, above.revoked_at, now)
        above = above.parent


def _refuse_unless_in_force(certificate: reading.Certificate, now: datetime) -> None:
    if not certificate.is_in_force(now):
        raise errors.NotInForce(
            "certificate", from_=f"{certificate.valid_from:%Y-%m-%d}", to=f"{certificate.valid_to:%Y-%m-%d}"
        )


def _refuse_revoked(serial: str, revoked_at: datetime | None, now: datetime) -> None:
    if revoked_at is not None and revoked_at <= now:
        raise errors.Revoked("certificate", serial=serial, at=f"{revoked_at:%Y-%m-%d %H:%M}")


def _refuse_other_use(certificate: reading.Certificate, use: str) -> None:
    profile = profiles.PROFILES[certificate.holder.kind] if certificate.holder else None
    fits = {
        "": True,
        TO_SIGN: "non_repudiation" in certificate.key_usage and "time_stamping" not in certificate.extended,
        TO_SIGN_IN: profile is not None and profile.signs_in and "digital_signature" in certificate.key_usage,
        TO_ENCRYPT: "key_encipherment" in certificate.key_usage,
        TO_STAMP: certificate.extended == ("time_stamping",),
    }[use]
    if not fits or certificate.holder is None:
        zh, en = {
            TO_SIGN: ("签名", "signing"),
            TO_SIGN_IN: ("登录", "signing in"),
            TO_ENCRYPT: ("加密", "encrypting to it"),
            TO_STAMP: ("时间戳", "timestamps"),
        }.get(use, ("此处", "this"))
        raise errors.WrongUsage("certificate", use_zh=zh, use_en=en)


def _subject(certificate: reading.Certificate) -> CertifiedSubject:
    assert certificate.holder is not None
    return CertifiedSubject(
        subject_kind=certificate.holder.kind,
        subject_id=certificate.holder.subject_id,
        name=certificate.holder.name,
        serial=reading.serial_text(certificate.serial),
        algorithm=certificate.algorithm,
        valid_to=certificate.valid_to,
    )
