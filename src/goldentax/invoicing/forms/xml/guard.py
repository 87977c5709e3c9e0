"""
The gate every XML from outside passes before a tree is built of it.

A first pass looks at events only: size, encoding, form, depth and number of elements, and that there is no
document type, hence no entity to expand and nothing to fetch. Only then does lxml build the tree. XML
bombs, endless nesting and half a file all end here, with the place where it happened.
"""

import codecs
import re
from xml.parsers import expat

from lxml import etree

from goldentax.invoicing.forms.refusals import (
    BadEncodingXml,
    BrokenXml,
    ForbiddenXml,
    TooComplexXml,
    TooLargeXml,
)

SIZE_MAX = 10 * 1024 * 1024
"""Bytes of one file; a signed invoice of 2,000 lines with long names has about 1.5 MB."""
DEPTH_MAX = 32
ELEMENTS_MAX = 200_000
"""Elements of one file; 2,000 lines and 2,000 trips have about 40,000."""

_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_KNOWN = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
}


def read_tree(data: bytes) -> etree._Element:
    """
    Read bytes from outside into a tree, without comments and processing instructions.

    :raises TooLargeXml: if there are too many bytes.
    :raises BadEncodingXml: if they are not text in the declared encoding.
    :raises BrokenXml: if they are not well-formed.
    :raises ForbiddenXml: if they declare a document type.
    :raises TooComplexXml: if they nest too deeply or hold too many elements.
    """
    if len(data) > SIZE_MAX:
        raise TooLargeXml(size=len(data), limit=SIZE_MAX)
    plain = _decoded(data).encode()
    _Watch().read(plain)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,  # The limits above are tighter than those of the library.
    )
    return etree.fromstring(plain, parser)


def local_name(element: etree._Element) -> str:
    """Name an element without its namespace."""
    return etree.QName(element).localname


def _decoded(data: bytes) -> str:
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise BadEncodingXml(line=line, column=column, encoding=encoding.upper()) from None
    return text.removeprefix("\ufeff")


def _encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data.startswith(b"<\x00"):
        return "utf-16-le"
    if data.startswith(b"\x00<"):
        return "utf-16-be"
    declared = _DECLARED.match(data.removeprefix(codecs.BOM_UTF8))
    name = declared.group(1).decode().lower() if declared else "utf-8"
    if name not in _KNOWN:
        raise BadEncodingXml(line=1, column=1, encoding=name)
    # A file that begins with plain "<?xml" cannot be UTF-16, whatever it says.
    return "utf-8" if _KNOWN[name] == "utf-16" else _KNOWN[name]


class _Watch:
    """Follows the events of one file and raises where something is out of bounds."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.count = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def read(self, data: bytes) -> None:
        try:
            self.parser.Parse(data, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            element = self._element()
            raise BrokenXml(
                element, line=error.lineno, column=error.offset + 1, element=element, reason=reason
            ) from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.open.append(name)
        self.count += 1
        if len(self.open) > DEPTH_MAX:
            raise self._too_complex("嵌套层数", "nesting", DEPTH_MAX)
        if self.count > ELEMENTS_MAX:
            raise self._too_complex("元素个数", "elements", ELEMENTS_MAX)

    def _end(self, name: str) -> None:
        self.open.pop()

    def _doctype(self, *declaration: object) -> None:
        raise ForbiddenXml(line=self.parser.CurrentLineNumber, column=self.parser.CurrentColumnNumber + 1)

    def _too_complex(self, zh: str, en: str, limit: int) -> TooComplexXml:
        element = self._element()
        return TooComplexXml(
            element,
            line=self.parser.CurrentLineNumber,
            column=self.parser.CurrentColumnNumber + 1,
            element=element,
            what_zh=zh,
            what_en=en,
            limit=limit,
        )

    def _element(self) -> str:
        return "/".join(self.open[-4:]) or "—"
