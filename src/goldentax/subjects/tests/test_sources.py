"""A source over HTTP: what is not a well-signed answer in time verifies nobody."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from goldentax.node.testing import NOW
from goldentax.subjects.operations import sources as adapters
from goldentax.subjects.operations.sources import over_http
from goldentax.subjects.operations.sources.over_http import HttpSource
from goldentax.subjects.rules import sources
from goldentax.subjects.rules.sources import Query
from goldentax.subjects.tests.conftest import uscc

SECRET = "a-secret-of-thirty-two-characters!!"
QUERY = Query(at=NOW, credential="uscc", number=uscc(1), claims={"name": "甲"})


def sign(*parts: bytes) -> str:
    return hmac.new(SECRET.encode(), b"\n".join(parts), hashlib.sha256).hexdigest()


class Remote:
    """A real server on this machine that answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answer: Callable[[str], tuple[int, bytes, str]] = self.well({"verdict": "match"})
        remote = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told = {name: self.headers[name] for name in ("X-Key-Id", "X-Time", "X-Nonce", "X-Signature")}
                remote.requests.append(told | {"body": body, "path": self.path})
                status, content, signature = remote.answer(told["X-Nonce"])
                self.send_response(status)
                self.send_header("X-Signature", signature)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/verify"

    def well(self, told: dict[str, Any]) -> Callable[[str], tuple[int, bytes, str]]:
        content = json.dumps(told).encode()
        return lambda nonce: (200, content, sign(b"200", nonce.encode(), content))

    def ask(self) -> sources.Answer:
        return HttpSource(key="market_regulator", url=self.url, key_id="k1", secret=SECRET).ask(QUERY)


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    monkeypatch.setattr(over_http, "PAUSE_S", 0)
    found = Remote()
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_a_signed_answer_is_read(remote: Remote) -> None:
    told = {
        "verdict": "mismatch",
        "fields": ["name"],
        "facts": {"name": "乙", "secret": "x"},
        "reference": "R1",
    }
    remote.answer = remote.well(told)
    answer = remote.ask()
    assert (answer.verdict, answer.fields, dict(answer.facts), answer.reference) == (
        "mismatch",
        ("name",),
        {"name": "乙"},
        "R1",
    )


def test_a_question_is_signed_over_path_time_nonce_and_body(remote: Remote) -> None:
    remote.ask()
    sent = remote.requests[0]
    parts = [b"POST", b"/verify", sent["X-Time"].encode(), sent["X-Nonce"].encode(), sent["body"]]
    assert hmac.compare_digest(sent["X-Signature"], sign(*parts))
    assert json.loads(sent["body"]) == {"credential": "uscc", "number": uscc(1), "claims": {"name": "甲"}}


def test_an_unsigned_or_foreign_answer_verifies_nobody(remote: Remote) -> None:
    content = b'{"verdict": "match"}'
    for signature in ("", "0" * 64, sign(b"200", b"another-nonce", content)):
        remote.answer = lambda nonce, signature=signature: (200, content, signature)
        assert remote.ask().verdict == sources.AWAY


def test_an_answer_of_an_earlier_question_cannot_be_replayed(remote: Remote) -> None:
    first = remote.well({"verdict": "match"})("old-nonce")
    remote.answer = lambda nonce: first
    assert remote.ask().verdict == sources.AWAY


@pytest.mark.parametrize(
    "told",
    [
        {"verdict": "yes"},
        {"verdict": "match", "fields": ["name"]},
        {"verdict": "match", "more": 1},
        {},
        [],
        "match",
    ],
)
def test_an_answer_of_another_form_verifies_nobody(remote: Remote, told: Any) -> None:
    remote.answer = remote.well(told)
    assert remote.ask().verdict == sources.AWAY


@pytest.mark.parametrize("status", [301, 404, 500, 503])
def test_a_failing_source_is_away_after_one_new_try(remote: Remote, status: int) -> None:
    remote.answer = lambda nonce: (status, b"", "")
    assert remote.ask().verdict == sources.AWAY
    assert len(remote.requests) == over_http.TRIES


def test_a_broken_try_is_made_good_by_the_next_with_another_nonce(remote: Remote) -> None:
    good = remote.well({"verdict": "match"})
    remote.answer = lambda nonce: (500, b"", "") if len(remote.requests) == 1 else good(nonce)
    assert remote.ask().verdict == sources.MATCH
    assert remote.requests[0]["X-Nonce"] != remote.requests[1]["X-Nonce"]


def test_a_silent_source_is_away_within_its_time(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(over_http, "TIMEOUT_S", 0.1)
    release = threading.Event()

    def wait(nonce: str) -> tuple[int, bytes, str]:
        release.wait(3)
        return 200, b"", ""

    remote.answer = wait
    assert remote.ask().verdict == sources.AWAY
    release.set()


def test_nobody_listening_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(over_http, "PAUSE_S", 0)
    source = HttpSource(key="public_security", url="http://127.0.0.1:9/x", key_id="k", secret=SECRET)
    assert source.ask(QUERY).verdict == sources.AWAY


@pytest.fixture
def connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def write(content: str, *, mode: int = 0o600) -> None:
        (tmp_path / "secrets").mkdir(exist_ok=True)
        path = tmp_path / "secrets" / adapters.FILE_NAME
        path.write_text(content, encoding="utf-8")
        path.chmod(mode)
        monkeypatch.setattr(adapters, "settings", lambda: type("S", (), {"home": tmp_path, "demo": True})())

    return write


def connection(**changed: str) -> str:
    return json.dumps(
        {"market_regulator": {"url": "https://x.test/v", "key_id": "k", "secret": SECRET} | changed}
    )


def test_a_connected_source_is_asked_over_http_and_the_other_locally(connect: Callable[..., None]) -> None:
    connect(connection())
    assert isinstance(adapters.get_source("market_regulator"), HttpSource)
    assert not isinstance(adapters.get_source("public_security"), HttpSource)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        connection(url="http://x.test/v"),
        connection(secret="short"),
        '{"nobody": {"url": "https://x", "key_id": "k", "secret": "s"}}',
    ],
)
def test_a_wrong_file_of_connections_is_refused(connect: Callable[..., None], content: str) -> None:
    connect(content)
    with pytest.raises(adapters.BadSourcesFile):
        adapters.get_source("market_regulator")


def test_a_file_of_connections_that_others_may_read_is_refused(connect: Callable[..., None]) -> None:
    connect(connection(), mode=0o644)
    with pytest.raises(adapters.BadSourcesFile):
        adapters.get_source("market_regulator")
