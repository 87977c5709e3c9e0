"""The limit of any page: an ASGI application that reads the body and answers a fixed kilobyte."""

from typing import Any

BODY = b'{"number":"' + b"0" * 1000 + b'"}'
START = {
    "type": "http.response.start",
    "status": 201,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())],
}


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer 201 whatever is asked."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send(START)
    await send({"type": "http.response.body", "body": BODY})
