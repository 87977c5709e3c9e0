"""
Signing in and checking tokens: ``python -m bench.identity_sign_in [--rounds N] [--seconds S]``.

A private PostgreSQL with durable commits holds people with Argon2 passwords, exactly as the product keeps them. As many
processes as the machine has cores sign people in through the whole web request: attempt counted, password verified,
risk judged, session begun, audit written. The limit of the same run is Argon2 alone, the same verification of the same
hash in the same number of processes; rounds of both take turns, so that a neighbour on the machine disturbs both alike.

Tokens are checked as the API's door does: header read, token proven, actor built. Its limit is the hash of the token
and one look into a dictionary, which nobody can save.
"""

import argparse
import json
import multiprocessing
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NODE = "45"
PASSWORD = "an-odd-passphrase-for-benches-5"
PEOPLE = 4_000
TOKENS = 1_000
TAX_ID = "91450100MA5K1A2B3C"


def measure(*, rounds: int = 4, seconds: float = 5.0) -> dict[str, object]:
    """Every figure, from a process of its own: Django is set up once a process."""
    command = [sys.executable, "-m", "bench.identity_sign_in", "--inside"]
    command += ["--rounds", str(rounds), "--seconds", str(seconds)]
    with tempfile.TemporaryDirectory(prefix="goldentax-bench-") as folder:
        answer = Path(folder) / "answer.json"
        environment = os.environ | {"GOLDENTAX_BENCH_FOLDER": folder}
        subprocess.run([*command, "--answer", str(answer)], cwd=ROOT, env=environment, check=True)
        found: dict[str, object] = json.loads(answer.read_text(encoding="utf-8"))
        return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=5.0, help="of one round")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not chosen.inside:
        for name, value in measure(rounds=chosen.rounds, seconds=chosen.seconds).items():
            print(f"{name:55} {value}")
        return
    with _database(Path(os.environ["GOLDENTAX_BENCH_FOLDER"])):
        _fill()
        result = _sign_in_figures(rounds=chosen.rounds, seconds=chosen.seconds) | _token_figures(
            chosen.seconds
        )
    chosen.answer.write_text(json.dumps(result), encoding="utf-8")


def _sign_in_figures(*, rounds: int, seconds: float) -> dict[str, object]:
    cores = os.cpu_count() or 1
    bare, whole, taken = [], [], 0
    for _ in range(rounds):
        bare.append(_together(_verify_for, cores, seconds, 0))
        whole.append(_together(_sign_in_for, cores, seconds, taken))
        taken += PEOPLE // cores // rounds
    ratios = [one.rate / limit.rate for one, limit in zip(whole, bare, strict=True)]
    verify_ms = statistics.median(one.cpu_ms for one in bare)
    sign_in_ms = statistics.median(one.cpu_ms for one in whole)
    return {
        "processes, one a core": cores,
        "Argon2 alone, a second": round(statistics.median(one.rate for one in bare), 2),
        "password sign-ins, a second": round(statistics.median(one.rate for one in whole), 2),
        "ratio to Argon2 alone (median of rounds; 0.9 asked)": round(statistics.median(ratios), 3),
        "its rounds": ", ".join(f"{one:.3f}" for one in ratios),
        "processor time of Argon2 alone, ms": round(verify_ms, 1),
        "processor time of a sign-in with its database, ms": round(sign_in_ms, 1),
        "ratio by processor time (on a machine that others use)": round(verify_ms / sign_in_ms, 3),
    }


@dataclass(frozen=True, slots=True)
class Work:
    """What processes did together: how often in a second, and at how much processor time each, database included."""

    rate: float
    cpu_ms: float


def _together(work: Callable[..., None], processes: int, seconds: float, first: int) -> Work:
    """Let as many processes work for some seconds."""
    _disconnect()  # a connection must not be shared between processes
    context = multiprocessing.get_context("fork")
    done = context.SimpleQueue()
    begin = context.Barrier(processes)
    running = [
        context.Process(target=work, args=(number, processes, seconds, first, begin, done))
        for number in range(processes)
    ]
    database_before = _database_cpu_s()
    for one in running:
        one.start()
    found = [done.get() for _ in running]
    for one in running:
        one.join()
        assert one.exitcode == 0, "a process of the benchmark failed"
    count = sum(one[0] for one in found)
    cpu_s = sum(one[2] for one in found) + _database_cpu_s() - database_before
    return Work(rate=sum(one[0] / one[1] for one in found), cpu_ms=cpu_s / count * 1000)


def _database_cpu_s() -> float:
    """Processor seconds that the database server and its children have used so far."""
    server = os.environ["GOLDENTAX_BENCH_SERVER"]
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if stat.parent.name == server:
            ticks += sum(int(one) for one in fields[11:15])
        elif fields[1] == server:
            ticks += sum(int(one) for one in fields[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def _verify_for(number: int, of: int, seconds: float, first: int, begin: Any, done: Any) -> None:
    from django.contrib.auth.hashers import check_password

    from goldentax.identity.models import Person

    encoded = Person.objects.values_list("password", flat=True).earliest("id")
    assert check_password(PASSWORD, encoded)
    begin.wait()
    count, began, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        check_password(PASSWORD, encoded)
        count += 1
    done.put((count, time.perf_counter() - began, time.process_time() - used))


def _sign_in_for(number: int, of: int, seconds: float, first: int, begin: Any, done: Any) -> None:
    from django.test import Client

    client = Client()
    for last in range(1, 4):  # so that everything is imported, read and connected
        client.post("/sign-in", {"login": f"bench-{PEOPLE - last - 3 * number:05}", "password": PASSWORD})
    begin.wait()
    count, began, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        mine = first * of + count * of + number
        client.cookies.clear()
        answer = client.post(
            "/sign-in",
            {"login": f"bench-{mine:05}", "password": PASSWORD},
            REMOTE_ADDR=f"10.{mine // 250 % 250}.{mine % 250}.{number}",
        )
        assert answer.status_code == 302, re.findall(r"[A-Z]{3}-[A-Z]{2,5}-[0-9]{2}", answer.content.decode())
        count += 1
    done.put((count, time.perf_counter() - began, time.process_time() - used))


def _token_figures(seconds: float) -> dict[str, object]:
    from django.test import RequestFactory

    from goldentax.identity import queries
    from goldentax.identity.middleware import _actor_of_token
    from goldentax.identity.rules import tokens
    from goldentax.kernel import clock

    texts = _issue_tokens()
    requests = [
        RequestFactory().get("/api/v1/me", headers={"Authorization": f"Bearer {text}"}) for text in texts
    ]
    for request in requests:
        _actor_of_token(request, now=clock.now())
    held = {tokens.digest(text): text for text in texts}

    def limit(turn: int) -> object:
        return held[tokens.digest(texts[turn % TOKENS])]

    def door(turn: int) -> object:
        return _actor_of_token(requests[turn % TOKENS], now=clock.now())

    def database(turn: int) -> object:
        return queries.find_token_holder(text=texts[turn % TOKENS], now=clock.now(), language="zh")

    floor, checked, asked = (_rate(work, seconds) for work in (limit, door, database))
    return {
        "tokens in use": TOKENS,
        "digest and dictionary alone, a second": round(floor),
        "token checks with the actor built, a second (15,000 asked)": round(checked),
        "ratio to digest and dictionary": round(checked / floor, 3),
        "token checks that ask the database, a second": round(asked),
    }


def _rate(work: Callable[[int], object], seconds: float) -> float:
    """How often one core does this in a second."""
    count, began = 0, time.perf_counter()
    while True:
        for _ in range(200):
            work(count)
            count += 1
        took = time.perf_counter() - began
        if took >= seconds:
            return count / took


def _fill() -> None:
    from django.contrib.auth.hashers import make_password

    from goldentax.identity.models import Person
    from goldentax.kernel import clock

    encoded, now = make_password(PASSWORD), clock.now()
    Person.objects.bulk_create(
        [
            Person(
                login=f"bench-{number:05}",
                name=f"测试{number}",
                password=encoded,
                password_changed_at=now,
                created_at=now,
            )
            for number in range(PEOPLE)
        ],
        batch_size=1000,
    )


def _issue_tokens() -> list[str]:
    from goldentax.identity import operations
    from goldentax.identity.models import Person
    from goldentax.kernel import clock
    from goldentax.kernel.ids import new_public_id

    now, company, texts = clock.now(), new_public_id(), []
    for person in Person.objects.order_by("id")[:TOKENS]:
        operations.grant_membership(
            person_id=person.public_id,
            tax_id=TAX_ID,
            taxpayer_public_id=company,
            taxpayer_name="测试有限公司",
            duty="09",
            valid_from=now.date(),
            actor="system:bench",
            now=now,
        )
        text, _ = operations.issue_token(
            person_id=person.public_id,
            tax_id=TAX_ID,
            label="bench",
            scopes=["invoices:read"],
            days=1,
            actor="system:bench",
            now=now,
        )
        texts.append(text)
    return texts


def _disconnect() -> None:
    from django.db import connection

    connection.close()
    connection.close_pool()


@contextmanager
def _database(folder: Path) -> Iterator[None]:
    """A cluster of its own, with the tables of the product."""
    for name in [one for one in os.environ if one.startswith("GOLDENTAX_")]:
        del os.environ[name]
    os.environ |= {"GOLDENTAX_HOME": str(folder / "home"), "GOLDENTAX_NODE": NODE}
    os.environ |= {"GOLDENTAX_ALLOWED_HOSTS": "testserver"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "goldentax.node.settings"
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
    os.environ["GOLDENTAX_BENCH_SERVER"] = str(server.pid)
    try:
        postgres.wait_until_accepting(cluster, server=server, timeout_s=60)
        import psycopg

        with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE goldentax_bench")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        try:
            yield
        finally:
            _disconnect()
    finally:
        server.send_signal(signal.SIGINT)  # a fast shutdown: pooled connections do not hold it up
        server.wait(timeout=60)


if __name__ == "__main__":
    main()
