"""
The past of the demo world: some hundred and twenty invoices of the last five months, issued as any other.

Each goes through ``issue_invoice`` at its own moment, in the order of time, so that numbers, limits and
statistics grow as they would have.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from goldentax.invoicing import api as invoicing
from goldentax.kernel.access import ISSUER, PERSON, PUBLIC, TAXPAYER, Actor
from goldentax.kernel.clock import CHINA
from goldentax.node.demo import catalogues, companies, goods, particulars, seeds
from goldentax.node.demo.companies import Company
from goldentax.node.demo.goods import Ware
from goldentax.registry.api import CustomerEntry, TaxpayerView

Progress = Callable[[str, int, int], None]

DAYS_BACK = 150
SELLERS: dict[str, int] = {
    "sugar": 24,
    "software": 12,
    "office": 18,
    "tea": 10,
    "hotel": 12,
    "logistics": 8,
    "auto-parts": 8,
    "meals": 14,
    "noodles": 6,
    "garage": 6,
    "farm": 4,
}
"""Sellers and how many invoices each has issued."""

_EXEMPT = "03"
_INCLUSIVE_TRADES = {"meals", "hotel", "travel", "cars"}  # where prices are quoted with tax
_SALE_YUAN = {"general": (900, 68_000), "small": (80, 4_200)}
_SALE_YUAN_OF_TRADE = {"hotel": (268, 9_800), "office": (120, 14_000)}
_SALE_YUAN_TO_PERSON = (60, 2_600)
"""From how much to how much a line is worth: by the seller's trade, else kind; a person buys less."""
_DISCOUNTED, _SPECIAL, _WITH_BANK = 0.15, 0.85, 0.3
_REMARKS = ("", "", "", "合同编号：GX-{:04d}", "订单号：{:06d}", "请于三十日内付款")


@dataclass(frozen=True, slots=True)
class Sale:
    """One past sale, decided but not issued yet."""

    company: Company
    number: int
    at: datetime


def planned_sales(*, now: datetime) -> list[Sale]:
    """Every past sale in the order of time: in business hours of the last months, always before now."""
    known = {one.key: one for one in companies.ALL}
    sales = [
        Sale(known[key], number, _moment(key, number, now=now))
        for key, count in SELLERS.items()
        for number in range(count)
    ]
    return sorted(sales, key=lambda sale: (sale.at, sale.company.key, sale.number))


def issue_history(*, taxpayers: Mapping[str, TaxpayerView], now: datetime, progress: Progress) -> None:
    """Issue every planned sale; those that are issued already answer again and change nothing."""
    sales = planned_sales(now=now)
    for done, sale in enumerate(sales):
        if done % 10 == 0:
            progress("demo invoices", done, len(sales))
        invoicing.issue_invoice(
            draft=draft_of(sale, taxpayers=taxpayers),
            actor=_actor(sale, taxpayers[sale.company.key]),
            now=sale.at,
        )
    progress("demo invoices", len(sales), len(sales))


def draft_of(sale: Sale, *, taxpayers: Mapping[str, TaxpayerView]) -> invoicing.InvoiceDraft:
    """The draft of a sale: a buyer of the seller's customers, one to four wares, now and then a discount."""
    company = sale.company
    throw = seeds.dice("sale", company.key, sale.number)
    buyer = throw.choice(catalogues.customers_of(company, taxpayers=taxpayers))
    wares = goods.TRADES[company.trade]
    picked = throw.sample(wares, min(len(wares), throw.choice((1, 1, 2, 2, 3, 4))))
    includes_tax = company.trade in _INCLUSIVE_TRADES
    size = _sale_size(company, buyer)
    lines = [_line(company, ware, worth=throw.randint(*size), on=sale.at.date()) for ware in picked]
    if throw.random() < _DISCOUNTED and not includes_tax and not picked[-1].is_exempt:
        lines.append(_discount(lines[-1]))
    is_special = _may_be_special(buyer, picked, taxpayers) and throw.random() < _SPECIAL
    return invoicing.InvoiceDraft(
        request_id=f"demo-sale-{company.key}-{sale.number}",
        kind="81" if is_special else "82",
        buyer=_party(buyer),
        lines=tuple(lines),
        prices_include_tax=includes_tax,
        remark=throw.choice(_REMARKS).format(throw.randint(1, 9999)),
        show_seller_bank=throw.random() < _WITH_BANK,
    )


def _sale_size(company: Company, buyer: CustomerEntry) -> tuple[int, int]:
    if buyer.is_person:
        return _SALE_YUAN_TO_PERSON
    return _SALE_YUAN_OF_TRADE.get(company.trade, _SALE_YUAN[company.kind])


def _moment(key: str, number: int, *, now: datetime) -> datetime:
    throw = seeds.dice("moment", key, number)
    days = throw.randint(0, DAYS_BACK)
    day = now.astimezone(CHINA).date() - timedelta(days=days)
    at = datetime.combine(day, time(throw.randint(8, 17), throw.randint(0, 59), throw.randint(0, 59)), CHINA)
    # What would fall after the present moment has happened in the days before.
    return at if at < now else at - timedelta(days=throw.randint(1, 9))


def _line(company: Company, ware: Ware, *, worth: int, on: date) -> invoicing.LineDraft:
    """A line of whole units that is worth about so many yuan."""
    price = Decimal(ware.price)
    quantity = max(Decimal(1), (worth / price).to_integral_value())
    rate = (
        "0" if ware.is_exempt else catalogues.default_rate(kind=company.kind, tax_code=ware.tax_code, on=on)
    )
    return invoicing.LineDraft(
        name=ware.name,
        tax_code=ware.tax_code,
        rate=rate,
        specification=ware.specification,
        unit=ware.unit,
        quantity=quantity,
        unit_price=price,
        preference=_EXEMPT if ware.is_exempt else "",
    )


def _discount(line: invoicing.LineDraft) -> invoicing.LineDraft:
    """Five per cent off the line before."""
    assert line.quantity is not None and line.unit_price is not None
    off = (line.quantity * line.unit_price * Decimal("0.05")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return invoicing.LineDraft(
        name=line.name, tax_code=line.tax_code, rate=line.rate, amount=-off, is_discount=True
    )


def _may_be_special(buyer: CustomerEntry, wares: list[Ware], taxpayers: Mapping[str, TaxpayerView]) -> bool:
    # 专票 goes to a buyer who can deduct it, and never for exempt sales.
    kinds = {one.tax_id: one.kind for one in taxpayers.values()}
    return kinds.get(buyer.tax_id) == "general" and not any(ware.is_exempt for ware in wares)


def _party(buyer: CustomerEntry) -> invoicing.PartyDraft:
    return invoicing.PartyDraft(
        name=buyer.name,
        tax_id=buyer.tax_id,
        address=buyer.address,
        phone=buyer.phone,
        bank_name=buyer.bank_name,
        bank_account=buyer.bank_account,
        is_person=buyer.is_person,
    )


def _actor(sale: Sale, seller: TaxpayerView) -> Actor:
    clerk = particulars.person_name("clerk", sale.company.key, sale.number % 2)
    return Actor(
        person_id="system-demo",
        person_name=clerk,
        roles=frozenset({PUBLIC, PERSON, TAXPAYER, ISSUER}),
        taxpayer_id=seller.tax_id,
        taxpayer_name=seller.name,
        taxpayer_public_id=str(seller.public_id),
        channel="web",
    )
