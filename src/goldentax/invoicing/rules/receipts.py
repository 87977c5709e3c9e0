"""
The receipt (受理回执): the node's word that this very document stands in its log, at this place, under a signed head.

Nobody has to be asked to check one: hash the document, walk the path up to the root, look at the signature of the head
(:func:`examine_receipt` does it step by step). Receipts from before the logs (``goldentax-receipt/1``) were signed one
by one; they are read and checked too, and no longer written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from goldentax.invoicing.rules import heads
from goldentax.invoicing.rules.batches import Batch
from goldentax.invoicing.rules.heads import HeadText, TreeHead
from goldentax.kernel.crypto import merkle, sm
from goldentax.kernel.text import Text

FORMAT = "goldentax-receipt/2"
PATH_MAX = 63
"""Hashes of a path; the largest log that a leaf index can name has no longer one."""
RECEIPT_BYTES_MAX = 16 * 1024
"""A receipt of the longest path has about 5,000 bytes; nothing longer is read."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag=FORMAT):
    """Where a document stands in a log, and the head that binds the node to it; hashes in hex."""

    number: str
    seller_tax_id: str
    document_hash: str  # SM3 of the stored document
    log: str
    leaf_index: int  # from 0
    path: list[str]  # bottom up
    head: HeadText

    @property
    def key_id(self) -> str:
        """The short name of the key that signed."""
        return self.head.key_id

    @property
    def signature(self) -> str:
        """The signature of the head, DER in hex."""
        return self.head.signature


class PlainReceipt(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag="goldentax-receipt/1"):
    """A receipt from before the logs: what the node said of one invoice, and a signature over just that."""

    number: str
    seller_tax_id: str
    request_id: str
    issued_at: datetime
    amount_fen: int
    tax_fen: int
    gross_fen: int
    document_hash: str  # SM3 of the stored document
    node: str
    key_id: str
    signature: str = ""  # DER


AnyReceipt = Receipt | PlainReceipt

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyReceipt] = msgspec.json.Decoder(AnyReceipt)


def encode(receipt: AnyReceipt) -> bytes:
    """Write a receipt as JSON."""
    return _encoder.encode(receipt)


def decode(data: bytes) -> AnyReceipt:
    """
    Read a receipt of either format.

    :raises msgspec.MsgspecError: if it is none.
    """
    return _decoder.decode(data)


def plain_signed_bytes(receipt: PlainReceipt) -> bytes:
    """The bytes that the signature of a receipt from before the logs covers."""
    return _encoder.encode(msgspec.structs.replace(receipt, signature=""))


def receipts_of(batch: Batch, *, sellers: Sequence[str]) -> list[Receipt]:
    """The receipts of a batch, in its order; the sellers stand in the same."""
    head = heads.to_text(batch.head)
    return [
        Receipt(
            number=entered.number,
            seller_tax_id=seller,
            document_hash=entered.document_hash.hex(),
            log=head.log,
            leaf_index=entered.leaf,
            path=[one.hex() for one in path],
            head=head,
        )
        for entered, seller, path in zip(batch.entered, sellers, batch.paths, strict=True)
    ]


def encode_many(
    *,
    numbers: Sequence[str],
    sellers: Sequence[str],
    document_hashes: Sequence[bytes],
    first_leaf: int,
    paths: Sequence[Sequence[bytes]],
    head: TreeHead,
) -> list[bytes]:
    """
    Write the receipts of neighbours in a log, byte for byte as :func:`encode` writes each.

    The hot path: what they have in common is written once; 3 µs a receipt in a log of a hundred million leaves.
    """
    log = _encoder.encode(head.log)
    end = b'],"head":' + _encoder.encode(heads.to_text(head)) + b"}"
    written = []
    things = zip(numbers, sellers, document_hashes, paths, strict=True)
    for leaf, (number, seller, document_hash, path) in enumerate(things, first_leaf):
        hashes = (
            ('"' + b"".join(path).hex(",", merkle.HASH_BYTES).replace(",", '","') + '"').encode()
            if path
            else b""
        )
        written.append(
            b'{"format":"%b","number":%b,"seller_tax_id":%b,"document_hash":"%b","log":%b,"leaf_index":%d,"path":[%b%b'
            % (
                *(FORMAT.encode(), _encoder.encode(number), _encoder.encode(seller)),
                *(document_hash.hex().encode(), log, leaf, hashes, end),
            )
        )
    return written


Outcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One step of an examination, and how it came out."""

    code: str
    name: Text
    outcome: Outcome
    detail: Text


def examine_receipt(receipt: AnyReceipt, *, document: bytes | None, public_key: str | None) -> list[Finding]:
    """
    Check a receipt step by step; no store is asked.

    :param document: the canonical bytes, or None: what it says is then not looked at.
    :param public_key: 128 hex digits, or None: the signature is then not looked at.
    """
    steps = [
        _document(receipt, document),
        _number(receipt, document),
        *([] if isinstance(receipt, PlainReceipt) else [_place(receipt), _path(receipt)]),
        _key(receipt, public_key),
        _signature(receipt, public_key),
    ]
    return steps


def verify_receipt(receipt: AnyReceipt, *, document: bytes | None, public_key: str | None) -> list[Finding]:
    """What is wrong with a receipt; nothing is, if the list is empty. See :func:`examine_receipt`."""
    steps = examine_receipt(receipt, document=document, public_key=public_key)
    return [one for one in steps if one.outcome == "failed"]


def _said(
    code: str, name: Text, *, is_right: bool | None, right: Text, wrong: Text, skipped: Text
) -> Finding:
    if is_right is None:
        return Finding(code=code, name=name, outcome="skipped", detail=skipped)
    return Finding(
        code=code,
        name=name,
        outcome="passed" if is_right else "failed",
        detail=right if is_right else wrong,
    )


_NOT_GIVEN = Text("没有提供发票文件，此步未核对。", "No document was given; this step was left out.")
_NO_KEY = Text("没有提供公钥，此步未核对。", "No public key was given; this step was left out.")
_NO_LACK = Text("", "")


def _document(receipt: AnyReceipt, document: bytes | None) -> Finding:
    return _said(
        "document_hash",
        Text("发票文件摘要", "Digest of the document"),
        is_right=None if document is None else sm.sm3(document).hex() == receipt.document_hash,
        right=Text("文件的 SM3 摘要与回执一致。", "The document's SM3 digest is the one in the receipt."),
        wrong=Text("文件已被改动，或不是这张发票。", "The document was changed, or is another invoice."),
        skipped=_NOT_GIVEN,
    )


class _Named(msgspec.Struct):
    number: str
    seller: dict[str, object]


def _number(receipt: AnyReceipt, document: bytes | None) -> Finding:
    is_right = None
    if document is not None:
        try:
            named = msgspec.json.decode(document, type=_Named)
            is_right = (named.number, named.seller.get("tax_id")) == (receipt.number, receipt.seller_tax_id)
        except msgspec.MsgspecError:
            is_right = False
    return _said(
        "number",
        Text("号码与销售方", "Number and seller"),
        is_right=is_right,
        right=Text("文件中的号码和销售方与回执一致。", "The document has the receipt's number and seller."),
        wrong=Text("号码或销售方与文件不符。", "The number or the seller is not the document's."),
        skipped=_NOT_GIVEN,
    )


def _place(receipt: Receipt) -> Finding:
    head = receipt.head
    is_right = receipt.log == head.log and 0 <= receipt.leaf_index < head.tree_size <= 2**63
    return _said(
        "place",
        Text("日志与序号", "Log and place"),
        is_right=is_right and len(receipt.path) <= PATH_MAX,
        right=Text(
            "树头是同一日志的，序号在其范围内。", "The head is of the same log and reaches this place."
        ),
        wrong=Text(
            "树头不是这个日志的，或序号超出范围。",
            "The head is of another log, or does not reach this place.",
        ),
        skipped=_NO_LACK,
    )


def _path(receipt: Receipt) -> Finding:
    return _said(
        "inclusion",
        Text("包含证明", "Proof of inclusion"),
        is_right=_is_included(receipt),
        right=Text(
            "沿路径算出的树根与树头一致。", "The path leads from the document to the root of the head."
        ),
        wrong=Text("沿路径算不出树头的树根。", "The path does not lead to the root of the head."),
        skipped=_NO_LACK,
    )


def _is_included(receipt: Receipt) -> bool:
    try:
        entry, root = bytes.fromhex(receipt.document_hash), bytes.fromhex(receipt.head.root)
        path = [bytes.fromhex(one) for one in receipt.path[: PATH_MAX + 1]]
    except ValueError:
        return False
    if any(len(one) != merkle.HASH_BYTES for one in (entry, root, *path)):
        return False
    size, leaf = receipt.head.tree_size, merkle.leaf_hash(entry)
    return merkle.verify_inclusion(leaf=leaf, index=receipt.leaf_index, size=size, path=path, root=root)


def _key(receipt: AnyReceipt, public_key: str | None) -> Finding:
    return _said(
        "key",
        Text("签名密钥", "Key"),
        is_right=None if public_key is None else heads.key_id_of(public_key) == receipt.key_id,
        right=Text("公钥就是回执所称的密钥。", "The public key is the one that the receipt names."),
        wrong=Text("回执称由另一把密钥签名。", "The receipt says that another key signed."),
        skipped=_NO_KEY,
    )


def _signature(receipt: AnyReceipt, public_key: str | None) -> Finding:
    return _said(
        "signature",
        Text("签名", "Signature"),
        is_right=None if public_key is None else _is_signed(receipt, public_key),
        right=Text("SM2 签名有效。", "The SM2 signature is right."),
        wrong=Text(
            "签名不符，不是这把密钥签的，或内容被改。",
            "The signature is wrong: not of this key, or of other words.",
        ),
        skipped=_NO_KEY,
    )


def _is_signed(receipt: AnyReceipt, public_key: str) -> bool:
    try:
        if isinstance(receipt, Receipt):
            return heads.verify_head(heads.from_text(receipt.head), public_key=public_key)
        signature = bytes.fromhex(receipt.signature)
    except ValueError:
        return False
    return sm.verify(public_key_hex=public_key, data=plain_signed_bytes(receipt), signature=signature)


def is_genuine(receipt: AnyReceipt, *, verify: Callable[[bytes, bytes], bool]) -> bool:
    """Tell whether the node signed what the receipt says, the way to the signed root included."""
    if isinstance(receipt, Receipt):
        try:
            head = heads.from_text(receipt.head)
            return (
                _place(receipt).outcome == "passed"
                and _is_included(receipt)
                and heads.is_well_formed(head)
                and verify(heads.bytes_of(head), head.signature)
            )
        except ValueError:
            return False
    try:
        signature = bytes.fromhex(receipt.signature)
    except ValueError:
        return False
    return verify(plain_signed_bytes(receipt), signature)
