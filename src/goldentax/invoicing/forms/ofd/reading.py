"""
Reading an OFD somebody delivered: its XML attachment where it has one, else what its tags and custom data
say.

Three places hold data, in this order of trust: an attached XML (数电票 ``EInvoice``, or ``fp:eInvoice`` of
the time before), the tags that point at the texts on the page, and the custom data of ``OFD.xml``. The page
itself is never guessed at.
"""

from collections.abc import Iterator

import msgspec
from lxml import etree

from goldentax.invoicing.forms.ofd.original import iso_day, read_original
from goldentax.invoicing.forms.ofd.package import Package
from goldentax.invoicing.forms.ofd.tags import TaggedValues, read_tags
from goldentax.invoicing.forms.refusals import NoInvoiceInOfd, NotOfd
from goldentax.invoicing.forms.xml.delivered import DeliveredInvoice
from goldentax.invoicing.forms.xml.guard import local_name
from goldentax.invoicing.forms.xml.nodes import Node
from goldentax.invoicing.forms.xml.reading import parse
from goldentax.invoicing.rules.documents import Party
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.values.money import fen_from_yuan

_ROOT = "OFD.xml"


class OfdLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line as its tags show it, in the very text of the page."""

    name: str = ""
    specification: str = ""
    unit: str = ""
    quantity: str = ""
    unit_price: str = ""
    amount: str = ""
    rate: str = ""
    tax: str = ""


class OfdFields(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an OFD without attached XML says of itself: enough to verify it, not to issue it again.

    The lines carry no tax codes, so this is not a :class:`DeliveredInvoice`.
    """

    number: str
    code: str = ""
    issue_date: str = ""
    seller: Party
    buyer: Party
    amount_fen: int | None = None
    tax_fen: int | None = None
    gross_fen: int | None = None
    drawer: str = ""
    remark: str = ""
    lines: tuple[OfdLine, ...] = ()
    sources: tuple[str, ...] = ()  # tags, custom-data


def read(data: bytes) -> DeliveredInvoice | OfdFields:
    """
    Read the invoice an OFD file holds.

    :raises NotOfd: and its neighbours ``INV-OFD-01`` to ``-05``; ``INV-XML-…`` where a part of it is broken
    XML.
    """
    package = Package(data)
    body, place = _document_place(package)
    document = Node(package.tree(place))
    for name, tree in _attached_xml(package, document, place):
        kind = local_name(tree)
        if kind == "EInvoice":
            return _as_invoice(package.bytes(name))
        if kind == "eInvoice":
            return read_original(tree)
    return _fields(body.child("DocInfo"), read_tags(package, document=document, place=place))


def invoice_xml(data: bytes) -> bytes | None:
    """
    The delivered XML inside an OFD file, to the byte as it was signed; None where there is none.

    :raises NotOfd: as :func:`read`.
    """
    package = Package(data)
    _, place = _document_place(package)
    for name, tree in _attached_xml(package, Node(package.tree(place)), place):
        if local_name(tree) == "EInvoice":
            return package.bytes(name)
    return None


def _document_place(package: Package) -> tuple[Node, str]:
    root = Node(package.tree(_ROOT))
    body = root.find("DocBody")
    if root.name != "OFD" or body is None:
        raise NotOfd(reason_zh="OFD.xml 没有 DocBody", reason_en="OFD.xml has no DocBody")
    place = package.resolve(body.text("DocRoot"), base=_ROOT)
    if place is None:
        raise NotOfd(reason_zh="找不到 DocRoot", reason_en="its DocRoot is missing")
    return body, place


def _as_invoice(data: bytes) -> DeliveredInvoice:
    invoice = parse(data)
    assert isinstance(invoice, DeliveredInvoice), "the root element was looked at"
    return invoice


def _attached_xml(package: Package, document: Node, place: str) -> Iterator[tuple[str, etree._Element]]:
    listed = package.resolve(document.text("Attachments"), base=place)
    if listed is None:
        return
    for one in Node(package.tree(listed)).all("Attachment"):
        name = package.resolve(one.text("FileLoc"), base=listed)
        if name is not None and name.lower().endswith(".xml"):
            yield name, package.tree(name)


def _fields(info: Node, tagged: TaggedValues) -> OfdFields:
    custom = {
        (one.element.get("Name") or "").strip(): (one.element.text or "").strip()
        for one in info.child("CustomDatas").all("CustomData")
    }

    def value(tag: str, name: str) -> str:
        return tagged.values.get(tag, "") or custom.get(name, "")

    number = value("InvoiceNo", "发票号码").replace(" ", "")
    if not number:
        raise NoInvoiceInOfd()
    return OfdFields(
        number=number,
        code=value("InvoiceCode", "发票代码"),
        issue_date=iso_day(value("IssueDate", "开票日期")),
        seller=Party(
            name=value("SellerName", "销售方名称"), tax_id=value("SellerTaxID", "销售方纳税人识别号")
        ),
        buyer=Party(name=value("BuyerName", "购买方名称"), tax_id=value("BuyerTaxID", "购买方纳税人识别号")),
        amount_fen=_fen(value("TaxExclusiveTotalAmount", "合计金额")),
        tax_fen=_fen(value("TaxTotalAmount", "合计税额")),
        gross_fen=_fen(value("TaxInclusiveTotalAmount", "价税合计")),
        drawer=value("InvoiceClerk", "开票人"),
        remark=tagged.values.get("Note", ""),
        lines=tuple(_line(one) for one in tagged.lines),
        sources=tuple(
            name for name, has in (("tags", tagged.values), ("custom-data", custom.get("发票号码"))) if has
        ),
    )


def _line(cells: dict[str, str]) -> OfdLine:
    return OfdLine(
        name=cells.get("Item", ""),
        specification=cells.get("Specification", ""),
        unit=cells.get("MeasurementDimension", ""),
        quantity=cells.get("Quantity", ""),
        unit_price=cells.get("Price", ""),
        amount=cells.get("Amount", ""),
        rate=cells.get("TaxScheme", ""),
        tax=cells.get("TaxAmount", ""),
    )


def _fen(text: str) -> int | None:
    """Read a shown amount, with or without ¥; None where the page shows something else."""
    try:
        return fen_from_yuan(text.replace("¥", "").replace("￥", "").strip()) if text else None
    except Refusal:
        return None
