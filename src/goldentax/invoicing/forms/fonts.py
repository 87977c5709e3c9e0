"""
The fonts of the face: where they are, and which signs they can draw.

``kai.ttf`` is the 楷体 of labels, ``song.ttf`` the 宋体 of values, ``mono.ttf`` the Courier of numbers;
they arrive with the other assets. Without a Courier, numbers are set in 宋体. A sign no font has is drawn
as 〓, the printers' mark for a missing type: never a box, and the XML that travels with the face says what
it is.
"""

from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from goldentax.invoicing.forms.face.measure import Font
from goldentax.invoicing.forms.refusals import FontsMissing
from goldentax.kernel.settings import settings

MISSING_TYPE = "〓"
_FILES: dict[Font, tuple[str, ...]] = {
    "kai": ("kai.ttf",),
    "song": ("song.ttf",),
    "mono": ("mono.ttf", "song.ttf"),
}


def folder() -> Path:
    """Where the fonts are expected."""
    return settings().assets / "fonts"


def font_file(font: Font) -> Path:
    """
    Find the file of one font.

    :raises FontsMissing: if it is not installed.
    """
    for name in _FILES[font]:
        path = folder() / name
        if path.is_file():
            return path
    raise FontsMissing(name=_FILES[font][0], folder=folder())


def drawn_as(font: Font) -> Font:
    """Tell which font a text is really set in: 宋体 where no Courier is installed."""
    return "song" if font == "mono" and font_file("mono") == font_file("song") else font


def drawable(text: str, *, font: Font) -> str:
    """Replace every sign the font cannot draw by 〓; marks of no width are left out."""
    covered = coverage(font_file(font))
    if all(ord(sign) in covered for sign in text):
        return text
    return "".join(sign if ord(sign) in covered else MISSING_TYPE for sign in text if not _is_mark(sign))


def _is_mark(sign: str) -> bool:
    return sign in "\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff"


@cache
def coverage(path: Path) -> frozenset[int]:
    """Every code point a font file has a glyph for."""
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())
