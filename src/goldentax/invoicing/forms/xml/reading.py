"""
Reading delivered XML (数电票 XML, FACTS §1.2), every version of it, in any element order.

Tolerant of what issuers do differently (order, case, absent and empty elements, trailing zeros, shown rates
such as 免税), strict about what must be exact: the number, the lines, every amount. Rates and discounts are
read as the face shows them: a line of the opposite sign without quantity, directly after its line, is that
line's discount.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from goldentax.invoicing.forms.refusals import NotAnInvoiceXml, TooManyLinesInXml
from goldentax.invoicing.forms.xml.delivered import (
    DIFFERENCE_RATE,
    DeliveredInvoice,
    DeliveredSignature,
    Label,
    OtherElement,
    ReceiverInstance,
    Transaction,
)
from goldentax.invoicing.forms.xml.guard import read_tree
from goldentax.invoicing.forms.xml.nodes import Node, plain_decimal
from goldentax.invoicing.forms.xml.receiver import read_receiver_instance
from goldentax.invoicing.forms.xml.specific import read_specific
from goldentax.invoicing.rules.documents import Line, Party
from goldentax.invoicing.rules.drafts import RedReference, SpecificElement

LINES_MAX = 2000
PERSON_MARK = "（个人）"
NO_VALUE = "***"
"""What stands where an amount is not told, such as the tax of a tax-free line."""
_SHOWN_RATES = {"免税": "03", "不征税": "04"}


def parse(data: bytes) -> DeliveredInvoice | ReceiverInstance:
    """
    Read a delivered XML, or recognise a receiver instance of the accounting data standard.

    :raises BrokenXml: and its neighbours ``INV-XML-01`` to ``-09``, with the place where it broke.
    """
    root = Node(read_tree(data))
    name = root.name.lower()
    if name == "einvoice":
        return _read_invoice(root)
    if name == "xbrl":
        return read_receiver_instance(root)
    raise NotAnInvoiceXml(root=root.name)


def _read_invoice(root: Node) -> DeliveredInvoice:
    header, data = root.child("Header"), root.child("EInvoiceData")
    labels, basic = header.child("InherentLabel"), data.child("BasicInformation")
    supervision, additional = root.child("TaxSupervisionInfo"), data.child("AdditionalInformation")
    specific, others = _read_all_specific(data)
    is_red = _is_red(labels, basic, specific)
    lines = _read_lines(data, is_red=is_red)
    worked_out: list[str] = []
    amount_fen, tax_fen, gross_fen = _read_totals(basic, lines, worked_out)
    return DeliveredInvoice(
        number=_read_number(root, header, supervision),
        version=header.text("Version"),
        tag=header.text("EInvoiceTag"),
        kind=_read_kind(labels),
        is_red=is_red,
        seller=_read_party(data.child("SellerInformation"), "Seller"),
        buyer=_read_party(data.child("BuyerInformation"), "Buyer"),
        buyer_handler=data.child("BuyerInformation").text("BuyerHandlingName"),
        lines=lines,
        amount_fen=amount_fen,
        tax_fen=tax_fen,
        gross_fen=gross_fen,
        chinese_amount=basic.text("TotalTax-includedAmountInChinese"),
        drawer=basic.text("Drawer"),
        request_time=basic.text("RequestTime"),
        issue_time=supervision.text("IssueTime"),
        bureau_code=supervision.text("TaxBureauCode"),
        bureau_name=supervision.text("TaxBureauName"),
        supervised_number=supervision.text("InvoiceNumber"),
        remark=additional.text("Remark"),
        specific=specific,
        other_specific=others,
        transactions=tuple(_read_transactions(additional)),
        taxpayer_type=labels.child("TaxpayerType").text("LabelCode"),
        labels=tuple(_read_labels(header.child("UndefinedLabel"))),
        authentication=root.child("SellerAuthentication").text("AuthenticationMethods"),
        platform_number=(root.text("ptbh")),
        signature=_read_signature(root),
        worked_out=tuple(worked_out),
    )


def _read_number(root: Node, header: Node, supervision: Node) -> str:
    number = header.text("EIid") or supervision.text("InvoiceNumber")
    if not number:
        raise root.missing("Header/EIid")
    if not (len(number) == 20 and number.isascii() and number.isdigit()):
        holder = header if header.text("EIid") else supervision
        name = "EIid" if holder is header else "InvoiceNumber"
        raise holder.bad_number(name, "20 位数字的发票号码", "an invoice number of 20 digits")
    return number


def _read_kind(labels: Node) -> str:
    """Kind 82 unless the file says 专用: files of ride-hailing platforms leave the label empty."""
    label = labels.child("GeneralOrSpecialVAT")
    is_special = label.text("LabelCode") in ("01", "1") or "专用" in label.text("LabelName")
    return "81" if is_special else "82"


def _is_red(labels: Node, basic: Node, specific: tuple[SpecificElement, ...]) -> bool:
    code = labels.child("InIssuType").text("LabelCode").upper()
    if code in ("Y", "N"):
        return code == "N"
    gross = basic.fen("TotalTax-includedAmount")
    return (gross is not None and gross < 0) or any(isinstance(one, RedReference) for one in specific)


def _read_party(node: Node, side: str) -> Party:
    name = node.text(f"{side}Name")
    return Party(
        name=name,
        tax_id=node.text(f"{side}IdNum"),
        address=node.text(f"{side}Addr"),
        phone=node.text(f"{side}TelNum"),
        bank_name=node.text(f"{side}BankName"),
        bank_account=node.text(f"{side}BankAccNum"),
        is_person=name.endswith(PERSON_MARK),
    )


def _read_totals(basic: Node, lines: tuple[Line, ...], worked_out: list[str]) -> tuple[int, int, int]:
    amount, tax = basic.fen("TotalAmWithoutTax"), basic.fen("TotalTaxAm")
    gross = basic.fen("TotalTax-includedAmount")
    if amount is None:
        worked_out.append("TotalAmWithoutTax")
        amount = sum(one.amount_fen for one in lines)
    if tax is None:
        worked_out.append("TotalTaxAm")
        tax = sum(one.tax_fen for one in lines)
    if gross is None:
        worked_out.append("TotalTax-includedAmount")
        gross = amount + tax
    return amount, tax, gross


def _read_lines(data: Node, *, is_red: bool) -> tuple[Line, ...]:
    nodes = data.all("IssuItemInformation")
    if not nodes:
        raise data.missing("IssuItemInformation")
    if len(nodes) > LINES_MAX:
        raise TooManyLinesInXml(count=len(nodes), limit=LINES_MAX)
    return with_discounts([_read_line(node, at) for at, node in enumerate(nodes, start=1)], is_red=is_red)


def _read_line(node: Node, number: int) -> Line:
    short_name, name = split_name(node.needed("ItemName"))
    rate, preference = _read_rate(node)
    amount = node.fen("Amount")
    if amount is None:
        raise node.missing("Amount")
    gross = node.fen("TotaltaxIncludedAmount")
    tax = None if node.text("ComTaxAm") == NO_VALUE else node.fen("ComTaxAm")
    if tax is None:
        tax = gross - amount if gross is not None else 0
    for name_of_number in ("Quantity", "UnPrice"):
        node.decimal(name_of_number)
    return Line(
        number=number,
        name=name,
        short_name=short_name,
        tax_code=node.text("TaxClassificationCode"),
        specification=node.text("SpecMod"),
        unit=node.text("MeaUnits"),
        quantity=node.text("Quantity"),
        unit_price=node.text("UnPrice"),
        amount_fen=amount,
        rate=rate,
        tax_fen=tax,
        gross_fen=gross if gross is not None else amount + tax,
        preference=preference,
    )


def _read_rate(node: Node) -> tuple[str, str]:
    text = node.text("TaxRate")
    if text in _SHOWN_RATES:
        return "0", _SHOWN_RATES[text]
    if text == DIFFERENCE_RATE:
        return DIFFERENCE_RATE, ""
    if text.endswith("%"):
        return _percent(node, text[:-1]), ""
    number = node.decimal("TaxRate")
    if number is None:
        return "0", ""
    if not 0 <= number < 1:
        raise node.bad_number("TaxRate", "零到一之间的税率", "a rate from zero to one")
    return plain_decimal(number), ""


def _percent(node: Node, digits: str) -> str:
    if not digits.replace(".", "", 1).isdecimal() or not 0 <= Decimal(digits) < 100:
        raise node.bad_number("TaxRate", "税率", "a rate")
    return plain_decimal(Decimal(digits) / 100)


def split_name(full_name: str) -> tuple[str, str]:
    """Split ``*short name*name`` as printed into its two parts; a name without stars has no short name."""
    if full_name.startswith("*"):
        short_name, star, name = full_name[1:].partition("*")
        if star and short_name and name:
            return short_name, name
    return "", full_name


def with_discounts(lines: list[Line], *, is_red: bool) -> tuple[Line, ...]:
    """Mark each discount (01) and the line before it (02) by sign and missing quantity."""
    sign = -1 if is_red else 1
    for at in range(1, len(lines)):
        before, line = lines[at - 1], lines[at]
        is_discount = line.amount_fen * sign < 0 and not line.quantity
        if is_discount and before.nature == "00" and before.amount_fen * sign > 0:
            lines[at - 1] = msgspec.structs.replace(before, nature="02")
            lines[at] = msgspec.structs.replace(line, nature="01")
    return tuple(lines)


def _read_all_specific(data: Node) -> tuple[tuple[SpecificElement, ...], tuple[OtherElement, ...]]:
    known: tuple[SpecificElement, ...] = ()
    others: tuple[OtherElement, ...] = ()
    for node in data.all("SpecificInformation"):
        more, more_others = read_specific(node.element)
        known, others = known + more, others + more_others
    return known, others


def _read_labels(node: Node) -> Iterator[Label]:
    for one in node.all("Label"):
        label = Label(type=one.text("LabelType"), code=one.text("LabelCode"), name=one.text("LabelName"))
        if label != Label():
            yield label


def _read_transactions(additional: Node) -> Iterator[Transaction]:
    for holder in additional.all("Transaction"):
        for one in holder.all("TransactionRecord"):
            found = Transaction(channel=one.text("PaymentChannel"), number=one.text("TransactionNumber"))
            if found != Transaction():
                yield found


def _read_signature(root: Node) -> DeliveredSignature | None:
    node = root.find("TaxBureauSignature")
    if node is None:
        return None
    reference = node.child("Reference").element
    return DeliveredSignature(
        signed_at=node.text("SignatureTime"),
        value_b64=node.text("SignatureValue"),
        algorithm=node.text("SignatureAlgorithm"),
        format=node.text("SignatureFormat"),
        key_info=node.text("KeyInfo"),
        reference=reference.get("URI", ""),
    )
