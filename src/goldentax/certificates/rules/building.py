"""
Writing certificates and lists of revoked ones (X.509 v3, RFC 5280), with either family of keys by one writer.

Moments before 2050 are written as UTCTime, as the standard wants; serial numbers are 127 random bits.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import crl, x509

from goldentax.certificates.rules import der, profiles
from goldentax.certificates.rules.keys import SIGNATURE_OIDS, KeyPair, PublicKey

_USAGES = {name: number for number, name in x509.KeyUsage._map.items()}
_PURPOSES = {name: dotted for dotted, name in x509.KeyPurposeId._map.items()}
REASON_NUMBERS = {name: number for number, name in crl.CRLReason._map.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where what belongs to an authority's certificates is found; "" for nowhere."""

    crl_url: str = ""
    ocsp_url: str = ""
    issuer_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A certificate to be made."""

    holder: profiles.Holder
    public_key: PublicKey
    organisation: str
    valid_from: datetime
    valid_to: datetime
    serial: int
    places: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedEntry:
    """One line of a revocation list."""

    serial: int
    at: datetime
    reason: str  # a reason of RFC 5280, such as key_compromise


def new_serial() -> int:
    """A random serial number of 127 bits, never zero."""
    return secrets.randbits(126) | 1 << 126


def whole_seconds(at: datetime) -> datetime:
    """The moment in UTC without its fraction, as certificates write it."""
    return at.astimezone(UTC).replace(microsecond=0)


def signed(tbs: bytes, *, key: KeyPair) -> bytes:
    """What was signed, with the algorithm and the signature: the shape of certificates, lists and requests."""
    return der.sequence(tbs, signature_algorithm(key.algorithm), der.bits(key.sign(tbs)))


def signature_algorithm(algorithm: str) -> bytes:
    """The algorithm identifier of a family's signatures; neither has parameters."""
    return der.algorithm(SIGNATURE_OIDS[algorithm])


def build_certificate(order: Order, *, issuer_key: KeyPair, issuer_name: bytes = b"") -> bytes:
    """Make a certificate, DER; without an issuer's name (DER) the subject is its own issuer."""
    subject = profiles.distinguished_name(order.holder, organisation=order.organisation)
    tbs = der.sequence(
        der.explicit(0, der.integer(2)),  # version 3
        der.integer(order.serial),
        signature_algorithm(issuer_key.algorithm),
        issuer_name or subject,
        der.sequence(der.time(order.valid_from), der.time(order.valid_to)),
        subject,
        order.public_key.spki,
        der.explicit(3, der.sequence(*_extensions(order, issuer_key))),
    )
    return signed(tbs, key=issuer_key)


def _extensions(order: Order, issuer_key: KeyPair) -> list[bytes]:
    profile = profiles.PROFILES[order.holder.kind]
    path_length = der.integer(profile.path_length) if profile.path_length is not None else b""
    usage = der.named_bits(frozenset(_USAGES[name] for name in profile.key_usage))
    policy = der.sequence(der.oid(f"{profiles.POLICY_ARC}.{profile.number}"))
    found = [
        # What is false is the default, and left out.
        _extension(
            "2.5.29.19",
            der.sequence(der.boolean(True) if profile.is_authority else b"", path_length),
            critical=True,
        ),
        _extension("2.5.29.15", usage, critical=True),
        _extension("2.5.29.14", der.octets(order.public_key.key_id)),
        _authority_key(issuer_key),
        _extension("2.5.29.17", der.sequence(_uri(order.holder.uri))),
        _extension("2.5.29.32", der.sequence(policy)),
    ]
    if profile.extended:
        purposes = der.sequence(*(der.oid(_PURPOSES[name]) for name in profile.extended))
        found.append(_extension("2.5.29.37", purposes, critical=profile.extended_is_critical))
    if order.holder.kind == profiles.OCSP:
        # The responder's own certificate is not asked for (RFC 6960, 4.2.2.2.1): it is short-lived.
        found.append(_extension("1.3.6.1.5.5.7.48.1.5", der.NULL))
    return found + _place_extensions(order.places)


def _place_extensions(places: Places) -> list[bytes]:
    found = []
    if places.crl_url:
        name = der.explicit(0, der.explicit(0, _uri(places.crl_url)))
        found.append(_extension("2.5.29.31", der.sequence(der.sequence(name))))
    access = [
        der.sequence(der.oid(method), _uri(url))
        for method, url in (
            ("1.3.6.1.5.5.7.48.1", places.ocsp_url),
            ("1.3.6.1.5.5.7.48.2", places.issuer_url),
        )
        if url
    ]
    if access:
        found.append(_extension("1.3.6.1.5.5.7.1.1", der.sequence(*access)))
    return found


def _extension(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(der.oid(kind), der.boolean(True) if critical else b"", der.octets(value))


def _authority_key(issuer_key: KeyPair) -> bytes:
    return _extension("2.5.29.35", der.sequence(der.implicit(0, issuer_key.public.key_id)))


def _uri(url: str) -> bytes:
    return der.implicit(6, url.encode("ascii"))


def build_crl(
    entries: Iterable[RevokedEntry],
    *,
    issuer_key: KeyPair,
    issuer_name: bytes,
    number: int,
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """Make a full revocation list, DER."""
    revoked = b"".join(_entry(one) for one in entries)
    extensions = der.sequence(_authority_key(issuer_key), _extension("2.5.29.20", der.integer(number)))
    tbs = der.sequence(
        der.integer(1),  # version 2
        signature_algorithm(issuer_key.algorithm),
        issuer_name,
        der.time(this_update),
        der.time(next_update),
        der.sequence(revoked) if revoked else b"",
        der.explicit(0, extensions),
    )
    return signed(tbs, key=issuer_key)


def _entry(one: RevokedEntry) -> bytes:
    # A reason that says nothing is left out (RFC 5280, 5.3.1).
    said = one.reason != "unspecified"
    reason = (
        der.sequence(_extension("2.5.29.21", der.enumerated(REASON_NUMBERS[one.reason]))) if said else b""
    )
    return der.sequence(der.integer(one.serial), der.time(one.at), reason)
