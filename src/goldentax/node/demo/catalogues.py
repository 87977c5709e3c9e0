"""The goods and customers that demo taxpayers keep, drawn from their trade and from each other."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from goldentax.kernel import lawbook
from goldentax.node.demo import companies, goods, seeds
from goldentax.node.demo.companies import Company
from goldentax.registry.api import CustomerEntry, GoodEntry, TaxpayerView

_EXEMPT = "03"
_PRIVATE_BUYERS = ("个人消费者", "莫先生", "罗女士", "卢女士", "谢先生")


def goods_of(company: Company, *, on: date) -> list[GoodEntry]:
    """The wares of a company's trade, at the rate the lawbook gives for them that day."""
    return [
        GoodEntry(
            name=ware.name,
            tax_code=ware.tax_code,
            rate="0" if ware.is_exempt else default_rate(kind=company.kind, tax_code=ware.tax_code, on=on),
            specification=ware.specification,
            unit=ware.unit,
            unit_price=ware.price,
            preference=_EXEMPT if ware.is_exempt else "",
        )
        for ware in goods.TRADES.get(company.trade, ())
    ]


def default_rate(*, kind: str, tax_code: str, on: date) -> str:
    """The rate offered first for a code and a kind of taxpayer, as a plain ratio: ``0.13``."""
    rows = [row for row in lawbook.table("invoicing/default_rates", on=on) if row["taxpayer_kind"] == kind]
    row = lawbook.longest_prefix(rows, code=tax_code)
    assert row is not None, f"no default rate for {kind} {tax_code}"
    return f"{Decimal(row['rate']).normalize():f}"


def customers_of(company: Company, *, taxpayers: Mapping[str, TaxpayerView]) -> list[CustomerEntry]:
    """Five to nine buyers: other companies of the demo world, one from Hunan, and private persons."""
    throw = seeds.dice("customers", company.key)
    others = [one for one in companies.GENERAL + companies.SMALL if one.key != company.key]
    picked = [*throw.sample(others, throw.randint(3, 6)), throw.choice(companies.EXTERNAL)]
    # The hotel buys from everyone in the stories the examples tell.
    if company.key in ("sugar", "office", "tea") and all(one.key != "hotel" for one in picked):
        picked.insert(0, next(one for one in companies.GENERAL if one.key == "hotel"))
    entries = [_entry(taxpayers[one.key], is_favourite=number < 2) for number, one in enumerate(picked)]
    private = CustomerEntry(name=throw.choice(_PRIVATE_BUYERS), is_person=True)
    return [*entries, private]


def _entry(taxpayer: TaxpayerView, *, is_favourite: bool) -> CustomerEntry:
    return CustomerEntry(
        name=taxpayer.name,
        tax_id=taxpayer.tax_id,
        address=taxpayer.address,
        phone=taxpayer.phone,
        bank_name=taxpayer.bank_name,
        bank_account=taxpayer.bank_account,
        is_favourite=is_favourite,
    )
