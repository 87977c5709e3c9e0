"""
SM2 signatures over SM3 digests (GB/T 32918, GB/T 32905), with the public parameters of the standard.

The digest API with the signer's Z value computed once is ten times faster than the message API. Certificates and
key ceremony belong to identity; here a key is a file that only its owner may read.
"""

import contextlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import gmssl_pyx

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
    def load_or_create(cls, path: Path) -> "Signer":
        """
        Read the key in this file, or make one; safe when several processes start at once.

        The file holds 96 bytes and is readable by its owner only.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            public_key, private_key = gmssl_pyx.sm2_key_generate()
            fresh = path.with_name(f"{path.name}.{os.getpid()}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(private_key + public_key)
                file.flush()
                os.fsync(file.fileno())
            # link, not rename: the first process wins, the others take its key.
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
            fresh.unlink()
        held = path.read_bytes()
        assert len(held) == 96, f"{path} is not a key file"
        return cls(private_key=held[:32], public_key=held[32:])

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
