"""
Resolving the tags of an OFD (标引): each names a field and points at the text objects of a page that show it.

Two layouts are in the world: lines grouped in ``GoodsInfo``, and, in 数电票, flat lists of cells (``Item``,
``Amount`` …) whose places tell which line a cell belongs to.
"""

from dataclasses import dataclass, field

from lxml import etree

from goldentax.invoicing.forms.ofd.package import Package
from goldentax.invoicing.forms.refusals import TooManyLinesInXml
from goldentax.invoicing.forms.xml.nodes import Node
from goldentax.invoicing.forms.xml.reading import LINES_MAX

CELLS = (
    "Item",
    "Specification",
    "MeasurementDimension",
    "Quantity",
    "Price",
    "Amount",
    "TaxScheme",
    "TaxAmount",
)
_SAME_ROW = 1.5
"""Cells of one line stand on one row; in mm, well below the row pitch of 4.5."""


@dataclass(slots=True)
class TaggedValues:
    """What the tags say: single values by tag, and the cells of each line."""

    values: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class _Text:
    text: str
    page: str
    y: float


def read_tags(package: Package, *, document: Node, place: str) -> TaggedValues:
    """
    Read every tag file the document lists; nothing is there if it lists none.

    :raises BrokenOfd: if a page the tags point at is missing.
    """
    found = TaggedValues()
    listed = package.resolve(document.text("CustomTags"), base=place)
    if listed is None:
        return found
    pages = _Pages(package, document, place)
    cells: dict[str, list[_Text]] = {}
    for one in Node(package.tree(listed)).all("CustomTag"):
        name = package.resolve(one.text("FileLoc"), base=listed)
        if name is not None:
            _walk(Node(package.tree(name)), pages, found, cells)
    found.lines = found.lines or _aligned(cells)
    if len(found.lines) > LINES_MAX:
        raise TooManyLinesInXml(count=len(found.lines), limit=LINES_MAX)
    return found


def _walk(node: Node, pages: "_Pages", found: TaggedValues, cells: dict[str, list[_Text]]) -> None:
    for child in node.children():
        if child.name == "GoodsInfo":
            line = {one.name: pages.shown(one) for one in child.children()}
            found.lines.append({name: text.text for name, text in line.items() if text is not None})
        elif child.find("ObjectRef") is None:
            _walk(child, pages, found, cells)
        else:
            text = pages.shown(child)
            if text is not None and child.name in CELLS:
                cells.setdefault(child.name, []).append(text)
            elif text is not None:
                found.values.setdefault(child.name, text.text)


def _aligned(cells: dict[str, list[_Text]]) -> list[dict[str, str]]:
    """Deal flat cells out to lines: a cell belongs to the item that stands on its row."""
    items = cells.get("Item", [])
    lines = [{"Item": one.text} for one in items]
    for name in CELLS[1:]:
        for cell in cells.get(name, []):
            near = [
                (abs(cell.y - item.y), at)
                for at, item in enumerate(items)
                if item.page == cell.page and abs(cell.y - item.y) < _SAME_ROW
            ]
            if near:
                lines[min(near)[1]].setdefault(name, cell.text)
    return lines


class _Pages:
    """The texts of the pages, each page read when the first tag points at it."""

    def __init__(self, package: Package, document: Node, place: str) -> None:
        self._package = package
        self._locations: dict[str, str] = {}
        self._texts: dict[str, dict[str, _Text]] = {}
        for page in document.child("Pages").all("Page"):
            location = package.resolve(page.element.get("BaseLoc", ""), base=place)
            if location is not None:
                self._locations[page.element.get("ID", "")] = location

    def shown(self, node: Node) -> _Text | None:
        """Join the texts a tag points at, in its order; the first one's place is the place of all."""
        texts = [self._find(one.element) for one in node.all("ObjectRef")]
        there = [one for one in texts if one is not None]
        if not there:
            return None
        return _Text("".join(one.text for one in there), there[0].page, there[0].y)

    def _find(self, reference: etree._Element) -> _Text | None:
        page = (reference.get("PageRef") or "").strip()
        if page not in self._texts:
            location = self._locations.get(page)
            self._texts[page] = _texts_of(self._package.tree(location), page) if location else {}
        return self._texts[page].get((reference.text or "").strip())


def _texts_of(tree: etree._Element, page: str) -> dict[str, _Text]:
    found = {}
    for one in tree.iter("{*}TextObject"):
        text = "".join((code.text or "") for code in one.iter("{*}TextCode"))
        boundary = (one.get("Boundary") or "").split()
        try:
            y = float(boundary[1])
        except (IndexError, ValueError):
            y = 0.0
        found[(one.get("ID") or "").strip()] = _Text(text, page, y)
    return found
