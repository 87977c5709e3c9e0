"""The web server's entry: bodies that are too large are refused before Django reads them."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldentax.node.settings")

from django.core.asgi import get_asgi_application

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_BYTES_MAX = 10 * 1024 * 1024
"""The largest request body: 2,000 full lines are about 1 MiB, a delivered OFD below 5 MiB."""


class BodyLimit:
    """Answers 413 for a body above the limit, whether its length is announced or found out."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            await self._drain(receive)
            await self._refuse(send)
            return
        body, more = bytearray(), True
        if b"transfer-encoding" in dict(scope["headers"]):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > BODY_BYTES_MAX:
                    await self._drain(receive)
                    await self._refuse(send)
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

    async def _refuse(self, send: Send) -> None:
        from goldentax.node.errors import BodyTooLarge, problem_bytes

        body = problem_bytes(BodyTooLarge(limit=BODY_BYTES_MAX // 1024 // 1024))
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


application = BodyLimit(cast(App, get_asgi_application()))
