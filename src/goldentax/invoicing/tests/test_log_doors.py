"""The log from the outside: API, page and command line, as a party, a stranger, a witness and an auditor see it."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from django.test import Client

from goldentax.invoicing import errors
from goldentax.invoicing.commands.log import log_group
from goldentax.invoicing.http import log as http_log
from goldentax.invoicing.models import Invoice
from goldentax.invoicing.operations import witnessing
from goldentax.invoicing.queries import auditing, invoices
from goldentax.invoicing.rules import heads, receipts
from goldentax.invoicing.tests.log_samples import commit_batch, register, tamper
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto import merkle, sm
from goldentax.kernel.values.identifiers import make_uscc
from goldentax.node.testing import NOW

SELLER = make_uscc(prefix="91450100", organisation8="MATEXT22")
DESK, LOG = 8, "45-8"


@pytest.fixture
def seller(db: None, actor_for: Callable[..., Actor]) -> Actor:
    register(SELLER)
    return actor_for(SELLER)


@pytest.fixture
def given(seller: Actor) -> list[bytes]:
    return [one for count in (2, 3, 4) for one in commit_batch(desk=DESK, actor=seller, count=count)]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(log_group, list(arguments), catch_exceptions=False)


def get(client: Client, path: str, **query: object) -> dict[str, Any]:
    answer = client.get(f"/api/v1/log{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_anybody_reads_logs_heads_and_proofs(client: Client, given: list[bytes]) -> None:
    known = get(client, "")
    assert {"log": LOG, "tree_size": 9}.items() <= next(
        one for one in known["logs"] if one["log"] == LOG
    ).items()
    page = get(client, f"/{LOG}/heads", limit=2)
    assert [one["head"]["tree_size"] for one in page["items"]] == [9, 5]
    assert get(client, f"/{LOG}/heads", before=page["next_before"])["items"][0]["head"]["tree_size"] == 2
    head = heads.from_text(msgspec.convert(page["items"][0]["head"], heads.HeadText))
    assert heads.verify_head(head, public_key=known["public_key_hex"])
    assert page["items"][0]["signed_bytes"] == heads.bytes_of(head).hex()
    proof = get(client, f"/{LOG}/consistency", first=2)
    assert merkle.verify_consistency(
        first=2, second=9, path=[bytes.fromhex(one) for one in proof["path"]],
        first_root=bytes.fromhex(proof["first"]["root"]), second_root=head.root,
    )  # fmt: skip


def test_a_leaf_is_proved_only_to_who_knows_it(client: Client, given: list[bytes]) -> None:
    receipt = receipts.decode(given[1])
    leaf = merkle.leaf_hash(bytes.fromhex(receipt.document_hash))
    proof = get(client, f"/{LOG}/proof", leaf_index=1, leaf_hash=leaf.hex())
    path = [bytes.fromhex(one) for one in proof["path"]]
    root = bytes.fromhex(proof["head"]["root"])
    assert merkle.verify_inclusion(leaf=leaf, index=1, size=9, path=path, root=root)
    for index, wrong in ((2, leaf.hex()), (1, "00" * 32), (1, "z" * 64), (99, leaf.hex())):
        answer = client.get(f"/api/v1/log/{LOG}/proof", {"leaf_index": index, "leaf_hash": wrong})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "path", ["/45-99/heads", "/x/heads", "/45-8/consistency?first=3", "/45-8/consistency?first=0"]
)
def test_what_is_not_there_is_not_found(client: Client, given: list[bytes], path: str) -> None:
    assert client.get(f"/api/v1/log{path}").status_code == 404


def test_a_witness_hands_in_its_signature_and_it_is_published(client: Client, given: list[bytes]) -> None:
    signer = sm.Signer.generate()
    witnessing.add_witness(
        name="hq", algorithm="SM2", public_key=signer.public_key_hex, actor="system:test", now=NOW
    )
    item = get(client, f"/{LOG}/heads")["items"][0]
    body = {
        "witness": "hq",
        "tree_size": 9,
        "signature": signer.sign(bytes.fromhex(item["signed_bytes"])).hex(),
    }

    def post(**changes: object) -> int:
        path = f"/api/v1/log/{LOG}/witness"
        return client.post(path, json.dumps(body | changes), content_type="application/json").status_code

    assert [post(), post()] == [200, 200]
    assert post(signature="00") == post(signature="zz") == post(tree_size=5) == 422
    assert post(witness="other") == 403
    assert post(tree_size=3) == 404
    (kept,) = get(client, f"/{LOG}/heads")["items"][0]["cosignatures"]
    assert kept["witness"] == "hq"


def test_both_parties_read_receipt_and_document_and_nobody_else(
    given: list[bytes], seller: Actor, actor_for: Callable[..., Actor]
) -> None:
    buyer, stranger = (make_uscc(prefix="91450100", organisation8=f"MATEXT2{n}") for n in (3, 4))
    number = receipts.decode(given[0]).number
    tamper("UPDATE invoicing_invoice SET buyer_tax_id = %s WHERE number = %s", buyer, number)
    for actor in (seller, actor_for(buyer)):
        assert receipts.encode(invoices.get_receipt(number=number, actor=actor)) == given[0]
        document = invoices.get_document_bytes(number=number, actor=actor)
        assert sm.sm3(document).hex() == receipts.decode(given[0]).document_hash
    for actor in (actor_for(stranger), actor_for("")):
        with pytest.raises(errors.InvoiceNotFound):
            invoices.get_receipt(number=number, actor=actor)


def test_the_page_shows_heads_and_checks_a_receipt(client: Client, given: list[bytes]) -> None:
    page = client.get("/log/").content.decode()
    assert LOG in page and "透明日志" in page
    good = client.post("/log/", {"receipt": given[4].decode()}).content.decode()
    assert "回执成立" in good and "与最新树头一致" in good
    forged = given[4].replace(b'"leaf_index":4', b'"leaf_index":3')
    bad = client.post("/log/", {"receipt": forged.decode()}).content.decode()
    assert "回执不成立" in bad and "沿路径算不出树头的树根" in bad
    assert client.post("/log/", {"receipt": "{}"}).status_code == 422


def test_the_page_names_a_head_that_is_not_ours(client: Client, given: list[bytes]) -> None:
    receipt = receipts.decode(given[4])
    assert isinstance(receipt, receipts.Receipt)
    other = msgspec.structs.replace(
        receipt, head=msgspec.structs.replace(receipt.head, at=receipt.head.at + 1)
    )
    page = client.post("/log/", {"receipt": receipts.encode(other).decode()}).content.decode()
    assert "本节点的日志没有这个树头" in page


def test_verify_works_on_files_alone(given: list[bytes], tmp_path: Path) -> None:
    row = Invoice.objects.get(desk=DESK, leaf=3)
    file, document, forged = (tmp_path / name for name in ("r.json", "d.json", "f.json"))
    printed = run("receipt", row.number, "--document", str(document))
    assert printed.output.strip().encode() == given[3]
    file.write_bytes(given[3])
    assert run("verify", str(file), "--document", str(document)).exit_code == 0
    forged.write_bytes(
        document.read_bytes().replace(b"3.00", b"4.00").replace("张三".encode(), "李四".encode())
    )
    failed = run("verify", str(file), "--document", str(forged), "--json")
    assert failed.exit_code == 1
    assert [one["step"] for one in json.loads(failed.output)["steps"] if one["outcome"] == "failed"] == [
        "document_hash"
    ]
    stranger = sm.Signer.generate().public_key_hex
    assert run("verify", str(file), "--key", stranger).exit_code == 1


def test_verify_asks_no_database(tmp_path: Path) -> None:
    """No ``db`` fixture here: a look at the database would fail the test."""
    signer = sm.Signer.generate()
    root = merkle.leaf_hash(sm.sm3(b"x"))
    head = heads.sign_head(log="45-1", tree_size=1, root=root, at_ms=1, previous=b"", signer=signer)
    (written,) = receipts.encode_many(
        numbers=["1"], sellers=["s"], document_hashes=[sm.sm3(b"x")], first_leaf=0, paths=[[]], head=head
    )
    (tmp_path / "r.json").write_bytes(written)
    assert run("verify", str(tmp_path / "r.json"), "--key", signer.public_key_hex).exit_code == 0


def test_the_file_of_heads_holds_a_log_to_its_word(
    given: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "steadily", nullcontext)
    witnessing.heads_file().unlink(missing_ok=True)
    assert run("publish").exit_code == 0
    tamper("DELETE FROM invoicing_tree_head WHERE desk = %s AND tree_size > 5", DESK)
    found = json.loads(run("audit", "--json", "--log", LOG).output)["findings"]
    witnessing.heads_file().unlink()
    assert "head_cut_off" in {one["kind"] for one in found}


def test_witnesses_are_kept_by_name(db: None) -> None:
    key = sm.Signer.generate().public_key_hex
    assert run("witness", "add", "court", "--key", key).exit_code == 0
    assert run("witness", "list").output.split()[:3] == ["court", "SM2", "active"]
    assert run("witness", "remove", "court").exit_code == 0
    assert "removed" in run("witness", "list").output


def test_heads_and_consistency_are_printed(given: list[bytes]) -> None:
    printed = run("heads", LOG).output.splitlines()
    assert [json.loads(one)["tree_size"] for one in printed] == [9, 5, 2]
    assert json.loads(run("consistency", "2", "9", "--log", LOG).output)["holds"]


def test_audit_prints_what_it_found(given: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "steadily", nullcontext)
    assert json.loads(run("audit", "--json", "--log", LOG).output)["whole"]
    number = Invoice.objects.get(desk=DESK, leaf=3).number
    tamper("DELETE FROM invoicing_invoice WHERE number = %s", number)
    broken = run("audit", "--log", LOG)
    assert broken.exit_code == 1 and number in broken.output


def test_every_operation_of_the_log_has_its_door() -> None:
    assert all(
        operation.view_func.access
        for view in http_log.router.path_operations.values()
        for operation in view.operations
    )
