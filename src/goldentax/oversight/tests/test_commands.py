"""``goldentax audit …``: a whole chain ends with 0, a broken one names its record; proofs stand alone."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connection
from django.test import Client, RequestFactory

from goldentax.kernel import access, audit
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.crypto.sm import Signer
from goldentax.kernel.models import AuditEntry
from goldentax.oversight import offers, queries, store
from goldentax.oversight.commands import group
from goldentax.oversight.web import chain as chain_page

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.fromisoformat("2026-11-18T10:00:00+08:00")


@pytest.fixture(autouse=True)
def trail(transactional_db: None) -> Iterator[list[int]]:
    """Nine records and their chain."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE kernel_audit, oversight_block, kernel_outbox")
    store.heads_file().unlink(missing_ok=True)
    for n in range(9):
        audit.record(actor="a", action="test.thing.do", subject=str(n), now=NOW, detail={"name": "南宁\t\n"})
    yield list(AuditEntry.objects.order_by("id").values_list("id", flat=True))
    store.heads_file().unlink(missing_ok=True)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, list(arguments), catch_exceptions=False)


def test_a_chain_is_sealed_verified_and_its_breach_named(trail: list[int]) -> None:
    assert run("seal").output.startswith("9 ")
    whole = run("verify")
    assert (whole.exit_code, "✓ 完好 whole" in whole.output) == (0, True)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_audit DISABLE TRIGGER USER")
        cursor.execute("UPDATE kernel_audit SET subject = 'X' WHERE id = %s", [trail[4]])
        cursor.execute("ALTER TABLE kernel_audit ENABLE TRIGGER USER")
    broken = run("verify")
    assert broken.exit_code == 1
    assert f"Record {trail[4]} was changed" in broken.output
    told = json.loads(run("verify", "--json").output)
    assert [(one["kind"], one["record"]) for one in told["findings"]] == [("row_changed", trail[4])]
    assert AuditEntry.objects.filter(action="oversight.trail.verify").count() == 3


def test_heads_are_given_away_and_brought_back(trail: list[int], tmp_path: Path) -> None:
    run("seal")
    kept = tmp_path / "heads.jsonl"
    kept.write_text(run("heads").output)
    assert run("verify", "--heads", str(kept)).exit_code == 0
    kept.write_text('{"number": 7, "hash": "ab"}\n')
    cut = run("verify", "--heads", str(kept))
    assert cut.exit_code == 1 and "cut off" in cut.output


def test_a_proof_stands_alone_and_a_changed_one_falls(trail: list[int], tmp_path: Path) -> None:
    run("seal")
    key = node_signer().public_key_hex
    proof = tmp_path / "proof.json"
    for entry_id in trail:
        proof.write_text(run("prove", str(entry_id)).output)
        assert run("check", str(proof), "--key", key).exit_code == 0
    for field, value in (
        ("record", "1\t2\tother"),
        ("head", "x"),
        ("signature", "00"),
        ("path", []),
        ("path", 7),
    ):
        changed = json.loads(proof.read_text()) | {field: value}
        assert not queries.is_proof(changed, public_key=key), field
    stranger = Signer.load_or_create(tmp_path / "stranger")
    assert run("check", str(proof), "--key", stranger.public_key_hex).exit_code == 1
    proof.write_text("nonsense")
    assert run("check", str(proof), "--key", key).exit_code == 1


def test_a_search_prints_a_line_a_record_and_is_recorded() -> None:
    lines = run("search", "--action", "test.", "--limit", "4").output.splitlines()
    assert [json.loads(line)["subject"] for line in lines] == ["8", "7", "6", "5"]
    assert AuditEntry.objects.filter(action="oversight.trail.search").count() == 1


def test_reports_are_listed_and_printed() -> None:
    assert "privileged-people" in run("report").output
    printed = run("report", "admin-actions", "--from", "2026-11-01", "--to", "2026-11-30").output
    assert len(printed.splitlines()) == 1


def test_the_page_verifies_and_notes_it(trail: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_decide", lambda *, actor, function: True)
    run("seal")
    request = RequestFactory().post("/oversight/chain/")
    request.actor = access.Actor(person_id="auditor", roles=frozenset({access.OFFICER}))  # type: ignore[attr-defined]
    request.LANGUAGE_CODE = "zh-hans"  # type: ignore[attr-defined]
    request.session = Client().session
    page = chain_page.show(request).content.decode()
    assert "链完好" in page
    noted = AuditEntry.objects.get(action="oversight.trail.verify")
    assert (noted.category, noted.detail["rows"]) == ("privileged", 9)


def test_nothing_is_continued_where_nothing_is_behind() -> None:
    run("seal")
    assert "nothing was behind" in run("continue").output


def test_the_probe_tells_when_sealing_has_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers.clock, "now", lambda: NOW + timedelta(minutes=4))
    assert offers.check_chain() == ""
    monkeypatch.setattr(offers.clock, "now", lambda: NOW + timedelta(minutes=6))
    assert "wait to be sealed" in offers.check_chain()
    assert offers.seal_trail(NOW + timedelta(minutes=6)) == 9
    assert offers.check_chain() == ""
