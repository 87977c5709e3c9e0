"""What a run leaves: a table on the terminal, a JSON file of every round, and an entry in docs/benchmarks.md."""

import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from tests.worlds import clean_environment

from bench import identity, issuing, pages, start
from goldentax.node.runtime import postgres

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
MARK = "<!-- newest first -->\n"
SYNCS = 200
ROWS = {"start": start.rows, "pages": pages.rows, "issuing": issuing.rows, "identity": identity.rows}


def whole(sections: dict[str, Any], *, on: dict[str, Any]) -> dict[str, Any]:
    """The result of a run: when, of which commit, on which machine, every section, and all ratios in one place."""
    return {
        "date": date.today().isoformat(),
        "commit": commit(),
        "machine": on,
        "ratios": {name: value for one in sections.values() for name, value in one.get("ratios", {}).items()},
        "sections": sections,
    }


def machine() -> dict[str, Any]:
    """What a reader needs to judge the figures by."""
    memory = Path("/proc/meminfo").read_text(encoding="ascii").split("\n", 1)[0].split()[1]
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    version = subprocess.run(
        [str(postgres.program("postgres")), "--version"], capture_output=True, text=True, check=True
    )
    return {
        "cores": os.cpu_count(),
        "processor": models[0] if models else platform.machine(),
        "memory_gib": round(int(memory) / 2**20, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": version.stdout.split()[-1],
        "fdatasync_ms": sync_ms(),
        "load_at_start": [round(one, 2) for one in os.getloadavg()],
    }


def sync_ms() -> float:
    """The median time in which the disk below the temporary folder takes 8 KiB for good."""
    with tempfile.TemporaryFile() as file:
        found = []
        for _ in range(SYNCS):
            os.pwrite(file.fileno(), b"x" * 8192, 0)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            found.append(time.perf_counter() - began)
    return round(statistics.median(found) * 1000, 3)


def commit() -> str:
    """The commit that is measured; a plus sign where the tree has changes of its own."""
    run = lambda *words: subprocess.run(  # noqa: E731
        ["git", *words], cwd=ROOT, capture_output=True, text=True, env=clean_environment()
    ).stdout.strip()
    return run("rev-parse", "--short", "HEAD") + ("+" if run("status", "--porcelain") else "")


def table(result: dict[str, Any]) -> str:
    """Every section as Markdown."""
    parts = []
    for name, section in result["sections"].items():
        parts.append("\n".join(ROWS[name](section)))
        if name == "issuing":
            parts.append(issuing.words(section))
    return "\n\n".join(parts)


def facts(machine_: dict[str, Any]) -> str:
    """The machine in one line."""
    return (
        f"{machine_['cores']} cores ({machine_['processor']}), {machine_['memory_gib']} GiB, {machine_['system']}, "
        f"Python {machine_['python']}, PostgreSQL {machine_['postgresql']}; fdatasync of 8 KiB "
        f"{machine_['fdatasync_ms']} ms; load before the run {machine_['load_at_start'][0]}"
    )


def keep(result: dict[str, Any]) -> Path:
    """
    Write the JSON, and put the table on top of docs/benchmarks.md.

    A second run of the same day and commit keeps the first one's other sections in the JSON.
    """
    folder = ROOT / "bench" / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{result['date']}-{result['commit'].rstrip('+')}.json"
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    merged = {name: earlier.get(name, {}) | result[name] for name in ("ratios", "sections")}
    path.write_text(json.dumps(result | merged, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    entry = (
        f"{MARK}\n## {result['date']}, commit {result['commit']}\n\n{facts(result['machine'])}. Every round: "
        f"`bench/results/{path.name}`.\n\n{table(result)}\n"
    )
    page = PAGE.read_text(encoding="utf-8")
    assert MARK in page, f"{PAGE.name} has lost the line after which entries are added"
    PAGE.write_text(page.replace(MARK, entry, 1), encoding="utf-8")
    return path
