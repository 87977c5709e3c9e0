"""
Cutting a TrueType font down to the signs a document uses: some kilobytes out of sixteen megabytes.

Only what drawing needs is kept (outlines, advances, the map from characters to glyphs), the glyphs' own
bytes are copied as they are, and the big file is only looked into, never loaded. fontTools reads the tables
once per process; its own subsetter does more than an OFD needs and takes a hundred times as long.
"""

import mmap
import struct
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

_COPIED = ("OS/2", "cvt ", "fpgm", "prep")
_ARE_WORDS, _HAVE_SCALE, _MORE, _HAVE_TWO_SCALES, _HAVE_MATRIX = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080


class FontSource:
    """An installed font, opened for cutting."""

    def __init__(self, path: Path) -> None:
        with TTFont(path, lazy=True) as font:
            self.glyph_of = {sign: font.getGlyphID(name) for sign, name in font.getBestCmap().items()}
            self._offsets = list(font["loca"])
            metrics, order = font["hmtx"].metrics, font.getGlyphOrder()
            self._metrics = [metrics[name] for name in order]
            self._tables = {
                tag: font.reader[tag]
                for tag in ("head", "hhea", "maxp", "name", *_COPIED)
                if tag in font.reader
            }
            self._glyphs_at = font.reader.tables["glyf"].offset
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def subset(self, signs: Iterable[str]) -> bytes:
        """Build a font with just these signs; signs it does not have are left out."""
        wanted = {ord(sign): self.glyph_of[ord(sign)] for sign in signs if ord(sign) in self.glyph_of}
        kept = self._with_parts(sorted({0, *wanted.values()}))
        number_of = {glyph: number for number, glyph in enumerate(kept)}
        glyphs, offsets = bytearray(), [0]
        for glyph in kept:
            glyphs += _renumbered(self._glyph(glyph), number_of)
            glyphs += b"\0" * (-len(glyphs) % 4)
            offsets.append(len(glyphs))
        count = len(kept)
        tables = {tag: self._tables[tag] for tag in _COPIED if tag in self._tables}
        tables |= {
            "head": _patched(self._tables["head"], (8, ">I", 0), (50, ">h", 1)),
            "hhea": _patched(self._tables["hhea"], (34, ">H", count)),
            "maxp": _patched(self._tables["maxp"], (4, ">H", count)),
            "hmtx": b"".join(struct.pack(">Hh", *self._metrics[glyph]) for glyph in kept),
            "loca": struct.pack(f">{count + 1}I", *offsets),
            "glyf": bytes(glyphs),
            "cmap": _character_map({sign: number_of[glyph] for sign, glyph in wanted.items()}),
            "name": self._tables["name"],
            "post": struct.pack(">IIhhIIIII", 0x00030000, 0, -100, 50, 0, 0, 0, 0, 0),
        }
        return _font(tables)

    def _glyph(self, glyph: int) -> bytes:
        start, end = self._glyphs_at + self._offsets[glyph], self._glyphs_at + self._offsets[glyph + 1]
        return self._data[start:end]

    def _with_parts(self, glyphs: list[int]) -> list[int]:
        kept, waiting = list(glyphs), list(glyphs)
        while waiting:
            for _, part in _parts(self._glyph(waiting.pop())):
                if part not in kept:
                    kept.append(part)
                    waiting.append(part)
        return kept


@cache
def source(path: Path) -> FontSource:
    """Open a font once per process."""
    return FontSource(path)


def _parts(glyph: bytes) -> Iterable[tuple[int, int]]:
    """Walk the parts of a composite glyph: where the part's number stands, and the number."""
    if len(glyph) < 10 or struct.unpack_from(">h", glyph)[0] >= 0:
        return
    at, flags = 10, _MORE
    while flags & _MORE:
        flags, part = struct.unpack_from(">HH", glyph, at)
        yield at + 2, part
        at += 8 if flags & _ARE_WORDS else 6
        at += (
            2 if flags & _HAVE_SCALE else 4 if flags & _HAVE_TWO_SCALES else 8 if flags & _HAVE_MATRIX else 0
        )


def _renumbered(glyph: bytes, number_of: dict[int, int]) -> bytes:
    patches = [(at, ">H", number_of[part]) for at, part in _parts(glyph)]
    return _patched(glyph, *patches) if patches else glyph


def _patched(data: bytes, *patches: tuple[int, str, int]) -> bytes:
    changed = bytearray(data)
    for at, form, value in patches:
        struct.pack_into(form, changed, at, value)
    return bytes(changed)


def _character_map(glyph_of: dict[int, int]) -> bytes:
    """Write the map twice, as readers want it: format 4 for the basic plane, format 12 for everything."""
    groups = sorted(glyph_of.items())
    twelve = struct.pack(">HHIII", 12, 0, 16 + 12 * len(groups), 0, len(groups))
    twelve += b"".join(struct.pack(">III", sign, sign, glyph) for sign, glyph in groups)
    basic = [(sign, glyph) for sign, glyph in groups if sign < 0xFFFF]
    segments = [*((sign, (glyph - sign) & 0xFFFF) for sign, glyph in basic), (0xFFFF, 1)]
    count = len(segments)
    power = 1 << (count.bit_length() - 1)
    ends = struct.pack(f">{count}H", *(sign for sign, _ in segments))
    deltas = struct.pack(f">{count}H", *(delta for _, delta in segments))
    four = struct.pack(
        ">HHHHHHH",
        4,
        16 + 8 * count,
        0,
        2 * count,
        2 * power,
        power.bit_length() - 1,
        2 * (count - power),
    )
    four += ends + b"\0\0" + ends + deltas + b"\0\0" * count
    header = struct.pack(">HHHHIHHI", 0, 2, 3, 1, 20, 3, 10, 20 + len(four))
    return header + four + twelve


def _font(tables: dict[str, bytes]) -> bytes:
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    directory = struct.pack(
        ">IHHHH", 0x00010000, count, 16 * power, power.bit_length() - 1, 16 * (count - power)
    )
    body, at, head_at = b"", 12 + 16 * count, 0
    for tag, data in sorted(tables.items()):
        padded = data + b"\0" * (-len(data) % 4)
        directory += struct.pack(">4sIII", tag.encode(), _checksum(padded), at, len(data))
        head_at = at if tag == "head" else head_at
        body += padded
        at += len(padded)
    font = directory + body
    return _patched(font, (head_at + 8, ">I", (0xB1B0AFBA - _checksum(font)) & 0xFFFFFFFF))


def _checksum(data: bytes) -> int:
    return int(sum(struct.unpack(f">{len(data) // 4}I", data)) & 0xFFFFFFFF)
