"""
Tables of the certificates: authorities with their sealed keys, what they issued, lists of what was revoked.

A certificate's row is added once; later only its revocation is written into it, and the database lets nothing else
of it be changed (see the migration).
"""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from goldentax.kernel.ids import new_public_id


class Authority(models.Model):
    """A key that signs for the system (签发机构、证书状态服务、时间戳服务): its certificate, and the key, sealed."""

    kind = models.CharField(max_length=16)  # root, issuing, ocsp, timestamp
    algorithm = models.CharField(max_length=8)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT)  # who signed it; null: itself
    serial = models.CharField(max_length=40, unique=True)
    key_id = models.CharField(max_length=40, unique=True)  # as its certificates name it, hex
    subject = models.BinaryField()  # its name, DER
    der = models.BinaryField()
    sealed_key = models.BinaryField()  # empty for the root, whose key lies in a file of the world
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)  # another one signs since then
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(max_length=32, blank=True)
    crl_number = models.BigIntegerField(default=0)

    class Meta:
        db_table = "certificates_authority"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "algorithm", "parent"],
                condition=models.Q(retired_at__isnull=True),
                nulls_distinct=False,
                name="certificates_one_authority_signs",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True) | models.Q(retired_at__isnull=False),
                name="certificates_revoked_authority_is_retired",
            ),
        ]


class Certificate(models.Model):
    """A certificate (数字证书) that was issued here, and whether it was revoked."""

    public_id = models.UUIDField(default=new_public_id, unique=True)
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT)
    serial = models.CharField(max_length=40, unique=True)  # hex
    holder_kind = models.CharField(max_length=16)
    subject_id = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    algorithm = models.CharField(max_length=8)
    key_fingerprint = models.CharField(max_length=64, db_index=True)
    der = models.BinaryField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=120)
    renews = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="renewed_by")
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(max_length=32, blank=True)
    revoked_by = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "certificates_certificate"
        indexes = [
            models.Index(fields=["holder_kind", "subject_id", "-id"], name="certificates_of_holder"),
            models.Index(
                fields=["authority", "id"],
                name="certificates_revoked",
                condition=models.Q(revoked_at__isnull=False),
            ),
            GinIndex(fields=["name"], name="certificates_name", opclasses=["gin_trgm_ops"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revocation_reason="", revoked_by="")
                | (models.Q(revoked_at__isnull=False) & ~models.Q(revocation_reason="")),
                name="certificates_revocation_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__lt=models.F("valid_to")), name="certificates_period"
            ),
        ]


class RevocationList(models.Model):
    """A signed list of revoked certificates (吊销列表, CRL) of one authority."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT)
    number = models.BigIntegerField()
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()
    entry_count = models.IntegerField()
    der = models.BinaryField()

    class Meta:
        db_table = "certificates_revocation_list"
        constraints = [
            models.UniqueConstraint(fields=["authority", "number"], name="certificates_list_number_once"),
        ]


class AnsweredRequest(models.Model):
    """A write that was done (受理记录): under which request id, with what content, to which certificate."""

    scope = models.CharField(max_length=100)
    request_id = models.CharField(max_length=64)
    action = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)  # SM3 of the content, hex
    serial = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        db_table = "certificates_answered_request"
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "request_id"], name="certificates_answered_request_once"
            ),
        ]
