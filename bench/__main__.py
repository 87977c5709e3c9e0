"""
``make bench``: start a world of its own, measure it from the outside, write the result down.

Durable commits are on, as always. The limit of an issue is one committed single-row insert over one connection to the
same PostgreSQL in the same minute; the limit of a page is the node's own /healthz, which does nothing. Medians of
interleaved rounds; the machine's noise is the reader's to judge from the rounds kept in the JSON.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
from tests.worlds import World, clean_environment, start_world, stop_world

from goldentax.kernel.reference import reference_path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "docs" / "examples" / "invoice.json"
ROUNDS = 5
ISSUES_A_ROUND = 60
PAGES_A_ROUND = 30
DELIVERIES_A_ROUND = 10
PAGES = ("/", "/invoices/", "/invoices/new/", "/invoices/statistics/", "/verify/")


def main() -> None:
    """Measure, print, and keep the result."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--no-write", action="store_true", help="print only")
    chosen = parser.parse_args()
    result = measure()
    print(table(result))
    if not chosen.no_write:
        keep(result)


def measure() -> dict[str, Any]:
    """Every figure, with the limits of the same run."""
    with tempfile.TemporaryDirectory(prefix="goldentax-bench-") as folder:
        home = Path(folder) / "home"
        cold_s, world = timed(lambda: start_world(home))
        say(f"cold start {cold_s:.1f} s")
        import_s = import_codes(world)
        stop_world(world)
        warm_s, world = timed(lambda: start_world(home, port=world.port))
        say(f"warm start {warm_s:.1f} s")
        try:
            rounds = [one_round(world, number) for number in range(ROUNDS)]
            memory = resident_mib(world.process.pid)
        finally:
            stop_world(world)
    return {
        "date": date.today().isoformat(),
        "commit": commit(),
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "figures": {
            "cold_start_s": round(cold_s, 1),
            "warm_start_s": round(warm_s, 1),
            "codes_import_s": import_s,
            "resident_mib": memory,
            **summary(rounds),
        },
        "ratios": ratios(rounds),
        "rounds": rounds,
    }


def one_round(world: World, number: int) -> dict[str, list[float]]:
    """One round of everything in turn: milliseconds of each single call."""
    say(f"round {number + 1} of {ROUNDS}")
    found: dict[str, list[float]] = {"insert_limit": insert_limit(world)}
    with world.client(token=world.token()) as client:
        found["issue"] = issues(client, number)
        found["page_limit"] = calls(client, "/healthz")
        found["verify"] = verifications(client)
        found["codes search"] = calls(client, "/api/v1/codes/tax_classification?q=canyin")
        found["pdf"], found["ofd"] = deliveries(client, "pdf"), deliveries(client, "ofd")
    with world.client() as browser:
        sign_in(browser, world)
        for path in PAGES:
            found[f"page {path}"] = calls(browser, path)
    return found


def import_codes(world: World) -> float | None:
    """Seconds of ``goldentax codes import`` of the official 4,205 rows; None where the table is not at hand."""
    path = reference_path("einvoice/codes/tax_classification_codes.csv")
    if path is None:
        return None
    return round(timed(lambda: world.cli("codes", "import", str(path)))[0], 1)


def insert_limit(world: World) -> list[float]:
    """Committed single-row inserts of about an invoice's size, one after another."""
    url = database_url(world)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bench_limit (id bigserial PRIMARY KEY, body bytea)")
        body = os.urandom(1500)
        found = [
            one_ms(lambda: connection.execute("INSERT INTO bench_limit (body) VALUES (%s)", [body]))
            for _ in range(ISSUES_A_ROUND)
        ]
        connection.execute("DROP TABLE bench_limit")
    return found


def database_url(world: World) -> str:
    """The node's database, as the product itself finds it."""
    code = (
        "from goldentax.kernel.settings import settings;"
        "from goldentax.node.runtime.postgres import database_url;"
        "print(database_url(settings().home, '45'))"
    )
    python = ROOT / ".venv" / "bin" / "python"
    return subprocess.run(
        [str(python), "-c", code], env=world.environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def issues(client: httpx.Client, number: int) -> list[float]:
    """Issue invoices one after another over one connection; an error ends the run."""
    draft = json.loads(EXAMPLE.read_text(encoding="utf-8"))

    def issue(index: int) -> None:
        draft["request_id"] = f"bench-{number:02d}-{index:04d}-{time.time_ns()}"
        answer = client.post("/api/v1/invoices", json=draft)
        assert answer.status_code == 201, answer.text

    for index in range(5):
        issue(index)
    return [one_ms(partial(issue, index)) for index in range(5, ISSUES_A_ROUND + 5)]


def verifications(client: httpx.Client) -> list[float]:
    """Verify the newest invoices, each once: the sixth question about one of them in a day would be refused."""
    newest = client.get("/api/v1/invoices", params={"limit": PAGES_A_ROUND}).json()["items"]

    def verify(row: dict[str, str]) -> None:
        query = {"number": row["number"], "issue_date": row["issued_at"][:10], "gross": row["gross"]}
        answer = client.post("/api/v1/verify", json=query)
        assert answer.json()["result"] == "00", answer.text

    return [one_ms(partial(verify, row)) for row in newest]


def deliveries(client: httpx.Client, form: str) -> list[float]:
    """Draw the newest invoices, each for the first time."""
    newest = client.get("/api/v1/invoices", params={"limit": DELIVERIES_A_ROUND}).json()["items"]

    def deliver(number: str) -> None:
        answer = client.get(f"/api/v1/invoices/{number}.{form}")
        assert answer.status_code == 200, answer.text

    return [one_ms(partial(deliver, row["number"])) for row in newest]


def calls(client: httpx.Client, path: str) -> list[float]:
    """Open a page again and again."""

    def get() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"

    get()
    return [one_ms(get) for _ in range(PAGES_A_ROUND)]


def sign_in(client: httpx.Client, world: World) -> None:
    """Give a client the session of the demo seller, acting for its taxpayer."""
    account = world.accounts()["demo-seller"]
    post(client, "/sign-in", {"login": account["user"], "password": account["password"]})
    post(client, "/act-for", {"identity": account["tax_id"]})


def post(client: httpx.Client, path: str, fields: dict[str, str]) -> None:
    """Send a form as a browser would, with the page's token."""
    page = client.get(path)
    token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    answer = client.post(
        path, data=fields | {"csrfmiddlewaretoken": token}, headers={"Referer": str(page.url)}
    )
    assert answer.status_code == 302, answer.text[:500]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that a piece of work takes, and what it gives."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def one_ms(work: Callable[[], Any]) -> float:
    """Milliseconds of one call."""
    return round(timed(work)[0] * 1000, 3)


def resident_mib(pid: int) -> dict[str, int]:
    """Proportional memory of the whole process tree, by program, in MiB: shared pages are counted once."""
    by_name: dict[str, int] = {}
    for one in descendants(pid):
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
            name = Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        kib = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        label = program(b" ".join(name).decode(errors="replace"))
        by_name[label] = by_name.get(label, 0) + kib
    found = {name: round(kib / 1024) for name, kib in sorted(by_name.items())}
    return found | {"total": sum(found.values())}


def program(command: str) -> str:
    """A short name for a process of the stack."""
    for name in ("postgres", "nats-server", "granian", "worker"):
        if name in command:
            return name
    return "supervisor"


def descendants(pid: int) -> list[int]:
    """A process and everything below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


def summary(rounds: list[dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    """p50 and p99 of each kind of call over all rounds, in milliseconds."""
    found = {}
    for name in rounds[0]:
        times = sorted(time_ for one in rounds for time_ in one[name])
        found[name] = {
            "p50_ms": round(statistics.median(times), 2),
            "p99_ms": round(times[int(len(times) * 0.99)], 2),
        }
    return found


def ratios(rounds: list[dict[str, list[float]]]) -> dict[str, float]:
    """Ours ÷ the limit of the same round, as rates: 1.0 would be the limit itself; the median of the rounds."""

    def ratio(name: str, limit: str) -> float:
        return round(
            statistics.median(statistics.median(o[limit]) / statistics.median(o[name]) for o in rounds), 3
        )

    return {
        "issue_one_client": ratio("issue", "insert_limit"),
        **{f"page {path}": ratio(f"page {path}", "page_limit") for path in PAGES},
    }


def commit() -> str:
    """The commit that is measured; a plus sign where the tree has changes of its own."""
    run = lambda *words: subprocess.run(  # noqa: E731
        ["git", *words], cwd=ROOT, capture_output=True, text=True, env=clean_environment()
    ).stdout.strip()
    return run("rev-parse", "--short", "HEAD") + ("+" if run("status", "--porcelain") else "")


def table(result: dict[str, Any]) -> str:
    """The result as a Markdown table."""
    figures = result["figures"]
    rows = ["| figure | value |", "| --- | --- |"]
    rows.append(f"| cold start (empty home, packages installed) | {figures['cold_start_s']} s |")
    rows.append(f"| warm start | {figures['warm_start_s']} s |")
    if figures["codes_import_s"] is not None:
        rows.append(f"| `goldentax codes import`, 4,205 rows | {figures['codes_import_s']} s |")
    memory = ", ".join(f"{name} {mib}" for name, mib in figures["resident_mib"].items() if name != "total")
    rows.append(f"| resident memory of the stack (PSS) | {figures['resident_mib']['total']} MiB ({memory}) |")
    for name, times in figures.items():
        if isinstance(times, dict) and "p50_ms" in times:
            rows.append(f"| {name} | p50 {times['p50_ms']} ms, p99 {times['p99_ms']} ms |")
    rows += [f"| ratio {name} | {value} of its limit |" for name, value in result["ratios"].items()]
    return "\n".join(rows)


def keep(result: dict[str, Any]) -> None:
    """Write the JSON, and put the table on top of docs/benchmarks.md."""
    folder = ROOT / "bench" / "results"
    folder.mkdir(exist_ok=True)
    name = f"{result['date']}-{result['commit'].rstrip('+')}.json"
    (folder / name).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    page = ROOT / "docs" / "benchmarks.md"
    mark = "<!-- newest first -->\n"
    machine = result["machine"]
    entry = (
        f"{mark}\n## {result['date']}, commit {result['commit']}\n\n{machine['cores']} cores, {machine['system']}, "
        f"Python {machine['python']}. Every single call: `bench/results/{name}`.\n\n{table(result)}\n"
    )
    head = page.read_text(encoding="utf-8") if page.exists() else HEAD + mark
    page.write_text(head.replace(mark, entry, 1), encoding="utf-8")


HEAD = """# Benchmarks

`make bench` measures a world of its own from the outside and adds an entry here. Commits are durable (fsync and
synchronous commit on), one client sends one request after another over one connection, load generator on the same
machine. The limit of an issue is one committed single-row insert over one connection to the same PostgreSQL in the
same round; the limit of a page is the node's own `/healthz`. Ratios are ours ÷ limit as rates, medians of the rounds.

"""


def say(words: str) -> None:
    """Show progress."""
    print(words, flush=True)


if __name__ == "__main__":
    main()
