"""
What an earlier supervisor of this home may have left running, and its end.

Children end with their supervisor, even a killed one; but a grandchild may not, and one that ends slowly
still holds its port. Everything started for a home carries the home in its environment, so it can be told
from all else.
"""

import os
import signal
import time
from pathlib import Path

MARK = "GOLDENTAX_SUPERVISED_HOME"
# How long a process may take to end by itself, once asked; PostgreSQL writes a checkpoint in that time.
PATIENCE_S = 15


def leftovers(home: Path) -> list[int]:
    """The processes that were started for this home, other than this one."""
    mark = os.fsencode(f"{MARK}={home}")
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        try:
            if pid != os.getpid() and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(pid)
        except OSError:
            continue
    return found


def end_leftovers(home: Path, *, patience_s: float = PATIENCE_S) -> int:
    """
    Ask what was left behind to end, by force in the end; tell how many there were.

    The caller holds the home, so nobody needs them any more.
    """
    first = leftovers(home)
    for pid in first:
        _send(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    while remaining := leftovers(home):
        if time.monotonic() > deadline:
            for pid in remaining:
                _send(pid, signal.SIGKILL)
            deadline += patience_s
        time.sleep(0.05)
    return len(first)


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return
