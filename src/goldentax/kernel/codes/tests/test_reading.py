"""The format of a file is told by its header; a broken file says where."""

import json
from pathlib import Path

import pytest

from goldentax.kernel.codes import errors
from goldentax.kernel.codes.importing import prepare
from goldentax.kernel.codes.reading import read_bytes, read_file
from goldentax.kernel.refusals import Refusal

PLAIN = "code,name,short_name,parent,is_leaf,description,attributes\n"


def read(text: str, *, table: str = "") -> list[tuple[str, str, str]]:
    contents = read_bytes(text.encode(), file="x.csv", table=table)
    return [(one.table, row.code, row.parent) for one in contents for row in one.rows]


def test_the_tax_classification_table_inherits_its_short_names() -> None:
    header = "code,name,short_name,short_name_filled,level,parent_code,is_leaf,description\n"
    (content,) = read_bytes((header + "1,货物,,货物类,1,,0,\n").encode(), file="t.csv")
    assert (content.table, content.rows[0].short_name, content.rows[0].is_leaf) == (
        "tax_classification",
        "货物类",
        False,
    )


def test_divisions_of_the_ministry_find_their_parents() -> None:
    names = {"450000": "广西", "450100": "南宁", "450102": "兴宁", "459001": "直辖"}
    text = "Source\tRevision\tCode\tName\n" + "".join(
        f"mca\t1\t{code}\t{name}\n" for code, name in names.items()
    )
    assert read(text) == [
        ("division", "450000", ""),
        ("division", "450100", "450000"),
        ("division", "450102", "450100"),
        ("division", "459001", "450000"),
    ]


def test_divisions_by_two_four_and_six_digits_become_one_table() -> None:
    provinces = read("code,name\n45,广西\n")
    cities = read("code,name,provinceCode\n4501,南宁,45\n")
    areas = read("code,name,cityCode,provinceCode\n450102,兴宁,4501,45\n")
    assert provinces + cities + areas == [
        ("division", "450000", ""),
        ("division", "450100", "450000"),
        ("division", "450102", "450100"),
    ]


def test_banks_and_industries_are_known_by_their_headers() -> None:
    assert read("bank_no,bank_name,bank_code\n102100099996,工行,102\n") == [("bank", "102100099996", "")]
    assert read("code,name,level,parent\nA,农业,1,\n01,农,2,A\n") == [
        ("industry", "A", ""),
        ("industry", "01", "A"),
    ]


def test_enumerations_are_many_tables_in_one_file() -> None:
    text = json.dumps(
        {"_about": "x", "fplxDm": {"81": "专票"}, "grade": ["A", "B"], "seat": {"火车": ["一等座"]}}
    )
    assert read(text) == [
        ("fplxdm", "81", ""),
        ("grade", "A", ""),
        ("grade", "B", ""),
        ("seat", "火车", ""),
        ("seat", "火车/1", "火车"),
    ]


def test_an_empty_enumeration_code_becomes_a_dash() -> None:
    (content,) = read_bytes(json.dumps({"flag": {"": "非零税率"}}).encode(), file="x.json")
    assert (content.rows[0].code, content.rows[0].attributes) == ("-", {"value": ""})


def test_a_plain_file_needs_its_table_named() -> None:
    with pytest.raises(errors.TableNotNamed):
        read(PLAIN + "a,甲,,,,,\n")
    assert read(PLAIN + "a,甲,,,,,\n", table="mine") == [("mine", "a", "")]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    (content,) = read_bytes(b"\xef\xbb\xbfcode,name\r\nab,\xe7\x94\xb2\r\n", file="x.csv", table="mine")
    assert (content.rows[0].code, content.rows[0].name) == ("ab", "甲")


@pytest.mark.parametrize(
    ("data", "refusal", "line"),
    [
        (PLAIN.encode() + b"a,\xff\xfe,,,,,\n", errors.NotText, 2),
        (PLAIN.encode() + 'a,"甲,,,,,\nb,乙,,,,,\n'.encode(), errors.BrokenFile, 2),
        (PLAIN.encode() + "a,甲,,,,,\nb,乙\n".encode(), errors.BrokenFile, 3),
        (PLAIN.encode() + "a,甲,,,也许,,\n".encode(), errors.BadField, 2),
        (PLAIN.encode() + "a,甲,,,,,[1]\n".encode(), errors.BadField, 2),
        (PLAIN.encode() + "a,甲,,,,,{x\n".encode(), errors.BadField, 2),
        (b'{"a": {"1": 2}}', errors.BrokenFile, 1),
        (b'{"a": {"1": "x"},\n "b": }', errors.BrokenFile, 2),
        (b'{"_about": "nothing"}', errors.NothingInside, None),
        (PLAIN.encode(), errors.NothingInside, None),
        (b"", errors.NothingInside, None),
        (b"one,two\n1,2\n", errors.UnknownFormat, None),
    ],
)
def test_a_broken_file_says_where(data: bytes, refusal: type[Refusal], line: int | None) -> None:
    with pytest.raises(refusal) as caught:
        read_bytes(data, file="bad.csv", table="mine")
    assert caught.value.facts.get("line") == line


def test_a_quoted_line_break_does_not_shift_the_line_that_is_named() -> None:
    text = PLAIN + 'a,甲,,,,"两\n行",\nb,乙,,,坏,,\n'
    with pytest.raises(errors.BadField) as caught:
        read(text, table="mine")
    assert caught.value.facts["line"] == 4


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.NoFile):
        read_file(tmp_path / "none.csv")
    with pytest.raises(errors.NoFile):
        read_file(tmp_path)


def test_what_was_read_makes_a_whole_hierarchy() -> None:
    (content,) = read_bytes(b"code,name,level,parent\nA,x,1,\n01,y,2,A\n", file="i.csv")
    assert prepare(content.rows)["01"].level == 2
