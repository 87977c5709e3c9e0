"""Files of many invoices (批量任务): what was handed in, how far it is, and what became of each invoice."""

from django.db import models

WAITING, WORKING, DONE = "waiting", "working", "done"
ISSUED, REFUSED = "issued", "refused"


class BulkJob(models.Model):
    """One file of invoices; the same file of the same taxpayer is one job."""

    public_id = models.UUIDField(unique=True)
    tax_id = models.CharField(max_length=20)
    taxpayer_name = models.CharField(max_length=200)
    person_id = models.CharField(max_length=36)
    person_name = models.CharField(max_length=100)
    channel = models.CharField(max_length=8)
    language = models.CharField(max_length=2)
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)  # SM3, hex
    state = models.CharField(max_length=8, default=WAITING)
    item_count = models.PositiveIntegerField()
    issued_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    turn_at = models.DateTimeField(null=True)  # when a worker last took it up: jobs take turns
    held_until = models.DateTimeField(null=True)  # a worker has it; one that died has it no longer
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "invoicing_bulk_job"
        constraints = [
            models.UniqueConstraint(fields=["tax_id", "file_hash"], name="bulk_job_one"),
            models.CheckConstraint(
                condition=models.Q(item_count__gte=models.F("issued_count") + models.F("refused_count")),
                name="bulk_job_counts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["turn_at"], name="bulk_job_open", condition=models.Q(state__in=["waiting", "working"])
            ),
            models.Index(fields=["tax_id", "-created_at"], name="bulk_job_of_taxpayer"),
        ]

    @property
    def done_count(self) -> int:
        return self.issued_count + self.refused_count


class BulkItem(models.Model):
    """One invoice of a file."""

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()  # from 0
    place = models.PositiveIntegerField()  # the row or line of the file it begins at, from 1
    reference = models.CharField(max_length=64)  # 单据号 of a sheet
    draft = models.BinaryField()
    state = models.CharField(max_length=8, default=WAITING)
    number = models.CharField(max_length=20)
    is_repeat = models.BooleanField(default=False)
    problem = models.JSONField(null=True)  # why it was refused, and the way out

    class Meta:
        db_table = "invoicing_bulk_item"
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="bulk_item_one")]
        indexes = [
            models.Index(
                fields=["job", "position"], name="bulk_item_open", condition=models.Q(state="waiting")
            )
        ]
