"""What lies around an invoice: drafts before it, its signature and the questions about it after."""

from django.db import models


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
