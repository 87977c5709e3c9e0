"""
SM2 signatures and encryption (GB/T 32918), SM3 digests (GB/T 32905), SM4-GCM (GB/T 32907, GB/T 36624).

The digest API with the signer's Z value computed once is ten times faster than the message API. Who a key belongs
to is said by certificates, which are another module's; where keys rest, by the vault beside this file.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import gmssl_pyx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from goldentax.kernel.crypto.errors import TextTooLong

SIGNER_ID = b"1234567812345678"
# Curve parameters a, b, xG, yG of GB/T 32918.5, needed for Z.
_CURVE = bytes.fromhex(
    "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"
    "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
)


def sm3(data: bytes) -> bytes:
    """Hash with SM3: 32 bytes."""
    return bytes(gmssl_pyx.sm3_hash(data))


def sm3_hmac(*, key: bytes, data: bytes) -> bytes:
    """HMAC with SM3: 32 bytes."""
    return bytes(gmssl_pyx.sm3_hmac(key, data))


SM4_KEY_BYTES = 16
_NONCE_BYTES, _TAG_BYTES = 12, 16
SM4_GCM_OVERHEAD = _NONCE_BYTES + _TAG_BYTES


def sm4_gcm_encrypt(*, key: bytes, plaintext: bytes, associated: bytes = b"") -> bytes:
    """Encrypt and authenticate under a fresh random nonce: nonce ‖ ciphertext ‖ tag."""
    nonce = os.urandom(_NONCE_BYTES)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(associated)
    ciphertext = encryptor.update(plaintext) + encryptor.finalize()
    return nonce + ciphertext + encryptor.tag


def sm4_gcm_decrypt(*, key: bytes, sealed: bytes, associated: bytes = b"") -> bytes | None:
    """Read what :func:`sm4_gcm_encrypt` wrote; None if one bit of it, of the key or of the context is another."""
    if len(sealed) < SM4_GCM_OVERHEAD:
        return None
    nonce, ciphertext, tag = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:-_TAG_BYTES], sealed[-_TAG_BYTES:]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(associated)
    try:
        return decryptor.update(ciphertext) + decryptor.finalize()
    except InvalidTag:
        return None


@lru_cache(maxsize=256)
def _z(public_key: bytes) -> bytes:
    length = (len(SIGNER_ID) * 8).to_bytes(2, "big")
    return sm3(length + SIGNER_ID + _CURVE + public_key)


def _digest(public_key: bytes, data: bytes) -> bytes:
    return sm3(_z(public_key) + data)


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private SM2 key that signs; it never shows its secret."""

    private_key: bytes
    public_key: bytes

    @classmethod
    def generate(cls) -> "Signer":
        """Make a fresh key pair."""
        public_key, private_key = gmssl_pyx.sm2_key_generate()
        return cls(private_key=bytes(private_key), public_key=bytes(public_key))

    @classmethod
    def from_bytes(cls, held: bytes) -> "Signer":
        """Read what :meth:`to_bytes` wrote."""
        assert len(held) == 96, "not a key of 96 bytes"
        return cls(private_key=held[:32], public_key=held[32:])

    def to_bytes(self) -> bytes:
        """The secret and the public point, 96 bytes: for a vault, never for a file or a log."""
        return self.private_key + self.public_key

    @classmethod
    def load_or_create(cls, path: Path) -> "Signer":
        """Read the key sealed in this file, or make one; safe when several processes start at once."""
        # By its name: the form of the file belongs to the vault, and rules that only verify must not depend on it.
        keyfiles = import_module("goldentax.kernel.crypto.keyfiles")
        signer = keyfiles.load_or_create_signer(path)
        assert isinstance(signer, cls)
        return signer

    @property
    def public_key_hex(self) -> str:
        """The public point, uncompressed without its leading 04: 128 hex digits."""
        return self.public_key.hex()

    @property
    def key_id(self) -> str:
        """A short name of the key: the first 16 hex digits of the SM3 of the public key."""
        return sm3(self.public_key).hex()[:16]

    def sign(self, data: bytes) -> bytes:
        """Sign SM3(Z ‖ data); DER."""
        return bytes(gmssl_pyx.sm2_sign_sm3_digest(self.private_key, _digest(self.public_key, data)))

    def decrypt(self, ciphertext: bytes) -> bytes | None:
        """Read what was encrypted to this key (see :func:`encrypt`); None for what was not, or was altered."""
        # Lengths of a ciphertext of 1 to 255 bytes; the library prints C traces for all that is no DER.
        if not 45 <= len(ciphertext) <= 366 or ciphertext[0] != 0x30:
            return None
        try:
            return bytes(gmssl_pyx.sm2_decrypt(self.private_key, ciphertext))
        except gmssl_pyx.GmsslInnerError:
            return None


PLAINTEXT_MAX = 255
"""Bytes that one SM2 encryption takes."""


def encrypt(*, public_key: bytes, plaintext: bytes) -> bytes:
    """
    Encrypt to a key: ASN.1 of GM/T 0009, in the order C1 C3 C2.

    :raises TextTooLong: if the text is empty or longer than :data:`PLAINTEXT_MAX`.
    """
    if not 1 <= len(plaintext) <= PLAINTEXT_MAX:
        raise TextTooLong(limit=PLAINTEXT_MAX)
    return bytes(gmssl_pyx.sm2_encrypt(public_key, plaintext))


def verify(*, public_key_hex: str, data: bytes, signature: bytes) -> bool:
    """Tell whether this key signed this data; anything malformed is simply not a signature."""
    try:
        public_key = bytes.fromhex(public_key_hex)
    except ValueError:
        return False
    # The library prints C traces for signatures that are no DER; the shape is checked first.
    if len(public_key) != 64 or not _is_der_signature(signature):
        return False
    try:
        return bool(gmssl_pyx.sm2_verify_sm3_digest(public_key, _digest(public_key, data), signature))
    except gmssl_pyx.GmsslInnerError:
        return False


def _is_der_signature(signature: bytes) -> bool:
    if not 8 <= len(signature) <= 72 or signature[0] != 0x30 or signature[1] != len(signature) - 2:
        return False
    first = signature[3]
    if signature[2] != 2 or not 1 <= first <= 33 or 4 + first + 2 > len(signature):
        return False
    second_at = 4 + first
    return signature[second_at] == 2 and signature[second_at + 1] == len(signature) - second_at - 2
