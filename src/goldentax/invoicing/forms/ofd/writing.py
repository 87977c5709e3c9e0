"""
Writing the OFD of one invoice: pages, tags that say which text is which field, custom data, and the XML
itself.

The package is laid out as delivered ones are (FACTS §1.3): ``OFD.xml`` with CustomDatas,
``Doc_0/Tags/CustomTag.xml`` with references to the text objects, attachments under ``Doc_0/Attachs``.
Differences: fonts are embedded, as far as used, so that the page reads anywhere; lines are grouped in the
tags, so that a cell left empty does not shift the others; there is no seal of the state and no OFD
signature. The same document always gives the same bytes.
"""

import hashlib
import io
import itertools
import zipfile

from lxml import etree

from goldentax.invoicing.forms import face, fonts
from goldentax.invoicing.forms.face.drawing import Page as FacePage
from goldentax.invoicing.forms.face.drawing import Words
from goldentax.invoicing.forms.face.measure import Font, one_row
from goldentax.invoicing.forms.ofd.drawing import Reference, add, draw_page, element
from goldentax.invoicing.forms.ofd.subset import source
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.kernel.clock import CHINA
from goldentax.kernel.values.money import yuan

PRODUCER = "goldentax"
TEMPLATE_VERSION = "1.0"
_FONT_NAMES: dict[Font, str] = {"kai": "楷体", "song": "宋体", "mono": "Courier New"}
_TAGS = (
    "InvoiceNo",
    "IssueDate",
    "Buyer/BuyerName",
    "Buyer/BuyerTaxID",
    "Seller/SellerName",
    "Seller/SellerTaxID",
    "TaxExclusiveTotalAmount",
    "TaxTotalAmount",
    "TaxInclusiveTotalAmount",
    "InvoiceClerk",
)


def write(document: InvoiceDocument, *, xml: bytes) -> bytes:
    """
    Write the OFD of one invoice with its XML inside.

    :raises FontsMissing: if the Chinese fonts are not installed.
    """
    drawn = face.pages(document)
    font_files = _font_files(drawn)
    ids = itertools.count(1)
    font_ids = {font: next(ids) for font in font_files}
    page_ids = [next(ids) for _ in drawn]
    references: list[Reference] = []
    parts: dict[str, bytes] = {}
    for index, (page, page_id) in enumerate(zip(drawn, page_ids, strict=True)):
        tree, found = draw_page(page, page_id=page_id, font_ids=font_ids, next_id=lambda: next(ids))
        parts[f"Doc_0/Pages/Page_{index}/Content.xml"] = _xml(tree)
        references += found
    attachment_id = next(ids)
    parts = {
        "OFD.xml": _xml(_root(document)),
        "Doc_0/Document.xml": _xml(_document(drawn, page_ids, max_id=next(ids))),
        "Doc_0/PublicRes.xml": _xml(_resources(font_ids)),
        **parts,
        "Doc_0/Tags/CustomTags.xml": _xml(_tag_list()),
        "Doc_0/Tags/CustomTag.xml": _xml(_tags(references)),
        "Doc_0/Attachs/Attachments.xml": _xml(_attachments(document, attachment_id, len(xml))),
        "Doc_0/Attachs/invoice.xml": xml,
        **{f"Doc_0/Res/{font}.ttf": data for font, data in font_files.items()},
    }
    return _zipped(document, parts)


def _root(document: InvoiceDocument) -> etree._Element:
    day = document.issued_at.astimezone(CHINA)
    root = element("OFD", Version="1.1", DocType="OFD")
    body = add(root, "DocBody")
    info = add(body, "DocInfo")
    add(info, "DocID", hashlib.sha256(f"{document.number} {document.version}".encode()).hexdigest()[:32])
    add(info, "Title", f"{document.title} {document.number}".strip())
    add(info, "Author", PRODUCER)
    add(info, "CreationDate", f"{day:%Y-%m-%d}")
    add(info, "Creator", PRODUCER)
    data = add(info, "CustomDatas")
    for name, text in (
        ("template-version", TEMPLATE_VERSION),
        ("native-producer", PRODUCER),
        ("发票号码", document.number),
        ("销售方名称", document.seller.name),
        ("销售方纳税人识别号", document.seller.tax_id),
        ("购买方名称", document.buyer_printed_name),
        ("购买方纳税人识别号", document.buyer.tax_id),
        ("合计金额", yuan(document.amount_fen)),
        ("合计税额", yuan(document.tax_fen)),
        ("价税合计", yuan(document.gross_fen)),
        ("开票日期", f"{day:%Y年%m月%d日}"),
        ("开票人", document.drawer),
    ):
        add(data, "CustomData", one_row(text), Name=name)
    add(body, "DocRoot", "Doc_0/Document.xml")
    return root


def _document(drawn: tuple[FacePage, ...], page_ids: list[int], *, max_id: int) -> etree._Element:
    root = element("Document")
    common = add(root, "CommonData")
    add(common, "MaxUnitID", str(max_id))
    add(add(common, "PageArea"), "PhysicalBox", f"0 0 {drawn[0].width:g} {drawn[0].height:g}")
    add(common, "PublicRes", "PublicRes.xml")
    pages = add(root, "Pages")
    for index, page_id in enumerate(page_ids):
        add(pages, "Page", ID=page_id, BaseLoc=f"Pages/Page_{index}/Content.xml")
    add(root, "CustomTags", "Tags/CustomTags.xml")
    add(root, "Attachments", "Attachs/Attachments.xml")
    return root


def _resources(font_ids: dict[Font, int]) -> etree._Element:
    root = element("Res", BaseLoc="Res")
    holder = add(root, "Fonts")
    for font, number in font_ids.items():
        name = _FONT_NAMES[font]
        # Under the names every reader knows: one that cannot load the file still finds its own font.
        made = add(holder, "Font", ID=number, FontName=name, FamilyName=name)
        add(made, "FontFile", f"{font}.ttf")
    return root


def _tag_list() -> etree._Element:
    root = element("CustomTags")
    add(add(root, "CustomTag", TypeID="fp"), "FileLoc", "CustomTag.xml")
    return root


def _tags(references: list[Reference]) -> etree._Element:
    root = element("root")
    by_tag: dict[tuple[str, int], list[Reference]] = {}
    for one in references:
        by_tag.setdefault((one.tag, one.line), []).append(one)
    holders: dict[str, etree._Element] = {}
    for path in _TAGS:
        parent, _, name = path.rpartition("/")
        if parent and parent not in holders:
            holders[parent] = add(root, parent)
        _add_references(holders.get(parent, root), name, by_tag.get((name, 0), []))
    goods = add(root, "GoodsInfos")
    lines: dict[int, etree._Element] = {}
    for (tag, line), found in by_tag.items():
        if line:
            if line not in lines:
                lines[line] = add(goods, "GoodsInfo")
            _add_references(lines[line], tag, found)
    _add_references(root, "Note", by_tag.get(("Note", 0), []))
    return root


def _add_references(parent: etree._Element, name: str, references: list[Reference]) -> None:
    if references:
        holder = add(parent, name)
        for one in references:
            add(holder, "ObjectRef", str(one.object_id), PageRef=one.page_id)


def _attachments(document: InvoiceDocument, number: int, size: int) -> etree._Element:
    root = element("Attachments")
    moment = document.issued_at.astimezone(CHINA)
    made = add(
        root,
        "Attachment",
        ID=number,
        Name="invoice",
        Format="xml",
        CreationDate=f"{moment:%Y-%m-%dT%H:%M:%S}",
        Size=f"{size / 1024:.4f}",
        Visible="false",
    )
    add(made, "FileLoc", "invoice.xml")
    return root


def _font_files(drawn: tuple[FacePage, ...]) -> dict[Font, bytes]:
    used: dict[Font, set[str]] = {}
    for page in drawn:
        for item in page.items:
            if isinstance(item, Words):
                text = fonts.drawable(item.text, font=item.font)
                used.setdefault(fonts.drawn_as(item.font), set()).update(text)
    return {font: source(fonts.font_file(font)).subset(sorted(signs)) for font, signs in used.items()}


def _xml(root: etree._Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="UTF-8")


def _zipped(document: InvoiceDocument, parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    moment = document.issued_at.astimezone(CHINA)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, date_time=moment.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            package.writestr(info, data)
    return made.getvalue()
