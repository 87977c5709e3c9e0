"""Bulk loads, their rows in order, and the list of what a person must decide."""

import json
from typing import Any

from django.db import models
from django.db.models import Q

from goldentax.kernel.crypto.fields import EncryptedTextField
from goldentax.kernel.ids import new_public_id
from goldentax.subjects.models.subjects import Subject
from goldentax.subjects.rules.outcomes import (
    ADD,
    ADDED,
    MERGED,
    OUTCOMES,
    PENDING,
    REJECTED,
    REPEATED,
    REVIEW,
)

RECEIVED, READ, MATCHED, DONE, FAILED = "received", "read", "matched", "done", "failed"
LOAD_STATES = (RECEIVED, READ, MATCHED, DONE, FAILED)

DUPLICATE, DISPUTE = "duplicate", "dispute"
REVIEW_KINDS = (DUPLICATE, DISPUTE)


__all__ = [
    "ADD",
    "ADDED",
    "DISPUTE",
    "DONE",
    "DUPLICATE",
    "FAILED",
    "LOAD_STATES",
    "MATCHED",
    "MERGED",
    "OUTCOMES",
    "PENDING",
    "READ",
    "RECEIVED",
    "REJECTED",
    "REPEATED",
    "REVIEW",
    "REVIEW_KINDS",
    "Load",
    "LoadRow",
    "Review",
]


class Load(models.Model):
    """One file of subjects that was handed in (批量采集)."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    file_name = models.CharField(max_length=120)
    default_kind = models.CharField(max_length=14, blank=True)
    content = models.BinaryField(null=True)  # the file, sealed; taken away when its rows were read
    state = models.CharField(max_length=10, default=RECEIVED)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    failure = models.JSONField(default=dict)  # the refusal that ended it: code and facts in words
    loaded_by = models.CharField(max_length=120)
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "subjects_load"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LOAD_STATES), name="subjects_load_state"),
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                name="subjects_load_open",
                condition=Q(state__in=[RECEIVED, READ, MATCHED]),
            )
        ]


class LoadRow(models.Model):
    """One row of a load (采集明细), with its outcome."""

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="rows")
    row = models.PositiveIntegerField()  # its place in the file, the first row of data is 1
    body = EncryptedTextField()  # JSON: the cleaned entry
    outcome = models.CharField(max_length=10, default=PENDING)
    code = models.CharField(max_length=20, blank=True)  # of the refusal
    same_as_row = models.PositiveIntegerField(null=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="load_rows")

    class Meta:
        db_table = "subjects_load_row"
        constraints = [
            models.UniqueConstraint(fields=["load", "row"], name="subjects_load_row_once"),
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="subjects_load_row_outcome"),
        ]
        indexes = [models.Index(fields=["load", "outcome", "row"], name="subjects_load_row_outcome")]

    @property
    def values(self) -> dict[str, Any]:
        """The cleaned entry as plain values."""
        found: dict[str, Any] = json.loads(self.body)
        return found


class Review(models.Model):
    """One thing that a person must decide (复核事项): a likely duplicate, or a subject its source disagrees with."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    kind = models.CharField(max_length=10)
    row = models.OneToOneField(LoadRow, on_delete=models.PROTECT, null=True, related_name="review")
    other_row = models.ForeignKey(LoadRow, on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="reviews")
    points = models.IntegerField(default=0)
    reasons = models.JSONField(default=list)
    others = models.PositiveIntegerField(default=0)  # further candidates that scored less
    made_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    decision = models.CharField(max_length=12, blank=True)
    decided_by = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "subjects_review"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=REVIEW_KINDS), name="subjects_review_kind"),
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(kind=DISPUTE, decision=""),
                name="subjects_review_one_dispute",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "public_id"], name="subjects_review_open", condition=Q(decision="")),
        ]
