"""
The API of the transparency log (透明日志), below /api/v1.

Public where it tells nothing of a taxpayer: heads are hashes and sizes, and a proof is given only to who already knows
the leaf. Receipts and documents are for the two parties. A witness needs no token: its signature says who it is.
"""

from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params import functions

from goldentax.invoicing import errors
from goldentax.invoicing.models import Cosignature
from goldentax.invoicing.operations import witnessing
from goldentax.invoicing.queries import invoices, log
from goldentax.invoicing.rules import heads
from goldentax.invoicing.rules.reading import read_json
from goldentax.kernel import access, clock
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.node import this_node

router = Router()

_SIZE = functions.Query(ge=0, le=2**62)
BODY_BYTES_MAX = 4096


class ApiCosignature(msgspec.Struct, kw_only=True):
    """A witness's signature over the signed bytes of a head, in hex."""

    witness: str
    tree_size: int
    algorithm: str
    public_key_hex: str
    signature: str
    at: str


class ApiHead(msgspec.Struct, kw_only=True):
    """A signed head; ``signed_bytes`` are what the signature covers, ``hash`` is what the next head names."""

    head: heads.HeadText
    hash: str
    signed_bytes: str
    cosignatures: list[ApiCosignature]


class ApiHeadPage(msgspec.Struct, kw_only=True):
    """Heads, the newest first; ``next_before`` is 0 on the last page."""

    items: list[ApiHead]
    next_before: int


class ApiLog(msgspec.Struct, kw_only=True):
    """One log of this node and its newest head."""

    log: str
    tree_size: int
    head: heads.HeadText | None


class ApiLogs(msgspec.Struct, kw_only=True):
    """The logs of this node, and the key under which their heads are signed."""

    node: str
    key_id: str
    public_key_hex: str
    hash: str
    logs: list[ApiLog]


class ApiConsistency(msgspec.Struct, kw_only=True):
    """The proof that the log at ``second`` begins with the log at ``first``; hashes in hex, as RFC 9162 orders them."""

    log: str
    first: heads.HeadText
    second: heads.HeadText
    path: list[str]


class ApiInclusion(msgspec.Struct, kw_only=True):
    """The proof that a leaf stands in the log under a head; the path bottom up, in hex."""

    log: str
    leaf_index: int
    leaf_hash: str
    path: list[str]
    head: heads.HeadText


class WitnessInput(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a witness hands in: its name, the size of the head, its signature in hex (SM2: DER; Ed25519: 64 bytes)."""

    witness: str
    tree_size: int
    signature: str


_witness_decoder = msgspec.json.Decoder(WitnessInput)


def _documented(type_: type, body: type | None = None) -> dict[str, Any]:
    """What the API's document says of an answer, and of the body it wants."""
    described: dict[str, Any] = {"responses": {200: {"description": "OK", "content": _content(type_)}}}
    if body is not None:
        described["requestBody"] = {"required": True, "content": _content(body)}
    return described


def _content(type_: type) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components(
        [type_], ref_template="#/components/schemas/{name}"
    )
    return {"application/json": {"schema": {**schema, "$defs": components}}}


def _json(value: Any) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), content_type="application/json; charset=utf-8")


@router.get(
    "/log", operation_id="list_logs", summary="透明日志 Logs of this node", openapi_extra=_documented(ApiLogs)
)
@access.open_to(access.PUBLIC)
def list_logs(request: HttpRequest) -> HttpResponse:
    """List the logs of this node with their newest heads, and the key that signs them."""
    signer = node_signer()
    found = [
        ApiLog(log=one.log, tree_size=one.tree_size, head=heads.to_text(one.head) if one.head else None)
        for one in log.list_logs()
    ]
    return _json(
        ApiLogs(
            node=this_node().code,
            key_id=signer.key_id,
            public_key_hex=signer.public_key_hex,
            hash="SM3",
            logs=found,
        )
    )


@router.get(
    "/log/{log_id}/heads",
    operation_id="list_heads",
    summary="树头 Heads of a log",
    openapi_extra=_documented(ApiHeadPage),
)
@access.open_to(access.PUBLIC)
def list_heads(
    request: HttpRequest,
    log_id: str,
    before: Annotated[int, _SIZE] = 0,
    limit: Annotated[int, functions.Query(ge=1, le=log.HEADS_MAX)] = 100,
) -> HttpResponse:
    """List the heads of a log, the newest first; `before` gives those of smaller trees."""
    page = log.list_heads(log=log_id, before=before, limit=limit)
    kept: dict[int, list[ApiCosignature]] = {}
    for one in log.list_cosignatures(log=log_id, tree_sizes=[head.tree_size for head in page.heads]):
        kept.setdefault(one.tree_size, []).append(_cosignature(one))
    items = [
        ApiHead(
            head=heads.to_text(head),
            hash=heads.head_hash(head).hex(),
            signed_bytes=heads.bytes_of(head).hex(),
            cosignatures=kept.get(head.tree_size, []),
        )
        for head in page.heads
    ]
    return _json(ApiHeadPage(items=items, next_before=page.next_before))


@router.get(
    "/log/{log_id}/consistency",
    operation_id="prove_consistency",
    summary="一致性证明 Proof between two heads",
    openapi_extra=_documented(ApiConsistency),
)
@access.open_to(access.PUBLIC)
def prove_consistency(
    request: HttpRequest, log_id: str, first: Annotated[int, _SIZE], second: Annotated[int, _SIZE] = 0
) -> HttpResponse:
    """Prove that the log under its head at `second` (the newest, if left out) begins with that at `first`."""
    later = log.get_head(log=log_id, tree_size=second)
    path = log.prove_consistency(log=log_id, first=first, second=later.tree_size)
    earlier = log.get_head(log=log_id, tree_size=first)
    return _json(
        ApiConsistency(
            log=log_id,
            first=heads.to_text(earlier),
            second=heads.to_text(later),
            path=[one.hex() for one in path],
        )
    )


@router.get(
    "/log/{log_id}/proof",
    operation_id="prove_inclusion",
    summary="包含证明 Proof of a leaf under a later head",
    openapi_extra=_documented(ApiInclusion),
)
@access.open_to(access.PUBLIC)
def prove_inclusion(
    request: HttpRequest,
    log_id: str,
    leaf_index: Annotated[int, _SIZE],
    leaf_hash: Annotated[str, functions.Query(min_length=64, max_length=64)],
    tree_size: Annotated[int, _SIZE] = 0,
) -> HttpResponse:
    """
    Prove that a leaf stands at its index under the head of `tree_size` (the newest, if left out).

    `leaf_hash` is SM3(0x00 ‖ the document's digest). Both come from a receipt: who knows neither is told nothing.
    """
    try:
        wanted = bytes.fromhex(leaf_hash)
    except ValueError:
        raise errors.LeafNotFound("leaf_hash", log=log_id[:40], index=leaf_index) from None
    head, path = log.prove_inclusion(log=log_id, leaf_index=leaf_index, leaf_hash=wanted, tree_size=tree_size)
    return _json(
        ApiInclusion(
            log=log_id,
            leaf_index=leaf_index,
            leaf_hash=wanted.hex(),
            path=[one.hex() for one in path],
            head=heads.to_text(head),
        )
    )


@router.post(
    "/log/{log_id}/witness",
    operation_id="witness_head",
    summary="见证 Hand in a cosignature of a head",
    openapi_extra=_documented(ApiCosignature, WitnessInput),
)
@access.open_to(access.PUBLIC)
def witness_head(request: HttpRequest, log_id: str) -> HttpResponse:
    """Keep and publish a registered witness's signature over the `signed_bytes` of a head; safe to send twice."""
    given = read_json(request.body[: BODY_BYTES_MAX + 1], _witness_decoder)
    try:
        signature = bytes.fromhex(given.signature)
    except ValueError:
        raise errors.CosignatureWrong("signature") from None
    kept = witnessing.take_cosignature(
        log=log_id,
        tree_size=given.tree_size,
        witness=given.witness,
        signature=signature,
        now=clock.now(),
    )
    return _json(_cosignature(kept))


@router.get(
    "/invoices/{number}/document", operation_id="get_document", summary="规范文件 The canonical document"
)
@access.open_to(access.TAXPAYER, scope="invoices:read")
def get_document(request: HttpRequest, number: str) -> HttpResponse:
    """Read the very bytes that the receipt names by their SM3 digest; for the seller and the buyer."""
    data = invoices.get_document_bytes(number=number, actor=access.actor_of(request))
    return HttpResponse(data, content_type="application/json; charset=utf-8")


def _cosignature(one: Cosignature) -> ApiCosignature:
    return ApiCosignature(
        witness=one.witness,
        tree_size=one.tree_size,
        algorithm=one.algorithm,
        public_key_hex=one.public_key,
        signature=bytes(one.signature).hex(),
        at=one.at.astimezone(this_node().time_zone).isoformat(),
    )
