"""
What tests of the desks share: a world of real commits, threads that leave no connection behind, and calls by ASGI.

Desks commit by connections of their own, so nothing is rolled back. To make the world anew for each test would take
seconds each: it is kept for a module, and every test has a seller of its own.
"""

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

import pytest
from django.core.management import call_command
from django.db import connections

from goldentax.authority import api as authority
from goldentax.invoicing.desk.wire import App, Message
from goldentax.invoicing.tests.log_samples import register
from goldentax.kernel.values.identifiers import make_uscc
from goldentax.node import testing

T = TypeVar("T")
THREADS = 3


_sellers = count(1)


@pytest.fixture(scope="module")
def kept_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo world for all tests of a module, which commit for good; it is emptied behind them."""
    with django_db_blocker.unblock():
        if not authority.list_offices():
            testing.make_world(testing._home())
        yield
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def tax_id(kept_world: None) -> str:
    """A seller whom no other test knows, with an ample limit."""
    made = make_uscc(prefix="91450100", organisation8=f"MADEXK{next(_sellers):02d}")
    register(made)
    return made


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own; its threads close their connections before they end."""

    async def with_threads() -> T:
        pool = ThreadPoolExecutor(THREADS)
        asyncio.get_running_loop().set_default_executor(pool)
        try:
            return await main
        finally:
            gate = threading.Barrier(THREADS)  # one in each thread: nobody leaves before all are there
            loop = asyncio.get_running_loop()
            ends = [loop.run_in_executor(pool, _close, gate) for _ in range(THREADS)]
            await asyncio.gather(*ends)

    return asyncio.run(with_threads())


def _close(gate: threading.Barrier) -> None:
    gate.wait(10)
    connections.close_all()


@dataclass(frozen=True)
class Told:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def call(
    app: App,
    body: bytes | list[bytes],
    *,
    token: str = "",
    language: str = "zh",
    path: str = "/api/v1/invoices",
    headers: dict[str, str] | None = None,
    disconnect_after: int | None = None,
) -> Told | None:
    """One POST through an ASGI application; None if it answered nothing."""
    parts = body if isinstance(body, list) else [body]
    given = {"content-type": "application/json", "content-length": str(sum(map(len, parts)))}
    given["accept-language"] = {"zh": "zh-CN,zh;q=0.9", "en": "en"}[language]
    given["host"] = "localhost"
    if token:
        given["authorization"] = f"Bearer {token}"
    given |= headers or {}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip
    messages = iter(_messages(parts, disconnect_after))
    sent: list[Message] = []
    forever = asyncio.Event()

    async def receive() -> Message:
        found = next(messages, None)
        if found is None:
            await forever.wait()
        return found or {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    if not sent:
        return None
    start = sent[0]
    told = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Told(start["status"], told, b"".join(one.get("body", b"") for one in sent[1:]))


def _messages(parts: list[bytes], disconnect_after: int | None) -> Iterator[Message]:
    for n, part in enumerate(parts):
        if n == disconnect_after:
            yield {"type": "http.disconnect"}
            return
        yield {"type": "http.request", "body": part, "more_body": n + 1 < len(parts)}


@contextmanager
def changed(thing: object, **values: Any) -> Iterator[None]:
    """Hold attributes at other values inside the block."""
    before = {name: getattr(thing, name) for name in values}
    for name, value in values.items():
        setattr(thing, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(thing, name, value)
