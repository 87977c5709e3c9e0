"""
Writing the delivered XML (交付 XML), structure version 0.33, element order fixed (FACTS §1.2).

Choices of ours where the sources are silent: a tax-free or untaxed line shows its rate in words, as faces
do and as readers in the field expect of lines without a number; ``SellerAuthentication`` is 02; the remark
is the assembled one of the face.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from goldentax.invoicing.forms.xml.signing import TaxBureauSignature, append_signature, bytes_to_sign
from goldentax.invoicing.forms.xml.specific import write_specific
from goldentax.invoicing.rules.documents import InvoiceDocument, Line, Party
from goldentax.kernel.clock import CHINA
from goldentax.kernel.values.money import chinese_amount, yuan

VERSION = "0.33"
AUTHENTICATION = "02"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MOMENT = "%Y-%m-%d %H:%M:%S"
_TAXPAYER_TYPES = {"1": "一般纳税人", "2": "小规模纳税人", "3": "自然人"}
_KIND_CODES = {"81": "01", "82": "02"}
# XML 1.0 has no way to carry these, not even escaped.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write(document: InvoiceDocument, *, signature: TaxBureauSignature | None = None) -> bytes:
    """
    Write one invoice as the taxpayer downloads it; the same document always gives the same bytes.

    Characters XML cannot carry become the replacement character (U+FFFD).
    """
    root = _build(document)
    if signature is not None:
        append_signature(root, signature=signature)
    etree.indent(root, space="  ")
    return _DECLARATION + etree.tostring(root, encoding="UTF-8")


def signed_bytes(document: InvoiceDocument, *, signed_at: datetime) -> bytes:
    """Compute the bytes the bureau signs for one invoice at one moment."""
    return bytes_to_sign(_build(document), signed_at=signed_at)


def _build(document: InvoiceDocument) -> etree._Element:
    root = etree.Element("EInvoice")
    _write_header(root, document)
    _write_data(etree.SubElement(root, "EInvoiceData"), document)
    _add(etree.SubElement(root, "SellerAuthentication"), [("AuthenticationMethods", AUTHENTICATION)])
    _add(
        etree.SubElement(root, "TaxSupervisionInfo"),
        [
            ("InvoiceNumber", document.number),
            ("IssueTime", f"{document.issued_at.astimezone(CHINA):%Y-%m-%d}"),
            ("TaxBureauCode", document.bureau_code),
            ("TaxBureauName", document.bureau_name),
        ],
    )
    return root


def _write_header(root: etree._Element, document: InvoiceDocument) -> None:
    header = etree.SubElement(root, "Header")
    tag = f"SWEI{document.node:0<4}"
    _add(header, [("EIid", document.number), ("EInvoiceTag", tag), ("Version", VERSION)])
    inherent = etree.SubElement(header, "InherentLabel")
    for name, code, words in (
        ("InIssuType", "N" if document.is_red else "Y", "是否蓝字发票标志"),
        ("EInvoiceType", "01", "电子发票"),
        ("GeneralOrSpecialVAT", _KIND_CODES[document.kind], document.kind_name),
        ("TaxpayerType", document.taxpayer_type, _TAXPAYER_TYPES.get(document.taxpayer_type, "")),
    ):
        _add(etree.SubElement(inherent, name), [("LabelCode", code), ("LabelName", words)])
    labels = etree.SubElement(header, "UndefinedLabel")
    for kind, (code, words) in (
        ("企业行业性质类标签", document.industry),
        ("发票开具方式标签", document.channel),
    ):
        if code or words:
            label = etree.SubElement(labels, "Label")
            _add(label, [("LabelType", kind), ("LabelCode", code), ("LabelName", words)])


def _write_data(data: etree._Element, document: InvoiceDocument) -> None:
    _write_party(data, "Seller", document.seller, document.seller.name)
    _write_party(data, "Buyer", document.buyer, document.buyer_printed_name)
    _add(
        etree.SubElement(data, "BasicInformation"),
        [
            ("TotalAmWithoutTax", yuan(document.amount_fen)),
            ("TotalTaxAm", yuan(document.tax_fen)),
            ("TotalTax-includedAmount", yuan(document.gross_fen)),
            ("TotalTax-includedAmountInChinese", chinese_amount(document.gross_fen)),
            ("Drawer", document.drawer),
            ("RequestTime", f"{document.issued_at.astimezone(CHINA):{MOMENT}}"),
        ],
    )
    for line in document.lines:
        _add(etree.SubElement(data, "IssuItemInformation"), _line_values(line))
    specific = etree.SubElement(data, "SpecificInformation")
    for name, values in write_specific(document.specific):
        _add(etree.SubElement(specific, name), values)
    _add(etree.SubElement(data, "AdditionalInformation"), [("Remark", document.printed_remark)])


def _write_party(data: etree._Element, side: str, party: Party, name: str) -> None:
    _add(
        etree.SubElement(data, f"{side}Information"),
        [
            (f"{side}IdNum", party.tax_id),
            (f"{side}Name", name),
            (f"{side}Addr", party.address),
            (f"{side}TelNum", party.phone),
            (f"{side}BankName", party.bank_name),
            (f"{side}BankAccNum", party.bank_account),
        ],
    )


def _line_values(line: Line) -> list[tuple[str, str]]:
    goods = [("SpecMod", line.specification), ("MeaUnits", line.unit)]
    counted = [("Quantity", line.quantity), ("UnPrice", line.unit_price)]
    shown = line.rate_text if line.is_exempt or line.is_untaxed else line.rate
    return [
        ("ItemName", line.full_name),
        *goods,
        # A discount has neither quantity nor price, and delivered files leave the elements out.
        *(counted if line.nature != "01" else []),
        ("Amount", yuan(line.amount_fen)),
        ("TaxRate", shown),
        ("ComTaxAm", yuan(line.tax_fen)),
        ("TotaltaxIncludedAmount", yuan(line.gross_fen)),
        ("TaxClassificationCode", line.tax_code),
    ]


def _add(parent: etree._Element, values: Iterable[tuple[str, str]]) -> None:
    for name, text in values:
        etree.SubElement(parent, name).text = _UNWRITABLE.sub("\ufffd", text) or None
