"""
Tree heads (树头) of the transparency log: what a log held at a moment, signed, each naming the one before it.

The signed bytes are the TreeHeadDataV2 of RFC 9162, 4.10, behind the name of the log:
log id (1 byte of length, ASCII) ‖ milliseconds since 1970 (8 bytes) ‖ tree size (8) ‖ root (1 byte of length, 32) ‖
extensions (2 bytes of length), of which there is one: type 1 (2 bytes), 2 bytes of length, the hash of the head before.
The hash of a head is SM3 over exactly these bytes. All numbers are big-endian.
"""

import re
import struct
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from goldentax.kernel.crypto import sm
from goldentax.kernel.crypto.merkle import HASH_BYTES

_LOG = re.compile(r"[0-9A-Za-z-]{2,15}", re.ASCII)
_NODE, _DESK = re.compile(r"[0-9A-Za-z]+", re.ASCII), re.compile(r"0|[1-9][0-9]{0,3}", re.ASCII)
_SIZES = struct.Struct(">QQB32sH")
_EXTENSION = struct.Struct(">HH")
_PREVIOUS_HEAD = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TreeHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a log held, and the node's signature over that."""

    log: str
    tree_size: int
    root: bytes
    at_ms: int  # milliseconds since 1970, UTC
    previous: bytes  # hash of the head before, b"" for the first
    key_id: str
    signature: bytes  # SM2 with SM3, DER


class HeadText(msgspec.Struct, frozen=True, kw_only=True):
    """A tree head as it is written in receipts, answers and files: hashes and signature in hex."""

    log: str
    tree_size: int
    root: str
    at: int  # milliseconds since 1970, UTC
    previous: str
    key_id: str
    signature: str


class LogName(NamedTuple):
    """Whose log: the node's code and the number of the desk."""

    node: str
    desk: int


def log_of(*, node: str, desk: int) -> str:
    """The name of a desk's log, such as ``45-1``."""
    return f"{node}-{desk}"


def parse_log(log: str) -> LogName | None:
    """Read the name of a log; None if it is none."""
    node, _, desk = log.rpartition("-")
    if not (_LOG.fullmatch(log) and _NODE.fullmatch(node) and _DESK.fullmatch(desk)):
        return None
    return LogName(node, int(desk))


def signed_bytes(*, log: str, tree_size: int, root: bytes, at_ms: int, previous: bytes) -> bytes:
    """
    The bytes that the signature covers, and over which a head is hashed.

    A log's name is short, so the first byte is below 0x20: nothing that this key signs elsewhere (JSON, XML, bare
    hashes of 32 bytes) can be taken for a head.
    """
    assert _LOG.fullmatch(log), "no name of a log"
    assert len(root) == HASH_BYTES, "no root"
    assert len(previous) in (0, HASH_BYTES), "no hash of a head"
    extensions = _EXTENSION.pack(_PREVIOUS_HEAD, len(previous)) + previous if previous else b""
    sizes = _SIZES.pack(at_ms, tree_size, HASH_BYTES, root, len(extensions))
    return len(log).to_bytes(1, "big") + log.encode("ascii") + sizes + extensions


def bytes_of(head: TreeHead) -> bytes:
    """The signed bytes of a head that is there already."""
    return signed_bytes(
        log=head.log, tree_size=head.tree_size, root=head.root, at_ms=head.at_ms, previous=head.previous
    )


def head_hash(head: TreeHead) -> bytes:
    """The hash by which the next head names this one; it does not cover the signature, which may be made anew."""
    return sm.sm3(bytes_of(head))


def sign_head(
    *, log: str, tree_size: int, root: bytes, at_ms: int, previous: bytes, signer: sm.Signer
) -> TreeHead:
    """Make and sign the head of a log."""
    data = signed_bytes(log=log, tree_size=tree_size, root=root, at_ms=at_ms, previous=previous)
    return TreeHead(
        log=log,
        tree_size=tree_size,
        root=root,
        at_ms=at_ms,
        previous=previous,
        key_id=signer.key_id,
        signature=signer.sign(data),
    )


def verify_head(head: TreeHead, *, public_key: str) -> bool:
    """Tell whether the key (128 hex digits) signed this head; a malformed head was never signed."""
    if not is_well_formed(head):
        return False
    return sm.verify(public_key_hex=public_key, data=bytes_of(head), signature=head.signature)


def key_id_of(public_key: str) -> str:
    """The short name of a public key; "" if it is none."""
    try:
        point = bytes.fromhex(public_key)
    except ValueError:
        return ""
    return sm.sm3(point).hex()[:16] if len(point) == 64 else ""


def is_well_formed(head: TreeHead) -> bool:
    """Tell whether a head that came from outside could have been signed at all."""
    return (
        _LOG.fullmatch(head.log) is not None
        and 0 <= head.tree_size < 2**63
        and 0 <= head.at_ms < 2**63
        and len(head.root) == HASH_BYTES
        and len(head.previous) in (0, HASH_BYTES)
    )


def to_text(head: TreeHead) -> HeadText:
    """Write a head with hex."""
    return HeadText(
        log=head.log,
        tree_size=head.tree_size,
        root=head.root.hex(),
        at=head.at_ms,
        previous=head.previous.hex(),
        key_id=head.key_id,
        signature=head.signature.hex(),
    )


def from_text(text: HeadText) -> TreeHead:
    """
    Read a head back.

    :raises ValueError: if a hash or the signature is no hex.
    """
    return TreeHead(
        log=text.log,
        tree_size=text.tree_size,
        root=bytes.fromhex(text.root),
        at_ms=text.at,
        previous=bytes.fromhex(text.previous),
        key_id=text.key_id,
        signature=bytes.fromhex(text.signature),
    )


def milliseconds(moment: datetime) -> int:
    """A moment as a head says it; what is finer than a millisecond is cut off."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment_of(at_ms: int) -> datetime:
    """The moment that a head says."""
    return _EPOCH + timedelta(milliseconds=at_ms)
