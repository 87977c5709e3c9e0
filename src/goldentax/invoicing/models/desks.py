"""Desks (开票台): who writes invoices, from which numbers, and under which heads of their log."""

from django.db import models


class Desk(models.Model):
    """
    One writer of invoices, with its numbers and its log.

    Desk 0 serves plain transactions, one after another, under a lock of its row. The others are each held by one web
    worker at a time, which fences itself by the size of the log: who has lost the desk changes no row.
    """

    id = models.SmallIntegerField(primary_key=True)
    tree_size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(
        default=bytes
    )  # roots of the complete subtrees, the largest first, 32 bytes each
    head_hash = models.BinaryField(default=bytes)  # of the newest head, b"" before the first
    last_at = models.DateTimeField(null=True)  # no later invoice is dated before it, whatever the clock says

    class Meta:
        db_table = "invoicing_desk"


class NumberSeries(models.Model):
    """The next number of one year and channel on this node; desks take blocks from it."""

    year = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=1)
    next_sequence = models.BigIntegerField(default=1)

    class Meta:
        db_table = "invoicing_number_series"
        constraints = [models.UniqueConstraint(fields=["year", "channel"], name="number_series_one")]


class NumberBlock(models.Model):
    """A stretch of a series that one desk issues from in one month; it tells the month of a number."""

    desk = models.SmallIntegerField()
    year = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=1)
    month = models.IntegerField()  # yyyymm
    first = models.BigIntegerField()
    last = models.BigIntegerField()  # included
    next = models.BigIntegerField()  # last + 1 when it is used up

    class Meta:
        db_table = "invoicing_number_block"
        constraints = [
            models.UniqueConstraint(fields=["year", "channel", "first"], name="number_block_one"),
            models.CheckConstraint(
                condition=models.Q(next__gte=models.F("first")) & models.Q(next__lte=models.F("last") + 1),
                name="number_block_within",
            ),
        ]
        indexes = [
            models.Index(fields=["desk", "month", "channel"], name="number_block_by_desk"),
        ]


class TreeHead(models.Model):
    """A signed head of a desk's log, one for each batch: what the log held after it, and the signature over that."""

    desk = models.SmallIntegerField()
    tree_size = models.BigIntegerField()
    count = models.IntegerField()  # leaves of this batch, the last of the tree
    at = models.DateTimeField()  # to the millisecond
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(default=bytes)  # hash of the head before, b"" for the first
    frontier = models.BinaryField(
        default=bytes
    )  # before this batch: with the leaves it gives back every receipt
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField()

    class Meta:
        db_table = "invoicing_tree_head"
        constraints = [
            models.UniqueConstraint(fields=["desk", "tree_size"], name="tree_head_one"),
            models.CheckConstraint(condition=models.Q(count__gt=0), name="tree_head_adds"),
        ]
