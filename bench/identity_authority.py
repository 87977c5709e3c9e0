"""
Decisions at full size: ``python -m bench.identity_authority [--officers N] [--grants N]``.

A private PostgreSQL is filled with a generated world (300 posts, 3,300 functions, 20,000 officers, 300,000 grants, by a
seed); a process loads its policy and decides. Limit of the same run: pycasbin with the same policy (role-based with
domains, its ``FastEnforcer`` keyed by the function, and its plain ``Enforcer``) on the same requests; both must give
the same answers. What is over is left out of casbin's policy; it knows neither fields, segregation of duties nor
conditions, which here are decided besides. Rates are by the CPU time of the one thread, for both, so that a busy
machine does not speak for either.
"""

import argparse
import gc
import json
import logging
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SEED = 20261121
REQUESTS = 20_000
ROUNDS = 5
CASBIN_REQUESTS = 4_000
PLAIN_REQUESTS = 20
NOW = datetime.fromisoformat("2026-11-21T10:00:00+08:00")

CASBIN_MODEL = """
[request_definition]
r = sub, obj, o0, o1, o2, o3, o4, tp, t0, t1, t2, t3, t4

[policy_definition]
p = sub, obj

[role_definition]
g = _, _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.obj == p.obj && (g(r.sub, p.sub, r.o0) || g(r.sub, p.sub, r.o1) || g(r.sub, p.sub, r.o2) || \
g(r.sub, p.sub, r.o3) || g(r.sub, p.sub, r.o4) || (r.tp != "" && (g(r.sub, p.sub, r.t0) || g(r.sub, p.sub, r.t1) || \
g(r.sub, p.sub, r.t2) || g(r.sub, p.sub, r.t3) || g(r.sub, p.sub, r.t4))))
"""


def measure(*, officers: int = 20_000, grants: int = 300_000) -> dict[str, object]:
    """Every figure, from a process of its own: Django is set up once a process."""
    command = [sys.executable, "-m", "bench.identity_authority", "--inside"]
    command += ["--officers", str(officers), "--grants", str(grants)]
    with tempfile.TemporaryDirectory(prefix="goldentax-bench-") as folder:
        answer = Path(folder) / "answer.json"
        environment = os.environ | {"GOLDENTAX_BENCH_FOLDER": folder}
        subprocess.run([*command, "--answer", str(answer)], cwd=ROOT, env=environment, check=True)
        found: dict[str, object] = json.loads(answer.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--officers", type=int, default=20_000)
    parser.add_argument("--grants", type=int, default=300_000)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not chosen.inside:
        print(table(measure(officers=chosen.officers, grants=chosen.grants)))
        return
    with world(
        Path(os.environ["GOLDENTAX_BENCH_FOLDER"]), officers=chosen.officers, grants=chosen.grants
    ) as made:
        result = figures(made)
    chosen.answer.write_text(json.dumps(result), encoding="utf-8")


def table(result: dict[str, object]) -> str:
    """The figures as a Markdown table."""
    return "\n".join(
        ["| figure | value |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in result.items())]
    )


@contextmanager
def world(folder: Path, *, officers: int, grants: int) -> Iterator[dict[str, Any]]:
    """A cluster of its own with the generated world in it, read through the generated lawbook."""
    for name in [one for one in os.environ if one.startswith("GOLDENTAX_")]:
        del os.environ[name]
    os.environ |= {"GOLDENTAX_HOME": str(folder / "home"), "GOLDENTAX_NODE": "45", "GOLDENTAX_DEMO": "true"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "goldentax.node.settings"
    (folder / "home").mkdir()
    command = [
        sys.executable,
        "-c",
        "from goldentax.node.commands import main; main()",
        "authority",
        "generate",
    ]
    command += ["--out", str(folder / "made"), "--officers", str(officers), "--grants", str(grants)]
    generate_s, _ = timed(lambda: subprocess.run([*command, "--seed", str(SEED)], check=True))
    os.environ["GOLDENTAX_LAWBOOK"] = str(folder / "made" / "lawbook")
    from goldentax.node.runtime import postgres

    cluster = postgres.Cluster(
        data=folder / "postgres",
        sockets=postgres.socket_folder(folder / "sockets"),
        password="bench",
        log=folder / "postgres.log",
    )
    os.environ["GOLDENTAX_DATABASE_URL"] = cluster.url("goldentax_bench")
    postgres.make_cluster(cluster)
    postgres.make_ready_to_start(cluster)
    with cluster.log.open("ab") as log:
        server = subprocess.Popen(postgres.server_command(cluster), stdout=log, stderr=log)
    try:
        postgres.wait_until_accepting(cluster, server=server, timeout_s=60)
        import psycopg

        with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE goldentax_bench")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from goldentax.authority.commands import worlds

        call_command("migrate", interactive=False, verbosity=0)
        load_s, _ = timed(
            lambda: worlds.load.main([str(folder / "made")], standalone_mode=False, prog_name="load")
        )
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE authority_grant")
        yield {"generate_s": generate_s, "load_s": load_s}
    finally:
        from django.db import connection

        connection.close()
        server.send_signal(signal.SIGINT)  # a fast shutdown: pooled connections do not hold it up
        server.wait(timeout=60)


def figures(made: dict[str, Any]) -> dict[str, object]:
    """Load the policy, decide, change it, ask who could, and hold all of it against casbin."""
    from goldentax.authority import api as authority
    from goldentax.authority import store
    from goldentax.authority.models import Grant

    book_s, catalogue = timed(lambda: authority.get_catalogue(on=NOW.date()))
    gc.collect()
    before = memory_mb()
    worked = time.thread_time()
    first_s, policy = timed(store.policy)
    worked = time.thread_time() - worked
    gc.collect()
    loaded_mb = memory_mb() - before
    rows = list(
        Grant.objects.filter(granted_at__isnull=False).values_list(
            "person_id", "kind", "code", "office_code", "taxpayers", "valid_from", "valid_to"
        )
    )
    requests = make_requests(rows, catalogue=catalogue, lines=policy.lines)
    answers = decide_all(authority, requests)
    rate = rate_of(lambda: decide_all(authority, requests), count=REQUESTS, rounds=ROUNDS)
    warm_mb = memory_mb() - before
    casbin = casbin_figures(
        rows, requests=requests, answers=answers, catalogue=catalogue, lines=policy.lines, rate=rate
    )
    return {
        "posts, functions, officers, grants": f"{len(catalogue.posts)}, {len(catalogue.grantable):,}, "
        f"{len({row[0] for row in rows}):,}, {len(rows):,}",
        "generate, s": round(made["generate_s"], 1),
        "load into tables, s": round(made["load_s"], 1),
        "read and check lawbook and catalogue, s": round(book_s, 2),
        "load the policy from the tables, s": f"{first_s:.1f}, of which {worked:.1f} of work",
        "memory of the policy, MB": round(loaded_mb),
        f"memory after {REQUESTS:,} requests, MB": round(warm_mb),
        "allowed among the requests": f"{sum(answers) / len(answers):.0%}",
        "may(), decisions/s a core (≥ 200,000)": round(rate),
        **listing_figures(authority, requests),
        **change_figures(authority),
        **history_figures(authority, requests),
        **casbin,
    }


def make_requests(rows: list[Any], *, catalogue: Any, lines: Any) -> list[tuple[Any, ...]]:
    """Requests of officers: half for what they hold, in their place or another, half for anything."""
    from goldentax.authority.api import Object, Subject

    dice = random.Random(SEED)
    plain = [
        code
        for code in sorted(catalogue.grantable)
        if all(one.attribute == "assurance" for one in catalogue.conditions_of(code))
    ]
    usable = frozenset(plain)
    below: dict[str, list[str]] = {}
    for office, line in lines.items():
        for above in line:
            below.setdefault(above, []).append(office)
    offices = sorted(lines)
    found = []
    while len(found) < REQUESTS:
        person, kind, code, office, taxpayers, *_ = dice.choice(rows)
        own = sorted(catalogue.functions_in(catalogue.sets_of(via=kind, code=code)) & usable)
        function = dice.choice(own) if own and dice.random() < 0.5 else dice.choice(plain)
        where = dice.choice(below[office]) if dice.random() < 0.7 else dice.choice(offices)
        taxpayer = dice.choice(taxpayers) if taxpayers and dice.random() < 0.7 else ""
        at = NOW + timedelta(microseconds=len(found))
        found.append((Subject(str(person), f"office:{office}", 3), function, Object("", where, taxpayer), at))
    return found


def decide_all(authority: Any, requests: list[tuple[Any, ...]]) -> list[bool]:
    """Every request through the front door."""
    may = authority.may
    return [may(subject=who, function=what, object=where, at=at) for who, what, where, at in requests]


def listing_figures(authority: Any, requests: list[tuple[Any, ...]]) -> dict[str, object]:
    """What fifty rows of a page add, for a hundred people."""
    pages = []
    for number in range(100):
        who, what, _, at = requests[number]
        rows = [one[2] for one in requests[number * 50 : number * 50 + 50]]
        pages.append(timed(lambda: authority.may_each(subject=who, function=what, objects=rows, at=at))[0])  # noqa: B023
    return {"50 rows of a page, median ms (< 2)": round(statistics.median(pages) * 1_000, 3)}


def change_figures(authority: Any) -> dict[str, object]:
    """How long it takes until a new and an ended grant are decided on, the change itself included."""
    from goldentax.kernel.ids import new_public_id

    given, ended = [], []
    for _ in range(20):
        person = str(new_public_id())
        subject = authority.Subject(person, "office:19900000000", 3)

        def may(who: Any = subject) -> bool:
            return bool(authority.may(subject=who, function="authority.office.read", at=NOW))

        def appoint(who: str = person) -> None:
            authority.appoint(
                person_id=who,
                office_code="19900000000",
                post="data-manage",
                valid_from=NOW.date(),
                actor="bench",
                now=NOW,
            )

        assert not may()
        appoint()
        given_s, allowed = timed(may)
        authority.end_all_of_person(person_id=person, actor="bench", now=NOW)
        ended_s, still = timed(may)
        assert allowed and not still
        given.append(given_s)
        ended.append(ended_s)
    return {
        "first decision after a grant was given, median ms": round(statistics.median(given) * 1_000, 1),
        "first decision after a grant was ended, median ms": round(statistics.median(ended) * 1_000, 1),
    }


def history_figures(authority: Any, requests: list[tuple[Any, ...]]) -> dict[str, object]:
    """Who could, a year ago, on thirty objects."""
    then, found, times = NOW - timedelta(days=365), [], []
    for _, function, where, _ in requests[:30]:
        taken, holders = timed(
            lambda: authority.who_could(function=function, object=where, at=then)  # noqa: B023
        )
        times.append(taken)
        found.append(len(holders))
    return {
        "who could a year ago, median ms": round(statistics.median(times) * 1_000, 1),
        "who could a year ago, holders found": f"{min(found)} to {max(found)}",
    }


def casbin_figures(
    rows: list[Any],
    *,
    requests: list[tuple[Any, ...]],
    answers: list[bool],
    catalogue: Any,
    lines: Any,
    rate: float,
) -> dict[str, object]:
    """The same policy in casbin, the same requests, and the same answers."""
    import casbin

    today = NOW.date()
    links: set[tuple[str, str, str]] = set()
    for person, kind, code, office, taxpayers, begins, ends in rows:
        if begins <= today and (ends is None or ends > today):
            places = [f"{office}/{one}" for one in taxpayers] or [office]
            links |= {
                (str(person), name, place)
                for name in catalogue.sets_of(via=kind, code=code)
                for place in places
            }
    rules = [(name, one) for name, functions in catalogue.functions_of_set.items() for one in functions]

    def asked(request: tuple[Any, ...]) -> list[str]:
        who, what, where, _ = request
        line = (*lines[where.office], "", "", "", "")[:5]
        tax = [f"{one}/{where.taxpayer}" if one and where.taxpayer else "" for one in line]
        return [who.person_id, what, *line, where.taxpayer, *tax]

    def filled(enforcer: Any) -> Any:
        enforcer.auto_build_role_links = False
        enforcer.add_policies([list(one) for one in rules])
        enforcer.add_grouping_policies([list(one) for one in sorted(links)])
        enforcer.build_role_links()
        return enforcer

    def enforce_all(enforcer: Any, some: list[list[str]]) -> list[bool]:
        return [enforcer.enforce(*one) for one in some]

    model = Path(os.environ["GOLDENTAX_HOME"]) / "casbin.conf"
    model.write_text(CASBIN_MODEL, encoding="utf-8")
    logging.disable(logging.INFO)
    build_s, fast = timed(lambda: filled(casbin.FastEnforcer(str(model), cache_key_order=[1])))
    some = [asked(one) for one in requests[:CASBIN_REQUESTS]]
    said = enforce_all(fast, some)  # warm
    assert said == answers[:CASBIN_REQUESTS], "the two disagree"
    fast_rate = rate_of(lambda: enforce_all(fast, some), count=CASBIN_REQUESTS, rounds=3)
    plain = filled(casbin.Enforcer(str(model)))
    few = some[:PLAIN_REQUESTS]
    assert enforce_all(plain, few) == answers[:PLAIN_REQUESTS]
    plain_rate = rate_of(lambda: enforce_all(plain, few), count=PLAIN_REQUESTS, rounds=1)
    return {
        "casbin: policy lines": f"{len(rules):,} p, {len(links):,} g",
        "casbin: build, s": round(build_s, 1),
        "casbin: the same answers on": f"{CASBIN_REQUESTS:,} requests",
        "casbin FastEnforcer, decisions/s": round(fast_rate),
        "casbin Enforcer, decisions/s": round(plain_rate, 1),
        "may() to casbin FastEnforcer, ratio (≥ 20)": round(rate / fast_rate, 1),
        "may() to casbin Enforcer, ratio": round(rate / plain_rate),
    }


def memory_mb() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1_048_576


def rate_of(work: Callable[[], Any], *, count: int, rounds: int) -> float:
    """How many a second of CPU time of this thread, the median of some rounds."""

    def once() -> float:
        began = time.thread_time()
        work()
        return time.thread_time() - began

    return count / statistics.median(once() for _ in range(rounds))


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


if __name__ == "__main__":
    main()
