"""Tax offices: five levels, from the headquarters down to the branch that knows the street."""

from django.db import models
from django.db.models import Q

from goldentax.authority.rules.offices import OFFICE_LEVELS, OfficeView


class Office(models.Model):
    """A tax office (税务机关)."""

    code = models.CharField(max_length=11, unique=True)  # 税务机关代码: 1 + division + 4 digits
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    level = models.CharField(max_length=10)
    parent_code = models.CharField(max_length=11, blank=True)  # "" for the headquarters
    division_code = models.CharField(max_length=6)  # GB/T 2260
    closed_date = models.DateField(null=True)  # 撤销日期: the first day on which it is no more

    class Meta:
        db_table = "authority_office"
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^1[0-9]{10}$"), name="authority_office_code"),
            models.CheckConstraint(condition=Q(level__in=OFFICE_LEVELS), name="authority_office_level"),
            models.CheckConstraint(
                condition=Q(level="hq", parent_code="") | (~Q(level="hq") & ~Q(parent_code="")),
                name="authority_office_parent",
            ),
        ]
        indexes = [models.Index(fields=["parent_code", "code"], name="authority_office_children")]

    def as_view(self) -> OfficeView:
        """This office as a value."""
        return OfficeView(
            code=self.code,
            name=self.name,
            short_name=self.short_name,
            level=self.level,
            parent_code=self.parent_code,
            division_code=self.division_code,
            closed_date=self.closed_date,
        )


class OfficeChange(models.Model):
    """One step in the life of an office (机构沿革): set up, renamed, closed; added, never edited."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="changes")
    action = models.CharField(max_length=6)  # add, rename, close
    name_before = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=120)
    effective_date = models.DateField()
    basis = models.CharField(max_length=120, blank=True)  # 文号 of the decision
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    request_id = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64)  # SM3 of what was asked, hex

    class Meta:
        db_table = "authority_office_change"
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=("add", "rename", "close")), name="authority_office_change_action"
            ),
        ]
        indexes = [models.Index(fields=["office", "id"], name="authority_office_changes")]
