"""
Who is killed in a fault run: one process of a running world, by a seeded throw, with SIGKILL.

Processes are found by the world's own state file and by /proc, so only processes of this world can be hit.
"""

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

from bench.world import NODE, Bench, descendants
from goldentax.node.runtime import postgres
from goldentax.node.runtime.home import Home
from goldentax.node.runtime.state import read_state

WEIGHTS = {
    "web worker": 30,  # the process that holds desks and answers requests
    "web server": 10,  # its parent, with the listening socket
    "supervisor": 15,
    "postmaster": 15,
    "backend": 25,  # one connection's process: PostgreSQL then ends all others and recovers
    "worker": 5,  # sends the outbox
}
"""How often each is chosen, of a hundred."""
PATIENCE_S = 30.0


def choose(throw: random.Random) -> str:
    """The next victim's kind."""
    return throw.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))[0]


def kill(bench: Bench, kind: str, throw: random.Random) -> int:
    """Kill one process of that kind as soon as there is one; its number."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = pids_of(bench, kind)
        if found:
            pid = throw.choice(sorted(found))
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            return pid
        time.sleep(0.05)
    raise AssertionError(f"no {kind} to kill within {PATIENCE_S} s")


def pids_of(bench: Bench, kind: str) -> list[int]:
    """The processes of a kind that run now."""
    state = read_state(Home(bench.world.home))
    children: dict[str, Any] = {one["name"]: one["pid"] for one in state.get("processes", [])}
    web, worker = children.get(f"web-{NODE}"), children.get(f"worker-{NODE}")
    if kind == "supervisor":
        return [state["pid"]] if state.get("pid") else []
    if kind == "worker":
        return [worker] if worker else []
    if kind in ("web server", "web worker"):
        if not web:
            return []
        return [web] if kind == "web server" else [one for one in descendants(web) if one != web]
    server = postgres.server_pid(bench.cluster)
    if server is None:
        return []
    if kind == "postmaster":
        return [server]
    return [one for one in descendants(server) if one != server and _is_backend(one)]


def _is_backend(pid: int) -> bool:
    """Whether a process of PostgreSQL serves a connection to the measured node's database."""
    try:
        title = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return f" {postgres.database_name(NODE)} ".encode() in title
