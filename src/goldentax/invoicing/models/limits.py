"""Limits (总授信额度): grants, the month's accounts, and the entries that move them; entries are never changed."""

from django.db import models


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
    used_fen = models.BigIntegerField(default=0)  # charged by invoices
    reserved_fen = models.BigIntegerField(default=0)  # set aside for invoices to come

    class Meta:
        db_table = "invoicing_limit_account"
        constraints = [
            models.UniqueConstraint(fields=["tax_id", "period"], name="limit_account_one_a_month"),
            models.CheckConstraint(
                condition=models.Q(used_fen__gte=0)
                & models.Q(reserved_fen__gte=0)
                & models.Q(total_fen__gte=models.F("used_fen") + models.F("reserved_fen")),
                name="limit_account_not_overdrawn",
            ),
        ]


class LimitEntry(models.Model):
    """
    One movement of a limit: granted (+), charged by invoices (−), and so on; added, never changed.

    The invoices of one seller that a batch issued stand in the log side by side: they are one entry, which names them
    by their desk and leaves. The invoice number is kept where it is one.
    """

    # Without a constraint in the database, which would be checked for every entry of every batch.
    account = models.ForeignKey(LimitAccount, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    at = models.DateTimeField()
    movement = models.CharField(max_length=8)  # grant, charge, return, reserve, post, void, expire
    amount_fen = models.BigIntegerField()  # of the limit: a grant above zero, a charge below
    invoice_number = models.CharField(max_length=20, blank=True)
    desk = models.SmallIntegerField(null=True)
    leaf_from = models.BigIntegerField(null=True)
    leaf_count = models.IntegerField(default=0)
    reservation = models.UUIDField(null=True)  # which set-aside sum moved

    class Meta:
        db_table = "invoicing_limit_entry"
        indexes = [models.Index(fields=["account", "id"], name="limit_entry_by_account")]


class LimitReservation(models.Model):
    """
    A part of a month's limit set aside (预留额度) for invoices to come: posted bit by bit, voided, or expired.

    What is left of it stands in the account as reserved; it never outlives the month of its account.
    """

    public_id = models.UUIDField(unique=True)
    account = models.ForeignKey(LimitAccount, on_delete=models.PROTECT)
    tax_id = models.CharField(max_length=20)
    amount_fen = models.BigIntegerField()
    posted_fen = models.BigIntegerField(default=0)
    left_fen = models.BigIntegerField()
    purpose = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    until = models.DateTimeField()  # not included
    state = models.CharField(max_length=8, default="open")  # open, posted, voided, expired

    class Meta:
        db_table = "invoicing_limit_reservation"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_fen__gt=0)
                & models.Q(left_fen__gte=0)
                & models.Q(posted_fen__gte=0)
                & models.Q(amount_fen__gte=models.F("left_fen") + models.F("posted_fen")),
                name="limit_reservation_adds_up",
            ),
            models.CheckConstraint(
                condition=(models.Q(state="open") & models.Q(left_fen__gt=0))
                | (models.Q(state__in=["posted", "voided", "expired"]) & models.Q(left_fen=0)),
                name="limit_reservation_state",
            ),
        ]
        indexes = [
            models.Index(fields=["until"], name="limit_reservation_due", condition=models.Q(state="open")),
            models.Index(fields=["tax_id", "-id"], name="limit_reservation_by_taxp"),
        ]


class LimitRequest(models.Model):
    """What a request about a reservation became: the same request gets the same answer for ever."""

    pk = models.CompositePrimaryKey("tax_id", "request_id")
    tax_id = models.CharField(max_length=20)
    request_id = models.CharField(max_length=64)
    request_hash = models.BinaryField(max_length=32)
    reservation = models.UUIDField()
    answer = models.BinaryField()  # the reservation as it then was

    class Meta:
        db_table = "invoicing_limit_request"


class PostedInvoice(models.Model):
    """An invoice that used a reservation; it uses one, once."""

    number = models.CharField(max_length=20, primary_key=True)
    reservation = models.UUIDField()

    class Meta:
        db_table = "invoicing_posted_invoice"
