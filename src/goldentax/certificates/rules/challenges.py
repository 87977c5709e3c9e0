"""What somebody signs to sign in with a certificate (证书登录): never a text that could be a document of theirs."""

import base64
import binascii

from goldentax.certificates import errors
from goldentax.certificates.rules.keys import KeyPair

_PREFIX = b"goldentax-sign-in:"


def signed_text(challenge: bytes) -> bytes:
    """The bytes that are signed for a challenge."""
    return _PREFIX + challenge


def answer(challenge: bytes, *, key: KeyPair) -> str:
    """The answer to a challenge as it is pasted into the sign-in page: base64 of the signature."""
    return base64.b64encode(key.sign(signed_text(challenge))).decode("ascii")


def signature_of(text: str) -> bytes:
    """
    The signature in what was pasted.

    :raises errors.WrongSignature: if it is no base64.
    """
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise errors.WrongSignature("signature") from None
