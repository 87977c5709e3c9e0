"""What follows the logs of the desks: the words by which invoices are found, and the tables of the months to come."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from goldentax.invoicing.models import Desk, Invoice, LogFollower, SearchText
from goldentax.invoicing.rules import documents, rows

WORDS = "search-words"
REST_STEP, BUSY_STEP = 2_000, 200
"""Invoices whose words are written at once: many while the desks rest, few while they are busy, for a word costs the
store more than its invoice does."""

RESTS_AFTER = timedelta(seconds=2)

MONTHS_AHEAD = 3


def write_search_words(now: datetime) -> int:
    """
    Write the words of invoices that the desks issued since the last time; how many.

    The shared desk writes its own. An invoice is found by its number at once, by its words after this.
    """
    written = 0
    for desk in Desk.objects.filter(pk__gt=0).order_by("pk"):
        follower, _ = LogFollower.objects.get_or_create(name=WORDS, desk=desk.pk)
        if follower.position < desk.tree_size:
            is_busy = desk.last_at is not None and desk.last_at > now - RESTS_AFTER
            written += _write_words(desk, BUSY_STEP if is_busy else REST_STEP)
    return written


@transaction.atomic
def _write_words(desk: Desk, step: int) -> int:
    follower = LogFollower.objects.select_for_update().get(name=WORDS, desk=desk.pk)
    end = min(follower.position + step, desk.tree_size)
    found = Invoice.objects.filter(desk=desk.pk, leaf__gte=follower.position, leaf__lt=end)
    words = [
        SearchText(
            number=row.number,
            month=row.month,
            seller_tax_id=row.seller_tax_id,
            text=rows.search_text(documents.decode(bytes(row.document)), row.number),
        )
        for row in found.only("number", "month", "seller_tax_id", "document")
    ]
    SearchText.objects.bulk_create(words, ignore_conflicts=True)
    LogFollower.objects.filter(name=WORDS, desk=desk.pk).update(position=end)
    return len(words)


def make_months_ahead(now: datetime) -> int:
    """Make the tables of this month and the next ones, so that no desk has to wait for one; how many there must be."""
    first = now.year * 12 + now.month - 1
    months = [(one // 12) * 100 + one % 12 + 1 for one in range(first, first + MONTHS_AHEAD + 1)]
    with connection.cursor() as cursor:
        for month in months:
            cursor.execute("SELECT invoicing_add_month(%s)", [month])
    return len(months)
