"""
The load of a fault run: clients that repeat a request under its own id until somebody answers it, and a ledger.

Every answer that says “issued” is written down before the next request goes out: what the service has acknowledged, it
may never lose. Some requests are sent twice at once, over two connections. ``python -m bench.retrying PLAN LEDGER``
runs until SIGTERM; then nothing new is sent, and what is open is repeated until it is answered.
"""

import json
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import msgspec

from bench.load import Connection, Engine
from bench.plans import request_ids, split_parcel

TWINS = 0.02  # of the requests are sent over a second connection as well
TIMEOUT_S = 10.0
LAST_ANSWERS_S = 180.0  # how long what is open may be repeated at the end
FINAL = {200, 201}


class Head(msgspec.Struct):
    """Of an answer's tree head, what is kept."""

    tree_size: int = 0
    root: str = ""


class Receipt(msgspec.Struct):
    """Of an answer's receipt, what is kept."""

    document_hash: str = ""
    log: str = ""
    leaf_index: int = -1
    head: Head = msgspec.field(default_factory=Head)


class Answer(msgspec.Struct):
    """Of an answer, what is kept."""

    number: str
    receipt: Receipt
    repeated: bool = False


@dataclass(slots=True)
class Request:
    """One request until it is answered."""

    id: str
    parcel: int
    whole: bytes
    sent_s: float = 0.0
    is_twin: bool = False


class Clients:
    """What the connections send, and what they make of the answers."""

    def __init__(self, plan: dict[str, Any], ledger: TextIO) -> None:
        self.plan, self.ledger = plan, ledger
        host = f"{plan['host']}:{plan['port']}"
        self.kinds = [
            split_parcel(plan["path"], host=host, token=token, draft=draft)
            for token, draft in plan["parcels"]
        ]
        self.ids, self.throw = request_ids(plan["run"]), random.Random(plan["seed"])
        self.open: dict[int, Request] = {}  # by connection
        self.sent = 0
        self.errors: Counter[str] = Counter()
        self.refused: list[str] = []
        self.is_ending = False
        self.read = msgspec.json.Decoder(Answer).decode

    def source(self, one: Connection) -> bytes | None:
        """The request of this connection that is still open, or a new one, or the twin of another's."""
        request = self.open.get(one.index)
        if request is None:
            if self.is_ending:
                return None
            request = self.open[one.index] = self._twin() or self._new()
        request.sent_s = time.monotonic()
        return request.whole

    def _new(self) -> Request:
        id_, parcel = next(self.ids), self.sent % len(self.kinds)
        before, after = self.kinds[parcel]
        self.sent += 1
        return Request(id_.decode(), parcel, before + id_ + after)

    def _twin(self) -> Request | None:
        if not self.open or self.throw.random() >= TWINS:
            return None
        other = self.throw.choice(list(self.open.values()))
        return Request(other.id, other.parcel, other.whole, is_twin=True)

    def answered(self, one: Connection, status: int, body: bytes, latency_s: float) -> bool:
        """Write down what was acknowledged; keep open what must be repeated; note what was refused for good."""
        request = self.open[one.index]
        if status in FINAL:
            self._acknowledge(request, self.read(body), status)
            del self.open[one.index]
            return True
        self.errors[f"HTTP {status}"] += 1
        if 400 <= status < 500 and status not in (408, 429):
            self.refused.append(f"{request.id}: {status} {body[:300].decode('utf-8', 'replace')}")
            del self.open[one.index]
        return False

    def _acknowledge(self, request: Request, answer: Answer, status: int) -> None:
        receipt = answer.receipt
        line = {
            "id": request.id, "parcel": request.parcel, "number": answer.number, "status": status,
            "document_hash": receipt.document_hash, "log": receipt.log, "leaf": receipt.leaf_index,
            "tree_size": receipt.head.tree_size, "root": receipt.head.root, "twin": request.is_twin,
            "sent_s": round(request.sent_s, 4), "answered_s": round(time.monotonic(), 4),
        }  # fmt: skip
        self.ledger.write(json.dumps(line) + "\n")
        self.ledger.flush()

    def broken(self, one: Connection, why: str) -> None:
        """Count it; the request stays open."""
        self.errors[why] += 1


def main() -> None:
    """Send until told to stop, then see every open request answered."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    stop = False

    def ask(number: int, frame: object) -> None:
        nonlocal stop
        stop = True

    signal.signal(signal.SIGTERM, ask)
    with Path(sys.argv[2]).open("a", encoding="utf-8") as ledger:
        clients = Clients(plan, ledger)
        engine = Engine(
            address=(plan["host"], plan["port"]),
            connections=plan["connections"],
            source=clients.source,
            answered=clients.answered,
            broken=clients.broken,
            rate=plan["rate"],
            timeout_s=TIMEOUT_S,
        )
        while not stop:
            engine.run(seconds=0.1)
        clients.is_ending = True
        until = time.monotonic() + LAST_ANSWERS_S
        while clients.open and time.monotonic() < until:
            engine.run(seconds=0.1)
    told = {
        "sent": clients.sent,
        "unanswered": [one.id for one in clients.open.values()],
        "refused": clients.refused,
        "errors": dict(clients.errors),
    }
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
