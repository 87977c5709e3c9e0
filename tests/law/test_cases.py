"""Every case of the lawbook holds; ``make law T=invoicing/line`` runs those whose file is called so."""

from pathlib import Path

import pytest

from goldentax.kernel.lawbook import UnknownRunner
from goldentax.kernel.lawbook.cases import Case, load_cases, run_case
from goldentax.kernel.lawbook.errors import BadLaw
from goldentax.kernel.settings import settings

CASES = load_cases(settings().lawbook)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.topic}:{case.name}" for case in CASES])
def test_a_case_of_the_lawbook_holds(case: Case) -> None:
    assert run_case(case) == [], case.place


def one_case(*, run: str = "lawbook.parameter", given: str = "", expected: str) -> str:
    given = given or "{path: invoicing/line_count_max, on: 2026-11-21}"
    return f"run: {run}\nsource: x\ncases:\n  - {{name: a, given: {given}, expected: {expected}}}\n"


def write(folder: Path, text: str) -> list[Case]:
    (folder / "x.cases.yaml").write_text(text, encoding="utf-8")
    return load_cases(folder)


def test_a_case_that_does_not_hold_says_what_differs(tmp_path: Path) -> None:
    (case,) = write(tmp_path, one_case(expected="{value: 1, none: 2}"))
    assert run_case(case) == ["value: expected 1, got 2000", "none: expected 2, got None"]


def test_a_refusal_can_be_expected_by_its_code(tmp_path: Path) -> None:
    given = "{path: invoicing/line_count_max, on: 1999-01-01}"
    (case,) = write(tmp_path, one_case(given=given, expected="{refusal: KRN-LAW-03}"))
    assert run_case(case) == []


def test_a_runner_that_nobody_offers_is_refused(tmp_path: Path) -> None:
    (case,) = write(tmp_path, one_case(run="nobody.knows", expected="{value: 1}"))
    with pytest.raises(UnknownRunner):
        run_case(case)


@pytest.mark.parametrize(
    "text",
    [
        "run: lawbook.parameter\nsource: x\ncases: []\n",
        "run: lawbook.parameter\ncases:\n  - {name: a, given: {x: 1}, expected: {value: 1}}\n",
        "source: x\ncases:\n  - {name: a, given: {x: 1}, expected: {value: 1}}\n",
        "run: r\nsource: x\ncases:\n  - {given: {x: 1}, expected: {value: 1}}\n",
        "run: r\nsource: x\ncases:\n  - {name: a, given: {x: 1}, expected: {}}\n",
        "run: r\nsource: x\ncases:\n  - {name: a, given: {x: 1}, expected: {value: 1}, wish: 1}\n",
    ],
)
def test_a_case_without_name_source_runner_or_expectation_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadLaw) as caught:
        write(tmp_path, text)
    assert caught.value.rule == "cases"
