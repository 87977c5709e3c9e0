"""Tables of the kernel: the audit trail and the outbox. Rows are added, never edited; the database refuses else."""

from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Now


class AuditEntry(models.Model):
    """One change, sign-in, grant or look (审计记录): who did what to what, when, by which request."""

    at = models.DateTimeField()
    category = models.CharField(max_length=12, default="change", db_default="change")  # audit.CATEGORIES
    actor = models.CharField(max_length=120)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    request_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)
    # The transaction that wrote the row, by the database's own count: rows are sealed in its order, and only those
    # of transactions that have ended, so that no row can turn up later among sealed ones.
    tx = models.BigIntegerField(db_default=models.Func(function="kernel_audit_tx"), editable=False)

    class Meta:
        db_table = "kernel_audit"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(category__in=("change", "sign_in", "grant", "look", "privileged")),
                name="kernel_audit_category_known",
            ),
        ]
        indexes = [
            # The whole trail by time. Its empty times come first, though there are none: a search for one person or
            # action asks for them last, so PostgreSQL cannot take this index for it and wade through everybody's rows.
            models.Index(models.F("at").asc(nulls_first=True), name="kernel_audit_at"),
            models.Index(fields=["subject", "at"], name="kernel_audit_subject"),
            models.Index(fields=["actor", "at"], name="kernel_audit_actor"),
            models.Index(fields=["action", "at"], name="kernel_audit_action"),
            # Business is most of the trail; who asks for the other kinds finds them without wading through it.
            models.Index(
                fields=["category", "at"],
                name="kernel_audit_kept",
                condition=~models.Q(category="change"),
            ),
            models.Index(
                fields=["request_id"], name="kernel_audit_request", condition=~models.Q(request_id="")
            ),
            models.Index(fields=["tx", "id"], name="kernel_audit_tx_id"),
            # Who was given what stands in the detail; a use is held against it.
            models.Index(
                KeyTextTransform("person", "detail"),
                "at",
                name="kernel_audit_given",
                condition=models.Q(category="grant"),
            ),
        ]


class OutboxEvent(models.Model):
    """One event that waits to leave this node (发件箱); written in the transaction that did the thing."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    type = models.CharField(max_length=120)
    key = models.CharField(max_length=64)  # order holds within one key: a taxpayer or an invoice
    at = models.DateTimeField()
    payload = models.BinaryField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "kernel_outbox"
        indexes = [
            models.Index(
                fields=["id"], name="kernel_outbox_unsent", condition=models.Q(sent_at__isnull=True)
            ),
        ]


class DataKey(models.Model):
    """One version of a data key (数据密钥), sealed under the master key; never deleted, for backups need it too."""

    key_id = models.BinaryField(unique=True)  # four random bytes, written in front of all it seals
    purpose = models.CharField(max_length=120)  # "table.column" of a field, or what else is sealed
    version = models.PositiveIntegerField()
    sealed_key = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True)  # a later version seals since then
    emptied_at = models.DateTimeField(null=True)  # nothing in the tables is sealed with it any more

    class Meta:
        db_table = "kernel_data_key"
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="kernel_data_key_version_once"),
        ]
