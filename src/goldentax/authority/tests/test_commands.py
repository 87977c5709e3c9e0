"""``goldentax authority``: decisions, holders, the catalogue, and a generated world that loads."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection

from goldentax.authority import api as authority
from goldentax.authority import store
from goldentax.authority.commands import group
from goldentax.authority.models import Grant
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.lawbook import Lawbook
from goldentax.node.testing import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
CITY = "14501000000"


def run(*arguments: str) -> str:
    answer = CliRunner().invoke(group, arguments, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_a_decision_and_its_holders_are_told() -> None:
    person = str(new_public_id())
    authority.appoint(
        person_id=person, office_code=CITY, post="voucher-keep", valid_from=NOW.date(), actor="test", now=NOW
    )
    function = "vouchers.stock.count.enter"
    said = run("may", person, function, "--acting-for", f"office:{CITY}", "--office", CITY)
    assert "allowed" in said and "票证管理岗" in said
    refused = json.loads(run("may", person, function, "--office", CITY, "--json"))
    assert not refused["allowed"] and refused["reasons"]
    found = json.loads(run("who-could", function, "--office", "14501030000", "--json"))
    assert [one["person_id"] for one in found] == [person] and found[0]["code"] == "voucher-keep"
    assert run("who-could", function, "--office", CITY, "--at", "2026-01-01T00:00:00+08:00") == ""


def test_the_catalogue_is_listed() -> None:
    assert "authority.grant.approve  审批授权  [act·2FA]" in run("catalogue", "authority")
    assert "发票管理岗" in run("catalogue", "--posts") and "机构岗责查询" in run("catalogue", "org", "--sets")


def test_a_generated_world_is_a_right_lawbook_and_loads(tmp_path: Path) -> None:
    sizes = ("--posts", "90", "--functions", "1000", "--officers", "30", "--grants", "300", "--seed", "5")
    assert "300 grants" in run("generate", "--out", str(tmp_path), *sizes)
    law = Lawbook.load(tmp_path / "lawbook")
    assert len(law.tables["authority/posts"].rows) == 90
    before = Grant.objects.count()
    assert run("load", str(tmp_path)).strip() == "300"
    assert Grant.objects.count() == before + 300
    with connection.cursor() as cursor:
        cursor.execute(store.sql("policy_version"))
        assert cursor.fetchone()[0] == max(Grant.objects.values_list("revision", flat=True))


def test_a_folder_without_a_world_is_refused(tmp_path: Path) -> None:
    answer = CliRunner().invoke(group, ["load", str(tmp_path)])
    assert "AUT-GEN-02" in str(answer.exception)
