"""
Reading the ``fp:eInvoice`` attachment of OFD files before 数电票 (增值税电子普通发票, schema of 2016 and
2019).

Such an invoice has a code and a short number, and its lines no tax codes: it can be read and shown, not
issued again.
"""

import re
from decimal import Decimal

from lxml import etree

from goldentax.invoicing.forms.refusals import TooManyLinesInXml
from goldentax.invoicing.forms.xml.delivered import DeliveredInvoice
from goldentax.invoicing.forms.xml.nodes import Node, plain_decimal
from goldentax.invoicing.forms.xml.reading import LINES_MAX, split_name, with_discounts
from goldentax.invoicing.rules.documents import Line, Party

_KINDS = {"0": "10", "1": "08"}
_DAY = re.compile(r"^(\d{4})\D?(\d{1,2})\D?(\d{1,2})")
_SHOWN_RATES = {"免税": "03", "不征税": "04"}


def read_original(element: etree._Element) -> DeliveredInvoice:
    """
    Read an ``eInvoice`` tree of the older schema.

    :raises MissingInXml: if it has no number or no total.
    :raises BadNumberInXml: if an amount is none.
    """
    root = Node(element)
    amount, tax = root.fen("TaxExclusiveTotalAmount"), root.fen("TaxTotalAmount")
    gross = root.fen("TaxInclusiveTotalAmount")
    if amount is None:
        raise root.missing("TaxExclusiveTotalAmount")
    goods = root.child("GoodsInfos").all("GoodsInfo")
    if len(goods) > LINES_MAX:
        raise TooManyLinesInXml(count=len(goods), limit=LINES_MAX)
    lines = [_read_line(node, at) for at, node in enumerate(goods, start=1)]
    return DeliveredInvoice(
        number=root.needed("InvoiceNo"),
        code=root.text("InvoiceCode"),
        version=element.get("Version", element.get("version", "")),
        kind=_KINDS.get(root.text("TypeCode"), "10"),
        is_red=amount < 0,
        seller=_read_party(root.child("Seller"), "Seller"),
        buyer=_read_party(root.child("Buyer"), "Buyer"),
        lines=with_discounts(lines, is_red=amount < 0),
        amount_fen=amount,
        tax_fen=tax if tax is not None else 0,
        gross_fen=gross if gross is not None else amount + (tax or 0),
        drawer=root.text("InvoiceClerk"),
        payee=root.text("Payee"),
        reviewer=root.text("Checker"),
        issue_time=iso_day(root.text("IssueDate")),
        remark=root.text("Note"),
        worked_out=() if gross is not None else ("TaxInclusiveTotalAmount",),
    )


def iso_day(text: str) -> str:
    """Write a day as 2026-03-09, whether the file says 2026年03月09日, 20260309 or something alike."""
    found = _DAY.match(text)
    return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}" if found else text


def _read_party(node: Node, side: str) -> Party:
    return Party(
        name=node.text(f"{side}Name"),
        tax_id=node.text(f"{side}TaxID"),
        address=node.text(f"{side}AddrTel"),
        bank_account=node.text(f"{side}FinancialAccount"),
    )


def _read_line(node: Node, number: int) -> Line:
    short_name, name = split_name(node.needed("Item"))
    amount = node.fen("Amount")
    if amount is None:
        raise node.missing("Amount")
    tax = (node.fen("TaxAmount") if node.text("TaxAmount") != "***" else 0) or 0
    rate, preference = _read_rate(node)
    node.decimal("Quantity")
    node.decimal("Price")
    return Line(
        number=number,
        name=name,
        short_name=short_name,
        specification=node.text("Specification"),
        unit=node.text("MeasurementDimension"),
        quantity=node.text("Quantity"),
        unit_price=node.text("Price"),
        amount_fen=amount,
        rate=rate,
        tax_fen=tax,
        gross_fen=amount + tax,
        preference=preference,
    )


def _read_rate(node: Node) -> tuple[str, str]:
    text = node.text("TaxScheme")
    if text in _SHOWN_RATES:
        return "0", _SHOWN_RATES[text]
    if not text.endswith("%"):
        return text or "0", ""
    digits = text[:-1]
    if not digits.replace(".", "", 1).isdecimal():
        raise node.bad_number("TaxScheme", "税率", "a rate")
    return plain_decimal(Decimal(digits) / 100), ""
