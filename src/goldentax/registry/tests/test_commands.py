"""``goldentax taxpayer`` from the command line."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from goldentax.registry import api as registry
from goldentax.registry.commands import group

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> Any:
    answer = CliRunner().invoke(group, arguments)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_list_show_and_search_agree(accounts: dict[str, dict[str, str]]) -> None:
    tax_id = accounts["demo-seller"]["tax_id"]
    assert tax_id in run("list", "--kind", "general", "--limit", "200")
    (found,) = json.loads(run("search", "桂岭糖业", "--json"))
    assert found == json.loads(run("show", tax_id, "--json"))
    assert (found["tax_id"], found["kind_name"]) == (tax_id, "一般纳税人")


def test_accounts_and_telephones_stay_masked(accounts: dict[str, dict[str, str]]) -> None:
    known = registry.get_taxpayer(tax_id=accounts["demo-seller"]["tax_id"])
    shown = run("show", known.tax_id) + run("list", "--json", "--limit", "200")
    assert known.bank_account not in shown and known.phone not in shown
    assert "韦晓彤" not in shown


def test_the_list_goes_on_where_the_page_before_ended() -> None:
    first = json.loads(run("list", "--json", "--limit", "5"))
    second = json.loads(run("list", "--json", "--limit", "5", "--cursor", first["next_cursor"]))
    assert len(first["items"]) == len(second["items"]) == 5
    assert not {one["tax_id"] for one in first["items"]} & {one["tax_id"] for one in second["items"]}
