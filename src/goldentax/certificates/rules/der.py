"""
Writing DER (X.690) for what is made often: certificates, revocation lists, seals, timestamps.

Reading is left to asn1crypto, which takes the bytes of anybody apart with care. To build with it costs a hundred times
what a signature does (5 ms for a certificate, a second for a thousand lines of a list): it writes every part again for
each part above it. These few functions write each byte once.
"""

from datetime import UTC, datetime
from functools import lru_cache

from asn1crypto import core

_UTC_TIME_ENDS = datetime(2050, 1, 1, tzinfo=UTC)
NULL = b"\x05\x00"


def tlv(tag: int, content: bytes) -> bytes:
    """One value: tag, length, content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size) + content


def sequence(*parts: bytes) -> bytes:
    """A sequence of values that are written already."""
    return tlv(0x30, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    """A set of values; DER puts them in the order of their bytes."""
    return tlv(0x31, b"".join(sorted(parts)))


def explicit(number: int, content: bytes) -> bytes:
    """A value inside a context tag of its own; also a constructed value whose tag is replaced."""
    return tlv(0xA0 | number, content)


def implicit(number: int, content: bytes) -> bytes:
    """The content of a primitive value under a context tag."""
    return tlv(0x80 | number, content)


def boolean(value: bool) -> bytes:
    """True or false."""
    return b"\x01\x01\xff" if value else b"\x01\x01\x00"


def integer(value: int) -> bytes:
    """A whole number of any size, not below zero."""
    assert value >= 0, value
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def enumerated(value: int) -> bytes:
    """One of a list, by its number below 128."""
    return bytes((0x0A, 1, value))


def octets(content: bytes) -> bytes:
    """An octet string."""
    return tlv(0x04, content)


def bits(content: bytes, *, unused: int = 0) -> bytes:
    """A bit string of which the last few bits do not count."""
    return tlv(0x03, bytes((unused,)) + content)


def named_bits(numbers: frozenset[int]) -> bytes:
    """A bit string in which these bits stand; what follows the last of them is left out (X.690, 11.2.2)."""
    if not numbers:
        return bits(b"")
    last = max(numbers)
    value = sum(1 << (last - number) for number in numbers)
    unused = 7 - last % 8
    return bits((value << unused).to_bytes(last // 8 + 1), unused=unused)


def utf8(text: str) -> bytes:
    """A text."""
    return tlv(0x0C, text.encode())


def printable(text: str) -> bytes:
    """A text of letters, digits and a few signs."""
    return tlv(0x13, text.encode("ascii"))


@lru_cache(maxsize=256)
def oid(dotted: str) -> bytes:
    """An object identifier."""
    return bytes(core.ObjectIdentifier(dotted).dump())


def algorithm(dotted: str, *, parameters: bytes = b"") -> bytes:
    """An algorithm identifier."""
    return sequence(oid(dotted), parameters)


def time(at: datetime) -> bytes:
    """A moment as certificates write it: whole seconds in UTC, with two digits of the year before 2050."""
    at = at.astimezone(UTC)
    if at < _UTC_TIME_ENDS:
        return tlv(0x17, f"{at:%y%m%d%H%M%S}Z".encode("ascii"))
    return general_time(at)


def general_time(at: datetime) -> bytes:
    """A moment with all four digits of its year, in whole seconds."""
    return tlv(0x18, f"{at.astimezone(UTC):%Y%m%d%H%M%S}Z".encode("ascii"))
