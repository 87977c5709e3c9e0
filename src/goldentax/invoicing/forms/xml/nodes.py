"""
Reading single values out of a tree, without trusting order, case, namespaces or presence.

A value that is there but cannot be what its element says is a refusal that names line and element; a value
that is absent is the reader's decision.
"""

from decimal import Decimal, InvalidOperation

from lxml import etree

from goldentax.invoicing.forms.refusals import BadNumberInXml, MissingInXml
from goldentax.invoicing.forms.xml.guard import local_name
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.values.money import fen_from_yuan

_NUMBER_LENGTH_MAX = 40
"""Signs of a quantity or price; the official records allow 25."""


class Node:
    """One element, its children found by local name in any case; of repeated ones the first counts."""

    def __init__(self, element: etree._Element, *, stands_in: "Node | None" = None) -> None:
        self.element = element
        self.name = local_name(element)
        self._parent = stands_in  # of an absent element: where it should have been
        self._children: dict[str, list[etree._Element]] = {}
        for child in element:
            self._children.setdefault(local_name(child).lower(), []).append(child)

    @property
    def line(self) -> int:
        line = self.element.sourceline if self._parent is None else self._parent.line
        return line if isinstance(line, int) else 0

    @property
    def path(self) -> str:
        """The names from the root down to this element, for people who must find it."""
        if self._parent is not None:
            return f"{self._parent.path}/{self.name}"
        above = [local_name(one) for one in reversed(list(self.element.iterancestors()))]
        return "/".join([*above, self.name])

    def all(self, name: str) -> list["Node"]:
        return [Node(one) for one in self._children.get(name.lower(), ())]

    def children(self) -> list["Node"]:
        return [Node(one) for one in self.element]

    def find(self, name: str) -> "Node | None":
        found = self._children.get(name.lower())
        return Node(found[0]) if found else None

    def child(self, name: str) -> "Node":
        """
        Find one child, or an empty stand-in for it, so that asking for its values tells that it has none.
        """
        return self.find(name) or Node(etree.Element(name), stands_in=self)

    def text(self, name: str) -> str:
        """Read the text of a child, without the white space around it; "" if it is absent."""
        found = self._children.get(name.lower())
        return (found[0].text or "").strip() if found else ""

    def needed(self, name: str) -> str:
        """
        Read a text that must be there.

        :raises MissingInXml: if it is absent or empty.
        """
        text = self.text(name)
        if not text:
            raise self.missing(name)
        return text

    def fen(self, name: str) -> int | None:
        """
        Read yuan as fen, None where the element is absent or empty; trailing zeros do not matter.

        :raises BadNumberInXml: if it is no amount, or finer than a fen.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            return fen_from_yuan(text)
        except Refusal:
            raise self.bad_number(name, "最多两位小数的金额", "an amount with at most two decimals") from None

    def decimal(self, name: str) -> Decimal | None:
        """
        Read an exact number, None where the element is absent or empty.

        :raises BadNumberInXml: if it is something else, or absurdly long or large.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise self.bad_number(name, "数字", "a number") from None
        fits = number.is_finite() and len(text) <= _NUMBER_LENGTH_MAX
        if not fits or (number and abs(number.adjusted()) > _NUMBER_LENGTH_MAX):
            raise self.bad_number(name, "数字", "a number")
        return number

    def missing(self, name: str) -> MissingInXml:
        field = f"{self.path}/{name}"
        return MissingInXml(field, line=self.line, element=self.path, name=name)

    def bad_number(self, name: str, zh: str, en: str) -> BadNumberInXml:
        child = self.child(name)
        field = f"{self.path}/{name}"
        return BadNumberInXml(
            field, line=child.line, element=field, value=self.text(name)[:40], what_zh=zh, what_en=en
        )


def plain_decimal(number: Decimal) -> str:
    """Write a number without exponent and without trailing zeros: 0.060000 becomes 0.06."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
