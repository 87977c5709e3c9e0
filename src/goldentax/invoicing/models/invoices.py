"""Issued invoices, kept by month, and what is found by: the first answer to a request, and the words of an invoice."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper


class Invoice(models.Model):
    """
    One issued invoice (发票): the document in whole, and what it is listed by.

    The table is cut by month (`invoicing_invoice_yyyymm`), made ahead by a job; the number leads to the month through
    the block it was taken from. Rows are added, never changed.
    """

    number = models.CharField(max_length=20, primary_key=True)  # with the month, in the database
    month = models.IntegerField()  # yyyymm of the issue date
    desk = models.SmallIntegerField()  # whose log it stands in; -1 for those from before the logs
    leaf = models.BigIntegerField()  # its place in that log, from 0
    kind = models.CharField(max_length=2)
    is_red = models.BooleanField(default=False)
    seller_tax_id = models.CharField(max_length=20)
    buyer_tax_id = models.CharField(max_length=20, blank=True)
    buyer_name = models.CharField(max_length=300)
    goods = models.CharField(max_length=300)  # the first line's full name
    line_count = models.PositiveSmallIntegerField()
    amount_fen = models.BigIntegerField()
    tax_fen = models.BigIntegerField()
    gross_fen = models.BigIntegerField()
    issued_at = models.DateTimeField()
    issue_date = models.DateField()
    drawer = models.CharField(max_length=300)
    channel = models.CharField(max_length=8)
    actor = models.CharField(max_length=120)  # who issued it: the label of the audit trail
    request_id = models.CharField(max_length=64)
    document = models.BinaryField()
    document_hash = models.BinaryField(max_length=32)  # SM3 of the document: the leaf of the log
    receipt = models.BinaryField(null=True)  # only of those from before the logs

    class Meta:
        db_table = "invoicing_invoice"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(gross_fen=models.F("amount_fen") + models.F("tax_fen")),
                name="invoice_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["seller_tax_id", "-issued_at", "-number"], name="invoice_by_seller"),
            models.Index(fields=["buyer_tax_id", "-issued_at", "-number"], name="invoice_by_buyer"),
            models.Index(fields=["desk", "leaf"], name="invoice_by_leaf"),
        ]


class FirstAnswer(models.Model):
    """Which invoice a request of a seller became: the same request is answered by it for ever."""

    pk = models.CompositePrimaryKey("seller_tax_id", "request_id")
    seller_tax_id = models.CharField(max_length=20)
    request_id = models.CharField(max_length=64)
    request_hash = models.BinaryField(max_length=32)  # SM3 of the draft
    number = models.CharField(max_length=20)
    month = models.IntegerField()

    class Meta:
        db_table = "invoicing_first_answer"


class SearchText(models.Model):
    """The words by which an invoice is found (number, buyer, goods); written with it or within seconds after it."""

    number = models.CharField(max_length=20, primary_key=True)
    month = models.IntegerField()
    seller_tax_id = models.CharField(max_length=20)
    text = models.TextField()

    class Meta:
        db_table = "invoicing_search_text"
        indexes = [GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="invoice_search")]


class LogFollower(models.Model):
    """How far something that follows the logs of the desks has come: the search words, say."""

    pk = models.CompositePrimaryKey("name", "desk")
    name = models.CharField(max_length=40)
    desk = models.SmallIntegerField()
    position = models.BigIntegerField(default=0)  # leaves below it are done

    class Meta:
        db_table = "invoicing_log_follower"
