"""The demo world: made once, believable, and valid in every number."""

import json
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from goldentax.authority import api as authority
from goldentax.identity import api as identity
from goldentax.invoicing import api as invoicing
from goldentax.kernel import clock
from goldentax.kernel.access import TAXPAYER, Actor
from goldentax.kernel.codes import api as codes
from goldentax.kernel.models import AuditEntry
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.values import identifiers
from goldentax.node.demo import accounts as accounts_file
from goldentax.node.demo import (
    catalogues,
    companies,
    create_demo_world,
    goods,
    history,
    offices,
    particulars,
    world,
)
from goldentax.node.testing import NOW, WORLD_MADE_AT
from goldentax.registry import api as registry

pytestmark = pytest.mark.django_db
DAY = WORLD_MADE_AT.date()


def quiet(step: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


def counted() -> dict[str, int]:
    owners = [one.tax_id for one in everybody()]
    goods_lists = [registry.list_goods(owner_tax_id=one, limit=200).items for one in owners]
    customer_lists = [registry.list_customers(owner_tax_id=one, limit=200).items for one in owners]
    return {
        "offices": len(authority.list_offices()),
        "taxpayers": len(owners),
        "goods": sum(map(len, goods_lists)),
        "customers": sum(map(len, customer_lists)),
        "invoices": sum(count_of(one) for one in owners),
        "people": sum(identity.find_person(login=user) is not None for user in users()),
        "audit": AuditEntry.objects.count(),
    }


def count_of(tax_id: str) -> int:
    seller = Actor(roles=frozenset({TAXPAYER}), taxpayer_id=tax_id)
    return invoicing.count_invoices(actor=seller, filter_=invoicing.InvoiceFilter())


def everybody() -> list[registry.TaxpayerView]:
    return list(registry.list_taxpayers(limit=200).items)


def users() -> list[str]:
    return [one["user"] for one in accounts_file.read_accounts(settings().home, node="45")]


def by_key(key: str) -> registry.TaxpayerView:
    company = next(one for one in companies.ALL if one.key == key)
    return registry.get_taxpayer(tax_id=particulars.tax_id_of(company))


def test_the_world_has_what_it_promises() -> None:
    found = counted()
    assert found["taxpayers"] == len(companies.ALL) >= 60
    assert found["invoices"] == sum(history.SELLERS.values()) >= 120
    assert found["goods"] >= 150 and found["customers"] >= 250 and found["people"] == 13
    kinds = [one.kind for one in everybody()]
    assert kinds.count("general") >= 30 and kinds.count("small") >= 20 and kinds.count("person") >= 4


def test_made_again_nothing_changes(tmp_path: Path) -> None:
    before = counted()
    create_demo_world(home=settings().home, now=NOW + timedelta(days=400), progress=quiet)
    assert counted() == before


def test_a_making_that_was_broken_off_is_finished_without_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if the start had been killed just before the world was called complete.
    monkeypatch.setattr(world, "VERSION", "another")
    before = counted()
    create_demo_world(home=settings().home, now=WORLD_MADE_AT + timedelta(hours=1), progress=quiet)
    assert counted() == {**before, "audit": before["audit"] + 1}


def test_where_the_passwords_were_lost_new_ones_are_set(tmp_path: Path) -> None:
    create_demo_world(home=tmp_path, now=NOW, progress=quiet)
    found = {one["user"]: one for one in accounts_file.read_accounts(tmp_path, node="45")}
    assert sorted(found) == sorted(users())
    person = identity.sign_in(
        login="demo-seller", password=found["demo-seller"]["password"], address="127.0.0.1", now=NOW
    )
    assert person.login == "demo-seller"


def test_every_account_signs_in_and_no_password_stands_anywhere_else() -> None:
    path = settings().home / accounts_file.FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    listed = json.loads(path.read_text(encoding="utf-8"))
    assert len({one["password"] for one in listed}) == len(listed) == 13
    for one in listed:
        assert {"who_zh", "who_en", "user", "password", "tax_id", "url"} <= set(one)
        assert identity.sign_in(login=one["user"], password=one["password"], address="127.0.0.2", now=NOW)
    details = json.dumps(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert not any(one["password"] in details for one in listed)


def test_one_nodes_accounts_leave_the_others_in_place(tmp_path: Path) -> None:
    hq, province = {"user": "a", "node": "00"}, {"user": "b", "node": "45"}
    accounts_file.keep_accounts(tmp_path, node="00", accounts=[hq])
    accounts_file.keep_accounts(tmp_path, node="45", accounts=[province])
    accounts_file.keep_accounts(tmp_path, node="45", accounts=[province])
    assert accounts_file.read_accounts(tmp_path, node="00") == [hq]
    assert accounts_file.read_accounts(tmp_path, node="45") == [province]


def test_a_world_that_is_no_demo_stays_empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain = replace(settings(), demo=False)
    monkeypatch.setattr(world, "settings", lambda: plain)
    monkeypatch.setattr(world, "VERSION", "another")
    before = counted()
    create_demo_world(home=tmp_path, now=NOW, progress=quiet)
    assert counted() == before
    assert list(tmp_path.iterdir()) == []


def test_every_identifier_is_valid_and_nobodys() -> None:
    taken = everybody()
    assert len({one.tax_id for one in taken}) == len(taken)
    for one in taken:
        assert identifiers.classify_taxpayer_id(one.tax_id) is not None, one
        # Organisation codes in a segment that is not given out, cards of a division that does not exist.
        assert one.tax_id[8:11] == "MAY" or one.tax_id.startswith("450199"), one


def test_every_office_has_its_parent_and_a_code_of_its_division() -> None:
    found = {one.code: one for one in authority.list_offices()}
    assert sum(one.level == "city" for one in found.values()) == 14
    assert {one.level for one in found.values()} == {"hq", "province", "city", "county", "branch"}
    for one in found.values():
        assert one.level == "hq" or one.parent_code in found, one
        assert one.level == "hq" or one.code[1:7] == one.division_code, one
    assert {one.office_code for one in everybody()} <= set(found)


def test_every_code_stands_in_the_built_in_tables() -> None:
    wanted = {ware.tax_code for wares in goods.TRADES.values() for ware in wares}
    found = codes.find_codes(table=codes.TAX_CLASSIFICATION, codes=wanted, on=DAY)
    assert {code for code in wanted if code not in found or not found[code].is_leaf} == set()
    industries = {one.industry for one in companies.ALL if one.industry}
    assert set(codes.find_codes(table=codes.INDUSTRY, codes=industries, on=DAY)) == industries
    divisions = {one.division for one in companies.ALL}
    assert set(codes.find_codes(table=codes.DIVISION, codes=divisions, on=DAY)) == divisions
    assert {one.trade for one in companies.ALL if one.trade} == set(goods.TRADES)


def test_every_seller_keeps_goods_and_customers() -> None:
    for company in companies.ALL:
        tax_id = particulars.tax_id_of(company)
        if company.trade:
            assert 2 <= len(registry.list_goods(owner_tax_id=tax_id).items) <= 8, company
            assert 5 <= len(registry.list_customers(owner_tax_id=tax_id).items) <= 9, company


def test_rates_are_those_of_the_kind_and_the_day() -> None:
    def rate(kind: str, code: str) -> str:
        return catalogues.default_rate(kind=kind, tax_code=code.ljust(19, "0"), on=DAY)

    assert (rate("general", "103010602"), rate("general", "3070401"), rate("small", "3070401")) == (
        "0.13",
        "0.06",
        "0.01",
    )
    assert rate("general", "10101150111") == "0.09"


def test_history_lies_in_the_past_in_the_order_of_numbers() -> None:
    sales = history.planned_sales(now=WORLD_MADE_AT)
    assert all(sale.at < WORLD_MADE_AT for sale in sales)
    assert all(8 <= sale.at.astimezone(clock.CHINA).hour < 18 for sale in sales)
    assert [sale.at for sale in sales] == sorted(sale.at for sale in sales)
    months = {(sale.at.year, sale.at.month) for sale in sales}
    assert len(months) >= 5


def test_both_kinds_discounts_inclusive_and_exempt_stand_in_the_history() -> None:
    taxpayers = {one.key: by_key(one.key) for one in companies.ALL}
    drafts = [
        history.draft_of(sale, taxpayers=taxpayers) for sale in history.planned_sales(now=WORLD_MADE_AT)
    ]
    assert {draft.kind for draft in drafts} == {"81", "82"}
    lines = [line for draft in drafts for line in draft.lines]
    assert any(line.is_discount for line in lines)
    assert any(draft.prices_include_tax for draft in drafts)
    assert any(line.preference == "03" for line in lines)
    assert any(draft.buyer.is_person for draft in drafts)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("cancelled", "INV-SEL-"),
        ("abnormal", "INV-SEL-"),
        ("suspended", "INV-SEL-"),
        ("wei", "INV-SEL-"),
        ("unlimited", "INV-LIM-"),
        ("expired", "INV-LIM-"),
        ("tiny", "INV-LIM-"),
        ("new", ""),
        ("grown", ""),
    ],
)
def test_unusual_taxpayers_are_refused_as_they_should_be(key: str, code: str, actor_for: Any) -> None:
    taxpayer = by_key(key)
    draft = invoicing.InvoiceDraft(
        request_id=f"unusual-{key}-0001",
        kind="82",
        buyer=invoicing.PartyDraft(name="个人消费者", is_person=True),
        lines=(
            invoicing.LineDraft(
                name="技术咨询",
                tax_code="3040102000000000000",
                rate="0.01" if registry.kind_on(tax_id=taxpayer.tax_id, on=DAY) == "small" else "0.06",
                amount=1001,
            ),
        ),
    )

    def issue() -> invoicing.Issued:
        return invoicing.issue_invoice(draft=draft, actor=actor_for(taxpayer.tax_id), now=WORLD_MADE_AT)

    if code:
        with pytest.raises(Refusal) as refused:
            issue()
        assert refused.value.code.startswith(code)
    else:
        assert issue().number


def test_who_became_general_was_small_before() -> None:
    tax_id = by_key("grown").tax_id
    change = world._BECAME_GENERAL_ON
    assert registry.kind_on(tax_id=tax_id, on=change - timedelta(days=1)) == "small"
    assert registry.kind_on(tax_id=tax_id, on=change) == "general"


def test_a_headquarters_has_the_bureaus_of_the_provinces() -> None:
    found = offices.headquarters_offices(on=DAY)
    assert [one.code for one in found if one.level == "hq"] == ["10000000000"]
    # 31 provinces on the mainland and five cities with plans of their own.
    assert len(found) == 1 + 31 + 5
    assert next(one.name for one in found if one.code == "14500000000") == "国家税务总局广西壮族自治区税务局"
