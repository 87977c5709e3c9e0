"""
What is known about a running world, as its supervisor writes it and everybody else reads it.

The file says what the supervisor last saw. Whether the supervisor itself still lives is told by the lock it
holds, and whether a node serves by asking the node; so nothing here is believed longer than it is true.
"""

import http.client
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from goldentax.kernel.node import NodeDescription, get_node
from goldentax.kernel.settings import Settings
from goldentax.node.runtime.home import Home, holder
from goldentax.node.runtime.ports import web_url
from goldentax.node.runtime.supervisor import Child

STARTING, RUNNING, STOPPING = "starting", "running", "stopping"
# A node that needs longer to say that it is ready is not.
READY_TIMEOUT_S = 3


def write_state(
    home: Home,
    *,
    phase: str,
    pid: int,
    started_at: str,
    nodes: Iterable[dict[str, Any]],
    children: list[Child],
) -> None:
    """Write down what runs, whole or not at all."""
    text = json.dumps(
        {
            "phase": phase,
            "pid": pid,
            "started_at": started_at,
            "nodes": list(nodes),
            "processes": [describe_child(one) for one in children],
        },
        ensure_ascii=False,
        indent=1,
    )
    fresh = home.state_file.with_name(home.state_file.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(home.state_file)


def describe_child(child: Child) -> dict[str, Any]:
    """One process in plain values."""
    return {
        "name": child.program.name,
        "node": child.program.node,
        "pid": child.pid,
        "state": child.state,
        "restarts": child.restarts,
        "last_exit": child.last_exit,
        "log": str(child.program.log),
    }


def describe_node(node: NodeDescription, settings: Settings) -> dict[str, Any]:
    """One node in plain values."""
    return {
        "code": node.code,
        "level": node.level,
        "name": node.name.zh,
        "name_en": node.name.en,
        "url": web_url(settings, node),
    }


def read_state(home: Home) -> dict[str, Any]:
    """What the supervisor wrote last; empty when there is nothing, or nothing whole."""
    try:
        found = json.loads(home.state_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def current_status(settings: Settings) -> dict[str, Any]:
    """
    Tell what runs, where, and whether it is ready, as ``goldentax status --json`` prints it.

    A world is ready when its start is over, every process runs, and every node says so itself.
    """
    home = Home(settings.home)
    pid = holder(home)
    state = read_state(home) if pid is not None else {}
    if state.get("pid") != pid:
        state = {}
    known = state.get("nodes") or [describe_node(get_node(code), settings) for code in settings.nodes]
    nodes = [{**one, **_readiness(one["url"], is_running=bool(state))} for one in known]
    processes = state.get("processes", [])
    is_ready = (
        state.get("phase") == RUNNING
        and all(one["ready"] for one in nodes)
        and all(one["state"] == RUNNING for one in processes)
    )
    return {
        "ready": is_ready,
        "phase": state.get("phase", "stopped" if pid is None else STARTING),
        "home": str(settings.home),
        "pid": pid,
        "started_at": state.get("started_at"),
        "nodes": nodes,
        "processes": processes,
        "pids": {one["name"]: one["pid"] for one in processes},
        "logs": str(home.logs),
    }


def _readiness(url: str, *, is_running: bool) -> dict[str, Any]:
    reason = reason_not_ready(url) if is_running else "not running"
    return {"ready": not reason, "reason": reason}


def reason_not_ready(url: str, *, timeout_s: int = READY_TIMEOUT_S) -> str:
    """Ask a node whether it is ready: "" for yes, else why not."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout_s)
    try:
        connection.request("GET", "/readyz", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(2000).decode("utf-8", "replace")
        return "" if answer.status == 200 else f"{answer.status} {' '.join(body.split())[:300]}"
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()


def read_demo_accounts(path: Path) -> list[dict[str, str]]:
    """The accounts of a demo world, for the table at the end of a start; none when there are none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
