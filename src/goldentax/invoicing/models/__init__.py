"""
Tables of invoicing. Invoices and limit entries are added, never changed: a trigger in the database refuses else.

No foreign key leaves the module: sellers and buyers are kept by their taxpayer identifiers.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper


class Invoice(models.Model):
    """One issued invoice (发票): the document in whole, and what is searched by."""

    number = models.CharField(max_length=20, primary_key=True)
    public_id = models.UUIDField(unique=True)
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
    request_id = models.CharField(max_length=64)
    request_hash = models.BinaryField(max_length=32)  # SM3 of the draft
    document = models.BinaryField()
    document_hash = models.BinaryField(max_length=32)  # SM3 of the document
    receipt = models.BinaryField()  # canonical JSON, signed
    search_text = models.TextField()

    class Meta:
        db_table = "invoicing_invoice"
        constraints = [
            models.UniqueConstraint(fields=["seller_tax_id", "request_id"], name="invoice_first_answer"),
            models.CheckConstraint(
                condition=models.Q(gross_fen=models.F("amount_fen") + models.F("tax_fen")),
                name="invoice_adds_up",
            ),
            models.CheckConstraint(condition=models.Q(number__regex=r"^\d{20}$"), name="invoice_number_form"),
            models.CheckConstraint(condition=models.Q(kind__in=["81", "82"]), name="invoice_kind"),
        ]
        indexes = [
            models.Index(fields=["seller_tax_id", "-issued_at", "-number"], name="invoice_by_seller"),
            models.Index(fields=["buyer_tax_id", "-issued_at", "-number"], name="invoice_by_buyer"),
            GinIndex(OpClass(Upper("search_text"), name="gin_trgm_ops"), name="invoice_search"),
        ]


class LimitGrant(models.Model):
    """A grant of a monthly total limit (总授信额度): how much a month, valid in [from, to)."""

    tax_id = models.CharField(max_length=20)
    monthly_fen = models.BigIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # None: until changed
    basis = models.CharField(max_length=200)
    request_id = models.CharField(max_length=64)
    granted_at = models.DateTimeField()

    class Meta:
        db_table = "invoicing_limit_grant"
        constraints = [
            models.UniqueConstraint(fields=["tax_id", "request_id"], name="limit_grant_first_answer"),
            models.CheckConstraint(condition=models.Q(monthly_fen__gte=0), name="limit_grant_not_negative"),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="limit_grant_span",
            ),
        ]
        indexes = [models.Index(fields=["tax_id", "valid_from"], name="limit_grant_by_taxpayer")]


class LimitAccount(models.Model):
    """The limit of one taxpayer for one month: the sum of its entries, held so that a charge is one statement."""

    tax_id = models.CharField(max_length=20)
    period = models.CharField(max_length=6)
    total_fen = models.BigIntegerField()
    used_fen = models.BigIntegerField(default=0)

    class Meta:
        db_table = "invoicing_limit_account"
        constraints = [
            models.UniqueConstraint(fields=["tax_id", "period"], name="limit_account_one_a_month"),
            models.CheckConstraint(
                condition=models.Q(used_fen__gte=0) & models.Q(used_fen__lte=models.F("total_fen")),
                name="limit_account_not_overdrawn",
            ),
        ]


class LimitEntry(models.Model):
    """One movement of a limit: granted (+) or charged by an invoice (−); added, never changed."""

    account = models.ForeignKey(LimitAccount, on_delete=models.PROTECT)
    at = models.DateTimeField()
    movement = models.CharField(max_length=8)  # grant, charge
    amount_fen = models.BigIntegerField()  # of the limit: a grant above zero, a charge below
    invoice_number = models.CharField(max_length=20, blank=True)

    class Meta:
        db_table = "invoicing_limit_entry"
        indexes = [models.Index(fields=["account", "id"], name="limit_entry_by_account")]


class NumberSeries(models.Model):
    """The next number of one year and channel on this node."""

    year = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=1)
    next_sequence = models.BigIntegerField(default=1)

    class Meta:
        db_table = "invoicing_number_series"
        constraints = [models.UniqueConstraint(fields=["year", "channel"], name="number_series_one")]


class DocumentSignature(models.Model):
    """The bureau's signature under the XML of one invoice, made once, at its first rendering."""

    number = models.CharField(max_length=20, primary_key=True)
    signed_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    value = models.BinaryField()

    class Meta:
        db_table = "invoicing_document_signature"


class VerificationCount(models.Model):
    """How often one invoice number was asked for on one day by one client (查验次数)."""

    number = models.CharField(max_length=20)
    day = models.DateField()
    client = models.CharField(max_length=64)  # a keyed hash of the network address, not the address
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "invoicing_verification_count"
        constraints = [
            models.UniqueConstraint(fields=["number", "day", "client"], name="verification_count_one")
        ]


class SavedDraft(models.Model):
    """A draft kept while it is being filled in (草稿): what was typed, as typed; nobody checks it yet."""

    public_id = models.UUIDField(unique=True)
    tax_id = models.CharField(max_length=20)
    person_id = models.CharField(max_length=36)
    title = models.CharField(max_length=300, blank=True)
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "invoicing_saved_draft"
        indexes = [models.Index(fields=["tax_id", "-saved_at"], name="saved_draft_by_taxpayer")]
