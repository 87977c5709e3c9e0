"""
Signed content (CMS SignedData, RFC 5652; with SM2 and SM3 as in GM/T 0010): what seals and timestamps are written in.

The signed attributes bind the kind of content, its digest and the signer's certificate (RFC 5035), so a signature can
neither be moved to another content nor be claimed by another certificate of the same key.
"""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import algos, cms, tsp
from cryptography.hazmat.primitives import hashes

from goldentax.certificates import errors
from goldentax.certificates.rules import building, der, reading
from goldentax.certificates.rules.keys import DIGEST_OIDS, SHA256_OID, SIGNATURE_OIDS, SM2, KeyPair
from goldentax.kernel.crypto import sm

SIGNED_BYTES_MAX = 1 << 20

DATA, STAMP = "1.2.840.113549.1.7.1", "1.2.840.113549.1.9.16.1.4"
"""Kinds of content: anything, and what a timestamp says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a signed content says, before its certificate is looked at."""

    certificate: reading.Certificate
    content_type: str  # dotted
    content: bytes | None  # None: it stands elsewhere
    signed_at: datetime | None  # by the signer's own word


def digest(algorithm: str, data: bytes) -> bytes:
    """The digest that goes with a family of keys."""
    if algorithm == SM2:
        return sm.sm3(data)
    running = hashes.Hash(hashes.SHA256())
    running.update(data)
    return running.finalize()


def build(
    content: bytes,
    *,
    key: KeyPair,
    certificate: reading.Certificate,
    content_type: str = DATA,
    is_detached: bool = True,
    now: datetime,
    chain: tuple[bytes, ...] = (),
    with_certificate: bool = True,
) -> bytes:
    """Sign a content, DER; detached, the content itself is left out."""
    parts = (
        _attribute("1.2.840.113549.1.9.3", der.oid(content_type)),
        _attribute("1.2.840.113549.1.9.5", der.time(now)),
        _attribute("1.2.840.113549.1.9.4", der.octets(digest(key.algorithm, content))),
        _attribute("1.2.840.113549.1.9.16.2.47", _signing_certificate(certificate)),
    )
    # The attributes are signed as a plain set, and stand under another tag (RFC 5652, 5.4).
    attributes = der.set_of(*parts)
    digest_algorithm = der.algorithm(DIGEST_OIDS[key.algorithm])
    signer = der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer, der.integer(certificate.serial)),
        digest_algorithm,
        der.explicit(0, b"".join(sorted(parts))),
        building.signature_algorithm(key.algorithm),
        der.octets(key.sign(attributes)),
    )
    held = b"" if is_detached else der.explicit(0, der.octets(content))
    shown = b"".join(sorted((certificate.der, *chain))) if with_certificate else b""
    signed = der.sequence(
        der.integer(1 if content_type == DATA else 3),
        der.set_of(digest_algorithm),
        der.sequence(der.oid(content_type), held),
        der.explicit(0, shown) if shown else b"",
        der.set_of(signer),
    )
    return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, signed))


def _attribute(kind: str, value: bytes) -> bytes:
    return der.sequence(der.oid(kind), der.set_of(value))


def _signing_certificate(certificate: reading.Certificate) -> bytes:
    # SHA-256 here for both families: it is the attribute's default, left out, and only names the certificate.
    return der.sequence(der.sequence(der.sequence(der.octets(_sha256(certificate.der)))))


def _sha256(data: bytes) -> bytes:
    running = hashes.Hash(hashes.SHA256())
    running.update(data)
    return running.finalize()


def read(data: bytes, *, content: bytes | None = None, certificate: bytes | None = None) -> Signed:
    """
    Read a signed content and hold its one signature against the certificate it names.

    Whether that certificate is to be believed is the caller's next question.

    :param content: the content, where it stands elsewhere.
    :param certificate: the signer's certificate, where it stands elsewhere.
    :raises errors.WrongSignature: if it is no signed content, or one part does not fit another.
    """
    if len(data) > SIGNED_BYTES_MAX:
        raise errors.WrongSignature("signature")
    try:
        return _read(data, content, certificate)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError):
        raise errors.WrongSignature("signature") from None


def _read(data: bytes, content: bytes | None, certificate: bytes | None) -> Signed:
    info = cms.ContentInfo.load(data, strict=True)
    if info["content_type"].native != "signed_data":
        raise ValueError("not signed data")
    signed = info["content"]
    inner = signed["encap_content_info"]
    (signer,) = signed["signer_infos"]
    held = inner["content"].contents if inner["content"].native is not None else None
    found = _certificate_of(signer, signed, certificate)
    attributes = {one["type"].native: one["values"] for one in signer["signed_attrs"]}
    text = held if held is not None else content
    if text is None or (held is not None and content is not None and held != content):
        raise ValueError("no content, or another one")
    algorithm = found.algorithm
    fits = (
        signer["digest_algorithm"]["algorithm"].dotted == DIGEST_OIDS[algorithm]
        and signer["signature_algorithm"]["algorithm"].dotted == SIGNATURE_OIDS[algorithm]
        and attributes["content_type"][0].native == inner["content_type"].native
        and attributes["message_digest"][0].native == digest(algorithm, text)
        and _names(attributes["signing_certificate_v2"][0], found)
        and found.public_key.verify(
            data=der.tlv(0x31, signer["signed_attrs"].contents), signature=signer["signature"].native
        )
    )
    if not fits:
        raise ValueError("the parts do not fit")
    at = attributes["signing_time"][0].native if "signing_time" in attributes else None
    return Signed(certificate=found, content_type=inner["content_type"].dotted, content=held, signed_at=at)


def _certificate_of(
    signer: cms.SignerInfo, signed: cms.SignedData, certificate: bytes | None
) -> reading.Certificate:
    sid = signer["sid"].chosen
    candidates = [certificate] if certificate else [one.chosen.dump() for one in signed["certificates"]]
    for one in candidates:
        found = reading.read_certificate(one)
        if found.serial == sid["serial_number"].native and found.issuer == sid["issuer"].dump():
            return found
    raise ValueError("the signer's certificate is missing")


def _names(attribute: tsp.SigningCertificateV2, certificate: reading.Certificate) -> bool:
    named = attribute["certs"][0]
    algorithm: algos.DigestAlgorithm = named["hash_algorithm"]
    return algorithm["algorithm"].dotted == SHA256_OID and named["cert_hash"].native == _sha256(
        certificate.der
    )
