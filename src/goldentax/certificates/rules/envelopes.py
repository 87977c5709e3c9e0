"""
Envelopes (数字信封): content that only the holders of certain certificates can read.

The form is CMS AuthEnvelopedData (RFC 5083): a fresh SM4 key encrypts and authenticates the content in GCM (RFC 5084's
parameters, SM4 of GB/T 32907), and goes to each recipient encrypted with SM2 (the ASN.1 of GM/T 0009, C1 C3 C2), named
by issuer and serial number. GM/T 0010 has the same shape with SM4-CBC and no authentication; we want the latter.
Only SM2 keys receive: P-256 would need a key agreement, which nobody here asked for.
"""

import os
from collections.abc import Sequence

from asn1crypto import cms, core, x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from goldentax.certificates import errors
from goldentax.certificates.rules.keys import SM2, KeyPair
from goldentax.certificates.rules.reading import Certificate
from goldentax.kernel.crypto import sm

CONTENT_BYTES_MAX = 256 << 20
"""A whole content is held in memory twice; a file of 256 MiB needs about 0.6 GB."""
RECIPIENTS_MAX = 100

_SM2_ENCRYPTION, _SM4_GCM = "1.2.156.10197.1.301.3", "1.2.156.10197.1.104.8"
_NONCE_BYTES, _TAG_BYTES = 12, 16


class _GcmParameters(core.Sequence):
    _fields = [("nonce", core.OctetString), ("icv_length", core.Integer, {"default": 12})]


def build(content: bytes, *, recipients: Sequence[Certificate]) -> bytes:
    """
    Close an envelope for these certificates, DER.

    :raises errors.WrongUsage: if one of them is not made to encrypt to.
    """
    assert 1 <= len(recipients) <= RECIPIENTS_MAX and len(content) <= CONTENT_BYTES_MAX
    for one in recipients:
        if one.algorithm != SM2 or "key_encipherment" not in one.key_usage:
            raise errors.WrongUsage("recipients", use_zh="信封加密", use_en="encrypting to it")
    key, nonce = os.urandom(sm.SM4_KEY_BYTES), os.urandom(_NONCE_BYTES)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    ciphertext = encryptor.update(content) + encryptor.finalize()
    enveloped = cms.AuthEnvelopedData(
        {
            "version": "v0",
            "recipient_infos": [_recipient(one, key) for one in recipients],
            "auth_encrypted_content_info": {
                "content_type": "data",
                "content_encryption_algorithm": {
                    "algorithm": _SM4_GCM,
                    "parameters": _GcmParameters({"nonce": nonce, "icv_length": _TAG_BYTES}),
                },
                "encrypted_content": ciphertext,
            },
            "mac": encryptor.tag,
        }
    )
    return cms.ContentInfo({"content_type": "authenticated_enveloped_data", "content": enveloped}).dump()


def open_envelope(data: bytes, *, key: KeyPair, certificate: Certificate) -> bytes:
    """
    Open an envelope with the key of this certificate.

    :raises errors.BadEnvelope: if it is none, not for this certificate, or was altered.
    """
    try:
        info = cms.ContentInfo.load(data, strict=True)
        if info["content_type"].native != "authenticated_enveloped_data":
            raise ValueError("another content")
        enveloped = info["content"]
        secret = _secret_for(enveloped["recipient_infos"], key, certificate)
        inner = enveloped["auth_encrypted_content_info"]
        algorithm = inner["content_encryption_algorithm"]
        if algorithm["algorithm"].dotted != _SM4_GCM:
            raise ValueError("another cipher")
        parameters = _GcmParameters.load(algorithm["parameters"].dump(), strict=True)
        tag, nonce = enveloped["mac"].native, parameters["nonce"].native
        # A shortened tag would be easier to forge: only the whole one counts.
        if (
            parameters["icv_length"].native != _TAG_BYTES
            or len(tag) != _TAG_BYTES
            or len(nonce) != _NONCE_BYTES
        ):
            raise ValueError("another tag")
        decryptor = Cipher(algorithms.SM4(secret), modes.GCM(nonce, tag)).decryptor()
        return decryptor.update(inner["encrypted_content"].native) + decryptor.finalize()
    except (
        InvalidTag,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
    ):
        raise errors.BadEnvelope("envelope") from None


def _recipient(certificate: Certificate, key: bytes) -> cms.RecipientInfo:
    return cms.RecipientInfo(
        name="ktri",
        value={
            "version": "v0",
            "rid": cms.RecipientIdentifier(
                name="issuer_and_serial_number",
                value={"issuer": x509.Name.load(certificate.issuer), "serial_number": certificate.serial},
            ),
            "key_encryption_algorithm": {"algorithm": _SM2_ENCRYPTION},
            "encrypted_key": sm.encrypt(public_key=certificate.public_key.point, plaintext=key),
        },
    )


def _secret_for(recipients: cms.RecipientInfos, key: KeyPair, certificate: Certificate) -> bytes:
    for one in recipients:
        if one.name != "ktri":
            continue
        rid = one.chosen["rid"].chosen
        if rid["serial_number"].native == certificate.serial and rid["issuer"].dump() == certificate.issuer:
            if one.chosen["key_encryption_algorithm"]["algorithm"].dotted != _SM2_ENCRYPTION:
                raise ValueError("another way to encrypt the key")
            secret = key.signer.decrypt(one.chosen["encrypted_key"].native) if key.algorithm == SM2 else None
            if secret is None or len(secret) != sm.SM4_KEY_BYTES:
                raise ValueError("the key does not open")
            return secret
    raise ValueError("not for this certificate")
