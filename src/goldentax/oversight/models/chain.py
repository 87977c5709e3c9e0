"""The blocks over the audit trail. Rows are added, never changed: the database refuses else."""

from django.db import models


class Block(models.Model):
    """One sealed stretch of the audit trail (审计链块): its head, its signature, and the hash of every row under it."""

    number = models.BigIntegerField(primary_key=True)
    node = models.CharField(max_length=12)
    first_tx = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_tx = models.BigIntegerField()
    last_id = models.BigIntegerField()
    rows = models.IntegerField()
    root = models.BinaryField()
    previous = models.BinaryField(unique=True)  # a chain has no forks
    hash = models.BinaryField(unique=True)
    sealed_at = models.DateTimeField()
    public_key = models.CharField(max_length=128)
    signature = models.BinaryField()
    leaves = models.BinaryField()  # see goldentax.oversight.rules.chain.pack

    class Meta:
        db_table = "oversight_block"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rows__gt=0, number__gt=0), name="oversight_block_holds_rows"
            ),
        ]
        indexes = [models.Index(fields=["last_tx", "last_id"], name="oversight_block_last")]
