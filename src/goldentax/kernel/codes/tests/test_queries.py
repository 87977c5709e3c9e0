"""Look-ups and search by code, words and pinyin, in a table small enough to know the right answers."""

from datetime import date, datetime

import pytest

from goldentax.kernel import clock
from goldentax.kernel.codes import api as codes
from goldentax.kernel.codes.pinyin import search_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_tables")]

DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=clock.CHINA)
ROWS = [
    codes.Row(code="3000", name="销售服务"),
    codes.Row(code="3070", name="餐饮住宿服务", parent="3000"),
    codes.Row(code="3071", name="餐饮服务", short_name="餐饮服务", parent="3070", description="堂食与外卖"),
    codes.Row(code="3072", name="住宿服务", short_name="住宿服务", parent="3070"),
    codes.Row(code="3073", name="机关餐饮服务", short_name="餐饮服务", parent="3070"),
    codes.Row(code="3080", name="A4打印纸", short_name="纸制品", parent="3000", description="100%木浆_白色"),
    codes.Row(code="3081", name="重庆火锅底料", parent="3000"),
]


@pytest.fixture(autouse=True)
def _table(empty_tables: None) -> None:
    codes.import_codes(table="goods", rows=ROWS, valid_from=date(2018, 1, 1), source="a test", now=NOW)


def search(text: str, **more: object) -> list[str]:
    return [one.code for one in codes.search_codes(table="goods", text=text, on=DAY, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3071", ["3071"]),
        ("307", ["3072", "3071", "3073"]),
        ("餐饮服务", ["3071", "3073"]),
        ("*餐饮服务*", ["3071", "3073"]),
        ("外卖", ["3071"]),
        ("堂食 餐饮", ["3071"]),
        ("cyfw", ["3071", "3073"]),
        ("CYFW", ["3071", "3073"]),
        ("canyin", ["3071", "3073"]),
        ("chongqing", ["3081"]),
        ("cqhg", ["3081"]),
        ("ａ４", ["3080"]),
        ("100%", ["3080"]),
        ("木浆_", ["3080"]),
        ("打印墨盒", ["3080"]),
        ("住宿餐饮费", ["3071", "3072", "3073"]),
        ("_服", []),
        ("\\", []),
        ("   ", []),
        ("\x00", []),
    ],
)
def test_search_finds_and_ranks(text: str, expected: list[str]) -> None:
    found = search(text)
    assert found == expected or (text == "307" and sorted(found) == sorted(expected))


def test_groups_are_found_only_on_request() -> None:
    assert "3070" not in search("餐饮")
    assert "3070" in search("餐饮", leaves_only=False)


def test_the_very_name_comes_before_a_longer_one() -> None:
    assert search("住宿", leaves_only=False) == ["3072", "3070"]


def test_search_looks_at_the_day() -> None:
    assert codes.search_codes(table="goods", text="餐饮", on=date(2017, 12, 31)) == []


def test_search_results_come_in_pages_without_gaps() -> None:
    whole = search("服务", leaves_only=False, limit=100)
    seen: list[str] = []
    cursor = ""
    while True:
        page = codes.search_page(
            table="goods", text="服务", on=DAY, leaves_only=False, limit=2, cursor=cursor
        )
        seen += [one.code for one in page.codes]
        cursor = page.cursor
        if not cursor:
            break
    assert seen == whole and len(whole) == 5


def test_the_list_comes_in_pages_without_gaps() -> None:
    first = codes.list_codes(table="goods", on=DAY, limit=4)
    second = codes.list_codes(table="goods", on=DAY, limit=4, cursor=first.cursor)
    assert [one.code for one in (*first.codes, *second.codes)] == [row.code for row in ROWS]
    assert second.cursor == ""


@pytest.mark.parametrize("cursor", ["x", "%%%", "WyJhIl0", "bnVsbA", "W10", "WzFd"])
def test_a_cursor_that_was_not_given_out_is_refused(cursor: str) -> None:
    with pytest.raises(codes.BadCursor):
        codes.search_page(table="goods", text="服务", on=DAY, cursor=cursor)


def test_children_and_ancestors() -> None:
    assert [one.code for one in codes.list_children(table="goods", parent="3070", on=DAY)] == [
        "3071",
        "3072",
        "3073",
    ]
    assert [one.code for one in codes.list_children(table="goods", parent="", on=DAY)] == ["3000"]
    assert [one.code for one in codes.list_ancestors(table="goods", code="3071", on=DAY)] == ["3000", "3070"]
    assert codes.list_ancestors(table="goods", code="none", on=DAY) == []


def test_many_codes_are_found_in_one_query(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = codes.find_codes(table="goods", codes=["3071", "3072", "none", "3071"], on=DAY)
    assert sorted(found) == ["3071", "3072"]


def test_what_is_not_there_is_refused_by_its_kind() -> None:
    with pytest.raises(codes.UnknownCode):
        codes.get_code(table="goods", code="none", on=DAY)
    with pytest.raises(codes.UnknownTable):
        codes.get_code(table="none", code="none", on=DAY)
    with pytest.raises(codes.UnknownTable):
        codes.get_table(table="no\x00ne")
    assert codes.find_code(table="goods", code="30\x0071", on=DAY) is None


def test_the_search_text_holds_each_key_between_line_breaks() -> None:
    keys = search_text(code="1", name="A4打印纸（白）", short_name="纸", description="甲\n乙").split("\n")
    assert keys == ["", "1", "a4打印纸(白)", "纸", "a4dyzb", "a4dayinzhibai", "z", "zhi", "甲 乙", ""]
