"""What a taxpayer keeps to issue quickly: customers, goods and services."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from goldentax.kernel.ids import new_public_id
from goldentax.registry.models.taxpayers import Taxpayer
from goldentax.registry.rules.views import CustomerView, GoodView


class Customer(models.Model):
    """A customer in the owner's list (客户信息)."""

    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    owner = models.ForeignKey(Taxpayer, on_delete=models.PROTECT, related_name="customers")
    name = models.CharField(max_length=200)
    initials = models.CharField(max_length=200, blank=True)
    tax_id = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    bank_name = models.CharField(max_length=120, blank=True)
    bank_account = models.CharField(max_length=40, blank=True)
    is_person = models.BooleanField(default=False)
    is_favourite = models.BooleanField(default=False)

    class Meta:
        db_table = "registry_customer"
        constraints = [
            models.UniqueConstraint(fields=["owner", "name", "tax_id"], name="registry_customer_once"),
            models.CheckConstraint(condition=~Q(name=""), name="registry_customer_name"),
        ]
        indexes = [GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="registry_customer_name_trgm")]

    def as_view(self) -> CustomerView:
        """This customer as a value."""
        return CustomerView(
            public_id=self.public_id,
            name=self.name,
            tax_id=self.tax_id,
            address=self.address,
            phone=self.phone,
            bank_name=self.bank_name,
            bank_account=self.bank_account,
            is_person=self.is_person,
            is_favourite=self.is_favourite,
        )


class Good(models.Model):
    """Goods or a service in the owner's list (项目信息)."""

    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    owner = models.ForeignKey(Taxpayer, on_delete=models.PROTECT, related_name="goods")
    name = models.CharField(max_length=100)
    initials = models.CharField(max_length=100, blank=True)
    tax_code = models.CharField(max_length=19)
    short_name = models.CharField(max_length=60, blank=True)  # of the code table when it was saved
    specification = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=22, blank=True)
    unit_price = models.CharField(max_length=30, blank=True)  # exact decimal as text
    rate = models.CharField(max_length=10)
    preference = models.CharField(max_length=2, blank=True)
    price_includes_tax = models.BooleanField(default=False)

    class Meta:
        db_table = "registry_good"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name", "specification", "unit"], name="registry_good_once"
            ),
            models.CheckConstraint(
                condition=Q(tax_code__regex=r"^[0-9]{19}$"), name="registry_good_tax_code"
            ),
            models.CheckConstraint(
                condition=Q(rate__regex=r"^(0(\.[0-9]{1,6})?|1)$"), name="registry_good_rate"
            ),
            models.CheckConstraint(
                condition=Q(unit_price="") | Q(unit_price__regex=r"^[0-9]{1,16}(\.[0-9]{1,13})?$"),
                name="registry_good_unit_price",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="registry_good_name"),
        ]
        indexes = [GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="registry_good_name_trgm")]

    def as_view(self) -> GoodView:
        """This item as a value."""
        return GoodView(
            public_id=self.public_id,
            name=self.name,
            tax_code=self.tax_code,
            short_name=self.short_name,
            specification=self.specification,
            unit=self.unit,
            unit_price=self.unit_price,
            rate=self.rate,
            preference=self.preference,
            price_includes_tax=self.price_includes_tax,
        )
