"""
The limits of a measurement, taken in the same rounds on the same machine: what nothing built on these parts can pass.

The inserts and selects are ``pgbench``'s own, from the package of the embedded server, over the Unix socket into a
database beside the measured one: same server, same settings, durable commits.
"""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import msgspec
import psycopg

from bench.world import LIMITS_DATABASE, ROOT, Bench
from goldentax.invoicing.rules.drafts import InvoiceDraft
from goldentax.node.runtime import postgres

INSERT_CLIENTS = 32
ROW_BYTES = 1400  # about the mean of an invoice's document
SELECT_SCALE = 5  # half a million accounts, all in memory
COPY_ROWS = 20_000
DECODE_TIMES = 5_000
_INSERT = "INSERT INTO bench_limit (body) VALUES (:body);\n"


@contextmanager
def limits_database(bench: Bench) -> Iterator[None]:
    """The database of the limits, there while it is needed."""
    with psycopg.connect(bench.database_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {LIMITS_DATABASE}")
        connection.execute(f"CREATE DATABASE {LIMITS_DATABASE}")
        (bench.folder / "insert.sql").write_text(_INSERT, encoding="ascii")
        _pgbench(bench, "-i", "-q", "-s", str(SELECT_SCALE))
        try:
            yield
        finally:
            connection.execute(f"DROP DATABASE {LIMITS_DATABASE} WITH (FORCE)")


def insert_limit(bench: Bench, *, seconds: int) -> dict[str, float]:
    """Committed single-row inserts of an invoice's size a second, by 32 clients, and the server's µs for each."""
    _fresh_table(bench)
    before = bench.cpu_s()
    printed = _pgbench(
        bench, "-n", "-M", "prepared", "-c", str(INSERT_CLIENTS), "-j", "2", "-T", str(seconds),
        "-D", "body=" + "x" * ROW_BYTES, "-f", str(bench.folder / "insert.sql"),
    )  # fmt: skip
    used = bench.cpu_s()["postgres"] - before["postgres"]
    rows = _number(r"transactions actually processed: (\d+)", printed)
    return {"rate": _number(r"tps = ([\d.]+)", printed), "postgres_us": round(used / rows * 1e6, 1)}


def select_limit(bench: Bench, *, clients: int, seconds: int) -> dict[str, float]:
    """Selects of one row by its key a second (``pgbench -S``)."""
    printed = _pgbench(
        bench, "-n", "-S", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds)
    )  # fmt: skip
    return {"rate": _number(r"tps = ([\d.]+)", printed)}


def copy_limit(bench: Bench) -> dict[str, float]:
    """Rows of an invoice's size a second by one bare COPY in one transaction."""
    _fresh_table(bench)
    row = (b"x" * ROW_BYTES) + b"\n"
    with psycopg.connect(bench.limits_url) as connection:
        began = time.perf_counter()
        with connection.cursor().copy("COPY bench_limit (body) FROM STDIN") as copy:
            for _ in range(COPY_ROWS // 100):
                copy.write(row * 100)
        connection.commit()
        return {"rate": round(COPY_ROWS / (time.perf_counter() - began), 1)}


def decode_limit(parcels: list[list[str]]) -> dict[str, float]:
    """Drafts a second that one core reads from JSON into their struct."""
    bodies = [draft.encode() for _, draft in parcels]
    read = msgspec.json.Decoder(InvoiceDraft).decode
    began = time.process_time()
    for number in range(DECODE_TIMES):
        read(bodies[number % len(bodies)])
    return {"rate": round(DECODE_TIMES / (time.process_time() - began), 1)}


@contextmanager
def trivial_application(*, workers: int) -> Iterator[tuple[str, int]]:
    """The same web server with an application that does nothing: its address."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--no-ws", "--log-level", "error"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    server = subprocess.Popen([*command, "bench.trivial:application"], cwd=ROOT, env=dict(os.environ))
    try:
        _wait_for(port)
        yield "127.0.0.1", port
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the trivial application does not answer")


def _fresh_table(bench: Bench) -> None:
    with psycopg.connect(bench.limits_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_limit")
        connection.execute("CREATE TABLE bench_limit (id bigserial PRIMARY KEY, body text)")


def _pgbench(bench: Bench, *arguments: str) -> str:
    done = subprocess.run(
        [str(postgres.program("pgbench")), *arguments, bench.limits_url],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _number(pattern: str, printed: str) -> float:
    found: Any = re.search(pattern, printed)
    assert found, printed[-2000:]
    return float(found[1])
