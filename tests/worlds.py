"""
A whole running world, seen from the outside: ``goldentax run`` in an empty home, on ports of its own.

Journeys, browser tests and benchmarks use it; nothing here reaches into the product.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
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
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        own = {"GOLDENTAX_HOME": str(self.home), "GOLDENTAX_PORT": str(self.port)}
        return clean_environment() | own | self.settings

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

    def browser(self) -> "Browser":
        """Somebody at the province's pages, not signed in."""
        return Browser(self.client())


class Browser:
    """A person at the pages, without JavaScript: opens them and sends their forms."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def open(self, path: str) -> str:
        """A page that is there; its HTML."""
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:2000]}"
        return answer.text

    def send(self, path: str, fields: dict[str, str], *, page: str = "", status: int = 302) -> str:
        """
        Send a form with the hidden fields its page has; the HTML it is answered with.

        :param page: the page the form stands on, where that is another address.
        """
        form = self.open(page or path)
        hidden = dict(re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', form))
        token = {"csrfmiddlewaretoken": hidden.get("csrfmiddlewaretoken", "")}
        request_id = {"request_id": hidden["request_id"]} if "request_id" in hidden else {}
        origin = str(self.client.base_url).rstrip("/")
        answer = self.client.post(
            path, data=token | request_id | fields, headers={"Referer": f"{origin}{page or path}"}
        )
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:3000]}"
        return answer.text

    def sign_in(self, login: str, password: str) -> None:
        """Sign in by password."""
        self.send("/sign-in", {"login": login, "password": password})

    def sign_out(self) -> None:
        """End the session."""
        self.send("/sign-out", {}, page="/account")


def goldentax() -> str:
    """The command beside the interpreter that runs the tests."""
    return str(Path(sys.executable).with_name("goldentax"))


def clean_environment() -> dict[str, str]:
    """The environment without any setting of another world, and without the sign that this is a test."""
    foreign = ("GOLDENTAX_", "DJANGO_", "PYTEST_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def free_ports() -> int:
    """The first of some free ports in a row, below those that the system gives to outgoing connections."""
    for first in range(21_000 + os.getpid() % 280 * 40, 32_700, 40):
        if all(_is_free(first + offset) for offset in range(PORTS_NEEDED)):
            return first
    raise AssertionError("no free ports on this machine")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def start_world(home: Path, *, port: int = 0, settings: dict[str, str] | None = None) -> World:
    """
    Start a world and wait until it is ready.

    :param settings: environment variables of settings, beside home and port.
    """
    port = port or free_ports()
    world = World(home=home, port=port, process=None, settings=settings or {})  # type: ignore[arg-type]
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
