"""One command: a world starts in an empty home, survives the death of any process, and stops in order."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.worlds import World, free_ports, start_world, stop_world

pytestmark = pytest.mark.journey

COMES_BACK_S_MAX = 40


def wait_for(condition: Callable[[], bool], what: Callable[[], object], *, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.2)


def processes_of(home: Path) -> list[int]:
    """Everything that was started for a home, whoever its parent is by now."""
    mark = os.fsencode(f"GOLDENTAX_SUPERVISED_HOME={home}")
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def process(world: World, name: str) -> dict[str, Any]:
    return next(one for one in world.status()["processes"] if one["name"] == name)


def came_back(world: World, name: str, *, other_than: int) -> bool:
    status = world.status()
    return status["ready"] and status["pids"][name] not in (None, other_than)


@pytest.mark.timeout(600)
def test_a_world_starts_survives_and_stops(tmp_path: Path):
    home = tmp_path / "an empty home 目录"
    world = start_world(home)
    try:
        the_contract_holds(world)
        a_second_run_is_told_about_the_first(world)
        every_process_comes_back(world)
        the_workers_of_the_web_server_come_back(world)
        it_stops_in_order_and_leaves_nothing(world)
        a_later_start_finds_everything_again(world)
        a_killed_supervisor_takes_everything_with_it(world)
        a_start_after_that_mends_what_is_left(world)
    finally:
        for pid in [world.process.pid, *processes_of(home)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        world.process.wait()


def the_contract_holds(world: World) -> None:
    status = world.status()
    assert status["ready"] is True and status["home"] == str(world.home)
    assert [(one["code"], one["level"], one["ready"]) for one in status["nodes"]] == [
        ("00", "hq", True),
        ("45", "province", True),
    ]
    for node in status["nodes"]:
        assert httpx.get(f"{node['url']}/healthz").status_code == 200
        assert httpx.get(f"{node['url']}/readyz").status_code == 200
    assert set(status["pids"]) == {
        *("postgres", "messages-00", "messages-45"),
        *("web-00", "web-45", "worker-00", "worker-45"),
    }
    assert (world.home.stat().st_mode & 0o077) == 0
    printed = (world.home.parent / f"{world.home.name}.out").read_text()
    account = next(iter(world.accounts().values()))
    assert status["nodes"][1]["url"] in printed and str(world.home) in printed
    assert account["password"] in printed and "Ctrl-C" in printed


def a_second_run_is_told_about_the_first(world: World) -> None:
    second = world.cli("run", check=False)
    assert second.returncode == 2
    assert "RUN-LOCK-01" in second.stderr and str(world.process.pid) in second.stderr


def every_process_comes_back(world: World) -> None:
    for name in world.status()["pids"]:
        before = process(world, name)
        os.kill(before["pid"], signal.SIGKILL)
        wait_for(
            lambda name=name, pid=before["pid"]: came_back(world, name, other_than=pid),
            world.status,
            timeout_s=COMES_BACK_S_MAX,
        )
        after = process(world, name)
        assert after["restarts"] == before["restarts"] + 1
        assert after["last_exit"] == "killed by SIGKILL"
    printed = (world.home.parent / f"{world.home.name}.out").read_text()
    assert printed.count("SIGKILL") == len(world.status()["pids"])


def the_workers_of_the_web_server_come_back(world: World) -> None:
    server = process(world, "web-45")["pid"]
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    assert children
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    url = f"{world.url}/readyz"

    def answers() -> bool:
        try:
            return httpx.get(url, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    time.sleep(0.5)
    wait_for(answers, world.status, timeout_s=COMES_BACK_S_MAX)


def it_stops_in_order_and_leaves_nothing(world: World) -> None:
    assert stop_world(world) == 0
    assert processes_of(world.home) == []
    assert world.status()["phase"] == "stopped"
    journal = (world.home / "logs" / "supervisor.log").read_text().splitlines()
    stopped = [line.split(" ", 1)[1].split(":")[0] for line in journal if ": stopped" in line]
    names = [name.split("-")[0] for name in stopped]
    assert names == ["web", "worker", "web", "worker", "messages", "messages", "postgres"]
    assert not (world.home / "postgres" / "postmaster.pid").exists()


def a_later_start_finds_everything_again(world: World) -> None:
    """How long it takes is a figure of `make bench`, not of a test on a busy machine."""
    world.process = start_world(world.home, port=world.port).process


def a_killed_supervisor_takes_everything_with_it(world: World) -> None:
    world.process.kill()
    world.process.wait()
    wait_for(
        lambda: processes_of(world.home) == [], lambda: processes_of(world.home), timeout_s=COMES_BACK_S_MAX
    )
    assert world.status()["ready"] is False


def a_start_after_that_mends_what_is_left(world: World) -> None:
    world.process = start_world(world.home, port=world.port).process
    assert world.status()["ready"] is True
    done = world.cli("stop")
    assert done.returncode == 0
    assert world.process.wait(timeout=30) == 0


@pytest.mark.timeout(120)
def test_a_port_in_use_is_said_before_anything_is_started(tmp_path: Path):
    import socket

    first = free_ports()
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", first + 1))
        listening.listen(1)
        world = World(home=tmp_path / "home", port=first, process=None)  # type: ignore[arg-type]
        done = world.cli("run", check=False)
    assert done.returncode == 2
    assert "RUN-PORT-01" in done.stderr and str(first + 1) in done.stderr and "GOLDENTAX_PORT=" in done.stderr
    assert not (world.home / "postgres").exists()
    assert json.loads(world.cli("status", "--json", check=False).stdout)["phase"] == "stopped"
