"""
The twin of the hot path: the same invoices by ``issue_invoice``, one process, one transaction each, through the ORM.

It does equal work (rules, limit, number, document, log, outbox, audit) without any sharing between invoices.
``python -m bench.twin PLAN SECONDS`` works for the node of its environment and prints one JSON object.
"""

import json
import os
import sys
import time
from itertools import cycle
from pathlib import Path

import msgspec

from bench.plans import MARK, request_ids

WARM_UP = 20


def main() -> None:
    """Issue one after another for some seconds."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldentax.node.settings")
    django.setup()
    from goldentax.identity import api as identity
    from goldentax.invoicing import api as invoicing
    from goldentax.kernel import clock

    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    read = msgspec.json.Decoder(invoicing.InvoiceDraft).decode
    actors = {
        token: identity.find_actor_by_token(text=token, now=clock.now(), language="zh")
        for token in {token for token, _ in plan["parcels"]}
    }
    turn, ids = cycle(plan["parcels"]), request_ids(plan["run"])

    def issue() -> None:
        token, draft = next(turn)
        body = draft.replace(MARK, next(ids).decode())
        invoicing.issue_invoice(draft=read(body), actor=actors[token], now=clock.now())

    for _ in range(WARM_UP):
        issue()
    until, count, began, cpu = float(sys.argv[2]), 0, time.perf_counter(), time.process_time()
    while (took := time.perf_counter() - began) < until:
        issue()
        count += 1
    used = time.process_time() - cpu
    print(json.dumps({"rate": round(count / took, 1), "application_us": round(used / count * 1e6, 1)}))


if __name__ == "__main__":
    main()
