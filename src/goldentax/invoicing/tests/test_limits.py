"""Limits as entries: reserve, post, void, expire, give back; the account is always the sum of its entries."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldentax.identity import api as identity
from goldentax.identity.queries import tokens as proofs
from goldentax.invoicing import api as invoicing
from goldentax.invoicing import errors
from goldentax.invoicing.models import LimitAccount, LimitEntry, LimitReservation
from goldentax.invoicing.operations import limits, reserving
from goldentax.invoicing.operations.reserving import Offline
from goldentax.invoicing.queries.movements import list_limit_movements
from goldentax.invoicing.queries.reservations import Reservation, list_reservations
from goldentax.invoicing.rules.limits import MOVEMENTS, end_of_month, given_back
from goldentax.invoicing.tests.log_samples import draft
from goldentax.kernel import access
from goldentax.kernel.access import Actor
from goldentax.kernel.models import AuditEntry
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.values.identifiers import make_uscc
from goldentax.node.testing import NOW
from goldentax.registry import api as registry

SELLER = make_uscc(prefix="91450100", organisation8="MALGMT01")
LATER = NOW + timedelta(days=2)


def register(total_fen: int = 1_000_00) -> None:
    registry.register_taxpayer(
        registration=registry.Registration(
            tax_id=SELLER, name="测试额度有限公司", kind="general", office_code="14500000000",
            registered_date=date(2020, 1, 1),
        ),
        actor="system:test", request_id=f"register-{SELLER}", now=NOW,
    )  # fmt: skip
    grant(total_fen)


def grant(total_fen: int, now: datetime = NOW) -> None:
    invoicing.grant_limit(
        tax_id=SELLER, total_fen=total_fen, valid_from=now.date(), valid_to=None, basis="test", actor="system:test",
        now=now, request_id=f"grant-{total_fen}-{now:%d%H%M%S%f}",
    )  # fmt: skip


@pytest.fixture
def seller(db: None, actor_for: Callable[..., Actor]) -> Actor:
    register()
    return actor_for(SELLER)


def reserve(seller: Actor, fen: int, request_id: str = "reserve-0001", **changes: Any) -> Reservation:
    told: dict[str, Any] = {"until": LATER, "purpose": "展会离线开票", "now": NOW} | changes
    return reserving.reserve(actor=seller, amount_fen=fen, request_id=request_id, **told)


def post(seller: Actor, one: Reservation, fen: int, request_id: str, now: datetime = NOW) -> Reservation:
    return reserving.post_reservation(
        actor=seller, reservation_id=one.id, offline=Offline(amount_fen=fen, count=2, reference="U盘 7"),
        request_id=request_id, now=now,
    )  # fmt: skip


def account(period: str = "202611") -> LimitAccount:
    return LimitAccount.objects.get(tax_id=SELLER, period=period)


def the_sums_agree() -> None:
    """Every account is the sum of its entries and of its open reservations, and is not overdrawn."""
    for one in LimitAccount.objects.filter(tax_id=SELLER):
        entries = LimitEntry.objects.filter(account=one)
        total = entries.aggregate(sum=Sum("amount_fen"))["sum"] or 0
        assert total == one.total_fen - one.used_fen - one.reserved_fen >= 0
        left = LimitReservation.objects.filter(account=one).aggregate(sum=Sum("left_fen"))["sum"] or 0
        assert left == one.reserved_fen
        used = entries.filter(movement__in=["charge", "return"]).aggregate(sum=Sum("amount_fen"))["sum"] or 0
        assert -used == one.used_fen


def movements() -> list[tuple[str, int]]:
    entries = LimitEntry.objects.filter(account__tax_id=SELLER).order_by("id")
    return list(entries.values_list("movement", "amount_fen"))


def test_what_is_reserved_cannot_be_issued_and_what_is_voided_can(seller: Actor) -> None:
    one = reserve(seller, 950_00)
    with pytest.raises(errors.LimitSpent):
        invoicing.issue_invoice(draft=draft("request-0001"), actor=seller, now=NOW)
    ended = reserving.void_reservation(actor=seller, reservation_id=one.id, request_id="void-0001", now=NOW)
    assert (ended.state, ended.left_fen) == ("voided", 0)
    invoicing.issue_invoice(draft=draft("request-0001"), actor=seller, now=NOW)
    assert movements() == [("grant", 1_000_00), ("reserve", -950_00), ("void", 950_00), ("charge", -100_00)]
    the_sums_agree()


def test_an_offline_use_is_charged_as_it_is_posted(seller: Actor) -> None:
    one = reserve(seller, 500_00)
    part = post(seller, one, 200_00, "post-00001")
    assert (part.state, part.posted_fen, part.left_fen) == ("open", 200_00, 300_00)
    with pytest.raises(reserving.ReservationShort):
        post(seller, one, 300_01, "post-00002")
    assert post(seller, one, 300_00, "post-00003").state == "posted"
    with pytest.raises(reserving.ReservationEnded):
        post(seller, one, 1, "post-00004")
    assert (account().used_fen, account().reserved_fen) == (500_00, 0)
    the_sums_agree()


def test_invoices_of_this_node_end_a_reservation_and_are_charged_once(seller: Actor) -> None:
    numbers = [
        invoicing.issue_invoice(draft=draft(f"request-{n:04d}"), actor=seller, now=NOW).number for n in (1, 2)
    ]
    one = reserve(seller, 500_00)

    def claim(request_id: str, invoices: list[str]) -> Reservation:
        return reserving.post_reservation(
            actor=seller, reservation_id=one.id, invoices=invoices, request_id=request_id, now=NOW
        )

    assert claim("post-00001", numbers).left_fen == 300_00
    assert account().used_fen == 200_00
    for refused in ([numbers[0]], ["26452000000000999999"], ["x"]):
        with pytest.raises(reserving.InvoiceNotToPost):
            claim(f"post-{refused[0][-6:]}-more", refused)
    the_sums_agree()


def test_the_same_request_gets_its_first_answer_for_ever(seller: Actor) -> None:
    one = reserve(seller, 100_00)
    again = reserve(seller, 100_00, now=NOW + timedelta(days=90))
    assert again.repeated and not one.repeated and again.id == one.id
    first = post(seller, one, 60_00, "post-00001")
    post(seller, one, 40_00, "post-00002")
    repeat = post(seller, one, 60_00, "post-00001", now=NOW + timedelta(days=90))
    assert (repeat.repeated, repeat.left_fen, first.left_fen) == (True, 40_00, 40_00)
    with pytest.raises(reserving.LimitRequestReused):
        reserve(seller, 100_01)
    with pytest.raises(errors.BadRequestId):
        reserve(seller, 1, "short")
    assert AuditEntry.objects.filter(action__startswith="invoicing.reservation.", subject=one.id).count() == 3
    the_sums_agree()


def test_what_was_answered_is_never_changed(seller: Actor) -> None:
    reserve(seller, 100_00)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE invoicing_limit_request SET request_id = 'other'")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"fen": 0}, reserving.ReservationWrong),
        ({"fen": -1}, reserving.ReservationWrong),
        ({"until": NOW}, reserving.ReservationWrong),
        ({"purpose": " "}, reserving.ReservationWrong),
        ({"purpose": "x\x00"}, reserving.ReservationWrong),
        ({"purpose": "x" * 101}, reserving.ReservationWrong),
        ({"fen": 1_000_01}, errors.LimitSpent),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    seller: Actor, changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        reserve(seller, **({"fen": 100_00} | changes))
    assert not LimitReservation.objects.exists()
    reserve(seller, 100_00)  # the id was not used up
    the_sums_agree()


def test_a_reservation_ends_when_its_time_is_over(seller: Actor) -> None:
    one = reserve(seller, 300_00)
    post(seller, one, 100_00, "post-00001")
    assert reserving.expire_reservations(now=LATER - timedelta(seconds=1)) == 0
    with pytest.raises(reserving.ReservationEnded):
        post(seller, one, 1, "post-00002", now=LATER)  # before the job has come by
    assert reserving.expire_reservations(now=LATER) == 1
    assert reserving.expire_reservations(now=LATER) == 0
    assert movements()[-1] == ("expire", 200_00)
    assert (account().used_fen, account().reserved_fen) == (100_00, 0)
    the_sums_agree()


def test_a_reservation_never_outlives_its_month(seller: Actor) -> None:
    one = reserve(seller, 300_00, until=NOW + timedelta(days=400))
    assert one.until == end_of_month(NOW) == datetime.fromisoformat("2026-12-01T00:00:00+08:00")
    december = one.until + timedelta(hours=1)
    fresh = reserve(seller, 1_000_00, "reserve-0002", now=december, until=december + timedelta(days=60))
    assert fresh.until == datetime.fromisoformat("2027-01-01T00:00:00+08:00")
    assert reserving.expire_reservations(now=december) == 1
    assert (account("202611").reserved_fen, account("202612").reserved_fen) == (0, 1_000_00)
    the_sums_agree()


def test_another_taxpayers_reservation_looks_like_none(
    seller: Actor, actor_for: Callable[..., Actor]
) -> None:
    one = reserve(seller, 300_00)
    other = actor_for("91450100MATEXT02X0")
    with pytest.raises(reserving.ReservationNotFound):
        reserving.void_reservation(actor=other, reservation_id=one.id, request_id="void-0001", now=NOW)
    with pytest.raises(reserving.ReservationNotFound):
        reserving.void_reservation(actor=seller, reservation_id="no-id", request_id="void-0001", now=NOW)
    assert list_reservations(tax_id="91450100MATEXT02X0") == []


# --- red invoices


def test_a_red_invoice_gives_back_by_the_law_of_its_day(seller: Actor) -> None:
    invoicing.issue_invoice(draft=draft("request-0001", "400.00"), actor=seller, now=NOW)

    def red(original: date, fen: int, now: datetime = NOW) -> int:
        return limits.give_back(
            tax_id=SELLER, amount_fen=fen, original_date=original, invoice_number="26452000000000000009", desk=0,
            leaf=9, now=now,
        )  # fmt: skip

    assert red(NOW.date(), 150_00) == 150_00
    assert red(date(2026, 10, 31), 50_00) == 0, "an earlier month gives nothing back"
    assert account().used_fen == 250_00
    assert red(NOW.date(), 900_00) == 250_00, "never more than was used"
    assert movements()[-1] == ("return", 250_00)
    the_sums_agree()


def test_the_rule_of_red_invoices_says_where_it_stands() -> None:
    same = given_back(original_date=date(2026, 11, 1), on=date(2026, 11, 30))
    earlier = given_back(original_date=date(2025, 11, 30), on=date(2026, 11, 30))
    assert (same.is_given_back, earlier.is_given_back) == (True, False)
    assert "FACTS" in same.basis and "FACTS" in earlier.basis


# --- any sequence

STEP = st.tuples(
    st.sampled_from(("reserve", "post", "void", "issue", "wait", "expire", "grant", "red", "repeat")),
    st.integers(1, 60_000),
    st.integers(0, 3),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=14))
def test_any_sequence_keeps_the_sums_and_never_overdraws(
    seller: Actor, steps: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        _play(seller, steps)
        transaction.set_rollback(True)


def _play(seller: Actor, steps: list[tuple[str, int, int]]) -> None:
    now = NOW
    made: list[Reservation] = []
    asked: list[tuple[int, str, datetime]] = []
    for n, (step, fen, which) in enumerate(steps):
        one = made[which % len(made)] if made else None
        try:
            if step == "reserve":
                until = now + timedelta(days=which)
                made.append(reserve(seller, fen, f"reserve-{n:04d}", now=now, until=until))
                asked.append((fen, f"reserve-{n:04d}", until))
            elif step == "repeat" and one:
                again, request_id, until = asked[which % len(made)]
                assert reserve(seller, again, request_id, now=now, until=until).repeated
            elif step == "post" and one:
                post(seller, one, fen, f"post-{n:06d}", now=now)
            elif step == "void" and one:
                reserving.void_reservation(
                    actor=seller, reservation_id=one.id, request_id=f"void-{n:06d}", now=now
                )
            elif step == "issue":
                invoicing.issue_invoice(
                    draft=draft(f"request-{n:04d}", f"{fen / 100:.2f}"), actor=seller, now=now
                )
            elif step == "wait":
                now += timedelta(days=which * 5)
            elif step == "expire":
                reserving.expire_reservations(now=now)
            elif step == "grant":
                now += timedelta(seconds=1)
                grant(fen * 2, now)
            elif step == "red":
                limits.give_back(
                    tax_id=SELLER,
                    amount_fen=fen,
                    original_date=now.date(),
                    invoice_number="",
                    desk=0,
                    leaf=n,
                    now=now,
                )
        except Refusal:
            pass  # whatever is refused leaves the sums as they were
        the_sums_agree()


# --- the page and the API


def test_every_movement_has_a_name(seller: Actor) -> None:
    one = reserve(seller, 300_00)
    post(seller, one, 100_00, "post-00001")
    told = list_limit_movements(tax_id=SELLER, period="202611")
    assert [(found.name.zh, found.amount_fen, found.invoice_count) for found in told] == [
        ("开票扣减", -100_00, 2), ("预留转用", 100_00, 2), ("预留", -300_00, 0), ("核定", 1_000_00, 0),
    ]  # fmt: skip
    assert set(MOVEMENTS) == {"grant", "charge", "return", "reserve", "post", "void", "expire"}
    state = invoicing.get_limit(tax_id=SELLER, on=NOW.date())
    assert (state.reserved_fen, state.available_fen, state.used_percent) == (200_00, 700_00, 30)


@pytest.fixture
def client(seller: Actor, stopped_clock: Any, accounts: dict[str, dict[str, str]]) -> Client:
    person = identity.find_person(login="demo-seller")
    taxpayer = registry.get_taxpayer(tax_id=SELLER)
    assert person is not None
    identity.grant_membership(
        person_id=person.public_id, tax_id=SELLER, taxpayer_public_id=taxpayer.public_id, duty="09",
        valid_from=NOW.date(), actor="system:test", now=NOW, taxpayer_name=taxpayer.name,
    )  # fmt: skip
    text, _ = identity.issue_token(
        person_id=person.public_id, tax_id=SELLER, label="t", scopes=["invoices:write", "invoices:read"], days=3,
        actor="system:test", now=NOW,
    )  # fmt: skip
    proofs._proofs.clear()
    return Client(headers={"authorization": f"Bearer {text}"})


def send(client: Client, path: str, **body: Any) -> Any:
    return client.post(
        f"/api/v1/limits/reservations{path}", json.dumps(body), content_type="application/json"
    )


def test_the_api_reserves_posts_voids_and_tells(client: Client) -> None:
    asked = {
        "request_id": "reserve-0001",
        "amount": "300.00",
        "until": "2026-11-25T00:00:00+08:00",
        "purpose": "展会",
    }
    made = send(client, "", **asked)
    assert (made.status_code, send(client, "", **asked).status_code) == (201, 200)
    one = made.json()
    assert (one["left"], one["state"], one["period"]) == ("300.00", "open", "202611")
    use = {"amount": "120.00", "count": 3, "reference": "离线 1"}
    part = send(client, f"/{one['id']}/post", request_id="post-00001", offline=use).json()
    assert (part["posted"], part["left"]) == ("120.00", "180.00")
    assert client.get(f"/api/v1/limits/reservations/{one['id']}").json()["left"] == "180.00"
    assert client.get("/api/v1/limit").json()["reserved"] == "180.00"
    ended = send(client, f"/{one['id']}/void", request_id="void-00001").json()
    assert (ended["state"], ended["left"]) == ("voided", "0.00")
    assert client.get("/api/v1/limits/reservations").json()["items"] == []
    (listed,) = client.get("/api/v1/limits/reservations?ended=true").json()["items"]
    assert listed["state"] == "voided"
    refused = send(client, f"/{one['id']}/void", request_id="void-00002")
    assert (refused.status_code, refused.json()["code"]) == (409, reserving.ReservationEnded.code)
    assert client.get("/api/v1/limits/reservations/none").status_code == 404
    assert send(client, "", colour="red").status_code == 422
    assert send(client, "", **(asked | {"request_id": "reserve-0002", "amount": "NaN"})).status_code == 422


def test_reservations_are_closed_to_who_may_not(db: None) -> None:
    assert send(Client(), "").status_code == 401
    assert Client().get("/api/v1/limits/reservations").status_code == 401
    from goldentax.invoicing.http import limits as http_limits

    assert http_limits.reserve.door == access.Door(roles=(access.ISSUER,), scope="invoices:write")  # type: ignore[attr-defined]


def test_the_page_shows_what_is_reserved_and_names_every_movement(
    seller: Actor, accounts: dict[str, dict[str, str]], stopped_clock: Any, actor_for: Callable[..., Actor]
) -> None:
    tax_id = accounts["demo-seller"]["tax_id"]
    own = actor_for(tax_id)
    one = reserve(own, 300_00, until=LATER)
    post(own, one, 100_00, "post-00001")
    browser = Client()
    signed = {"login": "demo-seller", "password": accounts["demo-seller"]["password"]}
    browser.post("/sign-in", signed)
    browser.post("/act-for", {"identity": tax_id})
    page = browser.get("/limit/").content.decode()
    assert "已预留" in page and "200.00" in page and "展会离线开票" in page
    assert "预留转用" in page and "2 张" in page
