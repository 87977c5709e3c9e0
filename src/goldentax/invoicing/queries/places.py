"""Where an invoice is kept: the block that its number was taken from tells the month."""

from django.db.models import QuerySet, Subquery

from goldentax.invoicing.models import Invoice, NumberBlock
from goldentax.invoicing.rules.numbers import read_number


def by_number(number: str) -> QuerySet[Invoice]:
    """
    The invoice with a number, if there is one: two look-ups, however many months are kept.

    Another node's number, and what is no number, find nothing.
    """
    parts = read_number(number)
    if parts is None:
        return Invoice.objects.none()
    block = NumberBlock.objects.filter(
        year=parts.year, channel=parts.channel, first__lte=parts.sequence
    ).order_by("-first")
    return Invoice.objects.filter(number=number, month=Subquery(block.values("month")[:1]))
