"""Tax offices: five levels, from the headquarters down to the branch that knows the street."""

from django.db import models
from django.db.models import Q

from goldentax.registry.rules import kinds
from goldentax.registry.rules.views import OfficeView


class Office(models.Model):
    """A tax office (税务机关)."""

    code = models.CharField(max_length=11, unique=True)  # 税务机关代码: 1 + division + 4 digits
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    level = models.CharField(max_length=10)
    parent_code = models.CharField(max_length=11, blank=True)  # "" for the headquarters
    division_code = models.CharField(max_length=6)  # GB/T 2260

    class Meta:
        db_table = "registry_office"
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^1[0-9]{10}$"), name="registry_office_code"),
            models.CheckConstraint(condition=Q(level__in=kinds.OFFICE_LEVELS), name="registry_office_level"),
            models.CheckConstraint(
                condition=Q(level="hq", parent_code="") | (~Q(level="hq") & ~Q(parent_code="")),
                name="registry_office_parent",
            ),
        ]
        indexes = [models.Index(fields=["parent_code", "code"], name="registry_office_children")]

    def as_view(self) -> OfficeView:
        """This office as a value."""
        return OfficeView(
            code=self.code,
            name=self.name,
            short_name=self.short_name,
            level=self.level,
            parent_code=self.parent_code,
            division_code=self.division_code,
        )
