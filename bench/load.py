"""
The load generator: keep-alive HTTP/1.1 over plain sockets and epoll, in one process, so that it takes little from what
it measures.

Requests are formatted before the run; only the request id is put in. An answer is read as far as its status, its
length and its body; what then counts as good is decided by a *judge*. Closed loop: every connection sends its next
request when the last is answered. Open loop: requests fall due at a fixed rate whatever happens, and a latency counts
from the moment a request was due, so a server that stalls cannot hide it. ``python -m bench.load PLAN`` runs a
plan (see `bench.plans`) and prints one JSON object a line: ``begin``, ``end``, and the result.
"""

import errno
import gc
import json
import select
import socket
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.plans import judge_of, source_of

RECEIVE_BYTES = 262_144
LOOK_AROUND_S = 0.05  # how often time-outs, pauses and lost connections are looked for
RECONNECT_S = 0.1
DRAIN_S = 10.0  # how long requests under way may take to end after the measurement
BACKLOG_MAX = 20_000  # of an open loop: due, and no connection free
PAUSE_S = 0.1  # after an answer that was not good: a client that is told to wait waits
CLOSED, CONNECTING, IDLE, WAITING, PAUSED = range(5)


class Connection:
    """One connection and the request that is under way on it."""

    __slots__ = ("buffer", "due_s", "index", "out", "retry_s", "sent_s", "socket", "state", "tag")

    def __init__(self, index: int) -> None:
        self.index = index
        self.socket: socket.socket | None = None
        self.state = CLOSED
        self.buffer = bytearray()  # of an answer that is not whole yet
        self.out = b""  # what the socket has not taken yet
        self.tag: Any = None  # the source's own note about the request under way
        self.due_s = self.sent_s = self.retry_s = 0.0


Source = Callable[[Connection], bytes | None]
Answered = Callable[[Connection, int, bytes, float], bool]
Broken = Callable[[Connection, str], None]


class Engine:
    """
    Connections that send what a source gives, and tell what came back.

    ``answered`` gets status, body and seconds since the request was due, and tells whether the answer was good; after
    another one the connection pauses. ``broken`` gets why a request got no answer. A connection that is lost is made
    again. With a rate the loop is open.
    """

    def __init__(
        self,
        *,
        address: tuple[str, int],
        connections: int,
        source: Source,
        answered: Answered,
        broken: Broken,
        rate: float = 0,
        timeout_s: float = 30,
        own_addresses: int = 1,
    ) -> None:
        self.address, self.source, self.answered, self.broken = address, source, answered, broken
        self.timeout_s, self.own_addresses = timeout_s, own_addresses
        self.epoll = select.epoll()
        self.all = [Connection(index) for index in range(connections)]
        self.by_fd: dict[int, Connection] = {}
        self.interval_s = 1 / rate if rate else 0.0
        self.due_s = 0.0
        self.backlog: deque[float] = deque(maxlen=BACKLOG_MAX)
        self.idle: deque[Connection] = deque()
        self.is_ending = False
        self.look_s = 0.0

    def run(self, *, seconds: float) -> None:
        """Go on for so many seconds; may be called again."""
        until = time.perf_counter() + seconds
        self.due_s = self.due_s or time.perf_counter()
        while (now := time.perf_counter()) < until:
            self._turn(now)

    def drain(self) -> None:
        """Send nothing more, wait for what is under way, and close."""
        self.is_ending = True
        until = time.perf_counter() + DRAIN_S
        while (now := time.perf_counter()) < until and any(one.state == WAITING for one in self.all):
            self._turn(now)
        for one in self.all:
            if one.state == WAITING:
                self.broken(one, "no answer at the end")
            self._close(one)
        self.epoll.close()

    def _turn(self, now: float) -> None:
        if now >= self.look_s:
            self._look_around(now)
        if self.interval_s and not self.is_ending:
            self._send_due(now)
        for fd, event in self.epoll.poll(0.001 if self.interval_s else 0.05):
            one = self.by_fd.get(fd)
            if one is None:
                continue
            if event & select.EPOLLOUT:
                self._write(one)
            if event & ~select.EPOLLOUT and one.socket is not None:
                self._read(one)

    def _look_around(self, now: float) -> None:
        self.look_s = now + LOOK_AROUND_S
        for one in self.all:
            if one.state == CLOSED and now >= one.retry_s and not self.is_ending:
                self._connect(one)
            elif one.state == PAUSED and now >= one.retry_s:
                one.state = IDLE
                self._next(one)
            elif one.state in (WAITING, CONNECTING) and now - one.sent_s > self.timeout_s:
                self._lose(one, "timed out")

    def _connect(self, one: Connection) -> None:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.own_addresses > 1:
            made.bind((f"127.0.0.{2 + one.index % self.own_addresses}", 0))
        one.socket, one.state, one.sent_s = made, CONNECTING, time.perf_counter()
        self.by_fd[made.fileno()] = one
        code = made.connect_ex(self.address)
        self.epoll.register(made, select.EPOLLOUT | select.EPOLLIN)
        if code not in (0, errno.EINPROGRESS):
            self._lose(one, errno.errorcode.get(code, str(code)))

    def _write(self, one: Connection) -> None:
        assert one.socket is not None
        if one.state == CONNECTING:
            code = one.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                self._lose(one, errno.errorcode.get(code, str(code)))
                return
            one.state = IDLE
            self.epoll.modify(one.socket, select.EPOLLIN)
            self._next(one)
        elif one.out:
            self._push(one, one.out)

    def _next(self, one: Connection) -> None:
        """What an idle connection does now."""
        if self.is_ending:
            return
        if not self.interval_s:
            self._send(one, time.perf_counter())
        elif self.backlog:
            self._send(one, self.backlog.popleft())
        else:
            self.idle.append(one)

    def _send_due(self, now: float) -> None:
        while self.due_s <= now:
            while self.idle and self.idle[0].state != IDLE:
                self.idle.popleft()
            if self.idle:
                self._send(self.idle.popleft(), self.due_s)
            elif len(self.backlog) < BACKLOG_MAX:
                self.backlog.append(self.due_s)
            else:
                self.broken(Connection(-1), "never sent: no connection free")
            self.due_s += self.interval_s

    def _send(self, one: Connection, due_s: float) -> None:
        request = self.source(one)
        if request is None:
            if self.interval_s:
                self.idle.append(one)
            return
        one.state, one.due_s, one.sent_s = WAITING, due_s, time.perf_counter()
        self._push(one, request)

    def _push(self, one: Connection, data: bytes) -> None:
        assert one.socket is not None
        had_rest = bool(one.out)
        try:
            sent = one.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._lose(one, type(error).__name__)
            return
        one.out = data[sent:]
        if bool(one.out) != had_rest:
            self.epoll.modify(one.socket, select.EPOLLIN | (select.EPOLLOUT if one.out else 0))

    def _read(self, one: Connection) -> None:
        assert one.socket is not None
        try:
            data = one.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(one, type(error).__name__)
            return
        if not data:
            self._lose(one, "closed by the server")
            return
        if one.state != WAITING:
            return
        if one.buffer:
            one.buffer += data
        answer = read_answer(one.buffer or data)
        if answer is None:
            one.buffer = one.buffer or bytearray(data)
            return
        one.buffer, one.state = bytearray(), IDLE
        now = time.perf_counter()
        if self.answered(one, *answer, now - one.due_s):
            self._next(one)
        else:
            one.state, one.retry_s = PAUSED, now + PAUSE_S

    def _lose(self, one: Connection, why: str) -> None:
        if one.state in (WAITING, CONNECTING):
            self.broken(one, why)
        self._close(one)
        one.retry_s = time.perf_counter() + RECONNECT_S

    def _close(self, one: Connection) -> None:
        if one.socket is not None:
            self.by_fd.pop(one.socket.fileno(), None)
            one.socket.close()
        one.socket, one.state, one.buffer, one.out = None, CLOSED, bytearray(), b""


def read_answer(data: bytes | bytearray) -> tuple[int, bytes] | None:
    """Status and body of an answer; None while it is not whole."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = data[:end].lower()
    place = head.find(b"\r\ncontent-length:")
    if place >= 0:
        stop = head.find(b"\r\n", place + 17)
        need = end + 4 + int(head[place + 17 : stop if stop > 0 else end])
        return None if len(data) < need else (int(data[9:12]), bytes(data[end + 4 : need]))
    if b"transfer-encoding: chunked" not in head:
        return int(data[9:12]), b""
    # Lines of JSON end without a carriage return, so these five bytes are the last chunk's.
    return (int(data[9:12]), _unchunked(bytes(data[end + 4 :]))) if data.endswith(b"0\r\n\r\n") else None


def _unchunked(data: bytes) -> bytes:
    parts, place = [], 0
    while (stop := data.find(b"\r\n", place)) >= 0 and (size := int(data[place:stop], 16)):
        parts.append(data[stop + 2 : stop + 2 + size])
        place = stop + 4 + size
    return b"".join(parts)


@dataclass
class Tally:
    """What came back during the measurement."""

    judge: Callable[[int, bytes], int]
    items: int = 1  # of each request
    good: int = 0  # items: invoices of a bundle count one by one
    bad: int = 0
    latencies_s: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    first_error: str = ""

    def answered(self, one: Connection, status: int, body: bytes, latency_s: float) -> bool:
        """Count an answer; tell whether it was good."""
        good = self.judge(status, body)
        self.latencies_s.append(latency_s)
        if good:
            self.good += good
            if good < self.items:
                self.bad += self.items - good
                self.errors["item refused"] += self.items - good
            return True
        self.bad += 1
        self.errors[f"HTTP {status}"] += 1
        self.first_error = self.first_error or body[:300].decode("utf-8", "replace")
        return False

    def broken(self, one: Connection, why: str) -> None:
        """Count a request that got no answer."""
        self.bad += 1
        self.errors[why] += 1

    def result(self, seconds: float) -> dict[str, Any]:
        """Rates, percentiles in milliseconds, and errors by kind."""
        times = sorted(self.latencies_s)
        at = lambda part: round(times[min(int(len(times) * part), len(times) - 1)] * 1000, 2)  # noqa: E731
        return {
            "rate": round(self.good / seconds, 1),
            "good": self.good,
            "bad": self.bad,
            "seconds": round(seconds, 3),
            **({"p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0)} if times else {}),
            "errors": dict(self.errors),
            **({"first_error": self.first_error} if self.first_error else {}),
        }


def run_plan(plan: dict[str, Any], *, say: Callable[[dict[str, Any]], None]) -> None:
    """Warm up, measure, and tell; ``begin`` and ``end`` are said at the edges of the measurement."""
    judge = judge_of(plan["judge"])
    tallies = [Tally(judge, plan.get("items", 1)) for _ in range(3)]
    current = tallies[0]
    engine = Engine(
        address=(plan["host"], plan["port"]),
        connections=plan["connections"],
        source=source_of(plan),
        answered=lambda *what: current.answered(*what),
        broken=lambda *what: current.broken(*what),
        rate=plan.get("rate", 0),
        own_addresses=plan.get("own_addresses", 1),
    )
    gc.collect()
    gc.disable()
    engine.run(seconds=plan["warmup_s"])
    current, began, cpu = tallies[1], time.perf_counter(), time.process_time()
    say({"mark": "begin"})
    engine.run(seconds=plan["seconds"])
    say({"mark": "end"})
    current, took, used = tallies[2], time.perf_counter() - began, time.process_time() - cpu
    engine.drain()
    # What was under way at the end is not in the rate, but its errors are errors.
    outside = tallies[0].errors + tallies[2].errors
    say({"result": tallies[1].result(took) | {"cpu_s": round(used, 3), "errors_outside": dict(outside)}})


def main() -> None:
    """Run the plan of a file."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    run_plan(plan, say=lambda words: print(json.dumps(words), flush=True))


if __name__ == "__main__":
    main()
