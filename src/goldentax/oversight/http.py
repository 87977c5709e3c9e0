"""
The API of oversight: search the trail, read a record with its proof, and take the heads of the chain.

Every search and every record read is itself recorded. The heads are meant to be kept by somebody else.
"""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.params import functions

from goldentax.kernel import access, clock
from goldentax.kernel.node import this_node
from goldentax.oversight import api as oversight

router = Router()

_SCOPE = "audit:read"
_TEXT = functions.Query(max_length=120)
_LIMIT_MAX = 500


class EntryOutput(Schema):
    id: int
    at: datetime
    category: str
    actor: str
    action: str
    subject: str
    request_id: str
    detail: dict[str, Any]


class TrailOutput(Schema):
    """One page of the trail; where ``looked_back_to`` is set, words were looked for so far and there may be more."""

    items: list[EntryOutput]
    next_cursor: str
    looked_back_to: datetime | None


class SealedEntryOutput(EntryOutput):
    block: int
    block_hash: str
    sealed_at: datetime | None


class HeadOutput(Schema):
    number: int
    hash: str
    rows: int
    last_id: int
    sealed_at: str
    public_key: str
    signature: str


class PathStep(Schema):
    side: str
    hash: str


class ProofOutput(Schema):
    """A record's canonical line, the Merkle path from it to its block's root, and the signed head."""

    record: str
    path: list[PathStep]
    head: str
    public_key: str
    signature: str


@router.get("/audit", response=TrailOutput)
@access.open_to(access.OFFICER, scope=_SCOPE, function="oversight.trail.search")
def search_audit_trail(
    request: HttpRequest,
    person: Annotated[str, _TEXT] = "",
    subject: Annotated[str, _TEXT] = "",
    action: Annotated[str, _TEXT] = "",
    category: Annotated[str, _TEXT] = "",
    from_: Annotated[str, functions.Query(alias="from", max_length=40)] = "",
    to: Annotated[str, functions.Query(max_length=40)] = "",
    text: Annotated[str, _TEXT] = "",
    request_id: Annotated[str, _TEXT] = "",
    cursor: Annotated[str, functions.Query(max_length=60)] = "",
    limit: Annotated[int, functions.Query(ge=1, le=_LIMIT_MAX)] = 50,
) -> Any:
    """Search the audit trail, the newest first; the search is recorded."""
    asked = {"person": oversight.find_person(person), "subject": subject, "action": action, "text": text}
    asked |= {"category": category, "from": from_, "to": to, "request_id": request_id}
    page = oversight.search_trail_for(
        actor=access.actor_of(request),
        filter_=oversight.read_filter(asked, zone=this_node().time_zone),
        cursor=cursor,
        limit=limit,
        now=clock.now(),
    )
    items = [_entry(one) for one in page.entries]
    return {"items": items, "next_cursor": page.next_cursor, "looked_back_to": page.looked_back_to}


@router.get("/audit/heads", response=list[HeadOutput])
@access.open_to(access.OFFICER, scope=_SCOPE, function="oversight.trail.verify")
def list_audit_heads(
    request: HttpRequest,
    after: Annotated[int, functions.Query(ge=0)] = 0,
    limit: Annotated[int, functions.Query(ge=1, le=1000)] = 100,
) -> Any:
    """List the signed heads of the chain after a number, the oldest first."""
    return oversight.list_heads(after=after, limit=limit)


@router.get("/audit/{int:entry_id}", response=SealedEntryOutput)
@access.open_to(access.OFFICER, scope=_SCOPE, function="oversight.trail.search")
def get_audit_entry(request: HttpRequest, entry_id: int) -> Any:
    """Show one record and the block that seals it; the look is recorded."""
    found = oversight.get_entry_for(actor=access.actor_of(request), entry_id=entry_id, now=clock.now())
    sealed = {"block": found.block, "block_hash": found.block_hash, "sealed_at": found.sealed_at}
    return _entry(found.entry) | sealed


@router.get("/audit/{int:entry_id}/proof", response=ProofOutput)
@access.open_to(access.OFFICER, scope=_SCOPE, function="oversight.trail.search")
def get_audit_proof(request: HttpRequest, entry_id: int) -> Any:
    """Give the proof that one record stands in the chain; the look is recorded."""
    oversight.get_entry_for(actor=access.actor_of(request), entry_id=entry_id, now=clock.now())
    return oversight.prove_entry(entry_id)


def _entry(one: oversight.TrailEntry) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": one.at,
        "category": one.category,
        "actor": one.actor,
        "action": one.action,
        "subject": one.subject,
        "request_id": one.request_id,
        "detail": one.detail,
    }
