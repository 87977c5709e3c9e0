"""Taxpayers: the present particulars in one row, the kind with its history in spans that never overlap."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Upper

from goldentax.kernel.ids import new_public_id
from goldentax.registry.rules import kinds
from goldentax.registry.rules.views import TaxKindView, TaxpayerView

_KINDS = [str(kind) for kind in kinds.TaxpayerKind]


class Taxpayer(models.Model):
    """A taxpayer (纳税人) on the register of an office."""

    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    tax_id = models.CharField(max_length=20, unique=True)  # 纳税人识别号
    id_kind = models.CharField(max_length=24)
    name = models.CharField(max_length=200)
    initials = models.CharField(max_length=200, blank=True)  # first letters of the name's pinyin, for search
    kind = models.CharField(max_length=10)  # the kind of the latest span, repeated for lists
    economic_type = models.CharField(max_length=60, blank=True)  # 登记注册类型
    office_code = models.CharField(max_length=11)  # 主管税务机关
    industry_code = models.CharField(max_length=4, blank=True)  # GB/T 4754
    industry_name = models.CharField(max_length=120, blank=True)  # as the code table had it at registration
    status = models.CharField(max_length=2, default=kinds.NORMAL)  # 纳税人状态代码
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    bank_name = models.CharField(max_length=120, blank=True)
    bank_account = models.CharField(max_length=40, blank=True)
    representative = models.CharField(max_length=60, blank=True)  # 法定代表人（负责人）
    registered_date = models.DateField()
    is_test = models.BooleanField(default=False)
    is_external = models.BooleanField(default=False)

    class Meta:
        db_table = "registry_taxpayer"
        constraints = [
            # The check character is arithmetic of the rules; the form is held here against any bypass.
            models.CheckConstraint(
                condition=Q(is_test=True, tax_id__regex=r"^[0-9A-Za-z*]{8,20}$")
                | Q(is_test=False, tax_id__regex=r"^[0-9A-Z]{15,20}$"),
                name="registry_taxpayer_tax_id",
            ),
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="registry_taxpayer_kind"),
            models.CheckConstraint(
                condition=Q(status__in=list(kinds.STATUS_NAMES)), name="registry_taxpayer_status"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="registry_taxpayer_name"),
        ]
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="registry_taxpayer_name_trgm"),
            models.Index(
                fields=["initials"], name="registry_taxpayer_initials", opclasses=["text_pattern_ops"]
            ),
            models.Index(fields=["office_code", "public_id"], name="registry_taxpayer_office"),
        ]

    def as_view(self, *, office_name: str) -> TaxpayerView:
        """This taxpayer as a value."""
        return TaxpayerView(
            public_id=self.public_id,
            tax_id=self.tax_id,
            id_kind=self.id_kind,
            name=self.name,
            kind=self.kind,
            economic_type=self.economic_type,
            office_code=self.office_code,
            office_name=office_name,
            industry_code=self.industry_code,
            industry_name=self.industry_name,
            status=self.status,
            address=self.address,
            phone=self.phone,
            bank_name=self.bank_name,
            bank_account=self.bank_account,
            representative=self.representative,
            registered_date=self.registered_date,
            is_test=self.is_test,
            is_external=self.is_external,
        )


class TaxpayerKindSpan(models.Model):
    """The kind of a taxpayer in ``[from_date, to_date)`` (纳税人类型有效期); an empty end is open."""

    taxpayer = models.ForeignKey(Taxpayer, on_delete=models.PROTECT, related_name="kind_spans")
    kind = models.CharField(max_length=10)
    from_date = models.DateField()
    to_date = models.DateField(null=True)

    class Meta:
        db_table = "registry_taxpayer_kind_span"
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date__isnull=True) | Q(to_date__gt=F("from_date")),
                name="registry_kind_span_order",
            ),
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="registry_kind_span_kind"),
            ExclusionConstraint(
                name="registry_kind_span_no_overlap",
                expressions=[
                    ("taxpayer", RangeOperators.EQUAL),
                    (
                        Func(
                            "from_date",
                            "to_date",
                            Value("[)"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]


class TaxpayerTaxKind(models.Model):
    """A tax the taxpayer is found liable to in ``[valid_from, valid_to)`` (税费种认定)."""

    taxpayer = models.ForeignKey(Taxpayer, on_delete=models.PROTECT, related_name="tax_kinds")
    tax = models.CharField(max_length=24)
    filing_period = models.CharField(max_length=10)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "registry_taxpayer_tax_kind"
        constraints = [
            models.UniqueConstraint(fields=["taxpayer", "tax", "valid_from"], name="registry_tax_kind_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="registry_tax_kind_order",
            ),
            models.CheckConstraint(condition=Q(tax__in=list(kinds.TAX_NAMES)), name="registry_tax_kind_tax"),
            models.CheckConstraint(
                condition=Q(filing_period__in=list(kinds.FILING_PERIODS)), name="registry_tax_kind_period"
            ),
        ]

    def as_view(self) -> TaxKindView:
        """This finding as a value."""
        return TaxKindView(
            tax=self.tax, filing_period=self.filing_period, valid_from=self.valid_from, valid_to=self.valid_to
        )
