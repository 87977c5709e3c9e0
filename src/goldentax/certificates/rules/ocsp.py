"""
The state of single certificates (OCSP, RFC 6960): questions read, answers written by a delegated responder.

What is asked of an issuer we are not is answered "unknown", never "good"; so is a serial number never given out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import ocsp
from cryptography.hazmat.primitives import hashes

from goldentax.certificates.rules import building, der
from goldentax.certificates.rules.keys import SM3_OID, KeyPair
from goldentax.certificates.rules.reading import Certificate
from goldentax.kernel.crypto import sm

QUESTION_BYTES_MAX = 65_536
QUESTIONS_MAX = 100
_NONCE_BYTES_MAX = 32  # RFC 8954

_NONCE_OID, _BASIC_OID = "1.3.6.1.5.5.7.48.1.2", "1.3.6.1.5.5.7.48.1.1"

GOOD, REVOKED, UNKNOWN = "good", "revoked", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One certificate that is asked about."""

    hash_oid: str
    name_hash: bytes
    key_hash: bytes
    serial: int
    raw: bytes  # the CertID as it came; it is given back as it is

    def names(self, issuer: Certificate) -> bool:
        """Tell whether the question is about a certificate of this issuer."""
        digest = _DIGESTS.get(self.hash_oid)
        if digest is None:
            return False
        point = b"\x04" + issuer.public_key.point
        return digest(issuer.subject) == self.name_hash and digest(point) == self.key_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What one request asks."""

    each: tuple[Question, ...]
    nonce: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said of one certificate."""

    question: Question
    state: str  # GOOD, REVOKED or UNKNOWN
    revoked_at: datetime | None = None
    reason: str = "unspecified"


def _digest(kind: type[hashes.HashAlgorithm]) -> Callable[[bytes], bytes]:
    def digest(data: bytes) -> bytes:
        running = hashes.Hash(kind())
        running.update(data)
        return running.finalize()

    return digest


_DIGESTS = {
    # SHA-1 only names the issuer here, as RFC 5019 has every client do it; it protects nothing.
    "1.3.14.3.2.26": _digest(hashes.SHA1),
    "2.16.840.1.101.3.4.2.1": _digest(hashes.SHA256),
    "2.16.840.1.101.3.4.2.2": _digest(hashes.SHA384),
    "2.16.840.1.101.3.4.2.3": _digest(hashes.SHA512),
    SM3_OID: sm.sm3,
}


def read_questions(data: bytes) -> Questions | None:
    """Read a request, DER; None if it is none, asks nothing, or asks too much."""
    if len(data) > QUESTION_BYTES_MAX:
        return None
    try:
        tbs = ocsp.OCSPRequest.load(data, strict=True)["tbs_request"]
        each = tuple(_question(one["req_cert"]) for one in tbs["request_list"])
        nonce = None
        for extension in tbs["request_extensions"]:
            if extension["extn_id"].native == "nonce":
                nonce = extension["extn_value"].parsed.native
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError):
        return None
    if not 1 <= len(each) <= QUESTIONS_MAX or (nonce is not None and not 1 <= len(nonce) <= _NONCE_BYTES_MAX):
        return None
    return Questions(each=each, nonce=nonce)


def _question(cert_id: ocsp.CertId) -> Question:
    return Question(
        hash_oid=cert_id["hash_algorithm"]["algorithm"].dotted,
        name_hash=cert_id["issuer_name_hash"].native,
        key_hash=cert_id["issuer_key_hash"].native,
        serial=cert_id["serial_number"].native,
        raw=cert_id.dump(),
    )


def build_response(
    answers: Iterable[Answer],
    *,
    nonce: bytes | None,
    responder: Certificate,
    responder_key: KeyPair,
    now: datetime,
    next_update: datetime,
) -> bytes:
    """Make a signed answer, DER, with the responder's certificate in it."""
    ends = der.explicit(0, der.general_time(next_update))
    extensions = b""
    if nonce is not None:
        held = der.sequence(der.oid(_NONCE_OID), der.octets(der.octets(nonce)))
        extensions = der.explicit(1, der.sequence(held))
    data = der.sequence(
        der.explicit(1, responder.subject),
        der.general_time(now),
        der.sequence(
            *(der.sequence(one.question.raw, _status(one), der.general_time(now), ends) for one in answers)
        ),
        extensions,
    )
    basic = der.sequence(
        data,
        building.signature_algorithm(responder_key.algorithm),
        der.bits(responder_key.sign(data)),
        der.explicit(0, der.sequence(responder.der)),
    )
    carried = der.sequence(der.oid(_BASIC_OID), der.octets(basic))
    return der.sequence(der.enumerated(0), der.explicit(0, carried))


def build_error(status: str) -> bytes:
    """An answer that answers nothing: ``malformed_request``, ``try_later`` or ``unauthorized``."""
    return ocsp.OCSPResponse({"response_status": status}).dump()


def _status(answer: Answer) -> bytes:
    if answer.state == GOOD:
        return der.implicit(0, b"")
    if answer.state != REVOKED:
        return der.implicit(2, b"")
    assert answer.revoked_at is not None
    reason = der.explicit(0, der.enumerated(building.REASON_NUMBERS[answer.reason]))
    return der.explicit(1, der.general_time(answer.revoked_at) + reason)
