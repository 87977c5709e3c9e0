"""The requests of docs/examples work as they stand in the demo world, by HTTP and on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from goldentax.identity import api as identity
from goldentax.kernel import clock

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
ADDRESSES = {
    "invoice": "/api/v1/invoices",
    "verify": "/api/v1/verify",
    "customer": "/api/v1/customers",
    "good": "/api/v1/goods",
}
"""Where an example goes, by the first word of its name."""

FORMS = {"xml": b"<?xml", "pdf": b"%PDF", "ofd": b"PK"}


def _address(example: str) -> str:
    return ADDRESSES[example.partition("-")[0]]


def _examples(prefix: str = "") -> list[str]:
    return sorted(one.stem for one in EXAMPLES.glob(f"{prefix}*.json"))


@pytest.fixture
def send(db: None, stopped_clock: object, accounts: dict[str, dict[str, str]]) -> Callable[..., HttpResponse]:
    """Send an example as the demo seller."""
    person = identity.find_person(login="demo-seller")
    assert person is not None
    token, _ = identity.issue_token(
        person_id=person.public_id,
        tax_id=accounts["demo-seller"]["tax_id"],
        label="docs/examples",
        scopes=["invoices:read", "invoices:write"],
        days=1,
        actor="system:test",
        now=clock.now(),
    )

    def call(method: str, address: str, body: bytes = b"") -> HttpResponse:
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
        if method == "GET":
            return Client().get(address, **headers)
        return Client().post(address, data=body, content_type="application/json", **headers)

    return call


def test_there_are_examples_of_every_kind_of_request() -> None:
    assert {one.partition("-")[0] for one in _examples()} == set(ADDRESSES)


@pytest.mark.parametrize("example", _examples())
def test_an_example_works_as_it_stands(example: str, send: Any) -> None:
    answer = send("POST", _address(example), (EXAMPLES / f"{example}.json").read_bytes())
    assert 200 <= answer.status_code < 300, answer.content.decode()


@pytest.mark.parametrize("example", _examples("invoice"))
def test_an_example_invoice_is_issued_once_and_can_be_read_back_in_every_form(
    example: str, send: Any
) -> None:
    body = (EXAMPLES / f"{example}.json").read_bytes()
    first = send("POST", "/api/v1/invoices", body)
    assert first.status_code == 201, first.content.decode()
    issued = first.json()
    assert len(issued["number"]) == 20
    again = send("POST", "/api/v1/invoices", body)
    assert (again.status_code, again.json()["number"]) == (200, issued["number"])
    assert send("GET", f"/api/v1/invoices/{issued['number']}").json()["gross"] == issued["gross"]
    for form, beginning in FORMS.items():
        file = send("GET", f"/api/v1/invoices/{issued['number']}.{form}")
        assert file.status_code == 200, file.content.decode()
        assert file.content.startswith(beginning)


@pytest.mark.parametrize("example", _examples("invoice"))
def test_an_example_invoice_can_be_worked_out_first(example: str, send: Any) -> None:
    answer = send("POST", "/api/v1/invoices/preview", (EXAMPLES / f"{example}.json").read_bytes())
    assert answer.status_code == 200, answer.content.decode()
    assert answer.json()["number"] == ""


def test_what_the_example_issued_is_verified_by_anybody(send: Any) -> None:
    issued = send("POST", "/api/v1/invoices", (EXAMPLES / "invoice.json").read_bytes()).json()
    question = json.loads((EXAMPLES / "verify.json").read_bytes())
    question |= {"number": issued["number"], "issue_date": issued["issued_at"][:10]}
    assert question["gross"] == issued["gross"], (
        "docs/examples/verify.json asks for the total of invoice.json"
    )
    answer = Client().post("/api/v1/verify", data=json.dumps(question), content_type="application/json")
    assert answer.json()["result"] == "00", answer.content.decode()
    question["gross"] = "1.00"
    answer = Client().post("/api/v1/verify", data=json.dumps(question), content_type="application/json")
    assert answer.json()["result"] == "03", answer.content.decode()
