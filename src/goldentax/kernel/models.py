"""Tables of the kernel: the audit trail and the outbox. Rows are added, never edited; the database refuses else."""

from django.db import models


class AuditEntry(models.Model):
    """One change or one privileged look (审计记录): who did what to what, when, by which request."""

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=120)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    request_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "kernel_audit"
        indexes = [
            models.Index(fields=["subject", "at"], name="kernel_audit_subject"),
            models.Index(fields=["actor", "at"], name="kernel_audit_actor"),
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
