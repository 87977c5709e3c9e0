"""
Hold the books beside the invoices against them: first answers, numbers, limit entries, sums.

Each question is one statement of the database, or one for each block of numbers; what it finds is named. The memory of
each is bounded by the database's own (`work_mem`), not by the number of invoices.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from goldentax.invoicing.models import Desk, Invoice, LimitEntry, NumberBlock
from goldentax.invoicing.queries.auditing.findings import FINDINGS_MAX, Findings
from goldentax.invoicing.queries.auditing.trees import Sums
from goldentax.invoicing.rules import heads, numbers, receipts
from goldentax.kernel.crypto import sm
from goldentax.kernel.node import this_node

_WITHOUT_ANSWER = """
SELECT i.desk, i.number FROM invoicing_invoice i
LEFT JOIN invoicing_first_answer f ON f.seller_tax_id = i.seller_tax_id AND f.request_id = i.request_id
WHERE f.number IS DISTINCT FROM i.number OR f.month IS DISTINCT FROM i.month LIMIT %s
"""
_WITHOUT_INVOICE = """
SELECT f.request_id, f.number FROM invoicing_first_answer f
LEFT JOIN invoicing_invoice i ON i.number = f.number AND i.month = f.month
WHERE i.number IS NULL LIMIT %s
"""
_BY_MONTH = """
SELECT desk, month, count(*) FROM invoicing_invoice WHERE desk >= 0 GROUP BY 1, 2 ORDER BY 1, 2
"""
_ASTRAY = """
SELECT i.desk, i.number FROM invoicing_invoice i WHERE i.desk = %s AND i.month = %s AND NOT EXISTS (
    SELECT FROM invoicing_number_block b
    WHERE b.desk = i.desk AND b.month = i.month AND b.channel = substr(i.number, 5, 1)
      AND b.year %% 100 = substr(i.number, 1, 2)::int
      AND substr(i.number, 6)::bigint BETWEEN b.first AND b.next - 1) LIMIT %s
"""
_ENTRIES = """
SELECT e.id, e.desk, -e.amount_fen, s.sum FROM invoicing_limit_entry e
JOIN invoicing_limit_account a ON a.id = e.account_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(i.amount_fen), 0)::bigint AS sum, count(*) AS count FROM invoicing_invoice i
    WHERE i.desk = e.desk AND i.leaf >= e.leaf_from AND i.leaf < e.leaf_from + e.leaf_count
      AND i.seller_tax_id = a.tax_id AND i.month = a.period::int) s
WHERE e.movement = 'charge' AND e.leaf_from IS NOT NULL
  AND (s.sum <> -e.amount_fen OR s.count <> e.leaf_count) LIMIT %s
"""
_BY_DAY = """
SELECT issue_date, kind, count(*), sum(amount_fen)::bigint, sum(tax_fen)::bigint, sum(gross_fen)::bigint
FROM invoicing_invoice WHERE desk >= 0 GROUP BY 1, 2
"""
_UNKNOWN_DESK = """
SELECT i.desk, i.number FROM invoicing_invoice i
WHERE i.desk >= 0 AND NOT EXISTS (SELECT FROM invoicing_desk d WHERE d.id = i.desk) LIMIT %s
"""


def _rows(statement: str, *values: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, FINDINGS_MAX])
        return list(cursor.fetchall())


def _all(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _log(desk: int) -> str:
    return heads.log_of(node=this_node().code, desk=desk) if desk >= 0 else ""


def check_answers(found: Findings) -> None:
    """Every invoice is the first answer to its request, and every first answer is an invoice."""
    for desk, number in _rows(_WITHOUT_ANSWER):
        found.add("answer_differs", log=_log(desk), number=number)
    for request, number in _rows(_WITHOUT_INVOICE):
        found.add("answer_extra", log="", request=request, number=number)


def check_numbers(found: Findings) -> None:
    """As many invoices stand in each block of numbers as were taken from it, and none beside the blocks."""
    in_blocks: Counter[tuple[int, int]] = Counter()
    for block in NumberBlock.objects.filter(desk__gte=0).order_by("pk").iterator():
        in_blocks[block.desk, block.month] += _check_block(block, found)
    for desk, month, count in _all(_BY_MONTH):
        # Only where some stand beside the blocks are they looked for: that question costs invoices times blocks.
        if count != in_blocks[desk, month]:
            for _, number in _rows(_ASTRAY, desk, month):
                found.add("number_astray", log=_log(desk), number=number)
    for desk, number in _rows(_UNKNOWN_DESK):
        found.add("invoice_extra", log=_log(desk), number=number)


def _check_block(block: NumberBlock, found: Findings) -> int:
    """Hold one block against its invoices; how many there are."""
    used = block.next - block.first
    if not used:
        return 0
    first, last = (
        numbers.compose_number(
            year=block.year, province=this_node().code, channel=block.channel, sequence=one
        )
        for one in (block.first, block.next - 1)
    )
    count = Invoice.objects.filter(
        month=block.month, number__gte=first, number__lte=last, desk=block.desk
    ).count()
    if count != used:
        found.add("block_differs", log=_log(block.desk), first=first, last=last, used=used, found=count)
    return count


def check_limits(found: Findings) -> None:
    """Every charge is the sum of its invoices, and every blue invoice of a log stands under an entry."""
    for entry, desk, said, expected in _rows(_ENTRIES):
        found.add("entry_differs", log=_log(desk), entry=entry, expected=expected, found=said)
    for desk, start, end in _uncovered():
        blue = Invoice.objects.filter(desk=desk, leaf__gte=start, leaf__lt=end, is_red=False)
        for number in blue.order_by("leaf").values_list("number", flat=True)[:FINDINGS_MAX]:
            found.add("entry_missing", log=_log(desk), number=number)


def _uncovered() -> Iterator[tuple[int, int, int]]:
    """The leaves of each desk that no entry covers, as [from, to); entries are read once, in order."""
    sizes = dict(Desk.objects.filter(pk__gte=0).values_list("pk", "tree_size"))
    reached = dict.fromkeys(sizes, 0)
    entries = LimitEntry.objects.filter(desk__gte=0, leaf_from__isnull=False).order_by("desk", "leaf_from")
    for entry in entries.only("desk", "leaf_from", "leaf_count").iterator(chunk_size=2000):
        desk, start, count = int(entry.desk or 0), int(entry.leaf_from or 0), entry.leaf_count
        if start > reached.get(desk, 0):
            yield desk, reached.get(desk, 0), start
        reached[desk] = max(reached.get(desk, 0), start + count)
    for desk, size in sizes.items():
        if size > reached[desk]:
            yield desk, reached[desk], size


def check_sums(sums: Sums, found: Findings) -> None:
    """The statistics, summed by the database, equal the sums over the documents."""
    stored = {(day, kind): [int(one) for one in values] for day, kind, *values in _all(_BY_DAY)}
    for day, kind in sorted(stored.keys() | sums.by_day.keys()):
        if stored.get((day, kind)) != sums.by_day.get((day, kind)):
            found.add("sums_differ", log="", day=day, invoice_kind=kind)


def check_plain(keys: Iterable[str], found: Findings) -> int:
    """Invoices from before the logs: each against its own signed receipt; how many there were."""
    known = {heads.key_id_of(one): one for one in keys}
    rows = Invoice.objects.filter(desk=-1).order_by("leaf").values_list("number", "document", "receipt")
    count = 0
    for number, document, kept in rows.iterator(chunk_size=1000):
        count += 1
        if not _is_plain_right(bytes(document), bytes(kept or b""), known):
            found.add("receipt_wrong", log="", number=number)
    return count


def _is_plain_right(document: bytes, kept: bytes, keys: dict[str, str]) -> bool:
    try:
        receipt = receipts.decode(kept)
    except ValueError:
        return False
    if sm.sm3(document).hex() != receipt.document_hash or receipt.key_id not in keys:
        return False
    return not receipts.verify_receipt(receipt, document=document, public_key=keys[receipt.key_id])
