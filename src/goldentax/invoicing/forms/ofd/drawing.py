"""
One page of the face as OFD page content (GB/T 33190, chapter 7): paths, and text with every advance given.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from lxml import etree

from goldentax.invoicing.forms import fonts
from goldentax.invoicing.forms.face.drawing import INK, SHARE, Code, Colour, Item, Oval, Page, Rule, Words
from goldentax.invoicing.forms.face.measure import Font, advances

NAMESPACE = "http://www.ofdspec.org/2016"
_OFD = f"{{{NAMESPACE}}}"
# How far the handles of a cubic curve stand off for a quarter of an ellipse.
_KAPPA = 0.5523


class Reference(NamedTuple):
    """Where on the pages a tagged text stands."""

    tag: str
    line: int
    page_id: int
    object_id: int


def element(name: str, **attributes: object) -> etree._Element:
    """Make an OFD element; attribute values are written as they print."""
    made = etree.Element(_OFD + name, nsmap={"ofd": NAMESPACE})
    for key, value in attributes.items():
        made.set(key, str(value))
    return made


def add(parent: etree._Element, name: str, text: str = "", **attributes: object) -> etree._Element:
    """Append an OFD element with text."""
    made = etree.SubElement(parent, _OFD + name, {key: str(value) for key, value in attributes.items()})
    made.text = text or None
    return made


def draw_page(
    page: Page, *, page_id: int, font_ids: dict[Font, int], next_id: Callable[[], int]
) -> tuple[etree._Element, list[Reference]]:
    """Draw one page, and tell where each tagged text landed."""
    root = element("Page")
    add(add(root, "Area"), "PhysicalBox", f"0 0 {_number(page.width)} {_number(page.height)}")
    layer = add(add(root, "Content"), "Layer", ID=next_id(), Type="Body")
    references = []
    for item in page.items:
        number = next_id()
        _draw(layer, item, number, font_ids)
        if isinstance(item, Words) and item.tag:
            references.append(Reference(item.tag, item.line, page_id, number))
    return root, references


def _draw(layer: etree._Element, item: Item, number: int, font_ids: dict[Font, int]) -> None:
    match item:
        case Words():
            _draw_words(layer, item, number, font_ids)
        case Rule():
            left, top = min(item.x1, item.x2) - 0.2, min(item.y1, item.y2) - 0.2
            box = (left, top, abs(item.x2 - item.x1) + 0.4, abs(item.y2 - item.y1) + 0.4)
            path = f"M {_point(item.x1 - left, item.y1 - top)} L {_point(item.x2 - left, item.y2 - top)}"
            _draw_stroke(layer, number, box, item.width, item.colour, path)
        case Oval():
            edge = item.width
            left, top = item.x - item.radius_x - edge, item.y - item.radius_y - edge
            box = (left, top, 2 * (item.radius_x + edge), 2 * (item.radius_y + edge))
            path = " ".join(_oval_path(item.x - left, item.y - top, item.radius_x, item.radius_y))
            _draw_stroke(layer, number, box, item.width, item.colour, path)
        case Code():
            box = (item.x, item.y, item.size, item.size)
            made = add(
                layer, "PathObject", ID=number, Boundary=_box(box), Stroke="false", Fill="true", LineWidth="0"
            )
            add(made, "FillColor", Value=_colour(INK))
            add(made, "AbbreviatedData", " ".join(_code_path(item)))


def _draw_stroke(
    layer: etree._Element,
    number: int,
    box: tuple[float, float, float, float],
    width: float,
    colour: Colour,
    path: str,
) -> None:
    made = add(layer, "PathObject", ID=number, Boundary=_box(box), LineWidth=_number(width))
    add(made, "StrokeColor", Value=_colour(colour))
    add(made, "AbbreviatedData", path)


def _draw_words(layer: etree._Element, item: Words, number: int, font_ids: dict[Font, int]) -> None:
    text = fonts.drawable(item.text, font=item.font)
    font = fonts.drawn_as(item.font)
    moves = advances(text, size=item.size, font=font)
    wide = sum(moves)
    box = (item.x - SHARE[item.align] * wide, item.y - item.size, wide + item.size / 2, item.size * 1.3)
    made = add(
        layer, "TextObject", ID=number, Boundary=_box(box), Font=font_ids[font], Size=_number(item.size)
    )
    add(made, "FillColor", Value=_colour(item.colour))
    code = add(made, "TextCode", text, X="0", Y=_number(item.size))
    if len(moves) > 1:
        code.set("DeltaX", " ".join(_runs(moves[:-1])))


def _runs(moves: list[float]) -> Iterator[str]:
    """Write advances, runs of equal ones as ``g count value``."""
    at = 0
    while at < len(moves):
        count = 1
        while at + count < len(moves) and moves[at + count] == moves[at]:
            count += 1
        value = _number(moves[at], 4)
        yield f"g {count} {value}" if count > 2 else " ".join([value] * count)
        at += count


def _oval_path(x: float, y: float, wide: float, high: float) -> Iterator[str]:
    handle_x, handle_y = wide * _KAPPA, high * _KAPPA
    yield f"M {_point(x + wide, y)}"
    for sign_x, sign_y, is_flat in ((1, 1, False), (-1, 1, True), (-1, -1, False), (1, -1, True)):
        if is_flat:
            first, second = (
                (x + sign_x * handle_x, y + sign_y * high),
                (x + sign_x * wide, y + sign_y * handle_y),
            )
            end = (x + sign_x * wide, y)
        else:
            first, second = (
                (x + sign_x * wide, y + sign_y * handle_y),
                (x + sign_x * handle_x, y + sign_y * high),
            )
            end = (x, y + sign_y * high)
        yield f"B {_point(*first)} {_point(*second)} {_point(*end)}"
    yield "C"


def _code_path(code: Code) -> Iterator[str]:
    step = code.size / len(code.modules)
    for x, y, length in code.runs():
        left, right, top, bottom = x * step, (x + length) * step, y * step, (y + 1) * step
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        yield "M " + " L ".join(_point(*corner) for corner in corners) + " C"


def _point(x: float, y: float) -> str:
    return f"{_number(x)} {_number(y)}"


def _box(box: tuple[float, float, float, float]) -> str:
    return " ".join(_number(one) for one in box)


def _colour(colour: Colour) -> str:
    return " ".join(str(one) for one in colour)


def _number(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") or "0"
