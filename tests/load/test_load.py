"""The load generator reads answers rightly, counts what is wrong, and gives every request an id of its own."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from bench import load, plans

SELLERS = [{"token": f"gt_{number}", "tax_id": f"T{number}", "name": f"甲{number}"} for number in range(3)]


class Server(ThreadingHTTPServer):
    """Keeps what it was sent; every fifth request is refused."""

    seen: list[dict[str, Any]]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append(body | {"token": self.headers["Authorization"].removeprefix("Bearer ")})
        answer = b"{}" * 1000
        self.send_response(503 if len(self.server.seen) % 5 == 0 else 201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server(("127.0.0.1", 0), Handler)
    running.seen = []
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def plan(server: Server, **more: Any) -> dict[str, Any]:
    parcels = plans.parcels(SELLERS, buyers=SELLERS)
    host, port = "127.0.0.1", server.server_address[1]
    known = {
        "host": host,
        "port": port,
        "path": "/",
        "run": "r",
        "connections": 4,
        "warmup_s": 0.1,
        "seconds": 0.5,
    }
    return known | {"source": "single", "judge": "issued", "parcels": parcels} | more


def run(plan_: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    said: list[dict[str, Any]] = []
    load.run_plan(plan_, say=said.append)
    return [one["mark"] for one in said if "mark" in one], said[-1]["result"]


def test_good_answers_are_counted_and_others_named(server: Server) -> None:
    marks, result = run(plan(server))
    assert marks == ["begin", "end"]
    assert result["good"] > 0
    assert result["bad"] == result["errors"]["HTTP 503"] > 0
    assert result["rate"] == pytest.approx(result["good"] / result["seconds"], rel=0.01)
    assert result["p50_ms"] <= result["p99_ms"] <= result["max_ms"]


def test_every_request_is_another_one_and_sellers_take_turns(server: Server) -> None:
    run(plan(server))
    ids = [one["request_id"] for one in server.seen]
    assert len(ids) == len(set(ids))
    assert {len(one) for one in ids} == {24}
    assert {one["token"] for one in server.seen} == {one["token"] for one in SELLERS}
    assert {one.get("prices_include_tax", False) for one in server.seen} == {False, True}


def test_an_open_loop_keeps_its_rate(server: Server) -> None:
    _, result = run(plan(server, rate=50, seconds=1.0))
    assert 35 <= result["good"] + result["bad"] <= 65


def test_a_server_that_is_away_is_an_error(server: Server) -> None:
    away = plan(server)
    server.shutdown()
    server.server_close()
    _, result = run(away)
    assert result["good"] == 0
    assert result["errors"]["ECONNREFUSED"] > 0


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}", (201, b"{}")),
        (b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\n{}", None),
        (b"HTTP/1.1 201 Created\r\nContent-Le", None),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n1\r\n!\r\n0\r\n\r\n",
            (200, b"{}!"),
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", None),
        (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"")),
    ],
)
def test_an_answer_is_read_when_it_is_whole(data: bytes, answer: tuple[int, bytes] | None) -> None:
    assert load.read_answer(data) == answer
