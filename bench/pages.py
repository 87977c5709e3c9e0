"""
Pages and single calls of one client, one after another over one connection, as a person or a small program waits for.

The limit of a page is the node's own /healthz, which does nothing; the limit of an issue one committed single-row
insert over one connection to the same PostgreSQL. Medians of interleaved rounds; every call is kept in the JSON.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import psycopg
from tests.worlds import Browser

from bench.world import ROOT, Bench, pss_mib

EXAMPLE = ROOT / "docs" / "examples" / "invoice.json"
ISSUES_A_ROUND = 60
PAGES_A_ROUND = 30
DELIVERIES_A_ROUND = 10
PAGES = ("/", "/invoices/", "/invoices/new/", "/invoices/statistics/", "/verify/")

Round = dict[str, list[float]]


def measure(bench: Bench, *, rounds: int) -> dict[str, Any]:
    """Milliseconds of every kind of call, and their ratios to the limits of the same round."""
    memory = pss_mib(bench.pid)
    found = [_one_round(bench, number, rounds) for number in range(rounds)]
    return {"memory_mib": memory, "figures": summary(found), "ratios": ratios(found), "rounds": found}


def _one_round(bench: Bench, number: int, rounds: int) -> Round:
    print(f"pages: round {number + 1} of {rounds}", flush=True)
    found: Round = {"insert_limit": _inserts(bench)}
    with bench.world.client(token=bench.world.token()) as client:
        found["issue"] = _issues(client, number)
        found["page_limit"] = _calls(client, "/healthz")
        found["verify"] = _verifications(client)
        found["codes search"] = _calls(client, "/api/v1/codes/tax_classification?q=canyin")
        found["pdf"], found["ofd"] = _deliveries(client, "pdf"), _deliveries(client, "ofd")
    with bench.world.client() as client:
        _sign_in(Browser(client), bench)
        for path in PAGES:
            found[f"page {path}"] = _calls(client, path)
    return found


def _inserts(bench: Bench) -> list[float]:
    """Committed single-row inserts of about an invoice's size, one after another."""
    with psycopg.connect(bench.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bench_limit (id bigserial PRIMARY KEY, body bytea)")
        body = os.urandom(1500)
        found = [
            one_ms(lambda: connection.execute("INSERT INTO bench_limit (body) VALUES (%s)", [body]))
            for _ in range(ISSUES_A_ROUND)
        ]
        connection.execute("DROP TABLE bench_limit")
    return found


def _issues(client: httpx.Client, number: int) -> list[float]:
    """Issue invoices one after another over one connection; an error ends the run."""
    draft = json.loads(EXAMPLE.read_text(encoding="utf-8"))

    def issue(index: int) -> None:
        draft["request_id"] = f"bench-{number:02d}-{index:04d}-{time.time_ns()}"
        answer = client.post("/api/v1/invoices", json=draft)
        assert answer.status_code == 201, answer.text

    for index in range(5):
        issue(index)
    return [one_ms(partial(issue, index)) for index in range(5, ISSUES_A_ROUND + 5)]


def _verifications(client: httpx.Client) -> list[float]:
    """Verify the newest invoices, each once: the sixth question about one of them in a day would be refused."""
    newest = client.get("/api/v1/invoices", params={"limit": PAGES_A_ROUND}).json()["items"]

    def verify(row: dict[str, str]) -> None:
        query = {"number": row["number"], "issue_date": row["issued_at"][:10], "gross": row["gross"]}
        answer = client.post("/api/v1/verify", json=query)
        assert answer.json()["result"] == "00", answer.text

    return [one_ms(partial(verify, row)) for row in newest]


def _deliveries(client: httpx.Client, form: str) -> list[float]:
    """Draw the newest invoices, each for the first time."""
    newest = client.get("/api/v1/invoices", params={"limit": DELIVERIES_A_ROUND}).json()["items"]

    def deliver(number: str) -> None:
        answer = client.get(f"/api/v1/invoices/{number}.{form}")
        assert answer.status_code == 200, answer.text

    return [one_ms(partial(deliver, row["number"])) for row in newest]


def _calls(client: httpx.Client, path: str) -> list[float]:
    """Open a page again and again."""

    def get() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"

    get()
    return [one_ms(get) for _ in range(PAGES_A_ROUND)]


def _sign_in(browser: Browser, bench: Bench) -> None:
    """Give a client the session of the demo seller, acting for its taxpayer."""
    account = bench.world.accounts()["demo-seller"]
    browser.sign_in(account["user"], account["password"])
    browser.send("/act-for", {"identity": account["tax_id"]})


def one_ms(work: Callable[[], Any]) -> float:
    """Milliseconds of one call."""
    began = time.perf_counter()
    work()
    return round((time.perf_counter() - began) * 1000, 3)


def summary(rounds: list[Round]) -> dict[str, dict[str, float]]:
    """p50 and p99 of each kind of call over all rounds, in milliseconds."""
    found = {}
    for name in rounds[0]:
        times = sorted(time_ for one in rounds for time_ in one[name])
        found[name] = {
            "p50_ms": round(statistics.median(times), 2),
            "p99_ms": round(times[int(len(times) * 0.99)], 2),
        }
    return found


def ratios(rounds: list[Round]) -> dict[str, float]:
    """Ours ÷ the limit of the same round, as rates: 1.0 would be the limit itself; the median of the rounds."""

    def ratio(name: str, limit: str) -> float:
        return round(
            statistics.median(statistics.median(o[limit]) / statistics.median(o[name]) for o in rounds), 3
        )

    return {
        "issue_one_client": ratio("issue", "insert_limit"),
        **{f"page {path}": ratio(f"page {path}", "page_limit") for path in PAGES},
    }


def rows(result: dict[str, Any]) -> list[str]:
    """The section as rows of a Markdown table."""
    found = ["| pages, one client | p50, p99 ms | of its limit |", "| --- | --- | --- |"]
    for name, times in result["figures"].items():
        ratio = result["ratios"].get({"issue": "issue_one_client"}.get(name, name), "")
        found.append(f"| {name} | {times['p50_ms']}, {times['p99_ms']} | {ratio} |")
    memory = ", ".join(f"{name} {mib}" for name, mib in result["memory_mib"].items() if name != "total")
    found.append(f"| memory of the idle stack (PSS) | {result['memory_mib']['total']} MiB ({memory}) | |")
    return found
