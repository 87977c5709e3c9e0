"""The product keeps the house rules that are read from its files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tools.house import code, pages, papers, rooms

CHECKS: tuple[Callable[[Path], list[str]], ...] = (
    code.check_clock,
    code.check_unfinished,
    code.check_floats,
    code.check_keywords,
    code.check_doors_only_import,
    code.check_no_utils,
    code.check_docstrings,
    pages.check_inline,
    pages.check_both_languages,
    pages.check_bare_chinese,
    rooms.check_readmes,
    rooms.check_refusal_codes,
    rooms.check_goldens,
    papers.check_systems,
    papers.check_links,
    papers.check_quoted_paths,
    papers.check_foreign_places,
    papers.check_sizes,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_the_product_keeps_the_rule(check: Callable[[Path], list[str]], root: Path) -> None:
    wrong = check(root)
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_rule_of_the_house_is_run() -> None:
    written = {
        one
        for module in (code, pages, papers, rooms)
        for name, one in vars(module).items()
        if name.startswith("check_") and one.__module__ == module.__name__
    }
    assert written == set(CHECKS)
