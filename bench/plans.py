"""
What the load generator sends, formatted before the run: a plan is plain JSON, made by a measurement.

The mix of invoices: one to three lines, with and without a discount, prices with and without tax in turn, special
invoices to companies and ordinary ones to persons, a remark on every other one; every request has an id of its own.
"""

import json
import random
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count, cycle, islice
from typing import Any

MARK = "@" * 24  # as long as a request id, so that a length can be written before
VARIANTS = 4  # drafts of each seller
SEED = 4

_WARES = (
    ("白砂糖", "1030106020000000000", "一级 50kg/袋", "吨", "0.13", (5200, 6100)),
    ("赤砂糖", "1030106020000000000", "25kg/袋", "吨", "0.13", (5800, 6500)),
    ("小包装白砂糖", "1030106020000000000", "400g×20袋", "箱", "0.13", (70, 95)),
    ("糖仓储", "3040407020000000000", "", "平方米月", "0.06", (20, 40)),
    ("软件运维服务", "3040201030000000000", "", "月", "0.06", (3000, 4000)),
)
_PERSONS = ("莫先生", "罗女士", "卢女士", "谢先生")


def make_draft(*, throw: random.Random, buyers: list[dict[str, str]], includes_tax: bool) -> dict[str, Any]:
    """One draft with a placeholder for its request id."""
    is_special = throw.random() < 0.6
    buyer: dict[str, Any] = {"name": throw.choice(_PERSONS), "is_person": True}
    if is_special:
        found = throw.choice(buyers)
        buyer = {"name": found["name"], "tax_id": found["tax_id"]}
    lines: list[dict[str, Any]] = []
    for name, code, specification, unit, rate, (low, high) in throw.sample(_WARES, throw.choice((1, 2, 3))):
        price, quantity = throw.randint(low * 100, high * 100), throw.randint(1, 40)
        line = {"name": name, "tax_code": code, "specification": specification, "unit": unit, "rate": rate}
        lines.append(line | {"quantity": quantity, "unit_price": price / 100})
    draft = {"request_id": MARK, "kind": "81" if is_special else "82", "buyer": buyer, "lines": lines}
    if includes_tax:
        draft["prices_include_tax"] = True
    if throw.random() < 0.5:
        draft["remark"] = f"合同号 GT-{date.today().year}-{throw.randint(1, 999):03d}"
    return draft


def parcels(
    sellers: list[dict[str, str]], *, buyers: list[dict[str, str]], variants: int = VARIANTS
) -> list[list[str]]:
    """Token and draft of each kind of request: sellers and tax modes in turn, the rest by a fixed seed."""
    throw = random.Random(SEED)
    return [
        [
            seller["token"],
            json.dumps(
                make_draft(throw=throw, buyers=buyers, includes_tax=bool(variant % 2)), ensure_ascii=False
            ),
        ]
        for variant in range(variants)
        for seller in sellers
    ]


def head(path: str, *, host: str, length: int, token: str = "", kind: str = "application/json") -> bytes:
    """The head of a POST."""
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{bearer}Content-Type: {kind}\r\n"
        f"Accept: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def request_ids(run: str) -> Iterator[bytes]:
    """Ids that no other run has, 24 characters each."""
    return (b"%s%012d" % (run.encode()[:12].ljust(12, b"0"), number) for number in count())


def split_parcel(path: str, *, host: str, token: str, draft: str) -> tuple[bytes, bytes]:
    """What stands before and after the request id of a whole request."""
    body = draft.encode()
    before, after = body.split(MARK.encode())
    return head(path, host=host, length=len(body), token=token) + before, after


def source_of(plan: dict[str, Any]) -> Callable[[Any], bytes | None]:
    """The source of a plan: called with a connection, it gives the next request."""
    host = f"{plan['host']}:{plan['port']}"
    if plan["source"] == "bundles":
        return _bundles(plan, host)
    if plan["source"] == "bodies":
        bodies = [body.encode() for body in plan["bodies"]]
        wholes = cycle([head(plan["path"], host=host, length=len(one)) + one for one in bodies])
        return lambda one: next(wholes)
    kinds = [
        split_parcel(plan["path"], host=host, token=token, draft=draft) for token, draft in plan["parcels"]
    ]
    turn, ids = cycle(kinds), request_ids(plan["run"])

    def single(one: Any) -> bytes:
        before, after = next(turn)
        return before + next(ids) + after

    return single


def _bundles(plan: dict[str, Any], host: str) -> Callable[[Any], bytes | None]:
    """Bundles of JSON lines, each of one seller."""
    by_token: dict[str, list[tuple[bytes, bytes]]] = {}
    for token, draft in plan["parcels"]:
        before, after = draft.encode().split(MARK.encode())
        by_token.setdefault(token, []).append((before, after))
    turn, ids = cycle(by_token.items()), request_ids(plan["run"])

    def bundle(one: Any) -> bytes:
        token, drafts = next(turn)
        kinds = cycle(drafts)
        chosen = islice(kinds, plan["items"])
        lines = [before + next(ids) + after for before, after in chosen]
        body = b"\n".join(lines)
        kind = "application/jsonl"
        return head(plan["path"], host=host, length=len(body), token=token, kind=kind) + body

    return bundle


def judge_of(name: str) -> Callable[[int, bytes], int]:
    """How many items of an answer are good: issued, agreed, or plainly answered."""
    return {
        "issued": lambda status, body: int(status == 201),
        "agrees": lambda status, body: int(status == 200 and b'"result":"00"' in body),
        # An item that was issued names its number; one that was refused does not.
        "bundle": lambda status, body: (
            sum(1 for line in body.splitlines() if b'"number":"' in line) if status == 200 else 0
        ),
    }[name]
