"""Money, identifiers and periods refuse to be wrong."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldentax.kernel.values import identifiers, money
from goldentax.kernel.values.period import BadPeriod, Period


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        # From delivered samples (FACTS §1.2, §1.8); the platform's 元 is the bureau's 圆.
        (212, "贰圆壹角贰分"),
        (3954, "叁拾玖圆伍角肆分"),
        (-50000, "（负数）伍佰圆整"),
        (0, "零圆整"),
        (1, "壹分"),
        (110, "壹圆壹角整"),
        (101, "壹圆零壹分"),
        (1_000_001, "壹万圆零壹分"),
        (101_000_000, "壹佰零壹万圆整"),
        (10_000_100_000_00, "壹佰亿零壹拾万圆整"),
        (10**14, "壹万亿圆整"),
        (1_000_100_000_000_00, "壹万零壹亿圆整"),
    ],
)
def test_amounts_in_words_are_those_of_the_faces(fen: int, words: str) -> None:
    assert money.chinese_amount(fen) == words


@given(st.integers(min_value=-money.FEN_MAX, max_value=money.FEN_MAX))
def test_yuan_reads_back_to_the_same_fen(fen: int) -> None:
    assert money.fen_from_yuan(money.yuan(fen)) == fen
    assert money.fen_from_yuan(money.yuan_grouped(fen)) == fen


@given(st.integers(min_value=0, max_value=10**16))
def test_words_differ_for_different_amounts(fen: int) -> None:
    assert money.chinese_amount(fen) != money.chinese_amount(fen + 1)


@pytest.mark.parametrize(
    "text", ["1e999999999", "1e-999999999", "12.345", "abc", "NaN", "Infinity", "", "--1", "1_0.001"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(money.BadAmount):
        money.fen_from_yuan(text)


@pytest.mark.parametrize(("exact", "fen"), [("0.005", 1), ("-0.005", -1), ("0.0049999", 0), ("2.675", 268)])
def test_halves_round_away_from_zero(exact: str, fen: int) -> None:
    assert money.round_fen(Decimal(exact)) == fen


def test_a_credit_code_has_its_check_character() -> None:
    # The example of GB 32100 annex: 91350100M000100Y43.
    assert identifiers.is_valid_uscc("91350100M000100Y43")
    assert not identifiers.is_valid_uscc("91350100M000100Y44")
    assert not identifiers.is_valid_uscc("91350100I000100Y43")


@given(st.text(alphabet=identifiers.USCC_ALPHABET, min_size=8, max_size=8))
def test_one_wrong_character_never_passes(organisation: str) -> None:
    code = identifiers.make_uscc(prefix="91450100", organisation8=organisation)
    assert identifiers.is_valid_uscc(code)
    for place in range(18):
        for sign in identifiers.USCC_ALPHABET[:5]:
            if code[place] != sign:
                assert not identifiers.is_valid_uscc(code[:place] + sign + code[place + 1 :])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("91350100M000100Y43", identifiers.TaxpayerIdKind.USCC),
        ("11010519491231002X", identifiers.TaxpayerIdKind.PERSON),  # the example of GB 11643
        ("110101TRDX8RQU2", identifiers.TaxpayerIdKind.NATURAL_PERSON_NUMBER),
        ("11010519491231002X01", identifiers.TaxpayerIdKind.PERSON_SERIAL),
        ("91440000000000000X", None),  # an anonymised sample
        ("91xxxxxxxxxxxxxxxx3", None),
        ("", None),
    ],
)
def test_identifiers_are_told_apart(text: str, kind: identifiers.TaxpayerIdKind | None) -> None:
    assert identifiers.classify_taxpayer_id(text) == kind


def test_a_fifteen_character_number_of_a_person_may_look_like_an_organisations() -> None:
    # The example of FACTS §1.1 happens to pass the check of an organisation code; both readings are valid numbers.
    assert identifiers.classify_taxpayer_id("110101TRDX8RQU1") is not None


def test_a_period_is_half_open() -> None:
    period = Period.parse("202612")
    assert period.from_ == date(2026, 12, 1)
    assert period.to == date(2027, 1, 1)
    assert date(2026, 12, 31) in period
    assert period.to not in period
    assert str(period.next()) == "202701"


@pytest.mark.parametrize("text", ["202613", "2026", "abcdef", "2026111"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(BadPeriod):
        Period.parse(text)
