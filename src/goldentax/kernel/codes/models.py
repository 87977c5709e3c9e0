"""
Tables of the code tables.

A code has versions with periods ``[valid_from, valid_to)``; the database itself refuses two versions of one
code that overlap. Versions are closed and added, never edited; only a version that begins on the very day
of a repeated import is replaced, as it was never in force in another form.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from goldentax.kernel.codes import entries


class DateRange(models.Func):
    """``daterange(valid_from, valid_to)``: with the first day, without the last."""

    function = "DATERANGE"
    output_field = DateRangeField()


class CodeTable(models.Model):
    """A code table (代码表)."""

    name = models.CharField(primary_key=True, max_length=entries.TABLE_NAME_MAX)
    label_zh = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120)
    source = models.CharField(max_length=entries.SOURCE_MAX)
    is_built_in = models.BooleanField(default=False)
    digest = models.CharField(
        max_length=64, blank=True, db_index=True
    )  # of the built-in files when last looked at
    version = models.PositiveIntegerField(default=0)  # grows with every import that changes something
    code_count = models.PositiveIntegerField(default=0)
    imported_at = models.DateTimeField()

    class Meta:
        db_table = "codes_table"


class CodeVersion(models.Model):
    """A code in one version (代码版本)."""

    table = models.ForeignKey(CodeTable, on_delete=models.PROTECT, db_index=False)
    code = models.CharField(max_length=entries.CODE_MAX)
    name = models.CharField(max_length=entries.NAME_MAX)
    short_name = models.CharField(max_length=entries.SHORT_NAME_MAX, blank=True)
    parent = models.CharField(max_length=entries.CODE_MAX, blank=True)
    level = models.PositiveSmallIntegerField()
    is_leaf = models.BooleanField()
    description = models.TextField(blank=True)
    attributes = models.JSONField(default=dict)
    search = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=entries.SOURCE_MAX)
    version = models.PositiveIntegerField()

    class Meta:
        db_table = "codes_version"
        constraints = [
            models.UniqueConstraint(fields=["table", "code", "valid_from"], name="codes_version_unique"),
            models.CheckConstraint(
                name="codes_version_period",
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
            ),
            models.CheckConstraint(
                name="codes_version_code", condition=~models.Q(code="") & ~models.Q(name="")
            ),
            ExclusionConstraint(
                name="codes_version_no_overlap",
                expressions=[
                    ("table", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["table", "parent", "code"], name="codes_version_children"),
            GinIndex(fields=["search"], opclasses=["gin_trgm_ops"], name="codes_version_search"),
        ]
