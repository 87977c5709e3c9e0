"""The decisions of the registry, without a database."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.values import identifiers
from goldentax.registry.rules import catalogue, checks, kinds, views
from goldentax.registry.rules import registration as rules
from goldentax.registry.rules.catalogue import CustomerEntry, GoodEntry
from goldentax.registry.rules.registration import Changes, Registration
from goldentax.registry.tests.conftest import TAX_CODE, TAX_ID

Make = Callable[..., Registration]
CARD = identifiers.make_id_card("45019919900101001")


def codes_of(refusals: list[Refusal]) -> list[str]:
    return [one.code for one in refusals]


def checks_of(wanted: Registration, *, demo: bool = False) -> list[str]:
    return codes_of(rules.check_registration(wanted, in_demo_world=demo))


def test_a_right_registration_is_not_refused(registration: Make) -> None:
    assert checks_of(registration()) == []


@given(place=st.integers(0, 17), sign=st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_sign_of_a_credit_code_is_always_found(place: int, sign: str) -> None:
    text = TAX_ID[:place] + sign + TAX_ID[place + 1 :]
    assert codes_of(checks.check_identifier(text)) == ([] if text == TAX_ID else ["REG-TAX-01"])


def test_a_wrong_check_character_names_field_rule_and_way_out() -> None:
    (refusal,) = checks.check_identifier(TAX_ID[:-1] + ("0" if TAX_ID[-1] != "0" else "1"))
    problem = refusal.as_problem("en")
    assert (problem["field"], problem["rule"], problem["code"]) == ("tax_id", "GB 32100-2015", "REG-TAX-01")
    assert "GB 32100" in problem["title"]
    assert problem["way_out"]


@pytest.mark.parametrize(
    "text", ["", "123", "９１４５０１０３ＭＡＹＴＥＳＴ１", "91450103MAYTEST!XX", "A" * 30, "\x00" * 18]
)
def test_what_is_no_identifier_is_told_from_a_wrong_check_character(text: str) -> None:
    assert codes_of(checks.check_identifier(text)) == ["REG-TAX-02"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "huge"}, "REG-TAX-06"),
        ({"kind": "person"}, "REG-TAX-07"),
        ({"tax_id": CARD, "kind": "general"}, "REG-TAX-07"),
        ({"status": "14"}, "REG-TAX-08"),
        ({"name": ""}, "REG-TAX-05"),
        ({"name": "南宁\n公司"}, "REG-TAX-05"),
        ({"name": "长" * 201}, "REG-TAX-05"),
        ({"address": " 前有空格"}, "REG-TAX-05"),
        ({"phone": "打电话给我"}, "REG-TAX-13"),
        ({"bank_account": "一二三四五六"}, "REG-TAX-14"),
        ({"is_test": True}, "REG-TAX-03"),
    ],
)
def test_each_mistake_of_a_registration_has_its_refusal(registration: Make, changed: dict, code: str) -> None:
    assert checks_of(registration(**changed)) == [code]


def test_several_mistakes_are_told_in_a_fixed_order(registration: Make) -> None:
    wrong = registration(tax_id="x", name="", phone="?")
    assert checks_of(wrong) == ["REG-TAX-02", "REG-TAX-05", "REG-TAX-13"]


def test_a_natural_person_registers_with_an_identity_card(registration: Make) -> None:
    assert checks_of(registration(tax_id=CARD, kind="person")) == []


def test_a_masked_number_passes_as_a_test_taxpayer_of_a_demo_world_only(registration: Make) -> None:
    masked = registration(tax_id="91xxxxxxxxxxxxxxxx3", is_test=True)
    assert checks_of(masked, demo=True) == []
    assert checks_of(masked, demo=False) == ["REG-TAX-03"]
    assert rules.tidied(masked).tax_id == "91xxxxxxxxxxxxxxxx3"


def test_an_identifier_is_kept_in_capitals_without_blanks() -> None:
    assert rules.tidy_tax_id(f" {TAX_ID[:4].lower()} {TAX_ID[4:].lower()}\t") == TAX_ID


@pytest.mark.parametrize(
    ("kind", "on", "code"),
    [
        ("small", date(2026, 1, 1), "REG-TAX-12"),
        ("general", date(2025, 3, 1), "REG-TAX-11"),
        ("person", date(2026, 1, 1), "REG-TAX-07"),
        ("giant", date(2026, 1, 1), "REG-TAX-06"),
    ],
)
def test_an_impossible_change_of_kind_is_refused(kind: str, on: date, code: str) -> None:
    found = rules.check_kind_change(kind=kind, present="small", since=date(2025, 3, 1), on=on)
    assert codes_of(found) == [code]


def test_changes_hold_only_what_was_given() -> None:
    assert Changes(phone="", address="新址").given() == {"phone": "", "address": "新址"}


@pytest.mark.parametrize("rate", ["0.13", "0.015", "0", "1"])
@pytest.mark.parametrize("price", ["", "5680", "0.0450000000001"])
def test_a_right_item_is_not_refused(rate: str, price: str) -> None:
    assert catalogue.check_good(GoodEntry(name="糖", tax_code=TAX_CODE, rate=rate, unit_price=price)) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"rate": "13%"}, "REG-GDS-04"),
        ({"rate": "1.3"}, "REG-GDS-04"),
        ({"rate": "-0.1"}, "REG-GDS-04"),
        ({"rate": "０.13"}, "REG-GDS-04"),
        ({"rate": "NaN"}, "REG-GDS-04"),
        ({"preference": "3"}, "REG-GDS-04"),
        ({"unit_price": "0"}, "REG-GDS-05"),
        ({"unit_price": "1e9"}, "REG-GDS-05"),
        ({"unit_price": "1.00000000000001"}, "REG-GDS-05"),
        ({"tax_code": "103"}, "REG-GDS-03"),
        ({"name": ""}, "REG-TAX-05"),
    ],
)
def test_each_mistake_of_an_item_has_its_refusal(changed: dict, code: str) -> None:
    right = {"name": "糖", "tax_code": TAX_CODE, "rate": "0.13"}
    assert codes_of(catalogue.check_good(GoodEntry(**{**right, **changed}))) == [code]


def test_rates_and_prices_are_kept_without_needless_zeros() -> None:
    entry = catalogue.tidied_good(
        GoodEntry(name=" 糖 ", tax_code=TAX_CODE, rate="0.130", unit_price="100.00")
    )
    assert (entry.name, entry.rate, entry.unit_price) == ("糖", "0.13", "100")


def test_a_customer_on_the_register_may_have_a_masked_number() -> None:
    entry = CustomerEntry(name="某公司", tax_id="91XXXXXXXXXXXXXXXX3")
    assert codes_of(catalogue.check_customer(entry, is_registered=False)) == ["REG-TAX-02"]
    assert catalogue.check_customer(entry, is_registered=True) == []


@given(text=st.text(max_size=40))
def test_masking_hides_the_middle_and_keeps_the_length(text: str) -> None:
    masked = views.masked_middle(text)
    assert len(masked) == len(text)
    assert set(masked[3:-3]) <= {"*"}
    assert len(text) >= 8 or set(masked) <= {"*"}


def test_every_status_code_of_the_official_table_has_a_name() -> None:
    assert sorted(kinds.STATUS_NAMES) == [*(f"{number:02d}" for number in range(1, 14)), "99"]
    assert all(text.zh and text.en for text in kinds.STATUS_NAMES.values())
