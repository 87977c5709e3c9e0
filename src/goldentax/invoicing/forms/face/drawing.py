"""
What a page of the face is made of, free of any file format: words, rules, ovals and the QR code.

Millimetres from the top left corner; ``y`` of words is their baseline. PDF, OFD and SVG draw the same items.
"""

from dataclasses import dataclass
from typing import Literal

Font = Literal["kai", "song", "mono"]
Align = Literal["left", "centre", "right"]

LABEL = (156, 82, 35)
"""The brown-red of frame and labels on the real face."""
INK = (0, 0, 0)
MARK = (44, 102, 168)
"""The blue of our own mark; the state's 监制章 is red, and nothing here may look like it."""
PALE = (226, 232, 240)
GREY = (110, 116, 124)

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One run of text at its anchor; ``tag`` names the field it shows, ``line`` the invoice line it belongs to."""

    x: float
    y: float
    text: str
    size: float
    font: Font = "song"
    colour: Colour = INK
    align: Align = "left"
    tag: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float = 0.25
    colour: Colour = LABEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Oval:
    """The outline of an ellipse around its centre."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    width: float = 0.25
    colour: Colour = LABEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A square of dark and light modules: the QR code."""

    x: float
    y: float
    size: float
    modules: tuple[tuple[bool, ...], ...]


Item = Words | Rule | Oval | Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page and what stands on it, in drawing order."""

    width: float
    height: float
    items: tuple[Item, ...]
