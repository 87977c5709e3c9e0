"""
Verification of an invoice (查验): do the fields on a face agree with what was issued? (FACTS §4.5)

For kinds 81 and 82 the amount asked for is the total including tax (价税合计).
"""

from datetime import date
from enum import StrEnum

import msgspec

from goldentax.invoicing import errors
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.kernel.text import Text
from goldentax.kernel.values.money import BadAmount, fen_from_yuan


class Result(StrEnum):
    """The outcome in the codes of the official interface."""

    MATCH = "00"
    NOT_FOUND = "02"
    MISMATCH = "03"


class VerifyQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a reader copies from a face."""

    number: str
    issue_date: str  # yyyy-MM-dd or yyyyMMdd
    gross: str  # 价税合计, yuan
    kind: str = ""  # checked if given


class Question(msgspec.Struct, frozen=True):
    """The query, understood."""

    number: str
    issue_date: date
    gross_fen: int
    kind: str


def understand(query: VerifyQuery) -> Question:
    """
    Read the fields.

    :raises goldentax.invoicing.errors.BadVerifyQuery: if one is malformed.
    """
    number = query.number.strip()
    if len(number) != 20 or not (number.isascii() and number.isdigit()):
        raise errors.BadVerifyQuery("number", label=Text("发票号码", "invoice number"))
    try:
        day = date.fromisoformat(query.issue_date.strip())
    except ValueError:
        raise errors.BadVerifyQuery("issue_date", label=Text("开票日期", "date of issue")) from None
    try:
        gross_fen = fen_from_yuan(query.gross.replace("¥", "").replace("￥", ""))
    except BadAmount:
        raise errors.BadVerifyQuery("gross", label=Text("价税合计", "total including tax")) from None
    if query.kind not in ("", "81", "82", "31", "32"):
        raise errors.BadVerifyQuery("kind", label=Text("票种", "kind"))
    return Question(number, day, gross_fen, {"31": "81", "32": "82"}.get(query.kind, query.kind))


def judge(question: Question, document: InvoiceDocument | None) -> Result:
    """Hold the question against the document; which field differs is not told, so nobody can guess it."""
    if document is None:
        return Result.NOT_FOUND
    agrees = (
        document.issue_date == question.issue_date
        and document.gross_fen == question.gross_fen
        and question.kind in ("", document.kind)
    )
    return Result.MATCH if agrees else Result.MISMATCH


def query_from_qr(payload: str) -> VerifyQuery | None:
    """Read the text of the QR code on a face (FACTS §1.1); None if it is not one of ours."""
    parts = payload.strip().split(",")
    if len(parts) < 7 or parts[0] != "01":
        return None
    return VerifyQuery(kind=parts[1], number=parts[3], gross=parts[4], issue_date=parts[5])
