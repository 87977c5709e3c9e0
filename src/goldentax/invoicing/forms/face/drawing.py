"""
What a page of the face is made of, free of any file format: words, rules, ovals and the QR code.

Millimetres from the top left corner; ``y`` of words is their baseline. PDF, OFD and SVG draw the same items.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from goldentax.invoicing.forms.face.measure import Font, width

Align = Literal["left", "centre", "right"]

LABEL = (156, 82, 35)
"""The brown-red of frame and labels on the real face."""
INK = (0, 0, 0)
MARK = (44, 102, 168)
"""The blue of our own mark; the state's 监制章 is red, and nothing here may look like it."""
PALE = (226, 232, 240)
GREY = (110, 116, 124)

Colour = tuple[int, int, int]

SHARE: dict[Align, float] = {"left": 0.0, "centre": 0.5, "right": 1.0}
"""How much of a run stands left of its anchor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """
    One run of text at its anchor; ``tag`` names the field it shows, ``line`` the invoice line it belongs
    to.
    """

    x: float
    y: float
    text: str
    size: float
    font: Font = "song"
    colour: Colour = INK
    align: Align = "left"
    tag: str = ""
    line: int = 0

    @property
    def width(self) -> float:
        """How wide the run is."""
        return width(self.text, size=self.size, font=self.font)

    @property
    def left(self) -> float:
        """Where the run begins, whichever end its anchor holds."""
        return self.x - SHARE[self.align] * self.width


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

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Walk the runs of dark modules in a row: column, row, length."""
        for y, row in enumerate(self.modules):
            x = 0
            while x < len(row):
                length = 0
                while x + length < len(row) and row[x + length]:
                    length += 1
                if length:
                    yield x, y, length
                x += length or 1

    def path(self) -> str:
        """Draw the dark modules as an SVG path, one unit a module."""
        return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in self.runs())


Item = Words | Rule | Oval | Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page and what stands on it, in drawing order."""

    width: float
    height: float
    items: tuple[Item, ...]
