"""
Issuing and verifying at the speed of the machine: every figure beside its limit of the same round.

The mix: many sellers in turn and one hot seller alone, drafts as `bench.plans` says, every request with an id of its
own, a warm-up before each measurement that is not counted, errors counted and named. Load generator, limits and world
share the machine. Rounds of everything are interleaved; a ratio is the median of the rounds' own ratios.
"""

import json
import statistics
import subprocess
import sys
import uuid
from typing import Any

from bench import limits, plans
from bench.world import APPLICATION, NODE, ROOT, Bench, pss_mib, run_inside

ISSUE, BULK, VERIFY = "/api/v1/invoices", "/api/v1/invoices:batch", "/api/v1/verify"
MANY, FEW, VERIFIERS = 256, 16, 32
BULK_ITEMS, BULK_CONNECTIONS = 1_000, 4
OPEN_LOAD = 0.5  # of the closed loop's rate in the same round
VERIFY_BODIES = 60_000
FIRST_WARM_UP_S, WARM_UP_S = 4.0, 1.0  # once before all rounds; before each measurement

Figures = dict[str, Any]


def measure(bench: Bench, *, rounds: int, seconds: float) -> dict[str, Any]:
    """
    Every figure of issuing, medians of interleaved rounds.

    :param seconds: of each single measurement.
    """
    bench.make_sellers()
    many = plans.parcels(bench.sellers, buyers=bench.buyers)
    hot = plans.parcels(bench.sellers[:1], buyers=bench.buyers, variants=16)
    has_bulk = _has_bulk(bench, many)
    # Limits of new sellers are opened, code is warm: the first seconds of a service are not what is asked for here.
    load(bench, _single_plan(many, connections=FEW), seconds=FIRST_WARM_UP_S)
    found = []
    with limits.limits_database(bench), limits.trivial_application(workers=_web_workers(bench)) as trivial:
        for number in range(rounds):
            print(f"issuing: round {number + 1} of {rounds}", flush=True)
            one = _limits_round(bench, many, trivial, seconds=seconds)
            one |= _issue_round(bench, many, hot, seconds=seconds)
            if has_bulk:
                one["bulk"] = load(bench, _bulk_plan(many), seconds=seconds)
            one["verify"] = load(bench, _verify_plan(bench), seconds=seconds)
            one["twin"] = _twin(bench, many, seconds=seconds)
            found.append(one)
    return {
        "figures": summary(found),
        "ratios": ratios(found),
        "memory_mib": pss_mib(bench.pid),
        "note": "" if has_bulk else f"{BULK}: not there yet, skipped",
        "rounds": found,
    }


def _limits_round(
    bench: Bench, many: list[list[str]], trivial: tuple[str, int], *, seconds: float
) -> Figures:
    whole = max(round(seconds), 1)
    host, port = trivial
    nothing = _single_plan(many, connections=MANY) | {"host": host, "port": port}
    return {
        "insert_limit": limits.insert_limit(bench, seconds=whole),
        "select_limit": limits.select_limit(bench, clients=VERIFIERS, seconds=whole),
        "copy_limit": limits.copy_limit(bench),
        "decode_limit": limits.decode_limit(many),
        "server_limit": _without_stack(load(bench, nothing, seconds=seconds)),
    }


def _issue_round(bench: Bench, many: list[list[str]], hot: list[list[str]], *, seconds: float) -> Figures:
    single = load(bench, _single_plan(many, connections=MANY), seconds=seconds)
    steady = _single_plan(many, connections=MANY) | {"rate": max(single["rate"] * OPEN_LOAD, 1)}
    return {
        "single_256": single,
        "single_16": load(bench, _single_plan(many, connections=FEW), seconds=seconds),
        "single_1": load(bench, _single_plan(many, connections=1), seconds=seconds),
        "hot_256": load(bench, _single_plan(hot, connections=MANY), seconds=seconds),
        "open_half": load(bench, steady, seconds=seconds),
    }


def _single_plan(parcels: list[list[str]], *, connections: int) -> dict[str, Any]:
    return {
        "source": "single", "judge": "issued", "path": ISSUE, "parcels": parcels, "connections": connections,
    }  # fmt: skip


def _bulk_plan(parcels: list[list[str]]) -> dict[str, Any]:
    return {
        "source": "bundles", "judge": "bundle", "path": BULK, "parcels": parcels,
        "connections": BULK_CONNECTIONS, "items": BULK_ITEMS,
    }  # fmt: skip


def _verify_plan(bench: Bench) -> dict[str, Any]:
    """Verify the newest invoices, from as many addresses as connections: each may ask five times about one."""
    rows = bench.ask(
        "SELECT number, issue_date, gross_fen FROM invoicing_invoice ORDER BY number DESC LIMIT %s",
        VERIFY_BODIES,
    )
    bodies = [
        json.dumps({"number": number, "issue_date": str(day), "gross": f"{gross // 100}.{gross % 100:02d}"})
        for number, day, gross in rows
    ]
    return {
        "source": "bodies", "judge": "agrees", "path": VERIFY, "bodies": bodies,
        "connections": VERIFIERS, "own_addresses": VERIFIERS,
    }  # fmt: skip


def load(bench: Bench, plan: dict[str, Any], *, seconds: float) -> Figures:
    """Run a plan in the load generator's own process; what came back, and who used how much processor."""
    host, port = bench.address
    whole = {
        "host": host, "port": port, "run": uuid.uuid4().hex[:12], "warmup_s": WARM_UP_S, "seconds": seconds
    } | plan  # fmt: skip
    file = bench.folder / "plan.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.load", str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    edges: dict[str, dict[str, float]] = {}
    result: Figures = {}
    for line in process.stdout:
        words = json.loads(line)
        if "mark" in words:
            edges[words["mark"]] = bench.cpu_s()
        else:
            result = words["result"]
    assert process.wait() == 0 and result, "the load generator failed"
    return result | processor(edges, good=result["good"], generator_s=result["cpu_s"])


def processor(edges: dict[str, dict[str, float]], *, good: int, generator_s: float) -> Figures:
    """Microseconds of processor a good item: application, PostgreSQL, load generator; and the application's parts."""
    used = {name: edges["end"][name] - edges["begin"].get(name, 0.0) for name in edges["end"]}
    each = lambda seconds: round(seconds / max(good, 1) * 1e6, 1)  # noqa: E731
    application = sum(used.get(name, 0.0) for name in APPLICATION)
    postgres = used.get("postgres", 0.0)
    return {
        "application_us": each(application),
        "postgres_us": each(postgres),
        "cpu_us": each(application + postgres),
        "generator_us": each(generator_s),
        "parts_us": {name: each(used.get(name, 0.0)) for name in APPLICATION},
    }


def _without_stack(figures: Figures) -> Figures:
    """The figures of a server that is no part of the stack: what the stack used meanwhile says nothing of it."""
    return {
        name: value for name, value in figures.items() if not name.endswith(("application_us", "postgres_us"))
    }


def _twin(bench: Bench, parcels: list[list[str]], *, seconds: float) -> Figures:
    file = bench.folder / "twin.json"
    file.touch(mode=0o600)
    plan = {"run": uuid.uuid4().hex[:12], "parcels": parcels[:40]}
    file.write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")
    before = bench.cpu_s()
    printed = run_inside(bench, "bench.twin", str(file), str(seconds))
    used = bench.cpu_s().get("postgres", 0.0) - before.get("postgres", 0.0)
    found: Figures = json.loads(printed.strip().splitlines()[-1])
    count = max(found["rate"] * seconds, 1)
    return found | {"postgres_us": round(used / count * 1e6, 1)}


def _has_bulk(bench: Bench, parcels: list[list[str]]) -> bool:
    """Whether the node knows the bulk route: one bundle of one invoice is answered by 200."""
    found = load(bench, _bulk_plan(parcels[:1]) | {"items": 1, "connections": 1, "warmup_s": 0}, seconds=0.5)
    return bool(found["good"])


def _web_workers(bench: Bench) -> int:
    return int(json.loads(bench.world.cli("settings", "--json").stdout)["web_workers"]["value"])


def summary(rounds: list[Figures]) -> Figures:
    """The median of every number over the rounds; errors added up by kind."""
    found: Figures = {}
    for name, first in rounds[0].items():
        all_ = [one[name] for one in rounds]
        numbers = [key for key, value in first.items() if isinstance(value, (int, float))]
        found[name] = {key: round(statistics.median(one.get(key, 0) for one in all_), 2) for key in numbers}
        errors: dict[str, int] = {}
        for one in all_:
            for kinds in (one.get("errors", {}), one.get("errors_outside", {})):
                for kind, count in kinds.items():
                    errors[kind] = errors.get(kind, 0) + count
        found[name] |= {"errors": errors} if errors else {}
    return found


def ratios(rounds: list[Figures]) -> dict[str, float | None]:
    """Ours ÷ its limit of the same round, as rates; the median of the rounds, or None where ours was not there."""

    def ratio(ours: str, limit: str) -> float | None:
        found = [one[ours]["rate"] / one[limit]["rate"] for one in rounds if ours in one]
        return round(statistics.median(found), 3) if found else None

    return {
        "issue_single": ratio("single_256", "insert_limit"),
        "issue_bulk": ratio("bulk", "insert_limit"),
        "verify": ratio("verify", "select_limit"),
        "issue_bulk_to_copy": ratio("bulk", "copy_limit"),
        "issue_single_to_twin": ratio("single_256", "twin"),
        "issue_single_to_server": ratio("single_256", "server_limit"),
        "hot_seller_to_many": ratio("hot_256", "single_256"),
    }


TITLES = {
    "insert_limit": f"limit: pgbench insert, {limits.INSERT_CLIENTS} clients, {limits.ROW_BYTES} bytes",
    "select_limit": f"limit: pgbench -S, {VERIFIERS} clients",
    "copy_limit": "limit: one bare COPY",
    "decode_limit": "limit: msgspec decode, one core",
    "server_limit": f"limit: trivial application, {MANY} connections",
    "single_256": f"single invoices, {MANY} connections",
    "single_16": f"single invoices, {FEW} connections",
    "single_1": "single invoices, one connection",
    "hot_256": f"one hot seller, {MANY} connections",
    "open_half": f"open loop at {OPEN_LOAD:.0%} of that rate",
    "bulk": f"bulk of {BULK_ITEMS:,}, {BULK_CONNECTIONS} connections",
    "verify": f"verification by number, {VERIFIERS} connections",
    "twin": "ORM twin, one process, one transaction each",
}


def rows(result: dict[str, Any]) -> list[str]:
    """The section as rows of a Markdown table."""
    found = [
        "| issuing | a second | p50, p99 ms | CPU µs each: application + PostgreSQL (generator) | errors |"
    ]
    found.append("| --- | --- | --- | --- | --- |")
    for name, title in TITLES.items():
        one = result["figures"].get(name)
        if one is None:
            continue
        latency = f"{one['p50_ms']}, {one['p99_ms']}" if "p50_ms" in one else ""
        parts = [str(one[key]) for key in ("application_us", "postgres_us") if key in one]
        cpu = f"{' + '.join(parts)} ({one['generator_us']})" if "generator_us" in one else " + ".join(parts)
        errors = ", ".join(f"{kind}: {count}" for kind, count in one.get("errors", {}).items()) or (
            "0" if "good" in one else ""
        )
        found.append(f"| {title} | {one['rate']:,.0f} | {latency} | {cpu} | {errors} |")
    return found


def words(result: dict[str, Any]) -> str:
    """The ratios and what else a reader must know, as sentences."""
    told = [f"{name} {'—' if value is None else value}" for name, value in result["ratios"].items()]
    memory = ", ".join(f"{name} {mib}" for name, mib in result["memory_mib"].items() if name != "total")
    lines = [
        f"Ratios, ours ÷ limit: {'; '.join(told)}.",
        f"Memory of the stack after the load (PSS): {result['memory_mib']['total']} MiB ({memory}).",
        f"Node {NODE}; warm-up {FIRST_WARM_UP_S} s before the rounds and {WARM_UP_S} s before each measurement.",
    ]
    return "\n".join([*lines, *([result["note"]] if result["note"] else [])])
