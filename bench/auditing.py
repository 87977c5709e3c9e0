"""
What must be true after any fault, asked from the store itself and from what clients were told.

Each check counts what contradicts it. Nothing here trusts the hot path: hashes are made again from the documents, roots
from the leaves, sums from the rows. The trees are those of `goldentax.kernel.crypto.merkle`, whose vectors have tests.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from bench.plans import MARK
from bench.world import NODE, Bench
from goldentax.invoicing.rules import heads
from goldentax.kernel.crypto import merkle
from goldentax.kernel.crypto.sm import sm3

REPEATS_MAX = 200
ASKED_AGAIN_MAX = 20
OUTBOX_PATIENCE_S = 120


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that must be true, how much was looked at, and what contradicts it."""

    name: str
    looked_at: int
    wrong: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        return not self.wrong


@dataclass(frozen=True, kw_only=True)
class Run:
    """A load that is over: what was sent, and what was acknowledged."""

    name: str  # the first part of its request ids
    parcels: list[list[str]]
    sellers: dict[str, str]  # tax id by token
    sent: int
    unanswered: list[str]
    refused: list[str]
    ledger: list[dict[str, Any]]


def read_ledger(path: Path) -> list[dict[str, Any]]:
    """Every acknowledged answer, in the order of its arrival."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def audit(bench: Bench, run: Run, *, throw: Any) -> list[Check]:
    """Ask everything; a question that cannot be asked counts as wrong."""
    with psycopg.connect(bench.database_url, autocommit=True) as connection:
        questions: dict[str, Callable[[], Check]] = {
            "answered": lambda: _answered(run),
            "kept": lambda: _kept(connection, run),
            "once": lambda: _once(connection),
            "same": lambda: _same_answer(bench, run, throw),
            "limits": lambda: _limits(connection),
            "logs": lambda: _logs(connection),
            "receipts": lambda: _receipts(connection, run),
            "outbox": lambda: _outbox(connection, run),
        }
        return [_asked(name, ask) for name, ask in questions.items()]


def _asked(name: str, ask: Callable[[], Check]) -> Check:
    try:
        return ask()
    except (psycopg.Error, httpx.HTTPError, KeyError, ValueError) as error:
        return Check(name=name, looked_at=0, wrong=(f"could not be asked: {type(error).__name__}: {error}",))


def _answered(run: Run) -> Check:
    wrong = [f"never answered: {one}" for one in run.unanswered] + [f"refused: {one}" for one in run.refused]
    return Check(name="every request was answered in the end", looked_at=run.sent, wrong=tuple(wrong))


def _kept(connection: Any, run: Run) -> Check:
    """Every acknowledged invoice is in the store, same number, same hash, and the hash is that of the document."""
    stored: dict[str, tuple[str, str, str]] = {}
    wrong = []
    for id_, seller, number, hash_, document in connection.cursor().stream(
        "SELECT request_id, seller_tax_id, number, document_hash, document FROM invoicing_invoice "
        "WHERE request_id LIKE %s",
        [f"{run.name}%"],
    ):
        stored[id_] = (seller, number, bytes(hash_).hex())
        if sm3(bytes(document)) != bytes(hash_):
            wrong.append(f"{number}: its hash is not its document's")
    for line in run.ledger:
        seller = run.sellers[run.parcels[line["parcel"]][0]]
        kept = stored.get(line["id"])
        if kept is None:
            wrong.append(f"acknowledged and lost: {line['number']} of {line['id']}")
        elif kept != (seller, line["number"], line["document_hash"]):
            wrong.append(f"{line['id']} was told {line['number']}, the store has {kept}")
    told = {line["id"] for line in run.ledger}
    wrong += [
        f"{row[1]} of {id_} is stored, nobody was told" for id_, row in stored.items() if id_ not in told
    ]
    return Check(
        name="every acknowledged invoice is in the store as acknowledged, and no other",
        looked_at=len(stored),
        wrong=tuple(wrong),
    )


def _once(connection: Any) -> Check:
    """No number and no request twice, over all months and desks."""
    (count,) = connection.execute("SELECT count(*) FROM invoicing_invoice").fetchone()
    wrong = []
    for columns in ("number", "seller_tax_id, request_id"):
        twice = connection.execute(
            f"SELECT {columns} FROM invoicing_invoice GROUP BY {columns} HAVING count(*) > 1 LIMIT 20"
        ).fetchall()
        wrong += [f"twice: {' '.join(row)}" for row in twice]
    return Check(name="no number and no request stands twice", looked_at=count, wrong=tuple(wrong))


def _same_answer(bench: Bench, run: Run, throw: Any) -> Check:
    """Repeats get the first answer, those sent while the first was in flight included."""
    first: dict[str, str] = {}
    wrong = [
        f"{line['id']} was told {first[line['id']]} and {line['number']}"
        for line in run.ledger
        if first.setdefault(line["id"], line["number"]) != line["number"]
    ]
    lines = throw.sample(run.ledger, min(REPEATS_MAX, len(run.ledger)))
    with bench.world.client() as client:
        for line in lines:
            token, draft = run.parcels[line["parcel"]]
            answer = _repeated(client, token=token, body=draft.replace(MARK, line["id"]).encode())
            said = answer.json()
            kept = (said.get("number"), (said.get("receipt") or {}).get("document_hash"))
            if answer.status_code != 200 or kept != (line["number"], line["document_hash"]):
                wrong.append(f"repeat of {line['id']}: {answer.status_code} {answer.text[:200]}")
    twins = len(run.ledger) - len(first)
    return Check(
        name="repeats get the first answer",
        looked_at=len(lines) + twins,
        wrong=tuple(wrong),
    )


def _repeated(client: httpx.Client, *, token: str, body: bytes) -> httpx.Response:
    """The answer to a repeat, asked for again where the node says that it should be."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for _ in range(ASKED_AGAIN_MAX):
        answer = client.post("/api/v1/invoices", content=body, headers=headers)
        if answer.status_code not in (429, 503):
            break
        time.sleep(0.5)
    return answer


def _limits(connection: Any) -> Check:
    """Every account equals its entries, and what it has used equals its invoices."""
    rows = connection.execute(
        """
        SELECT a.tax_id, a.period, a.total_fen - a.used_fen - a.reserved_fen, a.used_fen,
               (SELECT coalesce(sum(e.amount_fen), 0) FROM invoicing_limit_entry e WHERE e.account_id = a.id),
               (SELECT coalesce(sum(i.amount_fen), 0) FROM invoicing_invoice i
                WHERE i.seller_tax_id = a.tax_id AND to_char(i.issue_date, 'YYYYMM') = a.period)
        FROM invoicing_limit_account a
        """
    ).fetchall()
    wrong = [
        f"{tax_id} {period}: {available} available, entries say {entries}"
        for tax_id, period, available, _, entries, _ in rows
        if available != entries
    ]
    wrong += [
        f"{tax_id} {period}: {used} used, invoices say {invoices}"
        for tax_id, period, _, used, _, invoices in rows
        if used != invoices
    ]
    return Check(
        name="every limit equals the sum of its entries and of its invoices",
        looked_at=len(rows),
        wrong=tuple(wrong),
    )


def _logs(connection: Any) -> Check:
    """Leaves 0 … n−1 without a gap, heads that chain, and roots that are those of the leaves."""
    wrong: list[str] = []
    count = 0
    for desk, size in connection.execute("SELECT id, tree_size FROM invoicing_desk ORDER BY id").fetchall():
        leaves = _leaves(connection, desk)
        count += len(leaves)
        if len(leaves) != size:
            wrong.append(f"desk {desk}: {len(leaves)} leaves, the desk says {size}")
        wrong += _heads_wrong(connection, desk, leaves)
    (without,) = connection.execute(
        "SELECT count(*) FROM invoicing_invoice WHERE desk >= 0 AND desk NOT IN (SELECT id FROM invoicing_desk)"
    ).fetchone()
    wrong += [f"{without} invoices stand in no log"] if without else []
    return Check(
        name="every log is whole: leaves, heads, chain and roots", looked_at=count, wrong=tuple(wrong)
    )


def _leaves(connection: Any, desk: int) -> list[bytes]:
    """The leaf hashes of a log; a gap or a double ends the list there, and so is found."""
    rows = connection.execute(
        "SELECT leaf, document_hash FROM invoicing_invoice WHERE desk = %s ORDER BY leaf", [desk]
    ).fetchall()
    whole = [merkle.leaf_hash(bytes(hash_)) for place, (leaf, hash_) in enumerate(rows) if leaf == place]
    return whole if len(whole) == len(rows) else whole[: len(rows) - 1]


def _heads_wrong(connection: Any, desk: int, leaves: list[bytes]) -> Iterator[str]:
    size, frontier, previous = 0, (), b""
    rows = connection.execute(
        "SELECT tree_size, count, at, root, previous, key_id, signature FROM invoicing_tree_head "
        "WHERE desk = %s ORDER BY tree_size",
        [desk],
    ).fetchall()
    for tree_size, count, at, root, before, key_id, signature in rows:
        place = f"desk {desk}, head {tree_size}"
        if size + count != tree_size or tree_size > len(leaves):
            yield f"{place} does not follow the one before, or its leaves are missing"
            return
        grown = merkle.extend(size=size, frontier=frontier, leaves=leaves[size:tree_size])
        size, frontier = grown.size, grown.frontier
        if grown.root != bytes(root):
            yield f"{place}: another root"
        if bytes(before) != previous:
            yield f"{place} names another head before it"
        head = heads.TreeHead(
            log=heads.log_of(node=NODE, desk=desk),
            tree_size=tree_size,
            root=bytes(root),
            at_ms=heads.milliseconds(at),
            previous=bytes(before),
            key_id=key_id,
            signature=bytes(signature),
        )
        previous = heads.head_hash(head)
    if size != len(leaves):
        yield f"desk {desk}: {len(leaves) - size} leaves are under no head"


def _receipts(connection: Any, run: Run) -> Check:
    """What a receipt said of the log is what the log says: the same head, the same leaf."""
    kept = {
        (heads.log_of(node=NODE, desk=desk), size): bytes(root).hex()
        for desk, size, root in connection.execute("SELECT desk, tree_size, root FROM invoicing_tree_head")
    }
    leaf_of = {
        number: (heads.log_of(node=NODE, desk=desk), leaf)
        for number, desk, leaf in connection.execute(
            "SELECT number, desk, leaf FROM invoicing_invoice WHERE request_id LIKE %s", [f"{run.name}%"]
        )
    }
    wrong = []
    for line in run.ledger:
        if kept.get((line["log"], line["tree_size"])) != line["root"]:
            wrong.append(f"{line['number']}: its receipt names a head that the log does not have")
        elif leaf_of.get(line["number"]) != (line["log"], line["leaf"]):
            wrong.append(f"{line['number']}: its receipt names another leaf")
    return Check(
        name="every receipt's head and leaf stand in the log", looked_at=len(run.ledger), wrong=tuple(wrong)
    )


def _outbox(connection: Any, run: Run) -> Check:
    """Every invoice is told of exactly once, and in the end everything has left."""
    deadline = time.monotonic() + OUTBOX_PATIENCE_S
    unsent = "SELECT count(*) FROM kernel_outbox WHERE sent_at IS NULL"
    while (waiting := connection.execute(unsent).fetchone()[0]) and time.monotonic() < deadline:
        time.sleep(0.5)
    told: dict[str, int] = {}
    for (payload,) in connection.execute(
        "SELECT payload FROM kernel_outbox WHERE type LIKE 'invoicing.invoice%issued%'"
    ):
        event = json.loads(bytes(payload))
        for one in event.get("invoices", [event]):
            told[one["number"]] = told.get(one["number"], 0) + 1
    stored = [row[0] for row in connection.execute("SELECT number FROM invoicing_invoice")]
    wrong = [
        f"{number}: told of {told.get(number, 0)} times" for number in stored if told.get(number, 0) != 1
    ]
    wrong += [f"{number}: told of, and not in the store" for number in told.keys() - set(stored)]
    wrong += [f"{waiting} events have not left after {OUTBOX_PATIENCE_S} s"] if waiting else []
    return Check(
        name="the outbox tells of every invoice once, and is empty", looked_at=len(stored), wrong=tuple(wrong)
    )
