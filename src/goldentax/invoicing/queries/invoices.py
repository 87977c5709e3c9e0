"""Find and list issued invoices of the taxpayer acted for (查询统计)."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from goldentax.invoicing import errors
from goldentax.invoicing.models import Invoice, SearchText
from goldentax.invoicing.queries.places import by_number
from goldentax.invoicing.queries.receipts import receipt_of_row
from goldentax.invoicing.rules import documents
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.invoicing.rules.numbers import read_number
from goldentax.invoicing.rules.receipts import AnyReceipt
from goldentax.kernel.access import Actor
from goldentax.kernel.values.money import BadAmount, fen_from_yuan

PAGE_SIZE_MAX = 200
COUNT_MAX = 10_000
"""Counting stops here and says "more": an exact count of a large box reads every row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """What to look for; empty conditions do not bind."""

    text: str = ""  # number, buyer, goods
    kind: str = ""
    from_: date | None = None
    to: date | None = None  # the last day, included: as people say it
    gross_fen_min: int | None = None
    gross_fen_max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """One line of a list."""

    number: str
    kind: str
    is_red: bool
    buyer_name: str
    buyer_tax_id: str
    goods: str
    line_count: int
    amount_fen: int
    tax_fen: int
    gross_fen: int
    issued_at: datetime
    drawer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePage:
    """One page of a list, and where the next begins."""

    rows: tuple[InvoiceRow, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Sums over everything that a filter finds."""

    count: int
    amount_fen: int
    tax_fen: int
    gross_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSum:
    """Sums of the lines at one rate."""

    rate: str
    preference: str
    line_count: int
    amount_fen: int
    tax_fen: int


def read_filter(fields: dict[str, str]) -> InvoiceFilter:
    """
    Read the conditions of a URL: q, kind, from, to, min, max.

    :raises goldentax.invoicing.errors.BadFilter: if one cannot be read.
    """
    kind = fields.get("kind", "")
    if kind not in ("", "81", "82"):
        raise errors.BadFilter("kind", name="kind", value=kind[:40])
    return InvoiceFilter(
        text=fields.get("q", "").strip()[:100].replace("\0", ""),
        kind=kind,
        from_=_day(fields, "from"),
        to=_day(fields, "to"),
        gross_fen_min=_amount(fields, "min"),
        gross_fen_max=_amount(fields, "max"),
    )


def _day(fields: dict[str, str], name: str) -> date | None:
    text = fields.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise errors.BadFilter(name, name=name, value=text[:40]) from None


def _amount(fields: dict[str, str], name: str) -> int | None:
    text = fields.get(name, "").strip()
    try:
        return fen_from_yuan(text) if text else None
    except BadAmount:
        raise errors.BadFilter(name, name=name, value=text[:40]) from None


def get_invoice(*, number: str, actor: Actor) -> InvoiceDocument:
    """
    Read one's own invoice.

    :raises goldentax.invoicing.errors.InvoiceNotFound: if there is none of the taxpayer acted for; another's invoice
        and none at all look the same.
    """
    return documents.decode(bytes(get_row(number=number, actor=actor).document))


def get_receipt(*, number: str, actor: Actor) -> AnyReceipt:
    """
    Read the receipt of an invoice that one sold or bought by.

    :raises goldentax.invoicing.errors.InvoiceNotFound: as :func:`get_invoice`.
    """
    return receipt_of_row(_party_row(number, actor))


def get_document_bytes(*, number: str, actor: Actor) -> bytes:
    """
    Read the canonical bytes of an invoice that one sold or bought by: those that its receipt names by their hash.

    :raises goldentax.invoicing.errors.InvoiceNotFound: as :func:`get_invoice`.
    """
    return bytes(_party_row(number, actor).document)


def _party_row(number: str, actor: Actor) -> Invoice:
    found = None
    if actor.taxpayer_id:
        is_party = Q(seller_tax_id=actor.taxpayer_id) | Q(buyer_tax_id=actor.taxpayer_id)
        found = by_number(number).filter(is_party).first()
    if found is None:
        raise errors.InvoiceNotFound("number", number=number[:40])
    return found


def get_row(*, number: str, actor: Actor) -> Invoice:
    """
    The row of one's own invoice.

    :raises goldentax.invoicing.errors.InvoiceNotFound: as :func:`get_invoice`.
    """
    found = None
    if actor.taxpayer_id:
        found = by_number(number).filter(seller_tax_id=actor.taxpayer_id).first()
    if found is None:
        raise errors.InvoiceNotFound("number", number=number[:40])
    return found


def list_invoices(
    *, actor: Actor, filter_: InvoiceFilter, cursor: str = "", page_size: int = 50
) -> InvoicePage:
    """
    List the newest first, from a cursor on.

    :raises goldentax.invoicing.errors.BadFilter: if the cursor is not one this function gave.
    """
    page_size = max(1, min(page_size, PAGE_SIZE_MAX))
    found = _matching(actor, filter_).order_by("-issued_at", "-number")
    if cursor:
        at, number = _read_cursor(cursor)
        found = found.filter(Q(issued_at__lt=at) | Q(issued_at=at, number__lt=number), issued_at__lte=at)
    rows = [_row(one) for one in found.defer("document", "receipt")[: page_size + 1]]
    next_cursor = _cursor(rows[page_size - 1]) if len(rows) > page_size else ""
    return InvoicePage(rows=tuple(rows[:page_size]), next_cursor=next_cursor)


def count_invoices(*, actor: Actor, filter_: InvoiceFilter) -> int:
    """Count what a filter finds, up to :data:`COUNT_MAX` + 1, which means "more"."""
    return _matching(actor, filter_).order_by()[: COUNT_MAX + 1].count()


def summarise_invoices(*, actor: Actor, filter_: InvoiceFilter) -> Summary:
    """Add up everything a filter finds."""
    sums = _matching(actor, filter_).aggregate(
        count=Count("number"), amount=Sum("amount_fen"), tax=Sum("tax_fen"), gross=Sum("gross_fen")
    )
    return Summary(
        count=sums["count"],
        amount_fen=int(sums["amount"] or 0),
        tax_fen=int(sums["tax"] or 0),
        gross_fen=int(sums["gross"] or 0),
    )


def summarise_by_month(*, actor: Actor, filter_: InvoiceFilter) -> list[tuple[str, Summary]]:
    """Add up by month (yyyy-mm), the oldest first."""
    rows = (
        _matching(actor, filter_)
        .values("issue_date__year", "issue_date__month")
        .annotate(count=Count("number"), amount=Sum("amount_fen"), tax=Sum("tax_fen"), gross=Sum("gross_fen"))
        .order_by("issue_date__year", "issue_date__month")
    )
    return [
        (
            f"{row['issue_date__year']}-{row['issue_date__month']:02d}",
            Summary(
                count=row["count"],
                amount_fen=int(row["amount"]),
                tax_fen=int(row["tax"]),
                gross_fen=int(row["gross"]),
            ),
        )
        for row in rows
    ]


_BY_RATE = """
SELECT line->>'rate', coalesce(line->>'preference', ''), count(*),
       sum((line->>'amount_fen')::bigint), sum((line->>'tax_fen')::bigint)
FROM invoicing_invoice,
     jsonb_array_elements(convert_from(document, 'UTF8')::jsonb->'lines') AS line
WHERE seller_tax_id = %s AND issue_date >= %s AND issue_date <= %s AND month BETWEEN %s AND %s
GROUP BY 1, 2 ORDER BY 1 DESC, 2
"""


def summarise_by_rate(*, actor: Actor, from_: date, to: date) -> list[RateSum]:
    """Add up the lines by rate, from day to day, both included."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_RATE, [actor.taxpayer_id, from_, to, _month_of(from_), _month_of(to)])
        return [
            RateSum(rate=rate, preference=mark, line_count=count, amount_fen=int(amount), tax_fen=int(tax))
            for rate, mark, count, amount, tax in cursor.fetchall()
        ]


def iterate_documents(*, actor: Actor, filter_: InvoiceFilter) -> Iterator[InvoiceDocument]:
    """Walk whole documents, newest first, a few at a time in memory."""
    found = _matching(actor, filter_).order_by("-issued_at", "-number").only("document")
    for row in found.iterator(chunk_size=200):
        yield documents.decode(bytes(row.document))


def _matching(actor: Actor, filter_: InvoiceFilter) -> QuerySet[Invoice]:
    found = Invoice.objects.filter(seller_tax_id=actor.taxpayer_id)
    if read_number(filter_.text):
        found = by_number(filter_.text).filter(seller_tax_id=actor.taxpayer_id)
    elif filter_.text:
        words = SearchText.objects.filter(number=OuterRef("number"), text__icontains=filter_.text)
        found = found.filter(Exists(words.filter(seller_tax_id=actor.taxpayer_id)))
    if filter_.kind:
        found = found.filter(kind=filter_.kind)
    if filter_.from_:
        found = found.filter(issue_date__gte=filter_.from_, month__gte=_month_of(filter_.from_))
    if filter_.to:
        found = found.filter(issue_date__lte=filter_.to, month__lte=_month_of(filter_.to))
    if filter_.gross_fen_min is not None:
        found = found.filter(gross_fen__gte=filter_.gross_fen_min)
    if filter_.gross_fen_max is not None:
        found = found.filter(gross_fen__lte=filter_.gross_fen_max)
    return found


def _month_of(day: date) -> int:
    """The month that a day's invoices are kept in: what lies outside is not looked at."""
    return day.year * 100 + day.month


def _row(one: Invoice) -> InvoiceRow:
    return InvoiceRow(
        number=one.number,
        kind=one.kind,
        is_red=one.is_red,
        buyer_name=one.buyer_name,
        buyer_tax_id=one.buyer_tax_id,
        goods=one.goods,
        line_count=one.line_count,
        amount_fen=one.amount_fen,
        tax_fen=one.tax_fen,
        gross_fen=one.gross_fen,
        issued_at=one.issued_at,
        drawer=one.drawer,
    )


def _cursor(row: InvoiceRow) -> str:
    return base64.urlsafe_b64encode(f"{row.issued_at.isoformat()}|{row.number}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        at, number = base64.urlsafe_b64decode(cursor.encode()).decode().split("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or len(number) != 20:
            raise ValueError(cursor)
    except (ValueError, binascii.Error, UnicodeError):
        raise errors.BadFilter("cursor", name="cursor", value=cursor[:40]) from None
    return moment, number
