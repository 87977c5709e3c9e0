"""
Runs the cases of ``lawbook/invoicing/*.cases.yaml`` against the rules: one line, or a whole invoice.

A case says what is given in plain texts and what is expected in fen; a refusal is expected by its code.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

import msgspec

from goldentax.invoicing.rules import issuing
from goldentax.invoicing.rules.documents import InvoiceDocument, Party
from goldentax.invoicing.rules.drafts import InvoiceDraft, PartyDraft
from goldentax.invoicing.rules.law import issuing_law
from goldentax.kernel.refusals import Refusal

_CHINA = timezone(timedelta(hours=8))
_SELLER = Party(name="销售方", tax_id="91350100M000100Y43")
_BUYER = PartyDraft(name="购买方", tax_id="91350100M000100Y43")
_PLACE = issuing.Place(node="45", bureau_code="14500000000", bureau_name="—", channel=("1", "网页开票"))


def run_line(given: dict[str, Any]) -> dict[str, Any]:
    """Work one line out; its amounts, rate text, quantity and price, or the code of the refusal."""
    found = _invoice(given, [given["line"]])
    if isinstance(found, str):
        return {"refusal": found}
    return _line(found, 0)


def run_invoice(given: dict[str, Any]) -> dict[str, Any]:
    """Work a whole invoice out: totals and lines, or the code of the refusal."""
    found = _invoice(given, given["lines"])
    if isinstance(found, str):
        return {"refusal": found}
    return {
        "amount_fen": found.amount_fen,
        "tax_fen": found.tax_fen,
        "gross_fen": found.gross_fen,
        "lines": [_line(found, index) for index in range(len(found.lines))],
    }


def _line(document: InvoiceDocument, index: int) -> dict[str, Any]:
    line = document.lines[index]
    return {**msgspec.structs.asdict(line), "rate_text": line.rate_text}


def _invoice(given: Mapping[str, Any], lines: list[dict[str, Any]]) -> InvoiceDocument | str:
    on: date = given["on"]
    totals = {name: given[name] for name in ("total_amount", "total_tax", "total_gross") if name in given}
    draft = msgspec.convert(
        {
            "request_id": "lawbook-case",
            "kind": given["kind"],
            "buyer": msgspec.to_builtins(_BUYER),
            "lines": lines,
            "prices_include_tax": given["prices_include_tax"],
            **totals,
        },
        InvoiceDraft,
    )
    try:
        return issuing.compose_invoice(
            draft=draft,
            seller=issuing.Seller(party=_SELLER, kind=given["taxpayer_kind"]),
            law=issuing_law(on),
            find_code=lambda code: issuing.CodeFacts("类别", True),
            place=_PLACE,
            number="",
            drawer="开票人",
            now=datetime(on.year, on.month, on.day, 9, tzinfo=_CHINA),
        )
    except Refusal as refusal:
        return refusal.code


RUNNERS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "invoicing.line": run_line,
    "invoicing.invoice": run_invoice,
}
