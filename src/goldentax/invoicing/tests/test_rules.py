"""The rules of issuing: arithmetic by table and property, and every refusal with its accepted twin."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldentax.invoicing import errors
from goldentax.invoicing.rules import amounts, documents, issuing, numbers, verifying
from goldentax.invoicing.rules.documents import InvoiceDocument, Party
from goldentax.invoicing.rules.drafts import InvoiceDraft, LineDraft, PartyDraft, RedReference
from goldentax.invoicing.rules.law import issuing_law
from goldentax.kernel.clock import CHINA
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=CHINA)
LAW = issuing_law(date(2026, 11, 21))
BUYER = PartyDraft(name="广西示例商贸有限公司", tax_id="91350100M000100Y43")
CODES = {
    "1090101010000000000": issuing.CodeFacts("计算机配套产品", True),
    "3040803010000000000": issuing.CodeFacts("人力资源服务", True),
    "3010101020203000000": issuing.CodeFacts("运输服务", True),
    "6010000000000000000": issuing.CodeFacts("预付卡", True),
    "1000000000000000000": issuing.CodeFacts("货物", False),
}
SELLER = issuing.Seller(party=Party(name="卖方有限公司", tax_id="91450100MA5K1A2BXU"), kind="general")
PLACE = issuing.Place(
    node="45",
    bureau_code="14500000000",
    bureau_name="国家税务总局广西壮族自治区税务局",
    channel=("1", "网页开票"),
)


def line(**changes: Any) -> LineDraft:
    given_: dict[str, Any] = {
        "name": "显示器",
        "tax_code": "1090101010000000000",
        "rate": "0.13",
        "amount": Decimal("100.00"),
    }
    return LineDraft(**(given_ | changes))


def draft(*lines: LineDraft, **changes: Any) -> InvoiceDraft:
    given_: dict[str, Any] = {
        "request_id": "request-0001",
        "kind": "82",
        "buyer": BUYER,
        "lines": lines or (line(),),
    }
    return InvoiceDraft(**(given_ | changes))


def compose(
    wanted: InvoiceDraft, *, seller: issuing.Seller = SELLER, is_test_buyer: bool = False
) -> InvoiceDocument:
    return issuing.compose_invoice(
        draft=wanted,
        seller=seller,
        law=LAW,
        find_code=CODES.get,
        place=PLACE,
        number="",
        drawer="张三",
        now=NOW,
        is_test_buyer=is_test_buyer,
    )


def refused(wanted: InvoiceDraft, **more: Any) -> list[str]:
    with pytest.raises(Refusal) as caught:
        compose(wanted, **more)
    return [one.code for one in caught.value.each()]


SMALL = replace(SELLER, kind="small")


@pytest.mark.parametrize(
    ("kind", "given_line", "inclusive", "expected"),
    [
        # FACTS §1.8: exclusive: round(amount × rate); inclusive: amount = round(gross ÷ (1 + r)), tax the rest.
        (
            "general",
            {"amount": "2.00", "rate": "0.06", "tax_code": "3040803010000000000"},
            False,
            (200, 12, 212),
        ),
        (
            "small",
            {"amount": "39.35", "rate": "0.03", "tax_code": "3010101020203000000"},
            False,
            (3935, 118, 4053),
        ),
        (
            "general",
            {"amount": "4449.00", "rate": "0.06", "tax_code": "3040803010000000000"},
            True,
            (419717, 25183, 444900),
        ),
        ("general", {"amount": "0.01", "rate": "0.13"}, True, (1, 0, 1)),
        ("general", {"amount": "0.50", "rate": "0.13"}, False, (50, 7, 57)),
        ("general", {"amount": "0.05", "rate": "0.13"}, False, (5, 1, 6)),
        ("general", {"amount": "100.00", "rate": "0", "preference": "03"}, False, (10000, 0, 10000)),
        (
            "general",
            {"amount": "100.00", "rate": "0", "preference": "04", "tax_code": "6010000000000000000"},
            False,
            (10000, 0, 10000),
        ),
        ("small", {"amount": "101.00", "rate": "0.01"}, True, (10000, 100, 10100)),
    ],
)
def test_lines_are_worked_out_to_the_fen(
    kind: str, given_line: dict[str, str], inclusive: bool, expected: tuple[int, int, int]
) -> None:
    changes: dict[str, Any] = given_line | {"amount": Decimal(given_line["amount"])}
    document = compose(
        draft(line(**changes), prices_include_tax=inclusive), seller=replace(SELLER, kind=kind)
    )
    one = document.lines[0]
    assert (one.amount_fen, one.tax_fen, one.gross_fen) == expected


@pytest.mark.parametrize(
    ("given_line", "inclusive", "expected"),
    [
        ({"quantity": "3", "unit_price": "33.335"}, False, ("3", "33.335", 10001)),
        ({"quantity": "3", "amount": "100.00"}, False, ("3", "33.3333333333333", 10000)),
        ({"unit_price": "33.5", "amount": "67.00"}, False, ("2", "33.5", 6700)),
        # The price on the real face of FACTS §1.8: 4449.00 ÷ 1.06, fifteen significant digits.
        (
            {"quantity": "1", "unit_price": "4449", "rate": "0.06", "tax_code": "3040803010000000000"},
            True,
            ("1", "4197.16981132075", 419717),
        ),
        ({"quantity": "2.000", "unit_price": "1.50"}, False, ("2", "1.5", 300)),
        ({"amount": "5.00"}, False, ("", "", 500)),
    ],
)
def test_of_quantity_price_and_amount_the_third_is_worked_out(
    given_line: dict[str, str], inclusive: bool, expected: tuple[str, str, int]
) -> None:
    numbers_ = {n: Decimal(given_line[n]) for n in ("quantity", "unit_price", "amount") if n in given_line}
    changes: dict[str, Any] = {"amount": None} | given_line | numbers_
    one = compose(draft(line(**changes), prices_include_tax=inclusive)).lines[0]
    assert (one.quantity, one.unit_price, one.amount_fen) == expected


def test_a_discount_follows_its_line_and_marks_it() -> None:
    document = compose(
        draft(line(amount=Decimal("39.35")), line(amount=Decimal("-0.96"), is_discount=True), line())
    )
    assert [one.nature for one in document.lines] == ["02", "01", "00"]
    assert document.amount_fen == 3935 - 96 + 10000


DISCOUNT = {"is_discount": True, "amount": Decimal("-1.00")}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (draft(request_id="short"), "INV-REQ-01"),
        (draft(request_id="has blanks in it"), "INV-REQ-01"),
        (draft(kind="83"), "INV-KND-01"),
        (draft(seller_tax_id="91350100M000100Y43"), "INV-SEL-02"),
        (draft(buyer=PartyDraft(name=" ")), "INV-BUY-01"),
        (draft(kind="81", buyer=PartyDraft(name="某公司")), "INV-BUY-02"),
        (draft(buyer=PartyDraft(name="某公司", tax_id="91350100M000100Y44")), "INV-BUY-03"),
        (
            draft(kind="81", buyer=PartyDraft(name="张三", tax_id="11010519491231002X", is_person=True)),
            "INV-BUY-04",
        ),
        (draft(remark="长" * 451), "INV-LEN-01"),
        (draft(line(name="长" * 601)), "INV-LEN-01"),
        (draft(remark="\x07"), "INV-LEN-02"),
        (draft(line(name="a\ud800")), "INV-LEN-02"),
        (draft(specific=(RedReference(original_number="1" * 20),)), "INV-SPC-01"),
        (draft(line(name="")), "INV-LIN-03"),
        (draft(line(amount=None)), "INV-LIN-04"),
        (draft(line(amount=None, quantity=Decimal(1))), "INV-LIN-04"),
        (draft(line(quantity=Decimal(3), unit_price=Decimal(33), amount=Decimal("99.02"))), "INV-LIN-05"),
        (draft(line(amount=Decimal("-1.00"))), "INV-LIN-06"),
        (draft(line(amount=Decimal("0.00"))), "INV-LIN-07"),
        (draft(line(amount=Decimal("1.005"))), "INV-NUM-01"),
        (draft(line(quantity=Decimal(-1), unit_price=Decimal(1))), "INV-NUM-01"),
        (draft(line(quantity=Decimal(1), unit_price=Decimal("0.00000000000001"))), "INV-NUM-01"),
        (draft(line(quantity=Decimal("1e25"), unit_price=Decimal(1), amount=None)), "INV-NUM-01"),
        (draft(line(quantity=Decimal("NaN"), unit_price=Decimal(1))), "INV-NUM-01"),
        (draft(line(amount=Decimal("1e999999"))), "INV-NUM-01"),
        (draft(line(**DISCOUNT)), "INV-DIS-01"),
        (draft(line(), line(**DISCOUNT), line(**DISCOUNT)), "INV-DIS-01"),
        (draft(line(), line(**DISCOUNT, name="别的")), "INV-DIS-02"),
        (draft(line(), line(**DISCOUNT, rate="0.09")), "INV-DIS-02"),
        (draft(line(), line(is_discount=True, amount=Decimal("-100.01"))), "INV-DIS-03"),
        (draft(line(), line(is_discount=True, amount=Decimal("1.00"))), "INV-DIS-04"),
        (draft(line(), line(**DISCOUNT, quantity=Decimal(1))), "INV-DIS-04"),
        (draft(line(tax_code="9999999999999999999")), "INV-COD-01"),
        (draft(line(tax_code="1000000000000000000")), "INV-COD-02"),
        (draft(line(rate="13%")), "INV-RAT-01"),
        (draft(line(rate="1")), "INV-RAT-01"),
        (draft(line(rate="0.17")), "INV-RAT-02"),
        (draft(line(rate="0.03")), "INV-RAT-03"),
        (draft(line(tax_code="6010000000000000000")), "INV-RAT-04"),
        (draft(line(preference="99")), "INV-PRE-01"),
        (draft(line(preference="03")), "INV-PRE-01"),
        (draft(line(rate="0", preference="03"), kind="81"), "INV-PRE-02"),
        (draft(line(), line(rate="0", preference="04", tax_code="6010000000000000000")), "INV-PRE-03"),
        (draft(line(tax=Decimal("13.07"))), "INV-TAX-01"),
        (draft(line(rate="0", preference="03", tax=Decimal("0.01"))), "INV-TAX-01"),
        (draft(total_amount=Decimal("100.01")), "INV-TOT-01"),
        (draft(total_tax=Decimal("12.99")), "INV-TOT-01"),
        (draft(total_gross=Decimal("113.000001")), "INV-TOT-01"),
        (draft(line(), line(is_discount=True, amount=Decimal("-100.00"))), "INV-TOT-02"),
    ],
)
def test_what_is_wrong_is_refused_under_its_code(wanted: InvoiceDraft, code: str) -> None:
    assert refused(wanted) == [code]


def test_the_twins_of_the_refused_are_accepted() -> None:
    for wanted in (
        draft(),
        draft(kind="81"),
        draft(remark="长" * 450),
        draft(line(quantity=Decimal(3), unit_price=Decimal(33), amount=Decimal("99.01"))),
        draft(line(), line(**DISCOUNT)),
        draft(line(rate="0.03", preference="01")),
        draft(line(tax=Decimal("13.06"))),
        draft(line(rate="0", preference="03")),
        draft(total_amount=Decimal("100"), total_tax=Decimal("13"), total_gross=Decimal("113.0")),
        draft(buyer=PartyDraft(name="张三", is_person=True)),
    ):
        assert compose(wanted).gross_fen > 0


def test_no_lines_and_too_many_are_refused() -> None:
    assert refused(InvoiceDraft(request_id="request-0001", kind="82", buyer=BUYER, lines=())) == [
        "INV-LIN-01"
    ]
    assert refused(draft(*[line()] * 2001)) == ["INV-LIN-02"]
    assert len(compose(draft(*[line()] * 2000)).lines) == 2000


def test_everything_wrong_is_told_at_once_in_order() -> None:
    wanted = draft(line(rate="0.17"), line(tax_code="9"), kind="81", buyer=PartyDraft(name=""))
    assert refused(wanted) == ["INV-BUY-01", "INV-BUY-02", "INV-RAT-02", "INV-COD-01"]


def test_at_most_twenty_refusals_are_told() -> None:
    assert len(refused(draft(*[line(rate="0.17")] * 500))) == issuing.REFUSALS_TOLD_MAX


def test_a_refusal_names_field_rule_and_way_out_in_both_languages() -> None:
    with pytest.raises(errors.RateNotAllowed) as caught:
        compose(draft(line(rate="0.01"), line(rate="0.13")), seller=SMALL)
    problem = caught.value.as_problem("en")
    assert (problem["field"], problem["code"], problem["status"]) == ("lines[1].rate", "INV-RAT-02", 422)
    assert "small-scale" in problem["title"]
    assert "1%" in problem["way_out"]
    assert "小规模纳税人" in caught.value.as_problem("zh")["title"]


def test_each_kind_of_taxpayer_has_its_own_rates() -> None:
    assert compose(draft(line(rate="0.01")), seller=SMALL).tax_fen == 100
    assert refused(draft(line(rate="0.13")), seller=SMALL) == ["INV-RAT-02"]
    assert refused(draft(line(rate="0.01"))) == ["INV-RAT-02"]
    assert refused(draft(), seller=replace(SELLER, obstacle=Text("注销", "cancelled"))) == ["INV-SEL-03"]


def test_a_test_buyer_may_carry_an_anonymised_number() -> None:
    masked = draft(buyer=PartyDraft(name="某公司", tax_id="91xxxxxxxxxxxxxxxx3"))
    assert refused(masked) == ["INV-BUY-03"]
    assert compose(masked, is_test_buyer=True).buyer.tax_id == "91xxxxxxxxxxxxxxxx3"


fen = st.integers(min_value=1, max_value=10**12)
rates = st.sampled_from([Decimal(rate) for rate in ("0.13", "0.09", "0.06", "0.05", "0.03", "0.015", "0.01")])


@given(amount_fen=fen, rate=rates)
def test_the_tax_is_the_nearest_fen(amount_fen: int, rate: Decimal) -> None:
    exact = Decimal(amount_fen) * rate
    assert abs(amounts.tax_on(amount_fen=amount_fen, rate=rate) - exact) <= Decimal("0.5")


@given(gross_fen=fen, rate=rates)
def test_an_inclusive_price_is_kept_to_the_fen(gross_fen: int, rate: Decimal) -> None:
    found = amounts.from_inclusive(gross_fen=gross_fen, rate=rate)
    assert found.gross_fen == gross_fen
    assert found.tax_fen >= 0
    # The parts also agree with each other within the tolerance of the law.
    again = amounts.tax_on(amount_fen=found.amount_fen, rate=rate)
    assert abs(again - found.tax_fen) <= LAW.line_tax_tolerance_fen


@settings(max_examples=60)
@given(
    lines=st.lists(
        st.tuples(fen, st.sampled_from(["0.13", "0.09", "0.06"]), st.booleans()), min_size=1, max_size=20
    ),
    inclusive=st.booleans(),
)
def test_totals_are_the_sums_of_the_lines(lines: list[tuple[int, str, bool]], inclusive: bool) -> None:
    wanted: list[LineDraft] = []
    for amount_fen, rate, discounted in lines:
        amount = Decimal(amount_fen).scaleb(-2)
        wanted.append(line(amount=amount, rate=rate))
        if discounted and amount_fen > 1:
            wanted.append(line(amount=-Decimal(amount_fen // 2).scaleb(-2), rate=rate, is_discount=True))
    document = compose(draft(*wanted, prices_include_tax=inclusive))
    assert document.amount_fen == sum(one.amount_fen for one in document.lines)
    assert document.tax_fen == sum(one.tax_fen for one in document.lines)
    assert document.gross_fen == document.amount_fen + document.tax_fen
    if inclusive:
        assert document.gross_fen == sum(int(one.amount.scaleb(2)) for one in wanted if one.amount)


@given(quantity=st.decimals(min_value="0.001", max_value="99999", places=3), amount_fen=fen)
def test_a_derived_price_brings_the_amount_back(quantity: Decimal, amount_fen: int) -> None:
    price = amounts.derived_price(amount_fen=amount_fen, quantity=quantity)
    if amounts.is_carried(price):
        back = amounts.product_fen(quantity=quantity, unit_price=price)
        assert abs(back - amount_fen) <= LAW.line_amount_tolerance_fen


def test_a_document_decodes_to_an_equal_one() -> None:
    document = compose(draft(line(quantity=Decimal(2), unit_price=Decimal("1.5"), amount=None)))
    assert documents.decode(documents.encode(document)) == document
    assert documents.encode(documents.decode(documents.encode(document))) == documents.encode(document)


@pytest.mark.parametrize(
    ("rate", "preference", "text"),
    [
        ("0.13", "", "13%"),
        ("0.015", "10", "1.5%"),
        ("0", "", "0%"),
        ("0", "03", "免税"),
        ("0", "04", "不征税"),
        ("0.1", "", "10%"),
    ],
)
def test_the_rate_is_written_as_on_the_face(rate: str, preference: str, text: str) -> None:
    one = documents.Line(
        number=1, name="a", amount_fen=1, rate=rate, tax_fen=0, gross_fen=1, preference=preference
    )
    assert one.rate_text == text


def test_the_remark_is_put_together_in_the_official_order() -> None:
    document = msgspec.structs.replace(
        compose(draft(remark="合同 12", payee="甲", reviewer="乙", show_buyer_bank=True)),
        buyer=Party(name="买方", bank_name="某银行", bank_account="123"),
    )
    assert (
        document.printed_remark == "合同 12\n购方开户银行:某银行;    银行账号:123;\n收款人:甲;    复核人:乙;"
    )


def test_a_number_says_year_province_channel_and_sequence() -> None:
    number = numbers.compose_number(year=2026, province="45", channel="2", sequence=17)
    assert number == "26452000000000000017"
    assert numbers.read_number(number) == numbers.NumberParts(
        year=2026, province="45", channel="2", sequence=17
    )
    assert numbers.read_number("2645200000000000001") is None
    assert numbers.read_number("２６４５２０００００００００００００１７") is None


def test_verification_agrees_only_when_every_field_does() -> None:
    document = msgspec.structs.replace(compose(draft()), number="26452000000000000017")
    right = verifying.VerifyQuery(number="26452000000000000017", issue_date="2026-11-21", gross="113.00")

    def result(**changes: str) -> verifying.Result:
        query = msgspec.structs.replace(right, **changes)
        return verifying.judge(verifying.understand(query), document)

    assert result() == result(kind="82") == result(kind="32") == result(issue_date="20261121") == "00"
    assert result(gross="113.01") == result(issue_date="2026-11-20") == result(kind="81") == "03"
    assert verifying.judge(verifying.understand(right), None) == "02"


@pytest.mark.parametrize(
    "changes",
    [{"number": "1"}, {"number": "x" * 20}, {"issue_date": "yesterday"}, {"gross": "much"}, {"kind": "99"}],
)
def test_a_malformed_question_is_refused(changes: dict[str, str]) -> None:
    fields = {"number": "26452000000000000017", "issue_date": "2026-11-21", "gross": "113.00"} | changes
    with pytest.raises(errors.BadVerifyQuery):
        verifying.understand(verifying.VerifyQuery(**fields))


def test_what_a_refusal_names_is_named_in_the_language_of_its_sentence() -> None:
    with pytest.raises(errors.TooLong) as caught:
        compose(draft(remark="长" * 451))
    assert "备注" in caught.value.message("zh")
    assert "the remark" in caught.value.message("en")
    assert "备注" not in caught.value.message("en")
