"""
A whole running world, seen from the outside: ``goldentax run`` in an empty home, on ports of its own.

Journeys, browser tests and benchmarks use it; nothing here reaches into the product.
"""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

START_TIMEOUT_S = 120
PORTS_NEEDED = 4


@dataclass
class World:
    """A running world, seen from the outside."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def environment(self) -> dict[str, str]:
        return clean_environment() | {"GOLDENTAX_HOME": str(self.home), "GOLDENTAX_PORT": str(self.port)}

    @property
    def url(self) -> str:
        """The address of the province."""
        return self.status()["nodes"][-1]["url"].rstrip("/")

    def cli(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the ``goldentax`` command against this world."""
        return subprocess.run(
            [goldentax(), *arguments],
            env=self.environment,
            check=check,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def status(self) -> dict[str, Any]:
        return json.loads(self.cli("status", "--json", check=False).stdout)

    def token(self) -> str:
        """A bearer token of the demo seller."""
        return self.cli("token", "--node", "45").stdout.strip().splitlines()[-1]

    def accounts(self) -> dict[str, dict[str, str]]:
        listed = json.loads((self.home / "demo-accounts.json").read_text(encoding="utf-8"))
        return {one["user"]: one for one in listed}

    def client(self, *, token: str = "") -> httpx.Client:
        """An HTTP client of the province, with a token or without."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)


def goldentax() -> str:
    """The command beside the interpreter that runs the tests."""
    return str(Path(sys.executable).with_name("goldentax"))


def clean_environment() -> dict[str, str]:
    """The environment without any setting of another world."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("GOLDENTAX_", "DJANGO_"))
    }


def free_ports() -> int:
    """The first of some free ports in a row."""
    for first in range(21_000 + os.getpid() % 500 * 40, 60_000, 40):
        if all(_is_free(first + offset) for offset in range(PORTS_NEEDED)):
            return first
    raise AssertionError("no free ports on this machine")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def start_world(home: Path, *, port: int = 0) -> World:
    """Start a world and wait until it is ready."""
    port = port or free_ports()
    world = World(home=home, port=port, process=None)  # type: ignore[arg-type]
    with (home.parent / f"{home.name}.out").open("ab") as log:
        world.process = subprocess.Popen(
            [goldentax(), "run"], env=world.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        assert world.process.poll() is None, (home.parent / f"{home.name}.out").read_text()[-4000:]
        # Asking by HTTP costs the starting world next to nothing; the command is asked once, at the end.
        if all(_is_ready(port + offset) for offset in range(2)) and world.status()["ready"]:
            return world
        time.sleep(0.1)
    world.process.terminate()
    raise AssertionError("not ready: " + (home.parent / f"{home.name}.out").read_text()[-4000:])


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def stop_world(world: World) -> int:
    """Stop it as Ctrl-C would; the exit code."""
    world.process.terminate()
    return world.process.wait(timeout=60)
