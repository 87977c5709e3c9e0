"""The register over HTTP: what one sees of oneself and of others, and one's own lists."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from goldentax.kernel.reference import checkout_path
from goldentax.registry import api as registry
from goldentax.registry.tests.conftest import HEADING, TAX_CODE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
Accounts = dict[str, dict[str, str]]
MakeClient = Callable[..., Client]


@pytest.fixture
def seller(accounts: Accounts, api_client: MakeClient) -> Client:
    return api_client("demo-seller", tax_id=accounts["demo-seller"]["tax_id"])


@pytest.fixture
def stranger(accounts: Accounts, api_client: MakeClient) -> Client:
    return api_client("demo-small", tax_id=accounts["demo-small"]["tax_id"])


def send(client: Client, method: str, path: str, **body: object) -> Any:
    call = getattr(client, method)
    return call(f"/api/v1{path}", data=json.dumps(body), content_type="application/json")


def good(request_id: str, **changed: object) -> dict[str, object]:
    return {"request_id": request_id, "name": "测试糖", "tax_code": TAX_CODE, "rate": "0.13", **changed}


def test_nobody_sees_the_register_without_a_token() -> None:
    for path in ("/taxpayers/me", "/taxpayers?q=糖", "/taxpayers/91450103MAY0TE0139", "/customers", "/goods"):
        answer = Client().get(f"/api/v1{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "KRN-ACC-01"), path


def test_a_taxpayer_sees_itself_whole(seller: Client, accounts: Accounts) -> None:
    tax_id = accounts["demo-seller"]["tax_id"]
    me = seller.get("/api/v1/taxpayers/me").json()
    known = registry.get_taxpayer(tax_id=tax_id)
    assert (me["tax_id"], me["bank_account"], me["phone"]) == (tax_id, known.bank_account, known.phone)
    assert {one["tax"] for one in me["tax_kinds"]} >= {"vat", "cit"}
    assert seller.get(f"/api/v1/taxpayers/{tax_id}").json() == me


def test_a_taxpayer_sees_of_others_what_an_invoice_needs(seller: Client, accounts: Accounts) -> None:
    tax_id = accounts["demo-small"]["tax_id"]
    answer = seller.get(f"/api/v1/taxpayers/{tax_id}")
    assert set(answer.json()) == {"tax_id", "name", "status", "status_name"}
    known = registry.get_taxpayer(tax_id=tax_id)
    assert known.bank_account not in answer.content.decode()


def test_a_person_is_never_shown_whole_to_others(seller: Client, accounts: Accounts) -> None:
    card = accounts["demo-owner"]["tax_id"]
    shown = seller.get(f"/api/v1/taxpayers/{card}").json()
    assert shown["name"] == "韦**"
    assert shown["tax_id"] != card and "*" in shown["tax_id"]
    assert seller.get("/api/v1/taxpayers", {"q": "韦晓彤"}).json() == []


def test_search_finds_buyers_by_name_number_and_initials(seller: Client) -> None:
    wanted = registry.search_taxpayers(text="西江茶厂")[0]
    for text in ("西江茶厂", wanted.tax_id[:12], "wzxjcc"):
        found = seller.get("/api/v1/taxpayers", {"q": text}).json()
        assert wanted.tax_id in {one["tax_id"] for one in found}, text


def test_an_unknown_taxpayer_is_a_coded_404(seller: Client) -> None:
    answer = seller.get("/api/v1/taxpayers/91450103MAYUNKNOWN")
    assert (answer.status_code, answer.json()["code"]) == (404, "REG-TAX-10")
    assert answer.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"q": "长" * 101}])
def test_a_wrong_parameter_is_a_coded_refusal(seller: Client, query: dict[str, str]) -> None:
    answer = seller.get("/api/v1/taxpayers", query)
    assert (answer.status_code, answer.json()["code"]) == (422, "NOD-API-01")


def test_an_item_lives_its_life(seller: Client) -> None:
    added = send(seller, "post", "/goods", **good("http-good-1"))
    assert added.status_code == 201, added.content
    path = f"/goods/{added.json()['public_id']}"
    assert added.json()["short_name"] == "糖"
    assert send(seller, "post", "/goods", **good("http-good-1")).json() == added.json()
    changed = send(seller, "put", path, **good("http-good-2", unit="吨", unit_price="5680.00"))
    assert changed.json()["unit_price"] == "5680"
    assert seller.get(f"/api/v1{path}").json() == changed.json()
    found = seller.get("/api/v1/goods", {"q": "测试糖"}).json()["items"]
    assert found == [changed.json()]
    assert seller.delete(f"/api/v1{path}?request_id=http-good-3").status_code == 200
    assert seller.get(f"/api/v1{path}").status_code == 404


@pytest.mark.parametrize(
    ("changed", "code", "status"),
    [
        ({"tax_code": HEADING}, "REG-GDS-03", 422),
        ({"rate": "13%"}, "REG-GDS-04", 422),
        ({"unit_price": "-1"}, "REG-GDS-05", 422),
        ({"name": "坏\x00名"}, "REG-TAX-05", 422),
        ({"request_id": "x"}, "REG-REQ-01", 422),
        ({"unknown": 1}, "NOD-API-01", 422),
        ({"name": 5}, "NOD-API-01", 422),
    ],
)
def test_each_mistake_of_an_item_is_a_coded_refusal(
    seller: Client, changed: dict[str, object], code: str, status: int
) -> None:
    before = seller.get("/api/v1/goods", {"limit": 200}).json()
    answer = send(seller, "post", "/goods", **{**good("http-good-1"), **changed})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert seller.get("/api/v1/goods", {"limit": 200}).json() == before


def test_the_same_request_id_with_another_item_is_a_conflict(seller: Client) -> None:
    send(seller, "post", "/goods", **good("http-good-1"))
    answer = send(seller, "post", "/goods", **good("http-good-1", name="别的糖"))
    assert (answer.status_code, answer.json()["code"]) == (409, "REG-REQ-02")


def test_another_taxpayers_entries_do_not_exist(seller: Client, stranger: Client) -> None:
    added = send(seller, "post", "/goods", **good("http-good-1")).json()
    customer = send(seller, "post", "/customers", request_id="http-cust-1", name="只属于糖厂").json()
    for client_path, code in (
        (f"/goods/{added['public_id']}", "REG-GDS-01"),
        (f"/customers/{customer['public_id']}", "REG-CUS-01"),
    ):
        answers = [
            stranger.get(f"/api/v1{client_path}"),
            stranger.delete(f"/api/v1{client_path}?request_id=stranger-1"),
            send(
                stranger,
                "put",
                client_path,
                **(
                    good("stranger-2")
                    if "goods" in client_path
                    else {"request_id": "stranger-2", "name": "改名"}
                ),
            ),
        ]
        assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, code)] * 3
        assert seller.get(f"/api/v1{client_path}").status_code == 200
    assert "只属于糖厂" not in stranger.get("/api/v1/customers").content.decode()


def test_an_unknown_entry_and_a_malformed_id_are_refused(seller: Client) -> None:
    assert seller.get(f"/api/v1/goods/{uuid.uuid4()}").json()["code"] == "REG-GDS-01"
    assert seller.get("/api/v1/goods/no-uuid").status_code in (404, 422)


def test_pages_of_customers_follow_the_cursor(seller: Client) -> None:
    for number in range(7):
        send(seller, "post", "/customers", request_id=f"http-cust-{number}", name=f"分页客户{number}")
    seen, cursor = [], ""
    while True:
        page = seller.get("/api/v1/customers", {"q": "分页客户", "limit": 3, "cursor": cursor}).json()
        seen += [one["name"] for one in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == [f"分页客户{number}" for number in range(7)]
    assert seller.get("/api/v1/customers", {"cursor": "abc"}).json()["code"] == "REG-LST-01"


def test_a_token_that_may_only_read_writes_nothing(accounts: Accounts, api_client: MakeClient) -> None:
    reader = api_client("demo-seller", tax_id=accounts["demo-seller"]["tax_id"], scopes=("invoices:read",))
    assert reader.get("/api/v1/goods").status_code == 200
    answer = send(reader, "post", "/goods", **good("http-good-1"))
    assert (answer.status_code, answer.json()["code"]) == (403, "KRN-ACC-02")


def test_who_only_looks_after_finance_writes_nothing(accounts: Accounts, api_client: MakeClient) -> None:
    finance = api_client("demo-finance", tax_id=accounts["demo-finance"]["tax_id"])
    assert finance.get("/api/v1/taxpayers/me").status_code == 200
    assert send(finance, "post", "/goods", **good("http-good-1")).status_code == 403


@pytest.mark.parametrize("example", ["customer", "good"])
def test_the_documented_requests_work_as_they_stand(seller: Client, example: str) -> None:
    body = json.loads(checkout_path(f"docs/examples/{example}.json").read_text(encoding="utf-8"))
    answer = send(seller, "post", f"/{example}s", **body)
    assert answer.status_code == 201, answer.content
