"""
Certificate requests (PKCS#10, RFC 2986) and the other proof of possession: a signature over what is asked for.

Only the key is taken from a request: whom a certificate names is decided by the authority, never by who asks.
"""

from asn1crypto import csr, pem

from goldentax.certificates import errors
from goldentax.certificates.rules import building, der, profiles
from goldentax.certificates.rules.keys import SIGNATURE_OIDS, KeyPair, PublicKey, der_of

REQUEST_BYTES_MAX = 16_384


def build_request(*, key: KeyPair, holder: profiles.Holder, organisation: str) -> bytes:
    """Make a request, PEM."""
    info = der.sequence(
        der.integer(0),
        profiles.distinguished_name(holder, organisation=organisation),
        key.public.spki,
        der.explicit(0, b""),
    )
    return bytes(pem.armor("CERTIFICATE REQUEST", building.signed(info, key=key)))


def proven_key(text: bytes) -> PublicKey:
    """
    The key of a request that is signed with it.

    :raises errors.UnreadableRequest: if it is no request.
    :raises errors.UnsupportedKey: if the key is of another kind.
    :raises errors.PossessionNotProven: if the signature is not that key's.
    """
    if len(text) > REQUEST_BYTES_MAX:
        raise errors.UnreadableRequest("csr")
    try:
        der = der_of(
            text.replace(b"BEGIN NEW ", b"BEGIN ").replace(b"END NEW ", b"END "), "CERTIFICATE REQUEST"
        )
        found = csr.CertificationRequest.load(der, strict=True)
        info = found["certification_request_info"]
        key = PublicKey.from_spki(info["subject_pk_info"])
        oid, signature = found["signature_algorithm"]["algorithm"].dotted, found["signature"].native
        signed = info.dump()
    except errors.UnsupportedKey as refusal:
        refusal.field = "csr"
        raise
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError):
        raise errors.UnreadableRequest("csr") from None
    if oid != SIGNATURE_OIDS[key.algorithm] or not key.verify(data=signed, signature=signature):
        raise errors.PossessionNotProven("csr")
    return key


def possession_text(*, holder_kind: str, subject_id: str, request_id: str) -> bytes:
    """What a key signs to ask for a certificate without a PKCS#10 request."""
    return f"goldentax-possession:{holder_kind}:{subject_id}:{request_id}".encode()
