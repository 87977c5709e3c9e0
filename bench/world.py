"""
The world that is measured: started for the run, or one that runs already; what its processes used, by program.

Nothing here is faster or safer than what ``goldentax run`` starts; only the number of web workers may be chosen.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from tests.worlds import World, start_world, stop_world

from goldentax.node.runtime import postgres
from goldentax.node.runtime.home import Home

ROOT = Path(__file__).resolve().parents[1]
NODE = "45"
SELLERS = 200
LIMITS_DATABASE = "bench_limits"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
APPLICATION = ("web", "worker", "messages", "supervisor")


@dataclass
class Bench:
    """A world under measurement."""

    world: World
    pid: int
    folder: Path
    sellers: list[dict[str, str]] = field(default_factory=list)
    buyers: list[dict[str, str]] = field(default_factory=list)

    @property
    def cluster(self) -> postgres.Cluster:
        return postgres.cluster_to_start(Home(self.world.home))

    @property
    def database_url(self) -> str:
        """The measured node's database."""
        return self.cluster.url(postgres.database_name(NODE))

    @property
    def limits_url(self) -> str:
        """A database beside it, on the same server with the same settings."""
        return self.cluster.url(LIMITS_DATABASE)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the province."""
        return "127.0.0.1", self.world.port + 1

    @property
    def environment(self) -> dict[str, str]:
        """For a process that works for the measured node."""
        return self.world.environment | {"GOLDENTAX_NODE": NODE}

    def make_sellers(self, count: int = SELLERS) -> None:
        """Make sellers through the world's own operations; they sell to each other."""
        file = self.folder / "sellers.json"
        run_inside(self, "bench.sellers", str(count), str(file))
        self.sellers = json.loads(file.read_text(encoding="utf-8"))
        self.buyers = [{"tax_id": one["tax_id"], "name": one["name"]} for one in self.sellers[:20]]

    def cpu_s(self) -> dict[str, float]:
        """Processor seconds that each program has used so far, those of ended children included."""
        return cpu_by_program(self.pid)

    def ask(self, statement: str, *arguments: object) -> list[Any]:
        """Rows from the measured node's database."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(statement, arguments or None).fetchall()  # type: ignore[call-overload]


def run_inside(bench: Bench, module: str, *arguments: str) -> str:
    """Run a module of this folder in a process that works for the measured node; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=bench.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{module}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout


@contextmanager
def bench_world(*, home: Path | None = None, port: int = 0, web_workers: int = 0) -> Iterator[Bench]:
    """
    A world for one run, thrown away after it; or the running one of a home, which stays.

    :param web_workers: web processes of each node; 0 leaves the product's own number.
    """
    with tempfile.TemporaryDirectory(prefix="goldentax-bench-") as name:
        folder = Path(name)
        if home is not None:
            world = World(home=home, port=port, process=None)  # type: ignore[arg-type]
            yield _checked(Bench(world=world, pid=int(world.status()["pid"]), folder=folder))
            return
        settings = {"GOLDENTAX_WEB_WORKERS": str(web_workers)} if web_workers else {}
        world = start_world(folder / "home", port=port, settings=settings)
        try:
            yield _checked(Bench(world=world, pid=world.process.pid, folder=folder))
        finally:
            stop_world(world)


def _checked(bench: Bench) -> Bench:
    """A measurement of what may be lost would be worth nothing."""
    with psycopg.connect(bench.database_url) as connection:
        for name, wanted in DURABLE.items():
            row = connection.execute(f"SHOW {name}").fetchone()  # type: ignore[arg-type]
            assert row is not None and row[0] == wanted, f"{name} is {row}; it must be {wanted}"
    return bench


def descendants(pid: int) -> list[int]:
    """A process and everything below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none where it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def program(pid: int) -> str:
    """A short name for a process of the stack."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "ended"
    names = (
        ("postgres", "postgres"),
        ("nats-server", "messages"),
        ("granian", "web"),
        ("node.worker", "worker"),
    )
    return next((name for word, name in names if word in command), "supervisor")


def cpu_by_program(pid: int) -> dict[str, float]:
    """
    Processor seconds, user and system, of a process tree by program.

    A process's waited-for children are in its own sum, so a database connection that has ended is not lost.
    """
    found: dict[str, float] = {}
    for one in descendants(pid):
        if fields := _stat(one):
            used = sum(int(ticks) for ticks in fields[11:15]) / TICKS_A_SECOND
            name = program(one)
            found[name] = found.get(name, 0.0) + used
    return found


def pss_mib(pid: int) -> dict[str, int]:
    """Proportional memory of a process tree by program, in MiB: shared pages are counted once."""
    kib: dict[str, int] = {}
    for one in descendants(pid):
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        pss = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        kib[program(one)] = kib.get(program(one), 0) + pss
    found = {name: round(size / 1024) for name, size in sorted(kib.items())}
    return found | {"total": sum(found.values())}
