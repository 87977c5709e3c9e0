"""
Timestamps (时间戳, RFC 3161, GB/T 20520): a signed word that a digest was there at a moment.

A request is answered granted or rejected with the reason of the standard. Digests are taken with SHA-256 and longer,
and SM3; SHA-1 is refused. The answer is written with the family of keys that was asked for by its address.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import core, tsp

from goldentax.certificates import errors
from goldentax.certificates.rules import der, profiles, reading, signed_data
from goldentax.certificates.rules.keys import SHA256_OID, SM3_OID, KeyPair
from goldentax.kernel.crypto import sm

REQUEST_BYTES_MAX = 16_384
POLICY = f"{profiles.POLICY_ARC}.100"
ACCURACY_S = 1

_DIGEST_BYTES = {SHA256_OID: 32, "2.16.840.1.101.3.4.2.2": 48, "2.16.840.1.101.3.4.2.3": 64, SM3_OID: 32}
_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    SHA256_OID: lambda data: hashlib.sha256(data).digest(),
    "2.16.840.1.101.3.4.2.2": lambda data: hashlib.sha384(data).digest(),
    "2.16.840.1.101.3.4.2.3": lambda data: hashlib.sha512(data).digest(),
    SM3_OID: sm.sm3,
}


class _Rejected(core.Sequence):
    _fields = [("status", tsp.PKIStatusInfo)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be stamped."""

    hash_oid: str
    digest: bytes
    nonce: int | None = None
    with_certificate: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a request gets no stamp: a failure of RFC 3161."""

    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a stamp says, once its signature held."""

    at: datetime
    serial: int
    hash_oid: str
    digest: bytes
    certificate: reading.Certificate


def digest(hash_oid: str, data: bytes) -> bytes:
    """The digest of a document by an algorithm that is stamped here; nothing for another one."""
    return _DIGESTS[hash_oid](data) if hash_oid in _DIGESTS else b""


def read_request(data: bytes) -> Wish | Rejection:
    """Read a request, DER."""
    if len(data) > REQUEST_BYTES_MAX:
        return Rejection(failure="bad_data_format")
    try:
        found = tsp.TimeStampReq.load(data, strict=True)
        imprint = found["message_imprint"]
        oid, digest = imprint["hash_algorithm"]["algorithm"].dotted, imprint["hashed_message"].native
        policy, nonce = found["req_policy"], found["nonce"].native
        extensions, wants = found["extensions"], bool(found["cert_req"].native)
        policy_oid = policy.dotted if policy.native is not None else ""
        is_extended = bool(extensions.native)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError):
        return Rejection(failure="bad_data_format")
    if oid not in _DIGEST_BYTES:
        return Rejection(failure="bad_alg")
    if len(digest) != _DIGEST_BYTES[oid] or (nonce is not None and nonce.bit_length() > 256):
        return Rejection(failure="bad_data_format")
    if policy_oid not in ("", POLICY):
        return Rejection(failure="unaccepted_policy")
    if is_extended:
        return Rejection(failure="unaccepted_extensions")
    return Wish(hash_oid=oid, digest=digest, nonce=nonce, with_certificate=wants)


def build_token(
    wish: Wish,
    *,
    key: KeyPair,
    certificate: reading.Certificate,
    now: datetime,
    chain: tuple[bytes, ...] = (),
) -> bytes:
    """Make the stamp, DER."""
    info = der.sequence(
        der.integer(1),
        der.oid(POLICY),
        der.sequence(der.algorithm(wish.hash_oid), der.octets(wish.digest)),
        der.integer(secrets.randbits(126) | 1 << 126),
        der.general_time(now),
        der.sequence(der.integer(ACCURACY_S)),
        der.integer(wish.nonce) if wish.nonce is not None else b"",
    )
    return signed_data.build(
        info,
        key=key,
        certificate=certificate,
        content_type=signed_data.STAMP,
        is_detached=False,
        now=now,
        chain=chain,
        with_certificate=wish.with_certificate,
    )


def build_granted(token: bytes) -> bytes:
    """The answer that carries a stamp, DER."""
    return der.sequence(der.sequence(der.integer(0)), token)


def build_rejected(rejection: Rejection) -> bytes:
    """The answer that carries none, DER."""
    # The library's own answer insists on a stamp.
    return _Rejected({"status": {"status": "rejection", "fail_info": {rejection.failure}}}).dump()


def read_token(data: bytes, *, certificate: bytes | None = None) -> Stamp:
    """
    Read a stamp whose signature holds; whether its certificate is to be believed comes next.

    :raises errors.WrongSignature: if it is none, or was altered.
    """
    signed = signed_data.read(data, certificate=certificate)
    try:
        if signed.content_type != signed_data.STAMP or signed.content is None:
            raise ValueError("no stamp")
        info = tsp.TSTInfo.load(signed.content, strict=True)
        imprint = info["message_imprint"]
        return Stamp(
            at=info["gen_time"].native,
            serial=info["serial_number"].native,
            hash_oid=imprint["hash_algorithm"]["algorithm"].dotted,
            digest=imprint["hashed_message"].native,
            certificate=signed.certificate,
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise errors.WrongSignature("timestamp") from None
