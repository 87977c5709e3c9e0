"""
The audit trail at size: ``python -m bench.identity_oversight [--rows N] [--search-rows N]``.

A private PostgreSQL with durable commits is filled with made-up records by ``generate_series``; the chain is sealed
over them and verified; then a superuser switches the guard off and changes one byte, and the verification must name
that very record. Afterwards the trail grows to the size of the search, and every kind of search is timed at both sizes.

Limits of the same run: of a verification, reading the same lines once and hashing each once; of a search, fetching one
page of 50 records by their ids.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NODE = "45"
CHUNK = 500_000
TIMES = 15
LAST = datetime.fromisoformat("2026-11-21T18:00:00+08:00")


def measure(*, rows: int = 1_000_000, search_rows: int = 2_000_000) -> dict[str, Any]:
    """Every figure, from a process of its own: Django is set up once a process."""
    command = [sys.executable, "-m", "bench.identity_oversight", "--inside"]
    command += ["--rows", str(rows), "--search-rows", str(search_rows)]
    with tempfile.TemporaryDirectory(prefix="goldentax-bench-") as folder:
        answer = Path(folder) / "answer.json"
        environment = os.environ | {"GOLDENTAX_BENCH_FOLDER": folder}
        subprocess.run([*command, "--answer", str(answer)], cwd=ROOT, env=environment, check=True)
        return json.loads(answer.read_text(encoding="utf-8"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--search-rows", type=int, default=2_000_000)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not chosen.inside:
        print(table(measure(rows=chosen.rows, search_rows=chosen.search_rows)))
        return
    with database(Path(os.environ["GOLDENTAX_BENCH_FOLDER"])):
        result = {**chain_figures(chosen.rows), **search_figures(chosen.rows, chosen.search_rows)}
    chosen.answer.write_text(json.dumps(result), encoding="utf-8")


def table(result: dict[str, Any]) -> str:
    """The figures as a Markdown table."""
    return "\n".join(
        ["| figure | value |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in result.items())]
    )


@contextmanager
def database(folder: Path) -> Any:
    """A cluster of its own, with the tables of the product."""
    for name in [one for one in os.environ if one.startswith("GOLDENTAX_")]:
        del os.environ[name]
    os.environ |= {"GOLDENTAX_HOME": str(folder / "home"), "GOLDENTAX_NODE": NODE}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldentax.node.settings")
    from goldentax.node.runtime import postgres

    cluster = postgres.Cluster(
        data=folder / "postgres",
        sockets=postgres.socket_folder(folder / "sockets"),
        password="bench",
        log=folder / "postgres.log",
    )
    os.environ["GOLDENTAX_DATABASE_URL"] = cluster.url("goldentax_bench")
    (folder / "home").mkdir()
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

        call_command("migrate", interactive=False, verbosity=0)
        yield
    finally:
        from django.db import connection

        connection.close()
        server.send_signal(signal.SIGINT)  # a fast shutdown: pooled connections do not hold it up
        server.wait(timeout=60)


FILL = """
INSERT INTO kernel_audit (at, category, actor, action, subject, request_id, detail)
SELECT
    %(last)s - (%(until)s - n) * interval '6 seconds',
    CASE WHEN n %% 100 < 70 THEN 'change' WHEN n %% 100 < 85 THEN 'look' WHEN n %% 100 < 97 THEN 'sign_in'
         WHEN n %% 100 < 99 THEN 'grant' ELSE 'privileged' END,
    'web:' || lpad(to_hex((n * 7919) %% 20000), 8, '0') || '-0000-7000-8000-000000000000@office:14501000000',
    CASE WHEN n %% 100 < 70 THEN 'invoicing.invoice.issue' WHEN n %% 100 < 85 THEN 'kernel.personal-data.look'
         WHEN n %% 100 < 97 THEN 'identity.person.sign-in' WHEN n %% 100 < 99 THEN 'authority.grant.approve'
         ELSE 'authority.office.add-' || n %% 7 END,
    CASE WHEN n %% 100 < 70 THEN '26452' || lpad(n::text, 15, '0')
         ELSE 'person:' || lpad(to_hex((n * 104729) %% 200000), 8, '0') || '-0000-7000-8000-000000000000' END,
    'web-0192f0a0-' || lpad(to_hex(n), 12, '0'),
    jsonb_build_object('network', '10.' || n %% 250 || '.3.' || n %% 200, 'purpose', '办税服务厅核验 ' || n,
                       'fields', jsonb_build_array('phone', 'id_number'))
FROM generate_series(%(from)s::bigint, %(until)s::bigint) AS n
"""


def fill(first: int, until: int) -> None:
    """Records number ``first`` to ``until``, half a million a transaction."""
    from django.db import connection

    for start in range(first, until + 1, CHUNK):
        end = min(start + CHUNK - 1, until)
        with connection.cursor() as cursor:
            cursor.execute(
                FILL, {"from": start, "until": end, "last": LAST - (until - end) * timedelta(seconds=6)}
            )
        print(f"filled {end:,}", flush=True)


def chain_figures(rows: int) -> dict[str, Any]:
    """Seal, verify, change one byte, verify again."""
    from django.db import connection, transaction

    from goldentax.kernel.crypto.sm import sm3
    from goldentax.oversight import operations, queries, store
    from goldentax.oversight.rules import chain

    fill_s, _ = timed(lambda: fill(1, rows))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE kernel_audit")
    seal_s, sealed = timed(lambda: seal_all(operations))
    assert sealed == rows, sealed
    everything = {"after": chain.START, "until": chain.Place(2**62, 0)}
    with transaction.atomic():
        read_s, read = timed(lambda: sum(len(sm3(line)) == 32 for line in store.read_lines(**everything)))
    assert read == rows
    verify_s, report = timed(queries.verify_chain)
    assert report.is_whole and report.rows == rows, report
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM kernel_audit ORDER BY tx, id OFFSET %s LIMIT 1", [rows * 2 // 3])
        victim = cursor.fetchone()[0]
        cursor.execute("ALTER TABLE kernel_audit DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE kernel_audit SET actor = overlay(actor placing 'X' from 5 for 1) WHERE id = %s", [victim]
        )
        cursor.execute("ALTER TABLE kernel_audit ENABLE TRIGGER USER")
    found_s, report = timed(queries.verify_chain)
    found = [(one.kind, one.entry_id) for one in report.findings]
    assert found == [("row_changed", victim)], found
    print(report.findings[0].message("en"), flush=True)
    return told(
        {
            "chain: records": rows,
            "chain: blocks": report.blocks,
            "chain: fill s": round(fill_s, 1),
            "chain: seal s": round(seal_s, 1),
            "chain: verify s": round(verify_s, 1),
            "chain: verify records/s": round(rows / verify_s),
            "chain: reading and hashing each line once, s (limit)": round(read_s, 1),
            "chain: verify, ratio to its limit": round(read_s / verify_s, 2),
            "chain: one changed byte": f"found in {found_s:.1f} s: record {victim} of {rows:,}",
        }
    )


def seal_all(operations: Any) -> int:
    """Seal until nothing is left."""
    total = 0
    while sealed := operations.seal(now=LAST, at_once=True):
        total += sealed
    return total


def searches(n: int) -> dict[str, dict[str, Any]]:
    """The kinds of search, each for something that stands in the trail of ``n`` records."""
    person = f"{(7919 * 77) % 20000:08x}-0000-7000-8000-000000000000"
    month = {"from_": LAST - timedelta(days=60), "to": LAST - timedelta(days=30)}
    return {
        "newest": {},
        "person": {"person": person},
        "person, action, month": {"person": person, "action": "kernel.", **month},
        "subject": {"subject": f"{(104729 * 80) % 200000:08x}-0000-7000-8000-000000000000"},
        "invoice number": {"subject": f"26452{n // 2 - n // 2 % 100:015d}"},
        "action begins": {"action": "authority."},
        "action begins, month": {"action": "authority.office", **month},
        "category": {"category": "privileged"},
        "category, month": {"category": "grant", **month},
        "month": month,
        "request": {"request_id": f"web-0192f0a0-{n // 3:012x}"},
        "words, frequent": {"text": "核验"},
        "words of a person": {"person": person, "text": "办税服务厅"},
        "words, rare: one bounded walk": {"text": "nothing says this"},
    }


def search_figures(rows: int, search_rows: int) -> dict[str, Any]:
    """Every kind of search at both sizes; flat means that the ratio stays near one."""
    if search_rows <= rows:
        return {}
    from django.db import connection

    from goldentax.kernel.models import AuditEntry
    from goldentax.oversight import queries
    from goldentax.oversight.rules.searching import TrailFilter

    def measured(n: int) -> dict[str, tuple[float, int]]:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE kernel_audit")
        newest = list(AuditEntry.objects.order_by("-id").values_list("id", flat=True)[:50])
        limit_ms = median_ms(lambda: list(AuditEntry.objects.filter(id__in=newest)))
        found = {"(limit) 50 records by id": (limit_ms, 0)}
        for name, conditions in searches(n).items():
            filter_ = TrailFilter(**conditions)
            ms = median_ms(lambda filter_=filter_: queries.search_trail(filter_=filter_))
            found[name] = (ms, 0 if filter_.text else pages_touched(filter_))
        return found

    small = measured(rows)
    fill_s, _ = timed(lambda: fill(rows + 1, search_rows))
    large = measured(search_rows)
    figures: dict[str, Any] = {
        "search: records": f"{rows:,} and {search_rows:,}",
        "search: fill, records/s": round((search_rows - rows) / fill_s),
        **sizes(),
    }
    for name, (ms, pages) in large.items():
        before_ms, before_pages = small[name]
        touched = f"; pages touched {before_pages} → {pages}" if pages else ""
        figures[f"search: {name}"] = f"{before_ms} → {ms} ms{touched}"
    explain(search_rows)
    return told(figures)


def pages_touched(filter_: Any) -> int:
    """Pages of 8 kB that a search reads, from memory or disk: what stays the same however busy the machine is."""
    plan = plan_of(filter_, "FORMAT JSON")[0][0]
    told = json.loads(plan) if isinstance(plan, str) else plan
    return told[0]["Plan"]["Shared Hit Blocks"] + told[0]["Plan"]["Shared Read Blocks"]


def plan_of(filter_: Any, form: str) -> list[Any]:
    """How PostgreSQL walks for a search, and what it met."""
    from django.db import connection

    from goldentax.oversight.queries import trail

    column, values = trail._narrowest(filter_)
    statement, facts = trail._walk_statement(filter_, column=column, values=values, below=None, limit=51)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, {form}) {statement}", facts)
        return cursor.fetchall()


def sizes() -> dict[str, str]:
    """What the table and each of its indexes take."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_size_pretty(pg_relation_size(oid)) FROM pg_class"
            " WHERE relname LIKE 'kernel_audit%%' AND relkind IN ('r', 'i') ORDER BY pg_relation_size(oid) DESC"
        )
        return {f"size: {name}": size for name, size in cursor.fetchall()}


def explain(n: int) -> None:
    """Print how PostgreSQL walks for some of the searches."""
    from goldentax.oversight.rules.searching import TrailFilter

    for name in ("person, action, month", "action begins", "category, month"):
        plan = plan_of(TrailFilter(**searches(n)[name]), "FORMAT TEXT")
        print(f"-- {name}\n" + "\n".join(row[0] for row in plan), flush=True)


def told(figures: dict[str, Any]) -> dict[str, Any]:
    """Print figures as they come; a long run that breaks off has then said something."""
    print(table(figures), flush=True)
    return figures


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that a piece of work takes, and what it gives."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def median_ms(work: Callable[[], Any]) -> float:
    """The median of several calls, in milliseconds; the first is not counted."""
    work()
    return round(statistics.median(timed(work)[0] * 1000 for _ in range(TIMES)), 2)


if __name__ == "__main__":
    main()
