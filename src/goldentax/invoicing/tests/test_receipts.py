"""Heads and receipts without a store: what is signed, what a receipt proves, and what every change of it breaks."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from goldentax.invoicing.rules import heads, receipts
from goldentax.kernel.crypto import merkle, sm

SIGNER = sm.Signer.generate()
KEY = SIGNER.public_key_hex
DOCUMENTS = [
    b'{"number":"%020d","kind":"82","seller":{"name":"x","tax_id":"91450000MA5KA00001"}}' % i
    for i in range(9)
]


def head(**changes: Any) -> heads.TreeHead:
    given = {
        "log": "45-1",
        "tree_size": 5,
        "root": bytes(32),
        "at_ms": 1_764_000_000_123,
        "previous": b"p" * 32,
    }
    return heads.sign_head(**(given | changes), signer=SIGNER)


def made(*, before: int = 4) -> tuple[list[bytes], list[receipts.Receipt]]:
    """The receipts of a second batch after so many leaves, written by the hot path, and read again."""
    hashes = [sm.sm3(one) for one in DOCUMENTS]
    leaves = [merkle.leaf_hash(one) for one in hashes]
    first = merkle.extend(size=0, frontier=(), leaves=leaves[:before])
    tree = merkle.extend(size=before, frontier=first.frontier, leaves=leaves[before:])
    written = receipts.encode_many(
        numbers=[f"{i:020d}" for i in range(before, len(hashes))],
        sellers=["91450000MA5KA00001"] * (len(hashes) - before),
        document_hashes=hashes[before:],
        first_leaf=before,
        paths=tree.paths,
        head=head(tree_size=tree.size, root=tree.root),
    )
    read = [receipts.decode(one) for one in written]
    assert all(isinstance(one, receipts.Receipt) for one in read)
    return written, [one for one in read if isinstance(one, receipts.Receipt)]


def codes(receipt: receipts.AnyReceipt, *, document: bytes | None = None, key: str | None = KEY) -> list[str]:
    return [one.code for one in receipts.verify_receipt(receipt, document=document, public_key=key)]


@pytest.mark.parametrize("before", [0, 1, 4, 8])
def test_the_hot_path_writes_what_the_plain_path_writes(before: int) -> None:
    written, read = made(before=before)
    assert [receipts.encode(one) for one in read] == written


def test_a_receipt_of_a_log_of_one_has_an_empty_path() -> None:
    document_hash = sm.sm3(b"x")
    alone = head(tree_size=1, root=merkle.leaf_hash(document_hash), previous=b"")
    (written,) = receipts.encode_many(
        numbers=["1"], sellers=['a"é'], document_hashes=[document_hash], first_leaf=0, paths=[[]], head=alone
    )
    receipt = receipts.decode(written)
    assert receipts.encode(receipt) == written
    assert codes(receipt) == []


def test_a_right_receipt_passes_every_step() -> None:
    for receipt, document in zip(made()[1], DOCUMENTS[4:], strict=True):
        steps = receipts.examine_receipt(receipt, document=document, public_key=KEY)
        assert [one.outcome for one in steps] == ["passed"] * 6


def test_what_was_not_given_is_left_out_and_said_so() -> None:
    steps = receipts.examine_receipt(made()[1][0], document=None, public_key=None)
    assert {one.code for one in steps if one.outcome == "skipped"} == {
        "document_hash",
        "number",
        "key",
        "signature",
    }
    assert codes(made()[1][0], key=None) == []


def test_every_change_of_a_receipt_is_named() -> None:
    receipt, document = made()[1][1], DOCUMENTS[5]
    other = sm.Signer.generate().public_key_hex

    def changed(**changes: Any) -> list[str]:
        return codes(msgspec.structs.replace(receipt, **changes), document=document)

    def with_head(**changes: Any) -> list[str]:
        return changed(head=msgspec.structs.replace(receipt.head, **changes))

    assert changed() == []
    assert changed(number="1") == ["number"]
    assert changed(seller_tax_id="1") == ["number"]
    assert changed(document_hash="00" * 32) == ["document_hash", "inclusion"]
    assert changed(document_hash="zz") == ["document_hash", "inclusion"]
    assert changed(log="45-2") == ["place"]
    assert changed(leaf_index=6) == ["inclusion"]
    assert changed(leaf_index=-1) == ["place", "inclusion"]
    assert changed(path=receipt.path[:-1]) == ["inclusion"]
    assert changed(path=[*receipt.path, "00"]) == ["inclusion"]
    assert changed(path=["00" * 32] * 70) == ["place", "inclusion"]
    assert with_head(tree_size=10) == ["signature"]
    assert with_head(tree_size=2**70) == ["place", "inclusion", "signature"]
    assert with_head(root="00" * 32) == ["inclusion", "signature"]
    assert with_head(at=1) == ["signature"]
    assert with_head(at=-1) == ["signature"]
    assert with_head(previous="") == ["signature"]
    assert with_head(previous="00") == ["signature"]
    assert with_head(log="45-2") == ["place", "signature"]
    assert with_head(log="") == ["place", "signature"]
    assert with_head(key_id="00") == ["key"]
    assert with_head(signature="zz") == ["signature"]
    assert codes(receipt, key=other) == ["key", "signature"]
    assert codes(receipt, key="no key") == ["key", "signature"]
    assert codes(receipt, document=DOCUMENTS[4]) == ["document_hash", "number"]
    assert codes(receipt, document=b"no document") == ["document_hash", "number"]


def test_is_genuine_asks_for_the_way_to_the_root_too() -> None:
    def verify(data: bytes, signature: bytes) -> bool:
        return sm.verify(public_key_hex=KEY, data=data, signature=signature)

    receipt = made()[1][0]
    assert receipts.is_genuine(receipt, verify=verify)
    assert not receipts.is_genuine(msgspec.structs.replace(receipt, document_hash="00" * 32), verify=verify)
    forged = msgspec.structs.replace(receipt.head, at=1)
    assert not receipts.is_genuine(msgspec.structs.replace(receipt, head=forged), verify=verify)
    broken = msgspec.structs.replace(receipt.head, signature="z")
    assert not receipts.is_genuine(msgspec.structs.replace(receipt, head=broken), verify=verify)


def test_a_receipt_from_before_the_logs_is_still_checked() -> None:
    plain = receipts.PlainReceipt(
        number="1", seller_tax_id="s", request_id="r", issued_at=datetime(2026, 11, 21, tzinfo=UTC),
        amount_fen=1, tax_fen=0, gross_fen=1, document_hash="00" * 32, node="45", key_id=SIGNER.key_id,
    )  # fmt: skip
    signature = SIGNER.sign(receipts.plain_signed_bytes(plain)).hex()
    held = receipts.decode(receipts.encode(msgspec.structs.replace(plain, signature=signature)))
    assert receipts.encode(held).startswith(b'{"format":"goldentax-receipt/1","number":"1",')
    assert codes(held) == []
    assert codes(msgspec.structs.replace(held, gross_fen=2)) == ["signature"]
    assert codes(msgspec.structs.replace(held, signature="zz")) == ["signature"]


def test_what_is_signed_of_a_head_stands_byte_for_byte() -> None:
    data = heads.bytes_of(head())
    assert data.hex() == (
        "04" + b"45-1".hex() + f"{1_764_000_000_123:016x}" + f"{5:016x}" + "20" + "00" * 32
        + "0024" + "0001" + "0020" + (b"p" * 32).hex()
    )  # fmt: skip
    assert heads.head_hash(head()) == sm.sm3(data)
    assert heads.bytes_of(head(previous=b"")).endswith(b"\0\0")


def test_a_head_holds_until_a_field_changes() -> None:
    good = head()
    assert heads.verify_head(good, public_key=KEY)
    assert heads.from_text(heads.to_text(good)) == good
    for changes in ({"tree_size": 6}, {"root": b"r" * 32}, {"at_ms": 0}, {"previous": b""}, {"log": "45-2"}):
        assert not heads.verify_head(msgspec.structs.replace(good, **changes), public_key=KEY)
    for changes in (
        {"root": b"r"},
        {"previous": b"p"},
        {"log": "no log"},
        {"at_ms": -1},
        {"tree_size": 2**64},
    ):
        assert not heads.verify_head(msgspec.structs.replace(good, **changes), public_key=KEY)


def test_a_moment_survives_a_head_to_the_millisecond() -> None:
    moment = datetime(2026, 11, 21, 12, 0, 0, 123_999, tzinfo=UTC)
    assert heads.moment_of(heads.milliseconds(moment)) == moment.replace(microsecond=123_000)


def test_names_of_logs_are_read_strictly() -> None:
    assert heads.parse_log("45-1") == heads.LogName("45", 1)
    assert heads.log_of(node="45", desk=1) == "45-1"
    for wrong in ("", "45", "45-", "-1", "45-01", "45-x", "45-1\n", "４５-1", "x" * 20 + "-1", "45--1"):
        assert heads.parse_log(wrong) is None
