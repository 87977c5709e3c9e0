"""
Make the demo world of one node; made once, left alone afterwards.

Everything goes through the modules' own operations, so nothing in a demo world could not be there in a real
one. Each step carries a fixed request id: a making that was broken off is finished by the next start.
Deterministic but for passwords, public ids and the moments it is made at.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from goldentax.authority import api as authority
from goldentax.invoicing import api as invoicing
from goldentax.kernel import audit, clock, lawbook
from goldentax.kernel.codes import api as codes
from goldentax.kernel.models import AuditEntry
from goldentax.kernel.node import this_node
from goldentax.kernel.settings import settings
from goldentax.kernel.values.period import Period
from goldentax.node.demo import (
    accounts,
    catalogues,
    companies,
    enrolled,
    history,
    newcomers,
    offices,
    particulars,
    people,
    seeds,
)
from goldentax.node.demo.companies import Company
from goldentax.node.runtime.ports import web_url
from goldentax.registry import api as registry
from goldentax.registry.api import Registration, TaxKindGrant, TaxpayerView

Progress = Callable[[str, int, int], None]

ACTOR = "system:demo"
VERSION = "demo-world-2"
"""Named in the audit trail when the world is complete; another version would be another world."""

_MADE = "node.demo.made"
_OFFICE_OF_OFFICER = "450103"
_BECAME_GENERAL_ON = date(2024, 7, 1)
_TINY_LIMIT_FEN = 100_000  # 1,000 yuan
_LIMIT_BASIS = "演示环境初始授信"
_MONTHS_BACK = 12  # limits reach back over the whole history


def create_demo_world(*, home: Path, now: datetime, progress: Progress) -> None:
    """
    Make the demo world of this process's node, if it is a demo world and not made yet.

    :param progress: told the name of the step, how much of it is done, and how much there is.
    """
    if not settings().demo:
        return
    now = now.astimezone(clock.CHINA)
    make = _make_headquarters if this_node().is_headquarters else _make_province
    if not AuditEntry.objects.filter(action=_MADE, subject=VERSION).exists():
        make(home=home, now=now, progress=progress)
        audit.record(actor=ACTOR, action=_MADE, subject=VERSION, now=now)
    elif not accounts.read_accounts(home, node=this_node().code):
        # The file with the passwords was lost: nobody could sign in, so everybody gets a new one.
        _settle(home=home, now=now)


def _make_headquarters(*, home: Path, now: datetime, progress: Progress) -> None:
    progress("demo offices", 0, 1)
    authority.add_offices(offices=offices.headquarters_offices(on=now.date()), actor=ACTOR, now=now)
    progress("demo people", 0, 1)
    _settle(home=home, now=now)


def _make_province(*, home: Path, now: datetime, progress: Progress) -> None:
    progress("demo offices", 0, 1)
    authority.add_offices(
        offices=[
            *offices.headquarters_offices(on=now.date()),
            *offices.province_offices(province=this_node().code, on=now.date()),
        ],
        actor=ACTOR,
        now=now,
    )
    taxpayers: dict[str, TaxpayerView] = {}
    for number, company in enumerate(companies.ALL):
        progress("demo taxpayers", number, len(companies.ALL))
        taxpayers[company.key] = _register(company, now=now)
    progress("demo people", 0, 1)
    _settle(home=home, now=now)
    _teach_sources(taxpayers, home=home)
    progress("demo subjects", 0, 1)
    enrolled.enrol_subjects(taxpayers=taxpayers, settlers=_settlers(), now=now)
    sellers = [one for one in companies.ALL if one.trade]
    for number, company in enumerate(sellers):
        progress("demo goods and customers", number, len(sellers))
        _fill_catalogues(company, taxpayers=taxpayers, now=now)
        _grant_limit(company, tax_id=taxpayers[company.key].tax_id, now=now)
    history.issue_history(taxpayers=taxpayers, now=now, progress=progress)


def _settlers() -> tuple[people.Account, ...]:
    node = this_node()
    if node.is_headquarters:
        return people.headquarters_accounts(office=offices.HEADQUARTERS)
    return people.province_accounts(office=offices.office_code(_OFFICE_OF_OFFICER), bureau=node.bureau_code)


def _teach_sources(taxpayers: Mapping[str, TaxpayerView], *, home: Path) -> None:
    cards = {one: people.identity_card_of(one) for one in _settlers()}
    newcomers.seed_sources(
        taxpayers=taxpayers.values(),
        settled={card: one.name for one, card in cards.items()},
        representatives={
            taxpayers[duty.company].tax_id: card
            for one, card in cards.items()
            for duty in one.duties
            if duty.duty == "01"
        },
        home=home,
    )


def _settle(*, home: Path, now: datetime) -> None:
    node = this_node()
    settlers = _settlers()
    by_key = {one.key: one for one in companies.ALL}
    wanted = {duty.company for one in settlers for duty in one.duties}
    people.settle_people(
        people=settlers,
        taxpayers={key: registry.get_taxpayer(tax_id=particulars.tax_id_of(by_key[key])) for key in wanted},
        home=home,
        node=node,
        url=web_url(settings(), node),
        now=now,
    )


def _register(company: Company, *, now: datetime) -> TaxpayerView:
    tax_id = particulars.tax_id_of(company)
    present = registry.find_taxpayer(tax_id=tax_id)
    if present is not None:
        return present
    registered = registry.register_taxpayer(
        registration=_registration(company, tax_id=tax_id, today=now.date()),
        actor=ACTOR,
        request_id=f"demo-taxpayer-{company.key}",
        now=now,
    )
    if company.special == "became-general":
        registered = registry.change_kind(
            tax_id=tax_id,
            kind="general",
            on=_BECAME_GENERAL_ON,
            actor=ACTOR,
            request_id=f"demo-kind-{company.key}",
            now=now,
        )
    return registered


def _registration(company: Company, *, tax_id: str, today: date) -> Registration:
    registered_date = _registered_date(company, today=today)
    is_person = company.kind == "person"
    kind = "small" if company.special == "became-general" else company.kind
    city, county = _place(company.division, on=today)
    bank_name, bank_account = ("", "") if is_person else particulars.bank_of(company, city=city)
    return Registration(
        tax_id=tax_id,
        name=company.name,
        kind=kind,
        office_code=_office_of(company),
        registered_date=registered_date,
        economic_type=company.type,
        industry_code=company.industry,
        address=particulars.address_of(company, place=city + county),
        phone=particulars.phone_of(company),
        bank_name=bank_name,
        bank_account=bank_account,
        representative=company.name if is_person else _representative(company),
        status=company.status,
        tax_kinds=() if is_person or company.special == "external" else _tax_kinds(kind, registered_date),
        is_external=company.special == "external",
    )


def _registered_date(company: Company, *, today: date) -> date:
    if company.special == "new":
        return today - timedelta(days=12)
    throw = seeds.dice("registered", company.key)
    # Before the day in 2024 from which people act for companies and one of them changes its kind.
    return date(throw.randint(2009, 2023), throw.randint(1, 12), throw.randint(1, 28))


def _representative(company: Company) -> str:
    owners = {
        duty.company: one.name
        for one in people.province_accounts(office="", bureau="")
        for duty in one.duties
        if duty.duty == "01"
    }
    return owners.get(company.key) or particulars.person_name(company.key)


def _office_of(company: Company) -> str:
    if company.special == "external":
        # Of a taxpayer of another province no more is known here than the province's bureau.
        return offices.office_code(company.division[:2] + "0000")
    return offices.local_office(company.division)


def _place(division: str, *, on: date) -> tuple[str, str]:
    city = division[:4] + "00"
    found = codes.find_codes(table=codes.DIVISION, codes=[city, division], on=on)
    return found[city].name, found[division].name


def _tax_kinds(kind: str, registered_date: date) -> tuple[TaxKindGrant, ...]:
    vat = "month" if kind == "general" else "quarter"
    periods = {
        "vat": vat,
        "urban-construction": vat,
        "education": vat,
        "local-education": vat,
        "cit": "quarter",
        "stamp": "quarter",
    }
    return tuple(
        TaxKindGrant(tax=tax, filing_period=period, valid_from=registered_date)
        for tax, period in periods.items()
    )


def _fill_catalogues(company: Company, *, taxpayers: dict[str, TaxpayerView], now: datetime) -> None:
    owner = taxpayers[company.key].tax_id
    # A list with something in it is its owner's by now, who may have changed it since.
    if not registry.search_goods(owner_tax_id=owner, text="", limit=1):
        registry.add_goods(
            owner_tax_id=owner,
            entries=catalogues.goods_of(company, on=now.date()),
            actor=ACTOR,
            request_id=f"demo-goods-{company.key}",
            now=now,
        )
    if not registry.search_customers(owner_tax_id=owner, text="", limit=1):
        registry.add_customers(
            owner_tax_id=owner,
            entries=catalogues.customers_of(company, taxpayers=taxpayers),
            actor=ACTOR,
            request_id=f"demo-customers-{company.key}",
            now=now,
        )


def _grant_limit(company: Company, *, tax_id: str, now: datetime) -> None:
    if company.special == "no-limit":
        return
    month = _months_before(Period.of(now.date()), _MONTHS_BACK).from_
    invoicing.grant_limit(
        tax_id=tax_id,
        total_fen=_TINY_LIMIT_FEN
        if company.special == "tiny-limit"
        else _initial_limit_fen(company.kind, now),
        valid_from=month,
        # The grant of the expired one ended with the month before last.
        valid_to=_months_before(Period.of(now.date()), 1).from_
        if company.special == "expired-limit"
        else None,
        basis=_LIMIT_BASIS,
        actor=ACTOR,
        now=now,
        request_id=f"demo-limit-{company.key}",
    )


def _initial_limit_fen(kind: str, now: datetime) -> int:
    rows = lawbook.table("invoicing/initial_limits", on=now.date())
    return next(int(row["limit_fen"]) for row in rows if row["taxpayer_kind"] == kind)


def _months_before(period: Period, months: int) -> Period:
    total = period.year * 12 + period.month - 1 - months
    return Period(total // 12, total % 12 + 1)
