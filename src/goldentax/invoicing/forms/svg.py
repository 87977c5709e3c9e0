"""
The face as a picture for the web: one page as SVG, or one narrow strip for a phone.

Self-contained and without style sheets or scripts, so that it stands under the strictest content-security
policy. Text is text and can be selected; it is set in the reader's own Chinese fonts, each run held to the
width the layout gave it. Every text goes through XML escaping.
"""

from lxml import etree

from goldentax.invoicing.forms import face
from goldentax.invoicing.forms.face import narrow
from goldentax.invoicing.forms.face.drawing import Code, Item, Oval, Page, Rule, Words
from goldentax.invoicing.rules.documents import InvoiceDocument

_NAMESPACE = "http://www.w3.org/2000/svg"
_FAMILIES = {
    "kai": "'LXGW WenKai', KaiTi, STKaiti, 'Kaiti SC', 'Noto Serif CJK SC', 'Noto Serif SC', serif",
    "song": "'Noto Serif SC', 'Noto Serif CJK SC', SimSun, 'Songti SC', STSong, serif",
    "mono": "'Courier Prime', 'Courier New', Courier, monospace",
}
_ANCHORS = {"left": "start", "centre": "middle", "right": "end"}


def write(document: InvoiceDocument, *, page: int = 1) -> str:
    """
    Draw one page of the face (from 1; the front by default).

    :raises IndexError: if there is no such page.
    """
    pages = face.pages(document)
    if not 1 <= page <= len(pages):
        raise IndexError(page)
    return _drawn(pages[page - 1], document)


def write_narrow(document: InvoiceDocument) -> str:
    """Draw the whole invoice as one strip 100 mm wide, which can be read on a screen of 390 pixels."""
    return _drawn(narrow.page(document), document)


def page_count(document: InvoiceDocument) -> int:
    """Tell how many pages the face has."""
    return len(face.pages(document))


def _drawn(page: Page, document: InvoiceDocument) -> str:
    wide, high = _number(page.width), _number(page.height)
    root = etree.Element(
        f"{{{_NAMESPACE}}}svg",
        {
            "viewBox": f"0 0 {wide} {high}",
            "width": "100%",
            # A group, not an image: readers for the blind may go through its texts.
            "role": "group",
            "aria-label": f"{document.title} {document.number}".strip(),
        },
        nsmap={None: _NAMESPACE},  # type: ignore[dict-item]
    )
    _add(root, "rect", width=wide, height=high, fill="#ffffff")
    for item in page.items:
        _draw(root, item)
    return etree.tostring(root, encoding="unicode")


def _draw(root: etree._Element, item: Item) -> None:
    match item:
        case Words():
            _draw_words(root, item)
        case Rule():
            _add(
                root,
                "path",
                d=f"M{_number(item.x1)} {_number(item.y1)}L{_number(item.x2)} {_number(item.y2)}",
                stroke=_colour(item.colour),
                stroke_width=_number(item.width),
            )
        case Oval():
            _add(
                root,
                "ellipse",
                cx=_number(item.x),
                cy=_number(item.y),
                rx=_number(item.radius_x),
                ry=_number(item.radius_y),
                fill="none",
                stroke=_colour(item.colour),
                stroke_width=_number(item.width),
            )
        case Code():
            scale = _number(item.size / len(item.modules), 6)
            _add(
                root,
                "path",
                d=item.path(),
                transform=f"translate({_number(item.x)} {_number(item.y)}) scale({scale})",
                shape_rendering="crispEdges",
            )


def _draw_words(root: etree._Element, item: Words) -> None:
    attributes = {
        "x": _number(item.x),
        "y": _number(item.y),
        "font_size": _number(item.size),
        "font_family": _FAMILIES[item.font],
        "fill": _colour(item.colour),
    }
    if item.align != "left":
        attributes["text_anchor"] = _ANCHORS[item.align]
    if len(item.text) > 1:
        attributes["textLength"] = _number(item.width)
        attributes["lengthAdjust"] = "spacingAndGlyphs"
    element = _add(root, "text", **attributes)
    # Runs of spaces hold parts of a remark apart.
    element.text = item.text.replace("  ", "\u00a0 ")


def _add(root: etree._Element, name: str, **attributes: str) -> etree._Element:
    named = {key.replace("_", "-"): value for key, value in attributes.items()}
    return etree.SubElement(root, f"{{{_NAMESPACE}}}{name}", named)


def _number(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def _colour(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
