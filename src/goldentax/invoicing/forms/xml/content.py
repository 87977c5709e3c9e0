"""
What a delivered invoice *says*, apart from who numbered, dated and signed it: for comparison, and to issue
it again.
"""

from decimal import Decimal
from typing import Any

import msgspec

from goldentax.invoicing.forms.xml.delivered import DeliveredInvoice
from goldentax.invoicing.rules.documents import Line, Party
from goldentax.invoicing.rules.drafts import InvoiceDraft, LineDraft, PartyDraft, RedReference
from goldentax.kernel.values.money import yuan


def business_fields(delivered: DeliveredInvoice) -> dict[str, Any]:
    """
    Gather everything a reader would call the content of the invoice, as plain values to compare.

    Left out on purpose: number, moments, version, labels, bureau, signature, and the amount in words, which
    is the figure again and is written 元 by some and 圆 by others.
    """
    return {
        "kind": delivered.kind,
        "is_red": delivered.is_red,
        "seller": msgspec.to_builtins(delivered.seller),
        "buyer": msgspec.to_builtins(delivered.buyer),
        "buyer_handler": delivered.buyer_handler,
        "lines": [_line_fields(line) for line in delivered.lines],
        "total_amount": yuan(delivered.amount_fen),
        "total_tax": yuan(delivered.tax_fen),
        "total_gross": yuan(delivered.gross_fen),
        "remark": delivered.remark,
        "drawer": delivered.drawer,
        "payee": delivered.payee,
        "reviewer": delivered.reviewer,
        "specific": msgspec.to_builtins(delivered.specific),
        "other_specific": msgspec.to_builtins(delivered.other_specific),
        "transactions": msgspec.to_builtins(delivered.transactions),
    }


def _line_fields(line: Line) -> dict[str, str]:
    return {
        "name": line.full_name,
        "tax_code": line.tax_code,
        "specification": line.specification,
        "unit": line.unit,
        "quantity": _number(line.quantity),
        "unit_price": _number(line.unit_price),
        "amount": yuan(line.amount_fen),
        "rate": line.rate,
        "tax": yuan(line.tax_fen),
        "gross": yuan(line.gross_fen),
        "preference": line.preference,
        "nature": line.nature,
    }


def _number(text: str) -> str:
    # 1.50 and 1.5 are one quantity; how many zeros a file writes is not content.
    return format(Decimal(text).normalize(), "f") if text else ""


def to_draft(delivered: DeliveredInvoice, *, request_id: str) -> InvoiceDraft:
    """
    Make the draft that would issue this invoice again; every figure is given, so the rules check each of
    them.

    Quantities and prices keep the very digits of the file. The remark is taken as a whole: it already holds
    payee, reviewer, addresses and banks in the order of the face.
    """
    return InvoiceDraft(
        request_id=request_id,
        kind=delivered.kind,
        seller_tax_id=delivered.seller.tax_id,
        buyer=_party_draft(delivered.buyer),
        lines=tuple(_line_draft(line) for line in delivered.lines),
        remark=_free_remark(delivered),
        payee=delivered.payee,
        reviewer=delivered.reviewer,
        drawer=delivered.drawer,
        total_amount=Decimal(yuan(delivered.amount_fen)),
        total_tax=Decimal(yuan(delivered.tax_fen)),
        total_gross=Decimal(yuan(delivered.gross_fen)),
        specific=delivered.specific,
    )


def _party_draft(party: Party) -> PartyDraft:
    return PartyDraft(
        name=party.name,
        tax_id=party.tax_id,
        address=party.address,
        phone=party.phone,
        bank_name=party.bank_name,
        bank_account=party.bank_account,
        is_person=party.is_person,
    )


def _line_draft(line: Line) -> LineDraft:
    return LineDraft(
        name=line.name,
        short_name=line.short_name,
        tax_code=line.tax_code,
        rate=line.rate,
        specification=line.specification,
        unit=line.unit,
        quantity=Decimal(line.quantity) if line.quantity else None,
        unit_price=Decimal(line.unit_price) if line.unit_price else None,
        amount=Decimal(yuan(line.amount_fen)),
        tax=Decimal(yuan(line.tax_fen)),
        preference=line.preference,
        is_discount=line.nature == "01",
    )


def _free_remark(delivered: DeliveredInvoice) -> str:
    """Take off the first part of a red remark: the face puts it together from the red reference again."""
    remark = delivered.remark
    for one in delivered.specific:
        if isinstance(one, RedReference):
            made = (
                f"被红冲蓝字数电票号码：{one.original_number} "
                f"红字发票信息确认单编号：{one.confirmation_number}"
            )
            remark = remark.removeprefix(made).lstrip("\n ")
    return remark
