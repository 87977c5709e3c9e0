"""
How wide text is, and how it is fitted and wrapped.

Widths are of the fonts the files embed (Noto Serif SC for 宋体, LXGW WenKai for 楷体, a Courier for
numbers), kept here as thousandths of the size so that the face has the same shape where no font is
installed.
"""

import unicodedata
from functools import lru_cache
from typing import Literal

Font = Literal["kai", "song", "mono"]

_SONG_ASCII = (
    256, 308, 376, 574, 550, 923, 779, 196, 364, 364, 478, 580, 327, 346, 327, 352, 557, 471, 558, 557,
    555, 558, 558, 549, 558, 562, 327, 327, 580, 580, 580, 432, 912, 718, 670, 691, 770, 652, 629, 741,
    853, 405, 403, 731, 625, 975, 796, 767, 641, 767, 715, 567, 659, 797, 714, 1053, 700, 687, 605, 344,
    352, 344, 580, 563, 435, 557, 638, 538, 629, 547, 388, 566, 663, 332, 311, 607, 334, 974, 661, 596,
    638, 607, 462, 473, 367, 653, 548, 838, 564, 552, 498, 374, 316, 374, 580,
)  # fmt: skip
_KAI_ASCII = (
    350, 350, 350, 600, 600, 800, 700, 350, 350, 350, 500, 600, 350, 350, 350, 350, 600, 600, 600, 600,
    600, 600, 600, 600, 600, 600, 350, 350, 600, 600, 600, 600, 784, 690, 650, 703, 728, 638, 582, 752,
    700, 304, 492, 630, 547, 855, 738, 745, 618, 745, 635, 617, 577, 710, 620, 880, 600, 600, 600, 350,
    350, 350, 600, 500, 500, 575, 573, 530, 575, 543, 370, 580, 588, 263, 301, 510, 263, 816, 588, 562,
    572, 576, 430, 510, 360, 590, 490, 730, 500, 500, 490, 350, 350, 350, 600,
)  # fmt: skip
_MONO = 600
_FULL = 1000
_YEN = {"song": 550, "kai": 600, "mono": 600}


@lru_cache(maxsize=8192)
def _width_of(sign: str, font: Font) -> int:
    if sign == "¥":
        return _YEN[font]
    if unicodedata.category(sign) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    code = ord(sign) - 32
    if not 0 <= code < len(_SONG_ASCII):
        return _FULL
    if font == "mono":
        return _MONO
    return (_SONG_ASCII if font == "song" else _KAI_ASCII)[code]


def advances(text: str, *, size: float, font: Font) -> list[float]:
    """Tell how far each sign moves the pen, in mm."""
    return [_width_of(sign, font) * size / 1000 for sign in text]


def width(text: str, *, size: float, font: Font) -> float:
    """Tell how wide one row of text is, in mm."""
    return sum(_width_of(sign, font) for sign in text) * size / 1000


def fitted(text: str, *, size: float, font: Font, room: float) -> float:
    """Find the size, at most the given one, at which the text fits into the room."""
    needed = width(text, size=size, font=font)
    return size if needed <= room else round(size * room / needed, 3)


def one_row(text: str) -> str:
    """Make text safe for one row: breaks, tabs and controls become a space, marks of direction go."""
    if text.isprintable():
        return text.strip()
    return "".join(_plain(sign) for sign in text).strip()


def _plain(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return "\u3000" if sign == "\u3000" else " "
    if category == "Cn":
        return "\ufffd"  # No character at all, and some of them no XML may hold.
    # Format marks and lone surrogates draw nothing, and some turn the rest of a row around.
    return "" if category in ("Cf", "Cs") else sign


def wrapped(text: str, *, size: float, font: Font, room: float) -> list[str]:
    """
    Break text into rows no wider than the room; breaks in the text are kept.

    Breaks after a space if that leaves the row at least half full, else between any two signs, as Chinese
    does.
    """
    rows: list[str] = []
    for paragraph in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        rows.extend(_wrap_paragraph(one_row(paragraph), size, font, room))
    return rows


def _wrap_paragraph(text: str, size: float, font: Font, room: float) -> list[str]:
    rows, row, used = [], "", 0.0
    limit = room * 1000 / size
    for sign in text:
        wide = _width_of(sign, font)
        if row and used + wide > limit:
            cut = row.rfind(" ") + 1 if sign != " " else len(row)
            cut = cut if cut > len(row) / 2 else len(row)
            rows.append(row[:cut].rstrip())
            row = row[cut:]
            used = sum(_width_of(one, font) for one in row)
        row += sign
        used += wide
    rows.append(row.rstrip())
    return rows
