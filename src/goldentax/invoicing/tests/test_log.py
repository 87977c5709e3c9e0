"""The logs on a real database: receipts to the byte, proofs that hold, heads that leave, an audit that names names."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from goldentax.invoicing import errors
from goldentax.invoicing.models import Desk, Invoice, TreeHead
from goldentax.invoicing.operations import witnessing
from goldentax.invoicing.queries import auditing, log
from goldentax.invoicing.queries.receipts import receipt_of_row
from goldentax.invoicing.rules import heads, receipts
from goldentax.invoicing.tests.log_samples import commit_batch, register, tamper
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto import merkle, sm
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.models import OutboxEvent
from goldentax.kernel.values.identifiers import make_uscc
from goldentax.node.testing import NOW

SELLER = make_uscc(prefix="91450100", organisation8="MATEXT21")
DESK, LOG = 7, "45-7"
BATCHES = (1, 3, 5, 1, 40, 2, 20)


@pytest.fixture
def seller(db: None, actor_for: Callable[..., Actor]) -> Actor:
    register(SELLER)
    return actor_for(SELLER)


@pytest.fixture
def given(seller: Actor) -> list[bytes]:
    """The receipts of a log of seven batches, as they were given."""
    return [
        one
        for n, count in enumerate(BATCHES)
        for one in commit_batch(desk=DESK, actor=seller, count=count, at=NOW + timedelta(seconds=n))
    ]


def kinds(**options: object) -> list[str]:
    return [one.kind for one in auditing.audit_logs(**options).findings]  # type: ignore[arg-type]


def findings(kind: str) -> list[dict[str, object]]:
    return [one.facts for one in auditing.audit_logs().findings if one.kind == kind]


def number_at(leaf: int) -> str:
    return Invoice.objects.get(desk=DESK, leaf=leaf).number


def test_every_receipt_is_rebuilt_to_the_byte_and_holds(given: list[bytes]) -> None:
    rows = list(Invoice.objects.filter(desk=DESK).order_by("leaf"))
    assert len(rows) == sum(BATCHES)
    for row, first in list(zip(rows, given, strict=True))[::7]:
        receipt = receipt_of_row(row)
        assert receipts.encode(receipt) == first
        key = node_signer().public_key_hex
        assert receipts.verify_receipt(receipt, document=bytes(row.document), public_key=key) == []


def test_heads_are_paged_newest_first(given: list[bytes]) -> None:
    first = log.list_heads(log=LOG, limit=4)
    rest = log.list_heads(log=LOG, before=first.next_before, limit=4)
    sizes = [one.tree_size for one in (*first.heads, *rest.heads)]
    assert sizes == [72, 52, 50, 10, 9, 4, 1]
    assert rest.next_before == 0
    assert log.get_head(log=LOG) == first.heads[0]
    assert log.get_head(log=LOG, tree_size=10).tree_size == 10


@pytest.mark.parametrize("wrong", ["45-8", "11-7", "", "x", "45-7\n"])
def test_what_is_no_log_of_this_node_is_refused(given: list[bytes], wrong: str) -> None:
    with pytest.raises(errors.LogUnknown):
        log.list_heads(log=wrong)


def test_consistency_is_proved_between_any_two_heads(given: list[bytes]) -> None:
    all_heads = {one.tree_size: one for one in log.iterate_heads(log=LOG)}
    for first in all_heads:
        for second in all_heads:
            if first > second:
                continue
            path = log.prove_consistency(log=LOG, first=first, second=second)
            roots = {"first_root": all_heads[first].root, "second_root": all_heads[second].root}
            assert merkle.verify_consistency(first=first, second=second, path=path, **roots)
    for first, second in ((2, 72), (1, 73), (0, 1), (72, 1), (-1, 1), (1, 2**70)):
        with pytest.raises(errors.HeadNotFound):
            log.prove_consistency(log=LOG, first=first, second=second)


def test_a_leaf_is_proved_under_every_later_head(given: list[bytes]) -> None:
    for leaf in (0, 3, 9, 30, 71):
        entry = bytes(Invoice.objects.get(desk=DESK, leaf=leaf).document_hash)
        hash_ = merkle.leaf_hash(entry)
        for size in (1, 10, 50, 72):
            if size <= leaf:
                continue
            head, path = log.prove_inclusion(log=LOG, leaf_index=leaf, leaf_hash=hash_, tree_size=size)
            assert merkle.verify_inclusion(leaf=hash_, index=leaf, size=size, path=path, root=head.root)
    with pytest.raises(errors.LeafNotFound):
        log.prove_inclusion(log=LOG, leaf_index=5, leaf_hash=hash_)
    with pytest.raises(errors.LeafNotFound):
        log.prove_inclusion(log=LOG, leaf_index=2**70, leaf_hash=hash_)


def test_subtrees_come_from_the_frontiers_and_not_from_all_leaves(
    given: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "LEAVES_AT_ONCE", 1)
    test_consistency_is_proved_between_any_two_heads(given)
    test_a_leaf_is_proved_under_every_later_head(given)


def test_a_log_as_it_was_issued_is_whole(given: list[bytes]) -> None:
    report = auditing.audit_logs()
    assert [one.message("en") for one in report.findings] == []
    assert report.is_whole
    assert report.invoices >= 72 and report.heads >= 7


def test_a_changed_document_is_named(given: list[bytes]) -> None:
    number = number_at(30)
    tamper(
        "UPDATE invoicing_invoice SET document = replace(document::text, '31', '32')::bytea WHERE number = %s",
        number,
    )
    assert [one["number"] for one in findings("invoice_changed")] == [number]


def test_a_changed_document_with_its_hash_made_to_fit_is_named(given: list[bytes]) -> None:
    row = Invoice.objects.get(desk=DESK, leaf=30)
    forged = bytes(row.document).replace("张三".encode(), "李四".encode())
    tamper(
        "UPDATE invoicing_invoice SET document = %s, document_hash = %s WHERE number = %s",
        forged, sm.sm3(forged), row.number,
    )  # fmt: skip
    assert [one["number"] for one in findings("invoice_changed")] == [row.number]
    assert kinds() == ["invoice_changed"]


def test_without_the_event_the_batch_is_named(given: list[bytes]) -> None:
    row = Invoice.objects.get(desk=DESK, leaf=30)
    forged = bytes(row.document).replace("张三".encode(), "李四".encode())
    OutboxEvent.objects.all().delete()
    tamper(
        "UPDATE invoicing_invoice SET document = %s, document_hash = %s WHERE number = %s",
        forged, sm.sm3(forged), row.number,
    )  # fmt: skip
    assert findings("batch_differs") == [{"first": 10, "last": 49}]
    assert kinds() == ["batch_differs"]


def test_a_changed_column_is_named(given: list[bytes]) -> None:
    number = number_at(3)
    tamper(
        "UPDATE invoicing_invoice SET amount_fen = amount_fen + 1, gross_fen = gross_fen + 1 WHERE number = %s",
        number,
    )
    assert findings("columns_changed") == [{"number": number, "columns": "amount_fen, gross_fen"}]
    assert {"sums_differ", "entry_differs"} <= set(kinds())


@pytest.mark.parametrize("leaf", [0, 9, 30, 71])
def test_a_missing_invoice_is_named(given: list[bytes], leaf: int) -> None:
    number = number_at(leaf)
    tamper("DELETE FROM invoicing_invoice WHERE number = %s", number)
    assert findings("invoice_missing") == [{"leaf": leaf, "number": number}]
    assert set(kinds()) == {"invoice_missing", "answer_extra", "block_differs", "entry_differs"}


_COPY = """
INSERT INTO invoicing_invoice
SELECT (jsonb_populate_record(i, jsonb_build_object('number', %s::text, 'leaf', %s::int))).*
FROM invoicing_invoice i WHERE i.number = %s
"""


@pytest.mark.parametrize("leaf", [71, 72, 40])
def test_an_extra_invoice_is_named(given: list[bytes], leaf: int) -> None:
    extra = "26452000000000099999"
    tamper(_COPY, extra, leaf, number_at(71))
    assert {"number": extra} in findings("invoice_extra")
    assert {"number": extra} in findings("number_astray")


def test_two_invoices_swapped_are_named(given: list[bytes]) -> None:
    numbers = {number_at(20), number_at(21)}
    tamper("UPDATE invoicing_invoice SET leaf = 41 - leaf WHERE desk = %s AND leaf IN (20, 21)", DESK)
    assert {one["number"] for one in findings("invoice_swapped")} == numbers
    assert kinds() == ["invoice_swapped"] * 2


def test_a_changed_head_is_named(given: list[bytes]) -> None:
    tamper("UPDATE invoicing_tree_head SET at = at + interval '1 ms' WHERE desk = %s AND tree_size = 9", DESK)
    assert kinds() == ["signature_wrong", "link_broken"]


def test_a_missing_head_is_named(given: list[bytes]) -> None:
    tamper("DELETE FROM invoicing_tree_head WHERE desk = %s AND tree_size = 9", DESK)
    assert findings("head_missing") == [{"size": 10}]


def test_the_end_of_a_log_cut_off_is_found_by_what_was_published(given: list[bytes]) -> None:
    published = [log.get_head(log=LOG, tree_size=72), log.get_head(log=LOG, tree_size=10)]
    tamper("DELETE FROM invoicing_tree_head WHERE desk = %s AND tree_size > 50", DESK)
    assert "desk_differs" in kinds()
    report = auditing.audit_logs(published=published)
    assert report.heads_compared == 2
    assert [one.facts for one in report.findings if one.kind == "head_cut_off"] == [{"size": 72}]


def test_a_log_written_anew_is_found_by_what_was_published(given: list[bytes]) -> None:
    head = log.get_head(log=LOG, tree_size=10)
    other = heads.sign_head(
        log=LOG, tree_size=10, root=b"o" * 32, at_ms=head.at_ms, previous=head.previous, signer=node_signer()
    )
    assert kinds(published=[other]) == ["head_rewritten"]


def test_a_first_answer_that_was_changed_is_named(given: list[bytes]) -> None:
    number = number_at(4)
    tamper("UPDATE invoicing_first_answer SET number = %s WHERE number = %s", number_at(5), number)
    assert findings("answer_differs") == [{"number": number}]


def test_a_limit_entry_that_was_changed_or_taken_away_is_named(given: list[bytes]) -> None:
    tamper(
        "UPDATE invoicing_limit_entry SET amount_fen = amount_fen + 1 WHERE desk = %s AND leaf_from = 10",
        DESK,
    )
    assert kinds() == ["entry_differs"]
    tamper("DELETE FROM invoicing_limit_entry WHERE desk = %s AND leaf_from = 1", DESK)
    assert {one["number"] for one in findings("entry_missing")} == {number_at(n) for n in (1, 2, 3)}


def test_the_newest_heads_leave_the_database_once(given: list[bytes]) -> None:
    path = witnessing.heads_file()
    path.unlink(missing_ok=True)
    assert witnessing.publish_heads(now=NOW) >= 1
    assert witnessing.publish_heads(now=NOW) == 0
    noted = witnessing.read_heads(path.read_bytes())
    assert log.get_head(log=LOG) in noted
    assert OutboxEvent.objects.filter(type="invoicing.log-head.published.v1", key=f"log-{LOG}").count() == 1
    assert kinds(published=noted) == []
    path.unlink()


@pytest.mark.parametrize("algorithm", ["SM2", "Ed25519"])
def test_a_witness_cosigns_a_head_once(given: list[bytes], algorithm: str) -> None:
    public_key, sign = _witness_key(algorithm)
    witnessing.add_witness(
        name="hq", algorithm=algorithm, public_key=public_key, actor="system:test", now=NOW
    )
    data = heads.bytes_of(log.get_head(log=LOG, tree_size=72))
    take = {"log": LOG, "tree_size": 72, "witness": "hq", "now": NOW}
    with pytest.raises(errors.CosignatureWrong):
        witnessing.take_cosignature(**take, signature=sign(data + b"x"))
    first = witnessing.take_cosignature(**take, signature=sign(data))
    assert witnessing.take_cosignature(**take, signature=sign(data)).pk == first.pk
    (kept,) = log.list_cosignatures(log=LOG, tree_sizes=[72])
    assert (kept.witness, kept.tree_size) == ("hq", 72)
    witnessing.remove_witness(name="hq", actor="system:test", now=NOW)
    with pytest.raises(errors.WitnessUnknown):
        witnessing.take_cosignature(**take, signature=sign(data))


def test_a_witness_needs_a_key(db: None) -> None:
    with pytest.raises(errors.WitnessKeyWrong):
        witnessing.add_witness(name="hq", algorithm="SM2", public_key="00", actor="system:test", now=NOW)


def _witness_key(algorithm: str) -> tuple[str, Callable[[bytes], bytes]]:
    if algorithm == "SM2":
        signer = sm.Signer.generate()
        return signer.public_key_hex, signer.sign
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    return key.public_key().public_bytes_raw().hex(), key.sign


def test_the_desk_of_the_samples_ends_where_its_log_does(given: list[bytes]) -> None:
    assert (
        Desk.objects.get(pk=DESK).tree_size
        == TreeHead.objects.filter(desk=DESK).latest("tree_size").tree_size
    )
