"""What the tests of bulk issuing share: drafts, and a door that is knocked at as a web server would."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

from goldentax.identity import api as identity
from goldentax.invoicing.desk.door import IssuingDoor
from goldentax.node.testing import NOW

PATH = "/api/v1/invoices:batch"
WARE = {"name": "显示器", "tax_code": "1090511030000000000", "rate": "0.13"}


def draft(request_id: str = "bulk-0001", amount: str = "100.00", **changes: Any) -> dict[str, Any]:
    """A draft that is right but for the changes."""
    right = {
        "request_id": request_id,
        "kind": "82",
        "buyer": {"name": "张三", "is_person": True},
        "lines": [WARE | {"amount": amount}],
    }
    return right | changes


def lines(*items: dict[str, Any] | bytes) -> bytes:
    """JSON lines; bytes stand as they are."""
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in items)


def token_of(tax_id: str, *, login: str = "demo-seller", scopes: Sequence[str] = ("invoices:write",)) -> str:
    """A token of a demo seller."""
    now = NOW
    membership = identity.find_issuing_membership(on=now.date(), login=login, tax_id=tax_id)
    assert membership is not None
    text, _ = identity.issue_token(
        person_id=membership.person.public_id,
        tax_id=tax_id,
        label="test",
        scopes=scopes,
        days=3,
        actor="system:test",
        now=now,
    )
    return text


class Answer:
    """A whole answer of the door."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.status = messages[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        self.body = b"".join(one["body"] for one in messages[1:])
        self.is_ended = not messages[-1].get("more_body")

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(one) for one in self.body.splitlines()]


Knock = Callable[..., Any]


def at_the_door(work: Callable[[Knock], Any]) -> Any:
    """Do some work with a door of one's own: ``work(knock)``, where ``await knock(body, token=…)`` gives an answer."""

    async def whole() -> Any:
        door = IssuingDoor(_nothing_behind)
        try:
            return await work(lambda body, **given: _knock(door, body, **given))
        finally:
            if door.hall is not None:
                await door.hall.close()

    return asyncio.run(whole())


def send_all(body: bytes, **given: Any) -> Answer:
    """One batch, and its answer."""

    async def once(knock: Knock) -> Answer:
        answer: Answer = await knock(body, **given)
        return answer

    found: Answer = at_the_door(once)
    return found


async def _nothing_behind(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 599, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _knock(
    door: IssuingDoor, body: bytes, *, token: str, path: str = PATH, piece: int = 0, **headers: str
) -> Answer:
    named = {"authorization": f"Bearer {token}"} | {k.replace("_", "-"): v for k, v in headers.items()}
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    size = piece or max(len(body), 1)
    pieces = [body[start : start + size] for start in range(0, len(body), size)] or [b""]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        part = pieces.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    await door(scope, receive, send)
    return Answer(sent)
