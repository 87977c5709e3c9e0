"""
The receipt (受理回执): the node's signed word that it issued this very document.

The signature (SM2 with SM3) covers the canonical JSON of everything but the signature. Anyone with the node's public
key can check a receipt without asking the node.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

FORMAT = "goldentax-receipt/1"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the node says, and its signature."""

    format: str
    number: str
    seller_tax_id: str
    request_id: str
    issued_at: datetime
    amount_fen: int
    tax_fen: int
    gross_fen: int
    document_hash: str  # SM3 of the stored document, hex
    node: str
    key_id: str
    signature: str = ""  # DER, hex


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Receipt)


def signed_bytes(receipt: Receipt) -> bytes:
    """The bytes that the signature covers."""
    return _encoder.encode(msgspec.structs.replace(receipt, signature=""))


def signed(receipt: Receipt, *, sign: Callable[[bytes], bytes]) -> Receipt:
    """The same receipt with its signature."""
    return msgspec.structs.replace(receipt, signature=sign(signed_bytes(receipt)).hex())


def is_genuine(receipt: Receipt, *, verify: Callable[[bytes, bytes], bool]) -> bool:
    """Tell whether the signature is right for what the receipt says."""
    try:
        signature = bytes.fromhex(receipt.signature)
    except ValueError:
        return False
    return verify(signed_bytes(receipt), signature)


def encode(receipt: Receipt) -> bytes:
    """Write a receipt as JSON."""
    return _encoder.encode(receipt)


def decode(data: bytes) -> Receipt:
    """
    Read a receipt.

    :raises msgspec.MsgspecError: if it is none.
    """
    return _decoder.decode(data)
