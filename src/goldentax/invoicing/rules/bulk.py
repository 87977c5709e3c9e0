"""
Many invoices in one body: JSON lines or a JSON array, perhaps packed with gzip.

Nothing is read without a bound: what unpacks to more than :data:`OPENED_BYTES_MAX` is refused while it unpacks, and
items are found by their edges before any of them is decoded, so an array of a million nothings costs nothing.
"""

import re
import zlib
from typing import NamedTuple

from goldentax.invoicing import errors

ITEMS_MAX = 10_000
OPENED_BYTES_MAX = 64 * 1024 * 1024
ITEM_BYTES_MAX = 4 * 1024 * 1024
"""An invoice of 2,000 full lines has about 1 MiB."""

_MIB = 1024 * 1024
_GZIP = 31  # zlib's word for a gzip header with the largest window
_BLANK = b" \t\r"
_EDGE = re.compile(rb'[^"{}\[\],]*+(?:("(?:[^"\\]++|\\.)*+")|([{}\[\],"]))', re.DOTALL)
"""A whole string, or one mark outside strings; a lone quote is a string without an end."""


class Item(NamedTuple):
    """Where one invoice stands in a body, and what its sender calls its place."""

    line: int  # of JSON lines; in an array its place, from 1
    start: int
    end: int


def open_gzip(data: bytes) -> bytes:
    """
    Unpack a gzip body, several members included.

    :raises goldentax.invoicing.errors.NotGzip: if it is none, or breaks off.
    :raises goldentax.invoicing.errors.BulkTooLarge: if it unpacks to more than is read.
    """
    opened = bytearray()
    while data:
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            try:
                piece = member.decompress(data, _MIB)
            except zlib.error:
                raise errors.NotGzip("body") from None
            opened += piece
            if len(opened) > OPENED_BYTES_MAX:
                raise errors.BulkTooLarge("body", limit=OPENED_BYTES_MAX // _MIB)
            data = member.unconsumed_tail
            if not data and not piece and not member.eof:
                raise errors.NotGzip("body")
        data = member.unused_data
    return bytes(opened)


def find_items(body: bytes) -> list[Item]:
    """
    Find the invoices of a body; what each of them says is not looked at.

    :raises goldentax.invoicing.errors.BulkEmpty: if there is none.
    :raises goldentax.invoicing.errors.TooManyItems: if there are more than :data:`ITEMS_MAX`.
    :raises goldentax.invoicing.errors.BulkUnreadable: if an array has no end.
    """
    start = 3 if body.startswith(b"\xef\xbb\xbf") else 0
    first = re.compile(rb"[ \t\r\n]*+").match(body, start)
    assert first is not None
    is_array = body[first.end() : first.end() + 1] == b"["
    items = _array_items(body, first.end() + 1) if is_array else _lines(body, start)
    if not items:
        raise errors.BulkEmpty("body")
    return items


def _lines(body: bytes, start: int) -> list[Item]:
    items: list[Item] = []
    line, size = 0, len(body)
    while start < size:
        line += 1
        end = body.find(b"\n", start)
        if end < 0:
            end = size
        if body[start] == 123 or body[start:end].strip(_BLANK):  # 123: an opening brace
            _add(items, Item(line, start, end))
        elif line > 2 * ITEMS_MAX:
            raise errors.TooManyItems("body", limit=ITEMS_MAX)
        start = end + 1
    return items


def _array_items(body: bytes, start: int) -> list[Item]:
    items: list[Item] = []
    depth, begin = 0, start
    for found in _EDGE.finditer(body, start):
        if found[1] is not None:
            continue
        mark = found[2]
        if mark in b"{[":
            depth += 1
        elif mark == b'"' or (mark in b"}]" and depth == 0 and mark != b"]"):
            raise errors.BulkUnreadable("body", place=found.start(2))
        elif depth == 0:  # a comma between items, or the end
            end = found.start(2)
            is_last = mark == b"]"
            if not is_last or items or body[begin:end].strip():
                _add(items, Item(len(items) + 1, begin, end))
            begin = end + 1
            if is_last:
                return _ended(body, begin, items)
        elif mark in b"}]":
            depth -= 1
    raise errors.BulkUnreadable("body", place=len(body))


def _ended(body: bytes, end: int, items: list[Item]) -> list[Item]:
    if body[end:].strip():
        raise errors.BulkUnreadable("body", place=end)
    return items


def _add(items: list[Item], one: Item) -> None:
    if len(items) >= ITEMS_MAX:
        raise errors.TooManyItems("body", limit=ITEMS_MAX)
    items.append(one)


def cut(body: bytes, item: Item) -> bytes:
    """
    The bytes of one invoice.

    :raises goldentax.invoicing.errors.ItemTooLarge: if it is larger than any invoice.
    """
    if item.end - item.start > ITEM_BYTES_MAX:
        raise errors.ItemTooLarge("body", limit=ITEM_BYTES_MAX // _MIB)
    return body[item.start : item.end]
