"""Cosignatures (见证签名): a witness signs the very bytes that the node signed, in SM2 or Ed25519."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from goldentax.kernel.crypto import sm

ALGORITHMS = ("SM2", "Ed25519")
_KEY_BYTES = {"SM2": 64, "Ed25519": 32}


def is_public_key(*, algorithm: str, public_key: str) -> bool:
    """Tell whether this is the hex of a public key of the algorithm."""
    try:
        return len(bytes.fromhex(public_key)) == _KEY_BYTES.get(algorithm)
    except ValueError:
        return False


def is_cosigned(*, algorithm: str, public_key: str, data: bytes, signature: bytes) -> bool:
    """Tell whether the witness of this key signed these bytes; anything malformed is no signature."""
    if not is_public_key(algorithm=algorithm, public_key=public_key):
        return False
    if algorithm == "SM2":
        return sm.verify(public_key_hex=public_key, data=data, signature=signature)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
