"""The door of the desks by real calls: first answers, repeats at once, refusals in both languages, load and limits."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from functools import cache
from typing import Any, cast

import pytest
from django.core.handlers.asgi import ASGIHandler

from goldentax.identity import api as identity
from goldentax.identity.queries import tokens as proofs
from goldentax.invoicing import api as invoicing
from goldentax.invoicing import errors, http
from goldentax.invoicing.desk import door as doors
from goldentax.invoicing.desk import hall as halls
from goldentax.invoicing.desk.door import IssuingDoor
from goldentax.invoicing.desk.wire import App
from goldentax.invoicing.models import FirstAnswer, Invoice
from goldentax.invoicing.rules import receipts
from goldentax.invoicing.tests.desk_samples import Told, call, changed, run
from goldentax.kernel import clock
from goldentax.kernel.crypto import sm
from goldentax.kernel.crypto.keys import node_signer
from goldentax.node.testing import NOW
from goldentax.registry import api as registry

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("desks"),
    pytest.mark.usefixtures("kept_world", "stopped_clock"),
]
CODE = "1090511030000000000"


@pytest.fixture(autouse=True)
def _django_db_marker() -> None:
    """The mark above asks for a database; what a test commits stays until the module is done."""


@pytest.fixture(autouse=True)
def _no_proofs() -> Iterator[None]:
    proofs._proofs.clear()
    yield
    proofs._proofs.clear()


@pytest.fixture
def make_token(tax_id: str) -> Callable[..., str]:
    person = identity.find_person(login="demo-seller")
    taxpayer = registry.get_taxpayer(tax_id=tax_id)
    assert person is not None
    identity.grant_membership(
        person_id=person.public_id, tax_id=tax_id, taxpayer_public_id=taxpayer.public_id, duty="09",
        valid_from=NOW.date(), actor="system:test", now=NOW, taxpayer_name=taxpayer.name,
    )  # fmt: skip

    def make(scope: str = "invoices:write") -> str:
        return identity.issue_token(
            person_id=person.public_id, tax_id=tax_id, label="test", scopes=[scope], days=30, actor="system:test",
            now=clock.now(),
        )[0]  # fmt: skip

    return make


@pytest.fixture
def token(make_token: Callable[..., str]) -> str:
    return make_token()


def body(request_id: str = "request-0001", amount: str = "100.00", **changes: Any) -> bytes:
    line = {"name": "显示器", "tax_code": CODE, "rate": "0.13", "amount": amount}
    told = {
        "request_id": request_id, "kind": "82", "buyer": {"name": "张三", "is_person": True}, "lines": [line]
    }  # fmt: skip
    return json.dumps(told | changes).encode()


@cache
def behind() -> App:
    """The framework behind the door; to make it takes a second."""
    return cast(App, ASGIHandler())


Work = Callable[[IssuingDoor], Awaitable[Any]]


def with_door(work: Work) -> Any:
    """Run work at a door whose hall is open, and close it."""

    async def main() -> Any:
        door = IssuingDoor(behind())
        door._opened()
        assert door.hall is not None
        try:
            return await work(door)
        finally:
            await door.hall.close()

    return run(main())


def one(*args: Any, **given: Any) -> Told:
    """One call at a door of its own."""
    told = with_door(lambda door: call(door, *args, **given))
    assert isinstance(told, Told)
    return told


def test_an_invoice_is_issued_and_its_receipt_holds(token: str, tax_id: str) -> None:
    told = one(body(), token=token)
    assert told.status == 201, told.json
    number = told.json["number"]
    assert told.headers["location"] == f"/api/v1/invoices/{number}"
    assert (
        told.headers["cache-control"] == "no-store"
        and "ratelimit" in told.headers
        and "x-queue" in told.headers
    )
    row = Invoice.objects.get(number=number)
    assert (row.seller_tax_id, row.channel, row.desk > 0) == (tax_id, "api", True)

    def verify(data: bytes, signature: bytes) -> bool:
        return sm.verify(public_key_hex=node_signer().public_key_hex, data=data, signature=signature)

    receipt = receipts.decode(json.dumps(told.json["receipt"]).encode())
    assert receipts.is_genuine(receipt, verify=verify)


def test_the_same_request_gets_its_first_answer_here_there_and_on_the_plain_path(
    token: str, tax_id: str
) -> None:
    first = one(body(), token=token)

    async def again(door: IssuingDoor) -> list[Told | None]:
        view = door.app
        return [await call(door, body(), token=token), await call(view, body(), token=token)]

    for told in with_door(again):  # another hall: what the first one knew is gone
        assert told.status == 200 and told.json["repeated"] is True
        assert told.json | {"repeated": False} == first.json
        assert told.headers["location"] == first.headers["location"]
    assert Invoice.objects.filter(seller_tax_id=tax_id, request_id="request-0001").count() == 1


def test_what_was_issued_plainly_is_answered_at_the_desk(token: str, tax_id: str) -> None:
    async def both(door: IssuingDoor) -> list[Told | None]:
        return [await call(door.app, body(), token=token), await call(door, body(), token=token)]

    plain, repeat = with_door(both)
    assert (plain.status, repeat.status) == (201, 200)
    assert plain.json | {"repeated": True} == repeat.json


def test_the_same_request_many_times_at_once_is_one_number(token: str) -> None:
    async def at_once(door: IssuingDoor) -> list[Told | None]:
        return list(await asyncio.gather(*(call(door, body(), token=token) for _ in range(12))))

    told = with_door(at_once)
    assert sorted(one.status for one in told) == [200] * 11 + [201]
    assert len({one.json["number"] for one in told}) == 1
    assert all(one.json["repeated"] is (one.status == 200) for one in told)


def test_two_workers_with_the_same_request_give_one_number(token: str) -> None:
    async def two(door: IssuingDoor) -> list[Told | None]:
        other = IssuingDoor(behind())
        try:
            return list(await asyncio.gather(*(call(one, body(), token=token) for one in (door, other) * 3)))
        finally:
            assert other.hall is not None
            await other.hall.close()

    told = with_door(two)
    assert sorted(one.status for one in told) == [200] * 5 + [201]
    assert len({one.json["number"] for one in told}) == 1


def test_another_content_under_the_same_id_is_refused_at_once_and_later(token: str) -> None:
    async def at_once(door: IssuingDoor) -> list[Told | None]:
        return list(await asyncio.gather(*(call(door, body(amount=f"{n}.00"), token=token) for n in (1, 2))))

    told = sorted(with_door(at_once), key=lambda one: one.status)
    assert [one.status for one in told] == [201, errors.RequestIdReused.status]
    assert told[1].json["code"] == errors.RequestIdReused.code
    assert told[0].json["number"] in json.dumps(told[1].json)
    later = one(body(amount="3.00"), token=token)
    assert later.json["code"] == errors.RequestIdReused.code


def test_a_repeat_is_answered_whatever_the_rules_say_by_then(
    token: str, tax_id: str, stopped_clock: Any
) -> None:
    first = one(body(), token=token)
    invoicing.grant_limit(
        tax_id=tax_id, total_fen=0, valid_from=NOW.date(), valid_to=NOW.date() + timedelta(days=1), basis="test",
        actor="system:test", now=NOW, request_id="no-more",
    )  # fmt: skip

    async def both(door: IssuingDoor) -> list[Told | None]:
        return [await call(door, body("request-0002"), token=token), await call(door, body(), token=token)]

    spent, repeat = with_door(both)
    assert (spent.json["code"], repeat.status) == (errors.LimitSpent.code, 200)
    stopped_clock.step(timedelta(days=2))  # nothing is granted any more: the rules refuse before any desk
    expired, repeat = with_door(both)
    assert (expired.json["code"], repeat.status) == (errors.LimitExpired.code, 200)
    assert repeat.json["number"] == first.json["number"]


BAD = {
    "no JSON": b"{",
    "no UTF-8": b'{"request_id":"\xff"}',
    "unknown field": body(colour="red"),
    "unknown code": body(lines=[{"name": "货", "tax_code": "9" * 19, "rate": "0.13", "amount": "1.00"}]),
    "NUL in a code": body(lines=[{"name": "货", "tax_code": "1\x00", "rate": "0.13", "amount": "1.00"}]),
    "NUL in a number": body(buyer={"name": "乙", "tax_id": "91\x00"}),
    "bad request id": body(request_id="x\x00"),
    "no lines": body(lines=[]),
    "another seller": body(seller_tax_id="91450000MA5TESTX01"),
    "spent": body(amount="99999999999.00"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_desk_refuses_in_the_words_of_the_view(token: str, language: str) -> None:
    async def both(door: IssuingDoor) -> list[tuple[str, Told | None, Told | None]]:
        return [
            (
                name,
                await call(door, given, token=token, language=language),
                await call(door.app, given, token=token, language=language),
            )
            for name, given in BAD.items()
        ]

    for name, desk, view in with_door(both):
        assert (desk.status, desk.json) == (view.status, view.json), name
        assert 400 <= desk.status < 500, name
        for header in (
            "content-type",
            "content-language",
            "x-content-type-options",
            "content-security-policy",
        ):
            assert desk.headers.get(header) == view.headers.get(header), (name, header)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_may_not_is_told_so_in_the_words_of_the_view(make_token: Any, language: str, tax_id: str) -> None:
    reader, revoked = make_token("invoices:read"), make_token()
    person = identity.find_person(login="demo-seller")
    assert person is not None
    (last,) = [
        found
        for found in identity.list_tokens(person_id=person.public_id)
        if found.prefix == revoked[: len(found.prefix)]
    ]
    identity.revoke_token(
        person_id=person.public_id, token_id=last.public_id, actor="system:test", now=clock.now()
    )

    async def both(door: IssuingDoor) -> list[tuple[Told | None, Told | None]]:
        given = [reader, revoked, "gt_" + "x" * 43, "gt_short", "other", ""]
        return [
            (
                await call(door, body(), token=one, language=language),
                await call(door.app, body(), token=one, language=language),
            )
            for one in given
        ]

    told = with_door(both)
    assert [desk.status for desk, _ in told] == [403, 401, 401, 401, 401, 401]
    for desk, view in told:
        assert (desk.status, desk.json) == (view.status, view.json)
        assert desk.headers.get("www-authenticate") == view.headers.get("www-authenticate")
    assert not FirstAnswer.objects.filter(seller_tax_id=tax_id, request_id="request-0001").exists()


def test_a_token_beyond_its_rate_is_told_when_to_come_again(token: str) -> None:
    async def too_often(door: IssuingDoor) -> list[Told | None]:
        assert door.hall is not None
        door.hall.rates.per_second = 3
        return [await call(door, body(f"request-{n:04d}"), token=token) for n in range(5)]

    told = with_door(too_often)
    assert [one.status for one in told[:3]] == [201] * 3
    refused = next(one for one in told if one.status == 429)
    assert refused.json["code"] == errors.TooManyRequests.code
    assert int(refused.headers["retry-after"]) >= 1 and "q=3" in refused.headers["ratelimit-policy"]


def test_a_full_hall_sends_away_before_it_reads(token: str) -> None:
    async def full(door: IssuingDoor) -> Told | None:
        assert door.hall is not None
        with changed(halls, WAITING_MAX=0):
            return await call(door, [b"{"], token=token, headers={"content-length": "9000000"})

    told = with_door(full)
    assert told.status == 503 and told.json["code"] == errors.DeskBusy.code
    assert int(told.headers["retry-after"]) >= 1


def test_a_body_in_pieces_is_one_body_and_half_a_body_is_none(token: str, tax_id: str) -> None:
    whole = body()
    pieces = [whole[n : n + 7] for n in range(0, len(whole), 7)]

    async def both(door: IssuingDoor) -> list[Told | None]:
        return [
            await call(door, pieces, token=token, disconnect_after=3),
            await call(door, [b""], token=token, disconnect_after=0),
            await call(door, pieces, token=token),
        ]

    gone, gone_at_once, told = with_door(both)
    assert gone is None and gone_at_once is None and told.status == 201
    assert Invoice.objects.filter(seller_tax_id=tax_id, request_id="request-0001").count() == 1


def test_who_goes_away_while_waiting_may_come_again(token: str, tax_id: str) -> None:
    async def impatient(door: IssuingDoor) -> list[Told | None]:
        tasks = [asyncio.create_task(call(door, body(f"request-{n:04d}"), token=token)) for n in range(8)]
        for n, task in enumerate(tasks):
            await asyncio.sleep(0.002 * n)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return [await call(door, body(f"request-{n:04d}"), token=token) for n in range(8)]

    told = with_door(impatient)
    assert {one.status for one in told} <= {200, 201}
    assert Invoice.objects.filter(seller_tax_id=tax_id, request_id__startswith="request-000").count() == 8


def test_one_bad_invoice_never_spoils_its_neighbours(token: str) -> None:
    async def mixed(door: IssuingDoor) -> list[Told | None]:
        given = [body(f"request-{n:04d}", "99999999999.00" if n % 3 == 0 else "1.00") for n in range(12)]
        given += [bad for name, bad in BAD.items() if name != "spent"]
        return list(await asyncio.gather(*(call(door, one, token=token) for one in given)))

    told = with_door(mixed)
    assert [one.status for one in told[:12]] == [422 if n % 3 == 0 else 201 for n in range(12)]
    assert all(400 <= one.status < 500 for one in told[12:])


def test_what_waits_when_the_worker_ends_is_told_to_come_again(token: str) -> None:
    async def ending(door: IssuingDoor) -> list[Told | None]:
        assert door.hall is not None
        await call(door, body("request-warm"), token=token)
        tasks = [asyncio.create_task(call(door, body(f"request-{n:04d}"), token=token)) for n in range(20)]
        await asyncio.sleep(0.01)
        await door.hall.close()
        return list(await asyncio.wait_for(asyncio.gather(*tasks), 20))

    told = with_door(ending)
    assert {one.status for one in told} <= {201, 503}
    assert all(one.json["code"] == errors.DeskUnavailable.code for one in told if one.status == 503)


def test_only_what_is_ordinary_is_served_here(token: str) -> None:
    passed = []

    async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope["path"])
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def odd(_: IssuingDoor) -> list[int]:
        door = IssuingDoor(elsewhere)
        given: list[dict[str, Any]] = [
            {"path": "/api/v1/invoices/preview", "token": token},
            {"token": ""},
            {"token": token, "headers": {"content-encoding": "gzip"}},
            {"token": token, "headers": {"transfer-encoding": "chunked"}},
            {"token": token, "headers": {"content-length": "99999999"}},
            {"token": token, "headers": {"content-length": "x"}},
            {"token": token, "headers": {"cookie": "a=b"}},
            {"token": token, "headers": {"expect": "100-continue"}},
        ]
        told = [await call(door, body(), **one) for one in given]
        assert door.hall is None, "nothing was opened for them"
        return [one.status for one in told if one]

    assert with_door(odd) == [299] * 8 and len(passed) == 8


def test_the_door_is_the_views() -> None:
    assert http.issue.door == doors.DOOR  # type: ignore[attr-defined]
