"""
Bulk load of subjects: rows a second, and how much of what was planted is found; our own matcher beside splink.

``python -m bench.identity_subjects [ROWS]``. Both matchers get the same cleaned rows in the same run. A pair
counts as found if a matcher proposes it; the exact pairs are those that are joined without a person. The load
itself (seal, write, index) is measured in an embedded PostgreSQL of its own; its limit is the same number of
rows written as bare sealed text by one COPY-like bulk insert.
"""

import argparse
import csv
import io
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROWS = 100_000
DUPLICATES = 0.03
LOAD_ROWS = 20_000
_COLUMNS = {
    "类别": "kind", "证件号码": "number", "名称": "name",
    "法定代表人": "representative", "电话": "phone", "地址": "address",
}  # fmt: skip


def measure(*, rows: int = ROWS, load_rows: int = LOAD_ROWS) -> dict[str, object]:
    """Every figure; ratios are our own matcher against splink, and the load against bare inserts."""
    from goldentax.subjects.rules import cleaning, matching
    from goldentax.subjects.tests import planted

    made = planted.make(count=rows, duplicates=DUPLICATES)
    true = made.true_pairs()
    clean_s, entries = _timed(
        lambda: [
            cleaning.clean(row=place, cells={_COLUMNS[title]: value for title, value in row.items()})
            for place, row in enumerate(made.rows, start=1)
        ]
    )
    own_s, pairs = _timed(lambda: matching.find_pairs(entries))
    own = _quality({(one.left, one.right) for one in pairs}, true)
    exact = _quality({(one.left, one.right) for one in pairs if one.is_exact}, true)
    splink_s, proposed = _timed(lambda: _splink(entries))
    best = max((_quality(_above(proposed, weight), true) | {"weight": weight} for weight in range(-2, 81, 2)),
               key=lambda one: one["f1"])  # fmt: skip
    return {
        "rows": rows,
        "planted_pairs": len(true),
        "clean_rows_per_s": round(rows / clean_s),
        "own": own | {"rows_per_s": round(rows / own_s), "seconds": round(own_s, 1)},
        "own_joined_alone": exact,
        "splink": best | {"rows_per_s": round(rows / splink_s), "seconds": round(splink_s, 1)},
        "own_over_splink_speed": round(splink_s / own_s, 2),
        "load": _load_in_a_process(load_rows),
    }


def _quality(found: set[tuple[int, int]], true: set[tuple[int, int]]) -> dict[str, float]:
    right = len(found & true)
    precision, recall = right / max(1, len(found)), right / max(1, len(true))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return {
        "pairs": len(found),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(f1, 4),
    }


def _above(proposed: list[tuple[int, int, float]], weight: float) -> set[tuple[int, int]]:
    return {(min(left, right), max(left, right)) for left, right, points in proposed if points >= weight}


def _splink(entries: list[Any]) -> list[tuple[int, int, float]]:
    """Fellegi-Sunter by splink on DuckDB: trained by EM on this very data, blocked as widely as ours."""
    import pyarrow
    import splink.comparison_library as compare
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    from goldentax.subjects.rules import names

    table = pyarrow.table(
        {
            "unique_id": list(range(len(entries))),
            "number": [one.number or None for one in entries],
            "name": [names.compared(one.name) for one in entries],
            "core": [names.core(one.name) for one in entries],
            "sound": [names.pinyin(names.core(one.name)) for one in entries],
            "phone": [one.phone or None for one in entries],
            "representative": [one.representative or None for one in entries],
            "address": [one.address or None for one in entries],
            "kind": [one.kind for one in entries],
            "front": [one.number[:9] or None for one in entries],
            "back": [one.number[9:] or None for one in entries],
        }
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            compare.DamerauLevenshteinAtThresholds("number", [1, 2]),
            compare.JaroWinklerAtThresholds("name", [0.92, 0.8]),
            compare.ExactMatch("sound"),
            compare.ExactMatch("phone"),
            compare.ExactMatch("representative"),
            compare.JaroWinklerAtThresholds("address", [0.95]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("number"),
            block_on("phone"),
            block_on("sound", "kind"),
            block_on("back"),
            block_on("front", "representative"),
            block_on("front", "core"),
            block_on("address"),
        ],
        probability_two_random_records_match=DUPLICATES / len(entries),
    )
    linker = Linker(DuckDBAPI().register(table), settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("phone"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("sound"))
    predicted = linker.inference.predict(threshold_match_weight=-2).as_duckdbpyrelation()
    rows: list[tuple[int, int, float]] = predicted.project(
        "unique_id_l, unique_id_r, match_weight"
    ).fetchall()
    return rows


def _load_in_a_process(rows: int) -> dict[str, object]:
    """The load needs a database of its own, so it runs in a process of its own."""
    program = [sys.executable, "-m", "bench.identity_subjects", "--load-only", str(rows)]
    done = subprocess.run(program, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[1])
    if done.returncode:
        return {"failed": done.stderr[-400:]}
    loaded, bare = (float(part) for part in done.stdout.split()[-2:])
    return {
        "rows": rows,
        "rows_per_s": round(rows / loaded),
        "bare_insert_rows_per_s": round(rows / bare),
        "ratio_to_bare_inserts": round(bare / loaded, 3),
    }


def _load_only(rows: int) -> None:
    """Load so many rows into a fresh database; prints the seconds of the load and of the bare inserts."""
    with tempfile.TemporaryDirectory(prefix="goldentax-bench-") as folder:
        os.environ |= {
            "GOLDENTAX_HOME": f"{folder}/home",
            "GOLDENTAX_NODE": "45",
            "DJANGO_SETTINGS_MODULE": "goldentax.node.settings",
        }
        from goldentax.node.runtime import postgres

        cluster = postgres.Cluster(
            data=Path(folder) / "postgres",
            sockets=postgres.socket_folder(Path(folder) / "sockets"),
            password="bench",
            log=Path(folder) / "postgres.log",
            durable=True,
        )
        os.environ["GOLDENTAX_DATABASE_URL"] = cluster.url("postgres")
        postgres.make_cluster(cluster)
        postgres.make_ready_to_start(cluster)
        with cluster.log.open("ab") as log:
            server = subprocess.Popen(postgres.server_command(cluster), stdout=log, stderr=log)
        try:
            postgres.wait_until_accepting(cluster, server=server, timeout_s=60)
            print(*_load_timed(rows))
        finally:
            server.send_signal(signal.SIGINT)  # fast: our own connection is still open
            server.wait(timeout=30)


def _load_timed(rows: int) -> tuple[float, float]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from goldentax.kernel import clock
    from goldentax.kernel.crypto import vault
    from goldentax.subjects.operations import loading
    from goldentax.subjects.tests import planted

    call_command("migrate", verbosity=0)
    made = planted.make(count=rows, duplicates=DUPLICATES)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(made.rows[0]))
    writer.writeheader()
    writer.writerows(made.rows)
    content, now = out.getvalue().encode(), clock.now()
    begun = time.perf_counter()
    load = loading.receive_load(
        content=content, file_name="b.csv", actor="bench", now=now, request_id="bench-0001"
    )
    loading.run_load(load_id=load.public_id, now=now)
    loaded = time.perf_counter() - begun
    connection.cursor().execute("CREATE TABLE bench_bare (id bigserial PRIMARY KEY, body bytea)")
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        for start in range(0, rows, 1000):
            sealed = [(vault.seal(str(row).encode(), "bench"),) for row in made.rows[start : start + 1000]]
            cursor.executemany("INSERT INTO bench_bare (body) VALUES (%s)", sealed)
    return loaded, time.perf_counter() - begun


def _timed(work: Any) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.identity_subjects", description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument("--load-only", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.load_only:
        _load_only(chosen.load_only)
        return
    for name, value in measure(rows=chosen.rows).items():
        print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
