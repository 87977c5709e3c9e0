"""The web server's entry: the desks take what is issued, and bodies that are too large never reach Django."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldentax.node.settings")

import django

django.setup()

from django.core.handlers.asgi import ASGIHandler

from goldentax.invoicing.api import IssuingDoor

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_BYTES_MAX = 10 * 1024 * 1024
"""The largest request body: 2,000 full lines are about 1 MiB, a delivered OFD below 5 MiB."""

FILE_BYTES_MAX = 21 * 1024 * 1024
FILE_PATHS = ("/invoices/bulk/", "/api/v1/invoices/jobs")
"""Where files of invoices are handed in: 20 MiB and what a form wraps around them."""


class BodyLimit:
    """Answers 413 for a body above the limit, whether its length is announced or found out."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        at_most = FILE_BYTES_MAX if scope["path"] in FILE_PATHS else BODY_BYTES_MAX
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > at_most:
            await self._drain(receive)
            await self._refuse(send, at_most)
            return
        body, more = bytearray(), True
        if b"transfer-encoding" in dict(scope["headers"]):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > at_most:
                    await self._drain(receive)
                    await self._refuse(send, at_most)
                    return
            await self.app(scope, _replay(bytes(body), receive), send)
            return
        await self.app(scope, receive, send)

    async def _drain(self, receive: Receive) -> None:
        # A client that is still writing does not read; up to four times the limit is let pass so that the answer
        # arrives instead of a broken pipe.
        seen, more = 0, True
        while more and seen < 4 * BODY_BYTES_MAX:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            seen += len(message.get("body", b""))
            more = message.get("more_body", False)

    async def _refuse(self, send: Send, at_most: int) -> None:
        from goldentax.node.errors import BodyTooLarge, problem_bytes

        body = problem_bytes(BodyTooLarge(limit=at_most // 1024 // 1024))
        await send(
            {
                "type": "http.response.start",
                "status": 413,
                "headers": [
                    (b"content-type", b"application/problem+json; charset=utf-8"),
                    (b"content-length", str(len(body)).encode()),
                    (b"connection", b"close"),
                ],
            }
        )
        await send({"type": "http.response.body", "body": body})


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def once() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


application = IssuingDoor(BodyLimit(cast(App, ASGIHandler())))
