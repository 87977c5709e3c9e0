"""Many invoices in one request, at the door of the desks: one answer each, in order, and none spoils another."""

import asyncio
import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from goldentax.authority import api as authority
from goldentax.invoicing import api as invoicing
from goldentax.invoicing import http
from goldentax.invoicing.desk import bulk as door
from goldentax.invoicing.desk import door as single
from goldentax.invoicing.http import bulk as http_bulk
from goldentax.invoicing.models import Invoice, LimitAccount, TreeHead
from goldentax.invoicing.rules import documents
from goldentax.invoicing.tests.bulk_samples import (
    Answer,
    Knock,
    at_the_door,
    draft,
    lines,
    send_all,
    token_of,
)
from goldentax.kernel.access import Actor
from goldentax.kernel.settings import settings
from goldentax.node.testing import make_world


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """
    One committed world for all of this file: the desks see only what stands, and making one takes seconds.

    These tests carry no mark of the database, so they come after all that roll back.
    """
    with django_db_blocker.unblock():
        if not authority.list_offices():
            make_world(settings().home)
        yield
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def tax_id(world: None, stopped_clock: Any, accounts: dict[str, dict[str, str]]) -> str:
    return accounts["demo-seller"]["tax_id"]


@pytest.fixture
def token(tax_id: str) -> str:
    return token_of(tax_id)


# Its mark is what has the test database made where this file runs alone.
@pytest.mark.django_db
def test_the_doors_are_those_of_the_views_behind() -> None:
    assert http_bulk.issue_many.door == door.DOOR  # type: ignore[attr-defined]
    assert http.issue.door == single.DOOR  # type: ignore[attr-defined]


def count(prefix: str) -> int:
    return Invoice.objects.filter(request_id__startswith=prefix).count()


def test_each_invoice_has_its_answer_in_order(token: str, tax_id: str) -> None:
    send_all(lines(draft("order-first")), token=token)
    before = LimitAccount.objects.get(tax_id=tax_id, period="202611").used_fen
    answer = send_all(lines(*(draft(f"order-{n:04d}") for n in range(120))), token=token)
    assert answer.status == 200 and answer.is_ended
    assert answer.headers["content-type"] == "application/jsonl; charset=utf-8"
    assert {"x-queue", "ratelimit", "ratelimit-policy", "cache-control"} <= set(answer.headers)
    told = answer.lines
    assert [one["line"] for one in told] == list(range(1, 121))
    assert {one["status"] for one in told} == {201}
    for n, one in enumerate(told):
        row = Invoice.objects.get(number=one["number"])
        assert row.request_id == f"order-{n:04d}"
        assert one["amount"] == "100.00" and one["gross"] == "113.00" and one["repeated"] is False
    after = LimitAccount.objects.get(tax_id=tax_id, period="202611").used_fen
    assert after - before == 120 * 100_00
    assert TreeHead.objects.filter(desk__gt=0).count() < 60  # they were committed together


def test_the_receipts_are_those_that_the_node_gives_later(
    token: str, tax_id: str, actor_for: Callable[..., Actor]
) -> None:
    told = send_all(lines(*(draft(f"receipt-{n:04d}") for n in range(7))), token=token).lines
    for one in told:
        receipt = invoicing.get_receipt(number=one["number"], actor=actor_for(tax_id))
        assert json.loads(json.dumps(one["receipt"])) == json.loads(http.receipts.encode(receipt))
        assert one["receipt"]["head"]["signature"]


def test_one_bad_invoice_spoils_no_other(token: str) -> None:
    body = lines(
        draft("good-0001"),
        b"{broken",
        draft("good-0002", kind="99"),
        b"",
        draft("good-0003", amount="0.001"),
        b'{"kind":"82","\xff":1}',
        draft("good-0004"),
        b"[]",
    )
    told = send_all(body, token=token).lines
    assert [(one["line"], one["status"]) for one in told] == [
        (1, 201), (2, 422), (3, 422), (5, 422), (6, 400), (7, 201), (8, 422),
    ]  # fmt: skip
    assert told[1]["code"] == "INV-REQ-03" and told[4]["code"] == "INV-REQ-04"
    assert all(one["way_out"] and one["errors"] for one in told if one["status"] >= 400)
    assert count("good-") == 2


def test_the_same_id_twice_gets_the_first_answer(token: str) -> None:
    told = send_all(
        lines(draft("twice-0001"), draft("twice-0001"), draft("twice-0001", amount="7.00")), token=token
    ).lines
    assert [one["status"] for one in told] == [201, 200, 409]
    assert told[0]["number"] == told[1]["number"] and told[1]["repeated"] is True
    assert count("twice-") == 1


def test_a_batch_sent_again_is_answered_again(token: str) -> None:
    body = lines(*(draft(f"again-{n:04d}") for n in range(300)), draft("again-0007"))
    first, second = send_all(body, token=token).lines, send_all(body, token=token).lines
    assert {one["status"] for one in second} == {200} and count("again-") == 300
    for before, now in zip(first[:300], second, strict=False):
        assert now == before | {"status": 200, "repeated": True}


def test_two_batches_of_the_same_at_once_issue_each_once(token: str) -> None:
    body = lines(*(draft(f"same-{n:04d}") for n in range(150)))

    async def both(knock: Knock) -> list[Answer]:
        return list(await asyncio.gather(knock(body, token=token), knock(body, token=token)))

    one, other = (answer.lines for answer in at_the_door(both))
    assert [line["number"] for line in one] == [line["number"] for line in other]
    assert count("same-") == 150


def test_more_than_the_window_arrive_and_singles_go_between(token: str) -> None:
    body = lines(*(draft(f"window-{n:05d}") for n in range(2_000)))

    async def mixed(knock: Knock) -> tuple[Answer, bool]:
        whole = asyncio.ensure_future(knock(body, token=token))
        await asyncio.sleep(0.05)
        alone = await knock(json.dumps(draft("window-alone")).encode(), token=token, path=single.PATH)
        was_first = not whole.done()
        assert alone.status == 201
        return await whole, was_first

    answer, was_first = at_the_door(mixed)
    assert [one["status"] for one in answer.lines] == [201] * 2_000
    assert was_first


def test_a_limit_lets_through_what_it_covers(token: str, tax_id: str) -> None:
    send_all(lines(draft("limit-first")), token=token)
    account = LimitAccount.objects.get(tax_id=tax_id, period="202611")
    accounts = LimitAccount.objects.filter(pk=account.pk)
    accounts.update(total_fen=account.used_fen + 350_00)
    told = send_all(lines(*(draft(f"limit-{n:04d}") for n in range(5))), token=token).lines
    accounts.update(total_fen=account.total_fen)
    assert [one["status"] for one in told] == [201, 201, 201, 422, 422]
    assert told[3]["code"].startswith("INV-LIM")
    assert "request" not in told[3]


def test_arrays_and_gzip_and_pieces_are_read(token: str) -> None:
    array = json.dumps([draft("array-0001"), draft("array-0002")], indent=1).encode()
    assert [one["status"] for one in send_all(array, token=token).lines] == [201, 201]
    packed = gzip.compress(lines(draft("gzip-0001"), draft("gzip-0002")))
    told = send_all(packed, token=token, piece=37, content_encoding="gzip").lines
    assert [one["status"] for one in told] == [201, 201]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"", {}, 422, "INV-BLK-01"),
        (b"{}\n" * 10_001, {}, 413, "INV-BLK-02"),
        (b"{}", {"content_encoding": "gzip"}, 400, "INV-BLK-03"),
        (gzip.compress(bytes(65 * 1024 * 1024)), {"content_encoding": "gzip"}, 413, "INV-BLK-04"),
        (b"[{}", {}, 422, "INV-BLK-05"),
        (b" " * (10 * 1024 * 1024 + 1), {"piece": 1024 * 1024}, 413, "INV-BLK-04"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_at_all_gets_one_problem(
    token: str, body: bytes, headers: dict[str, Any], status: int, code: str
) -> None:
    answer = send_all(body, token=token, **headers)
    assert (answer.status, answer.lines[0]["code"]) == (status, code)
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_the_rate_counts_invoices(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = lines(*(draft(f"rate-{n:04d}") for n in range(30)))

    async def twice(knock: Knock) -> list[Answer]:
        return [await knock(body, token=token), await knock(body, token=token)]

    monkeypatch.setattr("goldentax.invoicing.desk.hall.settings", lambda: _Slow())
    monkeypatch.setattr("goldentax.invoicing.desk.door.settings", lambda: _Slow())
    first, second = at_the_door(twice)
    assert first.status == 200 and len(first.lines) == 30
    assert second.status == 429 and int(second.headers["retry-after"]) >= 2


class _Slow:
    issue_rate_per_token, desks_per_worker, demo = 10, 1, True


def test_too_many_requests_at_once_are_told_to_come_again(token: str) -> None:
    body = lines(draft("crowd-0001"))

    async def crowd(knock: Knock) -> list[Answer]:
        return list(await asyncio.gather(*(knock(body, token=token) for _ in range(door.COMING_MAX + 3))))

    found = at_the_door(crowd)
    assert sorted({one.status for one in found}) == [200, 503]
    assert all("retry-after" in one.headers for one in found if one.status == 503)
    assert count("crowd-") == 1


def test_a_client_that_takes_no_answer_keeps_no_place(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "SEND_WITHIN_S", 0.05)
    body = lines(*(draft(f"slow-{n:05d}") for n in range(400)))

    async def slow(knock: Knock) -> int:
        made: list[Any] = []
        original = door._stream

        async def stuck(send: Any, *rest: Any) -> None:
            async def hold(message: Any) -> None:
                await send(message)
                if message.get("more_body"):
                    await asyncio.sleep(60)

            await original(hold, *rest)

        monkeypatch.setattr(door, "_stream", stuck)
        made.append(await knock(body, token=token))
        monkeypatch.setattr(door, "_stream", original)
        answer = await knock(body, token=token)
        return len([one for one in answer.lines if one["status"] in (200, 201)])

    assert at_the_door(slow) == 400


def test_a_token_that_may_only_read_is_refused(tax_id: str) -> None:
    answer = send_all(lines(draft()), token=token_of(tax_id, scopes=("invoices:read",)))
    assert (answer.status, answer.lines[0]["code"]) == (403, "KRN-ACC-02")
    answer = send_all(lines(draft()), token="gt_" + "a" * 43)
    assert answer.status == 401 and "www-authenticate" in answer.headers


def test_what_the_door_leaves_goes_on_and_is_answered_alike(token: str) -> None:
    assert send_all(lines(draft()), token=token, cookie="x=1").status == 599
    assert send_all(lines(draft()), token="", authorization="Basic eDp5").status == 599
    body = lines(draft("plain-0001"), b"{broken", draft("plain-0001"))
    answer = Client().post(
        door.PATH, data=body, content_type="application/jsonl", headers={"Authorization": f"Bearer {token}"}
    )
    told = [json.loads(one) for one in answer.content.splitlines()]
    assert [one["status"] for one in told] == [201, 422, 200]
    by_desk = send_all(body, token=token).lines
    assert told[2] == by_desk[2] and told[1] == by_desk[1]
    assert told[0]["number"] == by_desk[0]["number"]
    packed = Client().post(
        door.PATH,
        data=gzip.compress(body),
        content_type="application/jsonl",
        headers={"Authorization": f"Bearer {token}", "Content-Encoding": "gzip"},
    )
    assert [json.loads(one)["status"] for one in packed.content.splitlines()] == [200, 422, 200]
    other = Client().post(
        door.PATH,
        data=body,
        content_type="application/jsonl",
        headers={"Authorization": f"Bearer {token}", "Content-Encoding": "br"},
    )
    assert other.status_code == 415


def test_documents_are_stored_whole(token: str) -> None:
    (told,) = send_all(lines(draft("whole-0001", remark="备注")), token=token).lines
    row = Invoice.objects.get(number=told["number"])
    assert documents.decode(bytes(row.document)).remark == "备注"
