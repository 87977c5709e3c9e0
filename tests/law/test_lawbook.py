"""How law is written: what the loader refuses, and that a day finds the value that was in force."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from goldentax.kernel import lawbook
from goldentax.kernel.lawbook import BadLaw, Lawbook, MissingFact, UnknownFact
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings

PARAMETER = """\
label: {zh: 示例税率, en: Example rate}
unit: ratio
values:
  - {from: 2018-05-01, value: "0.16", basis: "one document"}
  - {from: 2019-04-01, to: 2026-01-01, value: "0.13", basis: "another", confidence: M}
  - {from: 2027-01-01, value: null, basis: "looked for, not found"}
"""
TABLE = """\
label: {zh: 示例, en: Example}
columns: {code: text, rate: ratio, marks: texts, note: "text?"}
key: [code]
defaults: {from: 2020-01-01, basis: "one document"}
rows:
  - {code: "01", rate: "0.03", marks: ["08"], to: 2023-01-01}
  - {code: "01", rate: "0.01", marks: [], from: 2023-01-01, confidence: L}
  - {code: "02", rate: "0.05", marks: [], note: 备注}
"""


def load(folder: Path, **files: str) -> Lawbook:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Lawbook.load(folder)


@pytest.mark.parametrize(
    ("on", "value", "state"),
    [
        (date(2018, 5, 1), Decimal("0.16"), lawbook.KNOWN),
        (date(2019, 3, 31), Decimal("0.16"), lawbook.KNOWN),
        (date(2019, 4, 1), Decimal("0.13"), lawbook.KNOWN),
        (date(2025, 12, 31), Decimal("0.13"), lawbook.KNOWN),
        (date(2027, 6, 1), None, lawbook.MISSING),
    ],
)
def test_a_day_finds_the_value_in_force(tmp_path: Path, on: date, value: Decimal | None, state: str) -> None:
    fact = load(tmp_path, vat__rate=PARAMETER).explain("vat/rate", on=on)
    assert (fact.value, fact.state) == (value, state)


@pytest.mark.parametrize("on", [date(2018, 4, 30), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)])
def test_a_day_without_a_value_is_refused(tmp_path: Path, on: date) -> None:
    with pytest.raises(MissingFact) as caught:
        load(tmp_path, vat__rate=PARAMETER).parameter("vat/rate", on=on)
    assert caught.value.facts["path"] == "vat/rate" and caught.value.facts["why"]


def test_a_table_shows_the_rows_of_the_day(tmp_path: Path) -> None:
    book = load(tmp_path, vat__table=TABLE)
    assert [row["rate"] for row in book.table("vat/table", on=date(2022, 12, 31))] == [
        Decimal("0.03"),
        Decimal("0.05"),
    ]
    assert [row["rate"] for row in book.table("vat/table", on=date(2023, 1, 1))] == [
        Decimal("0.01"),
        Decimal("0.05"),
    ]
    assert book.table("vat/table", on=date(2022, 1, 1))[0]["marks"] == ("08",)
    assert book.table("vat/table", on=date(2022, 1, 1))[0]["note"] is None
    with pytest.raises(MissingFact):
        book.table("vat/table", on=date(2019, 12, 31))


def test_a_table_is_as_sure_as_its_weakest_row(tmp_path: Path) -> None:
    book = load(tmp_path, vat__table=TABLE)
    assert book.explain("vat/table", on=date(2022, 1, 1)).state == lawbook.KNOWN
    assert book.explain("vat/table", on=date(2024, 1, 1)).state == lawbook.ASSUMED


def test_what_is_read_cannot_be_changed(tmp_path: Path) -> None:
    row = load(tmp_path, vat__table=TABLE).table("vat/table", on=date(2022, 1, 1))[0]
    with pytest.raises(TypeError):
        row["rate"] = Decimal(0)  # type: ignore[index]


def test_a_result_can_say_what_it_rests_on(tmp_path: Path) -> None:
    book = load(tmp_path, vat__rate=PARAMETER, vat__table=TABLE)
    with lawbook.consulted() as facts:
        book.parameter("vat/rate", on=date(2024, 1, 1))
        book.table("vat/table", on=date(2024, 1, 1))
        book.parameter("vat/rate", on=date(2024, 1, 1))
    assert [fact.path for fact in facts] == ["vat/rate", "vat/table"]
    assert lawbook.weakest(facts) == lawbook.ASSUMED and lawbook.weakest(facts[:1]) == lawbook.KNOWN


def test_parameters_of_a_group_stand_in_its_folder(tmp_path: Path) -> None:
    one = '{label: {zh: 一, en: one}, unit: lines, values: [{from: 2020-01-01, value: 7, basis: "x"}]}'
    book = load(tmp_path, vat__sizes=f"parameters:\n  lines: {one}\n")
    assert book.parameter("vat/lines", on=date(2026, 1, 1)) == 7


def test_an_unknown_name_is_refused_with_the_nearest_ones(tmp_path: Path) -> None:
    book = load(tmp_path, vat__rate=PARAMETER)
    with pytest.raises(UnknownFact) as caught:
        book.parameter("vat/rates", on=date(2024, 1, 1))
    assert caught.value.facts["near"] == "vat/rate"


@pytest.mark.parametrize(
    ("rule", "line", "old", "new"),
    [
        ("float", 4, '"0.16"', "0.16"),
        ("type", 4, '"0.16"', "16"),
        ("type", 4, '"0.16"', '"sixteen"'),
        ("type", 4, '"0.16"', '"NaN"'),
        ("basis", 4, ', basis: "one document"', ""),
        ("basis", 4, '"one document"', '"  "'),
        ("from", 4, "from: 2018-05-01, ", ""),
        ("date", 4, "2018-05-01", "soon"),
        ("date", 4, "2018-05-01", "2018-05-01T00:00:00"),
        ("date", 4, "2018-05-01", "2018-02-31"),
        ("overlap", 5, "2019-04-01", "2018-05-01"),
        ("overlap", 6, "2027-01-01", "2025-12-31"),
        ("period", 5, "to: 2026-01-01", "to: 2019-04-01"),
        ("confidence", 5, "confidence: M", "confidence: sure"),
        ("value", 6, "value: null, ", ""),
        ("key", 4, "basis:", "grounds: x, basis:"),
        ("twice", 4, 'value: "0.16"', 'value: "0.16", value: "0.17"'),
        ("unit", 1, "unit: ratio", "unit: percent"),
        ("label", 1, ", en: Example rate", ""),
        ("yaml", 5, '"one document"}', '"one document"'),
        ("shape", 1, "values:", "worth:"),
    ],
)
def test_a_mistake_in_a_parameter_is_named_with_its_place(
    tmp_path: Path, rule: str, line: int, old: str, new: str
) -> None:
    assert old in PARAMETER
    with pytest.raises(BadLaw) as caught:
        load(tmp_path, vat__rate=PARAMETER.replace(old, new, 1))
    assert (caught.value.rule, caught.value.facts["place"]) == (rule, f"vat/rate.yaml:{line}")


@pytest.mark.parametrize(
    ("rule", "line", "old", "new"),
    [
        ("overlap", 7, "from: 2023-01-01, ", "from: 2022-12-31, "),
        ("float", 8, '"0.05"', "0.05"),
        ("column", 8, 'code: "02", ', ""),
        ("type", 8, '"02"', "2"),
        ("type", 7, "marks: []", 'marks: ["08", 9]'),
        ("key", 8, "note: 备注", "remark: 备注"),
        ("columns", 1, "key: [code]", "key: [name]"),
        ("columns", 1, "key: [code]\n", ""),
        ("unit", 2, "rate: ratio", "rate: per-cent"),
        ("unit", 2, "rate: ratio", "basis: ratio"),
        ("basis", 6, ', basis: "one document"', ""),
        ("period", 6, "to: 2023-01-01", "to: 2020-01-01"),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_place(
    tmp_path: Path, rule: str, line: int, old: str, new: str
) -> None:
    assert old in TABLE
    with pytest.raises(BadLaw) as caught:
        load(tmp_path, vat__table=TABLE.replace(old, new, 1))
    assert (caught.value.rule, caught.value.facts["place"]) == (rule, f"vat/table.yaml:{line}")


def test_mistakes_in_several_files_are_told_together(tmp_path: Path) -> None:
    bad = PARAMETER.replace('"0.16"', "0.16")
    with pytest.raises(Refusal) as caught:
        load(tmp_path, vat__one=bad, vat__two=bad, vat__three=PARAMETER)
    assert [one.field for one in caught.value.each()] == ["vat/one.yaml:4", "vat/two.yaml:4"]


def test_a_name_may_be_given_only_once(tmp_path: Path) -> None:
    one = '{label: {zh: 一, en: one}, unit: lines, values: [{from: 2020-01-01, value: 7, basis: "x"}]}'
    with pytest.raises(BadLaw) as caught:
        load(tmp_path, vat__rate=PARAMETER, vat__more=f"parameters:\n  rate: {one}\n")
    assert caught.value.rule == "twice"


@pytest.mark.parametrize("text", ["no", "yes", "on", "010", "12:30", "0x1f"])
def test_yaml_turns_no_text_into_something_else(tmp_path: Path, text: str) -> None:
    law = PARAMETER.replace("unit: ratio", "unit: text").replace('"0.16"', text)
    assert load(tmp_path, vat__rate=law).parameter("vat/rate", on=date(2018, 6, 1)) == text


def test_the_version_tells_two_lawbooks_apart(tmp_path: Path) -> None:
    first = load(tmp_path, vat__rate=PARAMETER).version
    assert load(tmp_path, vat__rate=PARAMETER).version == first
    assert load(tmp_path, vat__rate=PARAMETER.replace("0.16", "0.17")).version != first


def test_the_longest_prefix_wins() -> None:
    rows = [{"prefix": "3"}, {"prefix": "304"}, {"prefix": "3040"}]
    assert lawbook.longest_prefix(rows, code="3049") == {"prefix": "304"}
    assert lawbook.longest_prefix(rows, code="1") is None


def test_the_lawbook_of_the_product_can_be_read_and_holds_no_empty_day_in_force() -> None:
    book = Lawbook.load(settings().lawbook)
    today = date(2026, 11, 21)
    for path in (*book.parameters, *book.tables):
        assert book.explain(path, on=today).basis
    assert len(book.version) == 64 and book.version == lawbook.version()
