"""Measure what is usual among colleagues, so that each look need not ask everybody's hours."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from goldentax.oversight import store
from goldentax.oversight.models import PeerMeasure

MEASURED_OVER = timedelta(days=28)
"""Four whole weeks: every weekday counts the same."""
MEASURED_EVERY = timedelta(hours=6)
KEPT = timedelta(days=400)


@transaction.atomic
def measure_peers(*, now: datetime) -> int:
    """Measure the median look-hour of everybody, unless it was measured lately; how many measures were made."""
    newest = PeerMeasure.objects.order_by("-at").first()
    if newest and newest.at > now - MEASURED_EVERY:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(store.sql("measure_peers"), {"since": now - MEASURED_OVER, "at": now})
        people, hours, middle, spread = cursor.fetchone()
    PeerMeasure.objects.filter(at__lt=now - KEPT).delete()
    _, is_new = PeerMeasure.objects.get_or_create(
        at=now,
        defaults={
            "people": people,
            "hours": hours,
            "median": Decimal(str(middle or 0)),
            "spread": Decimal(str(spread or 0)),
        },
    )
    return int(is_new)
