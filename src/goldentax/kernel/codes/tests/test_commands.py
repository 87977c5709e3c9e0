"""The commands of the code tables, as they are typed."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from goldentax.kernel import clock
from goldentax.kernel.codes import api as codes
from goldentax.kernel.codes import errors
from goldentax.kernel.codes.commands import group

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_tables")]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, arguments, catch_exceptions=False)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text("code,name,parent\n1,甲类,\n11,餐饮,1\n", encoding="utf-8")
    return path


def test_import_tells_what_changed(table: Path) -> None:
    assert "新增 2" in run("import", str(table), "--table", "mine", "--valid-from", "2020-01-01").output
    again = json.loads(run("import", str(table), "--table", "mine", "--json").output)
    assert (again[0]["added"], again[0]["unchanged"]) == (0, 2)


def test_a_dry_run_stores_nothing(table: Path) -> None:
    assert "试运行" in run("import", str(table), "--table", "mine", "--dry-run").output
    assert codes.list_tables() == []


def test_a_bad_file_is_refused_with_its_line(table: Path) -> None:
    table.write_text("code,name,parent\n1,甲类,\n11,餐饮,2\n", encoding="utf-8")
    with pytest.raises(errors.ParentUnknown) as caught:
        run("import", str(table), "--table", "mine")
    assert caught.value.facts["line"] == 3


def test_list_show_search_and_export(table: Path, tmp_path: Path) -> None:
    run("import", str(table), "--table", "mine", "--valid-from", "2020-01-01")
    assert run("list").output.startswith("mine")
    shown = run("show", "mine", "11").output
    assert "1 甲类" in shown and "[2020-01-01, …)" in shown
    assert json.loads(run("show", "mine", "11", "--json").output)["ancestors"] == ["1"]
    assert "11  餐饮" in run("search", "mine", "cy").output
    assert run("export", "mine").output.splitlines()[1].startswith("1,甲类,")
    target = tmp_path / "out.csv"
    run("export", "mine", "--to", str(target))
    assert target.read_text(encoding="utf-8").count("\n") == 3


def test_show_looks_at_the_day(table: Path) -> None:
    run("import", str(table), "--table", "mine", "--valid-from", "2020-01-01")
    with pytest.raises(codes.UnknownCode):
        run("show", "mine", "11", "--on", "2019-12-31")


def test_the_built_in_tables_can_be_listed_as_json() -> None:
    codes.load_builtin(now=datetime(2026, 11, 21, 10, 0, tzinfo=clock.CHINA))
    names = [one["name"] for one in json.loads(run("list", "--json").output)]
    assert "tax_classification" in names
