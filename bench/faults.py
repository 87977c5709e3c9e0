"""
The fault run: a world under load, whose processes are killed at random moments, and what is true afterwards.

``python -m bench.faults --seed 7 --kills 50`` starts a world of its own, sends invoices from clients that repeat what
got no answer, kills (SIGKILL) what `bench.victims` chooses, and then asks everything in `bench.auditing`. The same seed
chooses the same victims and pauses; what they are doing at that moment is the machine's. Afterwards come the hardships
of `bench.hardships`, unless ``--no-hardships``. Exit code 1 if anything contradicts.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.worlds import World, free_ports, goldentax

from bench import auditing, hardships, plans, reliability, report, victims
from bench.auditing import Run
from bench.world import ROOT, Bench

CONNECTIONS = 64
RATE = (
    400  # requests a second: enough that every batch is shared, few enough to look at each invoice afterwards
)
SELLERS = 20
PAUSE_S = (0.5, 2.5)  # between a recovery and the next kill
BACK_WITHIN_S = 120.0
SETTLED_S = 0.2  # an answer to a request sent this long after the kill comes from the recovered service
START_TIMEOUT_S = 300


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill, and how long nobody was answered."""

    victim: str
    silence_s: float
    back_s: float  # from the kill to the first answer of the recovered service

    @property
    def words(self) -> str:
        return f"{self.victim}: silent {self.silence_s:.2f} s, back after {self.back_s:.2f} s"


@dataclass
class Ledger:
    """The growing file of acknowledged answers, read as it grows."""

    path: Path
    lines: list[dict[str, Any]] = field(default_factory=list)
    place: int = 0

    def read(self) -> list[dict[str, Any]]:
        """Everything so far."""
        with self.path.open("rb") as file:
            file.seek(self.place)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self.place += len(whole)
        self.lines += [json.loads(line) for line in whole.splitlines()]
        return self.lines


def main() -> None:
    """Run, report, and say by the exit code whether anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--no-hardships", action="store_true", help="kills only")
    parser.add_argument("--no-write", action="store_true", help="print only")
    parser.add_argument("--keep", type=Path, help="keep the world in this (new) folder, to look at it")
    chosen = parser.parse_args()
    # Asked to end, it still stops the world that it started.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="goldentax-faults-") as name:
        folder = chosen.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        found = run_faults(
            folder=folder, seed=chosen.seed, kills=chosen.kills, has_hardships=not chosen.no_hardships
        )
    print(reliability.text(found))
    if not chosen.no_write:
        reliability.keep(found)
    sys.exit(0 if all(one.is_right for one in found["checks"]) else 1)


def run_faults(
    *,
    folder: Path,
    seed: int,
    kills: int,
    kinds: tuple[str, ...] = (),
    has_hardships: bool = False,
    rate: int = RATE,
    settings: dict[str, str] | None = None,
) -> dict[str, Any]:
    """
    Everything, in a world below the folder, which is stopped at the end.

    :param kinds: who is killed, one after another; left out, the seed chooses.
    :param settings: environment variables of the world's settings.
    :returns: ``seed``, ``kills`` (of Kill), ``checks`` (of Check), ``hardships``, ``load``.
    """
    throw, machine = random.Random(seed), report.machine()
    world = World(home=folder / "home", port=free_ports(), process=None, settings=settings or {})  # type: ignore[arg-type]
    start(world)
    try:
        bench = Bench(world=world, pid=int(world.status()["pid"]), folder=folder)
        bench.make_sellers(SELLERS)
        chosen = kinds or tuple(victims.choose(throw) for _ in range(kills))
        done, run = _under_load(bench, throw, seed=seed, kinds=chosen, rate=rate)
        hard = hardships.endure(bench) if has_hardships else []
        checks = auditing.audit(bench, run, throw=throw)
    finally:
        world.cli("stop", check=False)
    return {
        "seed": seed,
        "machine": machine,
        "kills": done,
        "checks": checks,
        "hardships": hard,
        "load": {"sent": run.sent, "acknowledged": len(run.ledger), "rate": rate, "connections": CONNECTIONS},
    }


def start(world: World) -> float:
    """``goldentax run --detach``; returns once the world is ready. The seconds it took."""
    began = time.monotonic()
    # What it prints is not read through a pipe: the world that stays behind would hold its other end.
    with (world.home.parent / "start.out").open("ab") as out:
        code = subprocess.run(
            [goldentax(), "run", "--detach"],
            env=world.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            timeout=START_TIMEOUT_S,
            check=False,
        ).returncode
    assert code == 0, (world.home.parent / "start.out").read_text(encoding="utf-8")[-4000:]
    return time.monotonic() - began


def _under_load(
    bench: Bench, throw: random.Random, *, seed: int, kinds: tuple[str, ...], rate: int
) -> tuple[list[Kill], Run]:
    name = uuid.uuid4().hex[:12]
    parcels = plans.parcels(bench.sellers, buyers=bench.buyers)
    plan, ledger = bench.folder / "plan.json", Ledger(bench.folder / "ledger.jsonl")
    host, port = bench.address
    plan.touch(mode=0o600)
    plan.write_text(
        json.dumps(
            {
                "host": host, "port": port, "path": "/api/v1/invoices", "run": name, "seed": seed,
                "parcels": parcels, "connections": CONNECTIONS, "rate": rate,
            },
            ensure_ascii=False,
        ),
        encoding="utf-8",
    )  # fmt: skip
    ledger.path.touch()
    clients = subprocess.Popen(
        [sys.executable, "-m", "bench.retrying", str(plan), str(ledger.path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_for_answer(ledger, after_s=time.monotonic())
        done = []
        for number, kind in enumerate(kinds):
            done.append(_kill_once(bench, ledger, throw, kind))
            print(f"kill {number + 1} of {len(kinds)}: {done[-1].words}", flush=True)
        clients.send_signal(signal.SIGTERM)
        told = json.loads(clients.communicate(timeout=BACK_WITHIN_S * 2)[0])
    finally:
        clients.kill()
    tax_ids = {one["token"]: one["tax_id"] for one in bench.sellers}
    return done, Run(
        name=name,
        parcels=parcels,
        sellers=tax_ids,
        sent=told["sent"],
        unanswered=told["unanswered"],
        refused=told["refused"],
        ledger=auditing.read_ledger(ledger.path),
    )


def _kill_once(bench: Bench, ledger: Ledger, throw: random.Random, kind: str) -> Kill:
    time.sleep(throw.uniform(*PAUSE_S))
    victims.kill(bench, kind, throw)
    at_s = time.monotonic()
    if kind == "supervisor":
        start(bench.world)
    back_s = _wait_for_answer(
        ledger, after_s=(time.monotonic() if kind == "supervisor" else at_s + SETTLED_S)
    )
    return Kill(victim=kind, silence_s=_silence(ledger, at_s, back_s), back_s=back_s - at_s)


def _wait_for_answer(ledger: Ledger, *, after_s: float) -> float:
    """When the first answer to a request that was sent after that moment came."""
    deadline = time.monotonic() + BACK_WITHIN_S
    while time.monotonic() < deadline:
        for line in reversed(ledger.read()):
            if line["answered_s"] < after_s:
                break
            if line["sent_s"] >= after_s:
                return min(one["answered_s"] for one in ledger.lines[-5000:] if one["sent_s"] >= after_s)
        time.sleep(0.02)
    raise AssertionError(f"the service was not back within {BACK_WITHIN_S} s")


def _silence(ledger: Ledger, at_s: float, until_s: float) -> float:
    """The longest time without an answer between a kill and the first answer of the recovered service."""
    times = [at_s, *sorted(one["answered_s"] for one in ledger.read() if at_s < one["answered_s"] <= until_s)]
    return max((after - before for before, after in pairwise(times)), default=0.0)


if __name__ == "__main__":
    main()
