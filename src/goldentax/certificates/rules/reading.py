"""Reading certificates: from bytes of anybody to plain values, and whether an issuer's key signed them."""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import pem, x509

from goldentax.certificates import errors
from goldentax.certificates.rules import profiles
from goldentax.certificates.rules.keys import SIGNATURE_OIDS, PublicKey, der_of

CERTIFICATE_BYTES_MAX = 16_384
"""Larger than any certificate of ours ten times over; more is not read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate, read."""

    der: bytes
    tbs: bytes  # what the issuer signed
    serial: int
    issuer: bytes  # the issuer's name, DER
    subject: bytes
    issuer_key_id: bytes
    key_id: bytes
    holder: profiles.Holder | None  # None: not named the way we name holders
    public_key: PublicKey
    valid_from: datetime
    valid_to: datetime
    key_usage: frozenset[str]
    extended: tuple[str, ...]
    is_authority: bool
    signature_oid: str
    signature: bytes

    def is_signed_by(self, issuer: "Certificate") -> bool:
        """Tell whether this issuer's key signed it, with the algorithm of that key."""
        return (
            self.issuer == issuer.subject
            and issuer.is_authority
            and "key_cert_sign" in issuer.key_usage
            and self.signature_oid == SIGNATURE_OIDS[issuer.public_key.algorithm]
            and issuer.public_key.verify(data=self.tbs, signature=self.signature)
        )

    def is_in_force(self, now: datetime) -> bool:
        """Tell whether the moment lies in its period."""
        return self.valid_from <= now <= self.valid_to

    @property
    def algorithm(self) -> str:
        return self.public_key.algorithm


def read_certificate(text: bytes) -> Certificate:
    """
    Read one certificate, PEM or DER.

    :raises errors.UnreadableCertificate: if it is none, is cut, or has something behind it.
    :raises errors.UnsupportedKey: if its key is of another kind.
    """
    if len(text) > CERTIFICATE_BYTES_MAX:
        raise errors.UnreadableCertificate("certificate")
    try:
        found = x509.Certificate.load(der_of(text, "CERTIFICATE"), strict=True)
        tbs = found["tbs_certificate"]
        # Both algorithm fields must agree (RFC 5280, 4.1.1.2): only the inner one is signed.
        if tbs["signature"].dump() != found["signature_algorithm"].dump() or tbs["version"].native != "v3":
            raise ValueError("the two algorithms differ")
        name = found.subject.native.get("common_name", "")
        usage = found.key_usage_value.native if found.key_usage_value else set()
        constraints = found.basic_constraints_value
        return Certificate(
            der=found.dump(),
            tbs=tbs.dump(),
            serial=found.serial_number,
            issuer=found.issuer.dump(),
            subject=found.subject.dump(),
            issuer_key_id=found.authority_key_identifier or b"",
            key_id=found.key_identifier or b"",
            holder=_holder(found, name if isinstance(name, str) else ""),
            public_key=PublicKey.from_spki(tbs["subject_public_key_info"]),
            valid_from=tbs["validity"]["not_before"].native,
            valid_to=tbs["validity"]["not_after"].native,
            key_usage=frozenset(usage),
            extended=tuple(found.extended_key_usage_value.native) if found.extended_key_usage_value else (),
            is_authority=bool(constraints and constraints["ca"].native),
            signature_oid=found["signature_algorithm"]["algorithm"].dotted,
            signature=found["signature_value"].native,
        )
    except errors.UnsupportedKey:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError):
        raise errors.UnreadableCertificate("certificate") from None


def _holder(found: x509.Certificate, name: str) -> profiles.Holder | None:
    if found.subject_alt_name_value is None:
        return None
    for general in found.subject_alt_name_value:
        if general.name == "uniform_resource_identifier":
            holder = profiles.holder_of_uri(general.native, name=name)
            if holder is not None:
                return holder
    return None


def to_pem(der: bytes) -> str:
    """A certificate as PEM."""
    return bytes(pem.armor("CERTIFICATE", der)).decode("ascii")


def serial_text(serial: int) -> str:
    """A serial number as people read it: hex without a prefix, an even number of digits."""
    text = f"{serial:x}"
    return text if len(text) % 2 == 0 else "0" + text
