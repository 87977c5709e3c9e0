"""Witnesses (见证人): who outside this node has seen a head of a log and says so with a signature."""

from django.db import models


class Witness(models.Model):
    """Somebody outside whose cosignatures this node takes and publishes."""

    name = models.CharField(max_length=40, primary_key=True)
    algorithm = models.CharField(max_length=8)  # SM2 or Ed25519
    public_key = models.CharField(max_length=128)  # hex
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)  # takes no more; what was signed stays

    class Meta:
        db_table = "invoicing_witness"


class Cosignature(models.Model):
    """A witness's signature over one head; added, never changed."""

    desk = models.SmallIntegerField()
    tree_size = models.BigIntegerField()
    witness = models.CharField(max_length=40)
    at = models.DateTimeField()
    algorithm = models.CharField(max_length=8)
    public_key = models.CharField(max_length=128)  # as it was then
    signature = models.BinaryField()

    class Meta:
        db_table = "invoicing_cosignature"
        constraints = [
            models.UniqueConstraint(fields=["desk", "tree_size", "witness"], name="cosignature_one"),
        ]
