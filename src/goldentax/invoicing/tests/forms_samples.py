"""Invoices for the tests of the forms: fictional parties, figures that add up, as many lines as asked for."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from goldentax.invoicing.forms import xml
from goldentax.invoicing.rules.documents import InvoiceDocument, Line, Party
from goldentax.kernel.clock import CHINA
from goldentax.kernel.values.identifiers import make_uscc
from goldentax.kernel.values.money import round_fen

SELLER = Party(
    name="广西示例科技有限公司",
    tax_id=make_uscc(prefix="91450103", organisation8="MA5KQ123"),
    address="南宁市青秀区示例大道1号",
    phone="0771-5550001",
    bank_name="示例银行南宁分行",
    bank_account="2102110009273000000",
)
BUYER = Party(
    name="桂林示例商贸有限责任公司",
    tax_id=make_uscc(prefix="91450300", organisation8="MA5N0000"),
    address="桂林市象山区示例路2号",
    phone="0773-5550002",
)
_GOODS = (
    ("电子计算机", "便携式计算机", "X1 2026", "台", "1090511010000000000"),
    ("信息技术服务", "技术咨询服务费及现场支持（含差旅）", "", "项", "3040201000000000000"),
    ("纸制品", "复印纸", "A4 80g", "箱", "1060105010000000000"),
)


def line(index: int, /, *, price: str = "100.1234567", rate: str = "0.13", **changes: Any) -> Line:
    """One line whose amount is quantity × price and whose tax is amount × rate."""
    short_name, name, specification, unit, tax_code = _GOODS[index % 3]
    amount_fen = round_fen(index * Decimal(price))
    tax_fen = round_fen(Decimal(amount_fen) / 100 * Decimal(rate))
    values: dict[str, Any] = {
        "number": index,
        "name": f"{name}{index}号",
        "short_name": short_name,
        "specification": specification,
        "unit": unit,
        "tax_code": tax_code,
        "quantity": str(index),
        "unit_price": price,
        "amount_fen": amount_fen,
        "rate": rate,
        "tax_fen": tax_fen,
        "gross_fen": amount_fen + tax_fen,
    }
    return Line(**{**values, **changes})


def document(count: int = 3, **changes: Any) -> InvoiceDocument:
    """One invoice of so many lines, its totals worked out from the lines it ends up with."""
    lines = changes.pop("lines", None) or tuple(line(number) for number in range(1, count + 1))
    amount_fen, tax_fen = sum(one.amount_fen for one in lines), sum(one.tax_fen for one in lines)
    values: dict[str, Any] = {
        "number": "26457000000000000123",
        "kind": "81",
        "issued_at": datetime(2026, 3, 9, 14, 5, 6, tzinfo=CHINA),
        "seller": SELLER,
        "buyer": BUYER,
        "lines": lines,
        "amount_fen": amount_fen,
        "tax_fen": tax_fen,
        "gross_fen": amount_fen + tax_fen,
        "remark": "合同编号：HT-2026-0309",
        "payee": "李收款",
        "reviewer": "王复核",
        "drawer": "张开票",
        "show_seller_bank": True,
        "industry": ("01", "软件和信息技术服务业"),
        "bureau_code": "14500000000",
        "bureau_name": "国家税务总局广西壮族自治区税务局",
        "node": "45",
    }
    return InvoiceDocument(**{**values, **changes})


def issued_again(delivered: xml.DeliveredInvoice) -> InvoiceDocument:
    """The document that issuing a delivered invoice's draft makes, where no rule changes a figure."""
    draft = xml.to_draft(delivered, request_id="import-0001")
    short_names = [one.short_name for one in delivered.lines]
    lines = tuple(
        Line(
            number=number,
            name=one.name,
            short_name=short_name,
            tax_code=one.tax_code,
            specification=one.specification,
            unit=one.unit,
            quantity="" if one.quantity is None else str(one.quantity),
            unit_price="" if one.unit_price is None else str(one.unit_price),
            amount_fen=_fen(one.amount),
            rate=one.rate,
            tax_fen=_fen(one.tax),
            gross_fen=_fen(one.amount) + _fen(one.tax),
            preference=one.preference,
            nature="01" if one.is_discount else "00",
        )
        for number, (one, short_name) in enumerate(zip(draft.lines, short_names, strict=True), start=1)
    )
    return document(
        number="26457000000000000999",
        kind=draft.kind,
        is_red=delivered.is_red,
        seller=delivered.seller,
        buyer=Party(
            name=draft.buyer.name,
            tax_id=draft.buyer.tax_id,
            address=draft.buyer.address,
            phone=draft.buyer.phone,
            bank_name=draft.buyer.bank_name,
            bank_account=draft.buyer.bank_account,
            is_person=draft.buyer.is_person,
        ),
        lines=lines,
        remark=draft.remark,
        payee=draft.payee,
        reviewer=draft.reviewer,
        drawer=draft.drawer,
        show_seller_bank=False,
        specific=draft.specific,
    )


def _fen(amount: Decimal | None) -> int:
    assert amount is not None
    return round_fen(amount)
