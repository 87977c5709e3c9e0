"""Each house rule names a violation that is planted in a tree, and is silent where there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tools.house import code, pages, papers, rooms

P = "src/goldentax"
UNFINISHED = "TO" + "DO"
REGISTRY = "https://pypi" + ".org/simple"


@dataclass(frozen=True, kw_only=True)
class Plant:
    """One file that breaks one rule, the words the rule must say, and the same file mended."""

    check: Callable[[Path], list[str]]
    path: str
    wrong: str
    says: str
    right: str


def _refusals(*codes: str) -> str:
    return "\n\n".join(
        f'class Late{i}(Refusal):\n    code = "{code}"\n    title = 1\n' for i, code in enumerate(codes)
    )


PLANTS = (
    Plant(
        check=code.check_clock,
        path=f"{P}/invoicing/rules/late.py",
        wrong="from datetime import date\n\n\ndef is_late(due):\n    return due < date.today()\n",
        says="rules/late.py:5 reads the clock (date.today)",
        right="from datetime import date\n\n\ndef is_late(*, due, today):\n    return due < today\n",
    ),
    Plant(
        check=code.check_clock,
        path=f"{P}/registry/operations/naming.py",
        wrong="from goldentax.kernel import clock\n\nAT = clock.now()\n",
        says="operations/naming.py:3 reads the clock (clock.now)",
        right="from goldentax.kernel import clock\n\nZONE = clock.CHINA\n",
    ),
    Plant(
        check=code.check_clock,
        path=f"{P}/invoicing/queries/limits.py",
        wrong="from goldentax.kernel.clock import today\n",
        says="queries/limits.py:1 reads the clock (goldentax.kernel.clock.today)",
        right="from goldentax.kernel.clock import CHINA\n",
    ),
    Plant(
        check=code.check_unfinished,
        path=f"{P}/registry/queries.py",
        wrong=f"# {UNFINISHED}: sort\n",
        says="registry/queries.py:1 leaves",
        right="# Sorted by name.\n",
    ),
    Plant(
        check=code.check_floats,
        path=f"{P}/invoicing/rules/amounts.py",
        wrong='RATE = float("0.13")\n',
        says="rules/amounts.py:1 uses a float",
        right='from decimal import Decimal\n\nRATE = Decimal("0.13")\n',
    ),
    Plant(
        check=code.check_floats,
        path=f"{P}/kernel/values/money.py",
        wrong="HALF = 0.5\n",
        says="values/money.py:1 uses a float",
        right="HALF = 50\n",
    ),
    Plant(
        check=code.check_doors_only_import,
        path=f"{P}/invoicing/api.py",
        wrong='"""Door."""\n\n\ndef issue() -> None:\n    return None\n',
        says="invoicing/api.py:4 defines something",
        right='"""Door."""\n\nfrom goldentax.kernel.ids import new_id\n\n__all__ = ["new_id"]\n',
    ),
    Plant(
        check=code.check_no_utils,
        path=f"{P}/invoicing/utils.py",
        wrong="",
        says="invoicing/utils.py is named for nothing",
        right="",
    ),
    Plant(
        check=code.check_docstrings,
        path=f"{P}/invoicing/rules/amounts.py",
        wrong="CENT = 1\n",
        says="rules/amounts.py does not say what it is for",
        right='"""The arithmetic of a line."""\n\nCENT = 1\n',
    ),
    Plant(
        check=pages.check_inline,
        path=f"{P}/portal/templates/portal/home.html",
        wrong="<p>\n<script>alert(1)</script></p>",
        says="home.html:2 has “<script>”",
        right='<script src="/static/home.js" defer></script>',
    ),
    Plant(
        check=pages.check_inline,
        path=f"{P}/portal/templates/portal/home.html",
        wrong='<p style="color: red">',
        says="home.html:1 has “style=”",
        right='<p class="text-danger">',
    ),
    Plant(
        check=pages.check_inline,
        path=f"{P}/portal/templates/portal/home.html",
        wrong='<button onclick="go()">',
        says="home.html:1 has “onclick=”",
        right='<button data-action="go">',
    ),
    Plant(
        check=pages.check_both_languages,
        path=f"{P}/portal/templates/portal/home.html",
        wrong='{% t "开具" %}',
        says='home.html:1 {% t "开具" %} lacks a language',
        right='{% t "开具" "Issue" %}',
    ),
    Plant(
        check=pages.check_both_languages,
        path=f"{P}/portal/templates/portal/home.html",
        wrong='{% t "共" "" %} 3 {% t "张" "" %}',
        says='{% t "张" "" %} lacks a language',
        right='{% t "共" "" %} 3 {% t "张" "invoices" %} {% t label %}',
    ),
    Plant(
        check=pages.check_bare_chinese,
        path=f"{P}/portal/templates/portal/home.html",
        wrong="<h1>首页</h1>",
        says="home.html:1 shows “首页” in one language only",
        right='<h1>{% t "首页" "Home" %}</h1>',
    ),
    Plant(
        check=rooms.check_refusal_codes,
        path=f"{P}/invoicing/errors.py",
        wrong=_refusals("LATE1"),
        says="Late0 has the code LATE1",
        right=_refusals("INV-LTE-01"),
    ),
    Plant(
        check=rooms.check_refusal_codes,
        path=f"{P}/invoicing/errors.py",
        wrong=_refusals("INV-LTE-01", "INV-LTE-01"),
        says="share the refusal code INV-LTE-01",
        right=_refusals("INV-LTE-01", "INV-LTE-02"),
    ),
    Plant(
        check=papers.check_links,
        path="docs/tour.md",
        wrong="See [the list](gone.md).\n",
        says="docs/tour.md:1 links to gone.md",
        right="See [this page](tour.md#top).\n",
    ),
    Plant(
        check=papers.check_quoted_paths,
        path="docs/tour.md",
        wrong="\nOpen `src/goldentax/gone.py`.\n",
        says="docs/tour.md:2 names src/goldentax/gone.py",
        right="Open `docs/tour.md`.\n",
    ),
    Plant(
        check=papers.check_foreign_places,
        path="requirements.txt",
        wrong=f"--index-url {REGISTRY}\n",
        says="requirements.txt:1 names",
        right="django==5.2\n",
    ),
    Plant(
        check=papers.check_sizes,
        path="docs/picture.svg",
        wrong=" " * (1024 * 1024 + 1),
        says="docs/picture.svg has 1,048,577 bytes",
        right=" " * (1024 * 1024),
    ),
)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.check.__name__[6:]}: {plant.says[-30:]}")
def test_a_planted_violation_is_named_and_its_cure_is_not(plant: Plant, tmp_path: Path) -> None:
    file = tmp_path / plant.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(plant.wrong, encoding="utf-8")
    assert any(plant.says in one for one in plant.check(tmp_path)), plant.check(tmp_path)
    if plant.check is code.check_no_utils:
        file.rename(file.with_name("rounding.py"))
    else:
        file.write_text(plant.right, encoding="utf-8")
    assert plant.check(tmp_path) == []


def test_a_module_without_a_readme_is_named(tmp_path: Path) -> None:
    room = tmp_path / P / "treasury"
    room.mkdir(parents=True)
    (room / "__init__.py").touch()
    assert any("treasury has no README.md" in one for one in rooms.check_readmes(tmp_path))
    (room / "README.md").touch()
    assert rooms.check_readmes(tmp_path) == []


def test_positional_arguments_at_a_front_door_are_named(tmp_path: Path) -> None:
    room = tmp_path / P / "treasury"
    room.mkdir(parents=True)
    (room / "api.py").write_text("from goldentax.treasury.operations import pay\n")
    (room / "operations.py").write_text("def pay(who, amount_fen):\n    return who\n")
    assert any("pay takes 2 arguments by position" in one for one in code.check_keywords(tmp_path))
    (room / "operations.py").write_text(
        "def pay(*, who, amount_fen, now=None):\n    return who, amount_fen\n"
    )
    assert code.check_keywords(tmp_path) == []


def test_an_event_without_its_golden_payload_is_named_and_a_golden_without_its_event(tmp_path: Path) -> None:
    events = tmp_path / P / "contracts" / "treasury.py"
    events.parent.mkdir(parents=True)
    events.write_text("class PaymentPostedV1(Event):\n    number: str\n")
    assert any("PaymentPostedV1 has no golden payload" in one for one in rooms.check_goldens(tmp_path))
    golden = tmp_path / rooms.GOLDENS / "treasury.payment.posted.v1.json"
    golden.parent.mkdir(parents=True)
    golden.write_text("{}")
    assert rooms.check_goldens(tmp_path) == []
    events.write_text("class PaymentPostedV2(Event):\n    number: str\n")
    assert any("v1.json has no event any more" in one for one in rooms.check_goldens(tmp_path))


HEAD = "| id | what | state | code | test | see it |\n|---|---|---|---|---|---|\n"


def _systems(tmp_path: Path, *, replaced: dict[str, str] | None = None) -> Path:
    rows = {one: f"| {one} | something | planned | | | |" for one in papers.SYSTEM_IDS} | (replaced or {})
    (tmp_path / "docs").mkdir(exist_ok=True)
    (tmp_path / "here.py").touch()
    (tmp_path / papers.SYSTEMS).write_text(HEAD + "\n".join(one for one in rows.values() if one) + "\n")
    return tmp_path


def test_a_full_table_of_plans_is_in_order(tmp_path: Path) -> None:
    assert papers.check_systems(_systems(tmp_path)) == []


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("", "has no row EI-2"),
        ("| EI-2 | x | done | | | |", "has the state “done”"),
        ("| EI-2 | x | working | | `here.py` | /x |", "names no code"),
        ("| EI-2 | x | working | `here.py` | | /x |", "names no test"),
        ("| EI-2 | x | partial | `here.py` | `here.py` | |", "does not say how to see it"),
        ("| EI-2 | x | working | `gone.py` | `here.py` | /x |", "points at gone.py"),
        ("| EI-2 | x | planned | | | |\n| EI-2 | x | planned | | | |", "stands there twice"),
        ("| EI-2 | x | planned | | | |\n| EI-99 | x | planned | | | |", "is no system"),
    ],
)
def test_a_false_row_of_the_systems_is_named(row: str, says: str, tmp_path: Path) -> None:
    wrong = papers.check_systems(_systems(tmp_path, replaced={"EI-2": row}))
    assert any(says in one for one in wrong), wrong


def test_what_git_ignores_is_not_checked(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pip.conf").write_text(f"index-url = {REGISTRY}\n")
    assert papers.check_foreign_places(tmp_path) == []
