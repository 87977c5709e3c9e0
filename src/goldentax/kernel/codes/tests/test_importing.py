"""Rows are checked and compared without a database: hierarchy, refusals by line and column, the plan."""

import pytest

from goldentax.kernel.codes import errors
from goldentax.kernel.codes.entries import Row
from goldentax.kernel.codes.importing import LEVELS_MAX, plan, prepare
from goldentax.kernel.refusals import Refusal, Refusals


def row(code: str, *, parent: str = "", name: str = "名称", line: int = 1, **more: object) -> Row:
    return Row(code=code, name=name, parent=parent, line=line, **more)  # type: ignore[arg-type]


def test_levels_are_counted_from_the_parents_in_any_order_of_rows() -> None:
    found = prepare([row("c", parent="b"), row("b", parent="a"), row("a")])
    assert {code: (one.level, one.is_leaf) for code, one in found.items()} == {
        "c": (3, True),
        "b": (2, False),
        "a": (1, False),
    }


def test_a_group_may_be_marked_without_children() -> None:
    assert not prepare([row("a", is_leaf=False)])["a"].is_leaf


@pytest.mark.parametrize(
    ("rows", "refusal", "field", "line"),
    [
        ([row("", line=7)], errors.CodeMissing, "code", 7),
        ([row("a b", line=7)], errors.CodeMissing, "code", 7),
        ([row("x" * 61, line=7)], errors.CodeMissing, "code", 7),
        ([row("a", name="", line=3)], errors.NameMissing, "name", 3),
        ([row("a", name="名" * 301, line=3)], errors.TextTooLong, "name", 3),
        ([row("a", short_name="名" * 121, line=3)], errors.TextTooLong, "short_name", 3),
        ([row("a", name="坏\x00字", line=3)], errors.BadField, "name", 3),
        ([row("a", line=2), row("a", line=5)], errors.CodeTwice, "code", 5),
        ([row("a", line=2), row("b", parent="z", line=4)], errors.ParentUnknown, "parent", 4),
        ([row("a", parent="a", line=2)], errors.ParentCircle, "parent", 2),
        (
            [row("a", line=2, is_leaf=True), row("b", parent="a", line=3)],
            errors.LeafHasChildren,
            "is_leaf",
            2,
        ),
    ],
)
def test_a_bad_row_is_named_by_line_and_column(
    rows: list[Row], refusal: type[Refusal], field: str, line: int
) -> None:
    with pytest.raises(refusal) as caught:
        prepare(rows)
    assert (caught.value.field, caught.value.facts["line"]) == (field, line)
    assert str(line) in caught.value.message("zh") and str(line) in caught.value.message("en")


def test_a_circle_of_three_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        prepare([row("a", parent="c"), row("b", parent="a"), row("c", parent="b")])
    assert {one.code for one in caught.value.each()} == {errors.ParentCircle.code}


def test_a_chain_deeper_than_any_table_is_refused() -> None:
    chain = [row("n0"), *(row(f"n{i}", parent=f"n{i - 1}") for i in range(1, LEVELS_MAX + 5))]
    assert len(prepare(chain[:LEVELS_MAX])) == LEVELS_MAX
    with pytest.raises(Refusal):
        prepare(list(reversed(chain)))


def test_all_mistakes_are_told_at_once_up_to_twenty() -> None:
    with pytest.raises(Refusals) as caught:
        prepare([row(f"bad {line}", line=line) for line in range(1, 100)])
    assert [one.facts["line"] for one in caught.value.each()] == list(range(1, 21))


def test_the_plan_tells_added_changed_closed_and_unchanged() -> None:
    before = prepare([row("a"), row("b"), row("c")])
    after = prepare([row("a"), row("b", name="另名"), row("d")])
    found = plan(present=before, wanted=after)
    assert (found.added, found.changed, found.closed, found.unchanged) == (["d"], ["b"], ["c"], 1)
    assert plan(present=before, wanted=after, is_whole=False).closed == []
