"""What the doors of the desks share: reading what was asked, and writing refusals, headers and answers."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from goldentax.invoicing import errors
from goldentax.invoicing.desk.hall import Hall
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.security import CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

BODY_BYTES_MAX = 10 * 1024 * 1024
DRAINED_TIMES = 4
"""A client that is still writing does not read: this many times the limit is let pass, and forgotten."""

_FIXED = [
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"permissions-policy", PERMISSIONS_POLICY.encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]
_LANGUAGES = {"zh": (b"content-language", b"zh-CN"), "en": (b"content-language", b"en")}
JSON = (b"content-type", b"application/json; charset=utf-8")
_PROBLEM = (b"content-type", b"application/problem+json; charset=utf-8")


class Gone(Exception):
    """The client went away before its request was whole."""


def asked(scope: Scope) -> tuple[str, str]:
    """The token and language of a request that this door serves; "" for what goes to the application behind."""
    token, language = "", "zh"
    if scope["query_string"]:
        return "", ""
    for name, value in scope["headers"]:
        if name == b"authorization":
            if value[:10].lower() != b"bearer gt_" or len(value) > 60:
                return "", ""
            token = value[7:].decode("latin-1").strip()
        elif name == b"accept-language":
            language = "en" if value[:2].lower() == b"en" else "zh"
        elif (
            name in (b"content-encoding", b"cookie", b"expect")
            or (name == b"content-length" and (not value.isdigit() or int(value) > BODY_BYTES_MAX))
            or name == b"transfer-encoding"
        ):
            return "", ""
    return token, language


async def read_body(receive: Receive, *, at_most: int = 0) -> bytes:
    """
    The whole body.

    :param at_most: bytes; 0 where its length was looked at before.
    :raises Gone: if the client went away.
    :raises goldentax.invoicing.errors.BulkTooLarge: if it is longer.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    if not message.get("more_body"):
        return message.get("body", b"")  # type: ignore[no-any-return]
    parts = [message.get("body", b"")]
    size = len(parts[0])
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part = message.get("body", b"")
        size += len(part)
        if not at_most or size <= at_most:
            parts.append(part)
        elif size > DRAINED_TIMES * at_most:
            break
    if at_most and size > at_most:
        raise errors.BulkTooLarge("body", limit=at_most // 1024 // 1024)
    return b"".join(parts)


def told(refusal: Refusal, language: str) -> tuple[bytes, Headers]:
    """A refusal as a problem, and the headers that go with it."""
    headers = [_PROBLEM]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="goldentax", error="invalid_token"'))
    if refusal.status in (429, 503):
        headers.append((b"retry-after", str(refusal.facts.get("seconds", 1)).encode()))
    return msgspec.json.encode(refusal.as_problem(language)), headers


def load(hall: Hall, left: float) -> Headers:
    """What a program may steer by: how many wait here, for how long about, and what is left of its rate."""
    waiting = len(hall.queue)
    wait_ms = int(hall.service.wait_s(waiting) * 1000)
    return [
        (b"x-queue", b"waiting=%d, wait-ms=%d" % (waiting, wait_ms)),
        (b"ratelimit-policy", b'"issue";q=%d;w=1' % hall.rates.per_second),
        (b"ratelimit", b'"issue";r=%d;t=1' % max(0, int(left))),
    ]


def start(status: int, headers: Headers, language: str) -> Message:
    """The head of an answer."""
    return {
        "type": "http.response.start", "status": status, "headers": [*headers, *_FIXED, _LANGUAGES[language]]
    }  # fmt: skip


async def send_answer(
    send: Send, status: int, body: bytes, first: Headers, more: Headers, language: str
) -> None:
    """Send a whole answer."""
    await send(start(status, [*first, *more, (b"content-length", b"%d" % len(body))], language))
    await send({"type": "http.response.body", "body": body})
