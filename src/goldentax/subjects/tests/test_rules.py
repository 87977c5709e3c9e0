"""Names, numbers, credentials, cleaning, giving: decisions without a database."""

from datetime import date, timedelta

import pytest

from goldentax.kernel.refusals import Refusal
from goldentax.node.testing import NOW
from goldentax.subjects import errors
from goldentax.subjects.rules import (
    cleaning,
    credentials,
    invitations,
    kinds,
    names,
    numbers,
    relations,
    similarity,
    sources,
)
from goldentax.subjects.rules.sources import Query
from goldentax.subjects.tests.conftest import card, uscc

ON = date(2026, 11, 21)


def test_a_network_number_tells_province_kind_and_issuer_and_checks() -> None:
    number = numbers.make_number(province="45", kind=kinds.NATURAL_PERSON, issuer="1", serial=1, on=ON)
    assert number[:4] == "45P1"
    assert numbers.is_valid_number(number)


def test_every_single_wrong_sign_of_a_network_number_is_noticed() -> None:
    number = numbers.make_number(province="45", kind=kinds.LEGAL_ENTITY, issuer="0", serial=123456789, on=ON)
    for place in range(len(number)):
        for sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            if sign != number[place]:
                assert not numbers.is_valid_number(number[:place] + sign + number[place + 1 :])


def test_every_exchange_of_neighbours_in_a_network_number_is_noticed() -> None:
    for serial in (1, 20, 305070902, 999999999):
        number = numbers.make_number(province="45", kind=kinds.AGENCY, issuer="1", serial=serial, on=ON)
        for place in range(len(number) - 1):
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            assert swapped == number or not numbers.is_valid_number(swapped)


def test_a_series_that_is_used_up_is_refused() -> None:
    with pytest.raises(errors.SeriesUsedUp):
        numbers.make_number(province="45", kind=kinds.DEVICE, issuer="1", serial=10**9, on=ON)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("　南宁 青禾 科技（集团）有限公司 ", "南宁青禾科技（集团）有限公司"),
        ("南宁青禾(广西)有限公司", "南宁青禾（广西）有限公司"),
        ("ＡＢＣ贸易", "ABC贸易"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("Acme  Trading   Ltd", "Acme Trading Ltd"),
    ],
)
def test_a_name_has_one_form(typed: str, kept: str) -> None:
    assert names.tidied(typed) == kept


def test_the_same_name_written_differently_is_the_same() -> None:
    assert names.is_same("阿依古丽•买买提", "阿依古丽·买买提")
    assert names.is_same("南宁青禾(广西)有限公司", "南宁青禾（广西）有限公司")
    assert not names.is_same("南宁青禾有限公司", "南宁清禾有限公司")


def test_the_core_of_a_company_leaves_place_and_form_out() -> None:
    assert (
        names.core("南宁市青禾软件科技有限公司")
        == names.core("广西壮族自治区青禾软件科技有限责任公司")
        == "青禾软件科技"
    )


def test_a_branch_is_told_by_its_name() -> None:
    assert names.is_branch("南宁青禾有限公司第一分公司") and names.is_branch("老友缘粉店二店")
    assert not names.is_branch("南宁青禾有限公司") and not names.is_branch("老友缘粉店")


@pytest.mark.parametrize("typed", ["９１４５０１０３", "9145 0103", "9145-0103"])
def test_a_number_has_one_form(typed: str) -> None:
    assert credentials.tidied(typed) == "91450103"


def test_a_credential_with_a_wrong_check_is_refused() -> None:
    good = card(1)
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    credentials.check(kind=credentials.ID_CARD, number=good, subject_kind=kinds.NATURAL_PERSON)
    with pytest.raises(errors.BadCredential):
        credentials.check(kind=credentials.ID_CARD, number=wrong, subject_kind=kinds.NATURAL_PERSON)


def test_a_company_has_no_identity_card() -> None:
    with pytest.raises(errors.CredentialDoesNotFit):
        credentials.check(kind=credentials.ID_CARD, number=card(1), subject_kind=kinds.LEGAL_ENTITY)


def test_a_card_number_is_shown_masked_and_a_code_whole() -> None:
    assert credentials.masked(kind=credentials.ID_CARD, number=card(12)).count("*") == 11
    assert credentials.masked(kind=credentials.USCC, number=uscc(1)) == uscc(1)


@pytest.mark.parametrize("tail", ["", "1", "123"])
def test_a_short_tail_fits_nobody(tail: str) -> None:
    assert not credentials.tail_fits(number=card(1), tail=tail)


def test_only_the_stations_in_the_table_follow_each_other() -> None:
    for present, allowed in kinds.NEXT.items():
        for wanted in kinds.NEXT:
            if wanted in allowed:
                kinds.check_step(present=present, wanted=wanted)
            else:
                with pytest.raises(errors.WrongStation):
                    kinds.check_step(present=present, wanted=wanted)


def test_every_station_but_the_last_leads_on() -> None:
    assert {one for one, following in kinds.NEXT.items() if not following} == {kinds.ARCHIVED}


def test_cleaning_marks_and_never_guesses() -> None:
    good = uscc(7)
    entry = cleaning.clean(
        row=1,
        cells={
            "number": good[:-1] + ("A" if good[-1] != "A" else "B"),
            "name": "南宁 青禾(广西)有限公司",
            "phone": "+86 138-0000-1234",
        },
    )
    assert not entry.is_number_valid and entry.number != good
    assert (entry.name, entry.phone, entry.division) == ("南宁青禾（广西）有限公司", "13800001234", "450103")


def test_cleaning_tells_a_person_by_the_form_of_the_number() -> None:
    entry = cleaning.clean(row=1, cells={"number": f" {card(3)[:6]} {card(3)[6:]}", "name": "韦 大明"})
    assert (entry.kind, entry.is_number_valid, entry.name) == (kinds.NATURAL_PERSON, True, "韦大明")


def test_columns_are_found_by_what_people_call_them() -> None:
    assert cleaning.columns_of(["序号", "统一社会信用代码", " 企业名称 ", "手机"]) == {
        "number": 1,
        "name": 2,
        "phone": 3,
    }


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("abcd", "abcd", 0),
        ("abcd", "abdc", 1),
        ("abcd", "abxd", 1),
        ("abcd", "abc", 1),
        ("abcd", "badc", 2),
        ("abcd", "wxyz", 3),
    ],
)
def test_edits_count_exchanges_as_one(one: str, other: str, distance: int) -> None:
    assert similarity.edits(one, other, at_most=2) == distance


def test_nobody_gives_what_stands_above_them() -> None:
    for giver, refused in (
        ({"05"}, ("01", "05")),
        ({"01"}, ("01",)),
        ({"03", "09"}, ("01", "02", "03", "05", "09", "10")),
    ):
        for duty in refused:
            with pytest.raises(errors.MayNotGive):
                relations.check_giving(held=giver, duty=duty, on=ON)


def test_what_may_be_given_is_given() -> None:
    for duty in ("02", "03", "08", "09", "10"):
        relations.check_giving(held={"05"}, duty=duty, on=ON)
    relations.check_giving(held={"01"}, duty="05", on=ON)


def test_a_duty_that_is_given_ends_and_not_too_late() -> None:
    latest = relations.longest_end(duty="03", valid_from=ON, on=ON)
    relations.check_term(duty="03", valid_from=ON, valid_to=latest, on=ON)
    for valid_to in (None, latest + timedelta(days=1)):
        with pytest.raises(errors.TermTooLong):
            relations.check_term(duty="03", valid_from=ON, valid_to=valid_to, on=ON)


@pytest.mark.parametrize(("begin", "end"), [(-1, 30), (0, 0), (5, 4)])
def test_a_term_begins_today_or_later_and_ends_after_it_begins(begin: int, end: int) -> None:
    with pytest.raises(errors.BadTerm):
        relations.check_term(
            duty="03", valid_from=ON + timedelta(days=begin), valid_to=ON + timedelta(days=end), on=ON
        )


def test_every_relation_with_a_duty_has_a_longest_term_but_the_representative() -> None:
    for code, kind in relations.relation_kinds(on=ON).items():
        if kind.duty and code != relations.REPRESENTATIVE:
            assert relations.longest_end(duty=kind.duty, valid_from=ON, on=ON) > ON


def test_a_device_is_nobodys_representative() -> None:
    with pytest.raises(errors.RelationDoesNotFit):
        kind = relations.get_kind("01", on=ON)
        relations.check_ends(kind=kind, from_kind=kinds.DEVICE, to_kind=kinds.LEGAL_ENTITY)


def test_codes_are_typed_in_any_dress_and_never_alike() -> None:
    code = invitations.new_code()
    assert invitations.digest(code) == invitations.digest(code.lower().replace("-", " "))
    assert len({invitations.new_code() for _ in range(200)}) == 200
    assert invitations.tidied_code("0OI1") == ""


def test_a_source_tells_which_claim_is_wrong_and_never_what_is_right() -> None:
    record = {"name": "韦大明"}
    query = Query(at=NOW, credential=credentials.ID_CARD, number=card(1), claims={"name": "韦小明"})
    answer = sources.compare(record=record, query=query)
    assert (answer.verdict, answer.fields, dict(answer.facts)) == (sources.MISMATCH, ("name",), {})


def test_a_closed_company_disagrees_whatever_is_claimed() -> None:
    record = {"name": "甲", "status": "revoked"}
    answer = sources.compare(
        record=record, query=Query(at=NOW, credential=credentials.USCC, number=uscc(1), claims={"name": "甲"})
    )
    assert answer.verdict == sources.MISMATCH and answer.is_closed


def test_the_representatives_card_is_compared_and_never_told() -> None:
    record = {"name": "甲", "representative_id_card": card(1)}
    claims = {"representative_id_card": card(2)}
    answer = sources.compare(
        record=record, query=Query(at=NOW, credential=credentials.USCC, number=uscc(1), claims=claims)
    )
    assert answer.fields == ("representative_id_card",)
    assert card(1) not in str(answer)


def test_a_refusal_of_unknown_relations_names_the_known_ones() -> None:
    with pytest.raises(Refusal, match="SUB-REL-01"):
        relations.get_kind("99", on=ON)
