"""Every address says whom it serves, and holds to it: all of them are opened as everybody."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, path
from tools.house import doors
from tools.house.doors import Address

from goldentax.identity import api as identity
from goldentax.invoicing import api as invoicing
from goldentax.kernel import access, clock
from goldentax.kernel.access import ISSUER, OFFICER, PERSON, PUBLIC, TAXPAYER
from goldentax.node import urls
from goldentax.registry import api as registry

PASSWORD = "a-long-Password-for-tests-7"
PEOPLE = {
    "nobody": frozenset({PUBLIC}),
    "person": frozenset({PUBLIC, PERSON}),
    "taxpayer": frozenset({PUBLIC, PERSON, TAXPAYER}),
    "issuer": frozenset({PUBLIC, PERSON, TAXPAYER, ISSUER}),
    "officer": frozenset({PUBLIC, PERSON, OFFICER}),
}
"""What each kind of person may open on the web."""

PROGRAMS = {
    "nobody": frozenset({PUBLIC}),
    "taxpayer": frozenset({PUBLIC, TAXPAYER}),
    "issuer": frozenset({PUBLIC, TAXPAYER, ISSUER}),
}
"""What each kind of program may open with its token; persons and officers have none."""

_DUTIES = {"taxpayer": "02", "issuer": "09"}
_SCOPES = {"taxpayer": ["invoices:read"], "issuer": ["invoices:read", "invoices:write"]}


def _register(kind: str, *, seller: str) -> str:
    """Register one person of a kind; the text of their token, where they have one."""
    now, yesterday = clock.now(), clock.today() - timedelta(days=1)
    person = identity.register_person(
        login=f"walker-{kind}", name=f"访客{kind[:1]}", password=PASSWORD, actor="system:test", now=now
    )
    person_id = str(person.public_id)
    if kind == "officer":
        identity.appoint_officer(
            person_id=person_id,
            office_code="14501000000",
            title="税源管理",
            valid_from=yesterday,
            actor="system:test",
            now=now,
        )
    if kind not in _DUTIES:
        return ""
    taxpayer = registry.get_taxpayer(tax_id=seller)
    identity.grant_membership(
        person_id=person_id,
        tax_id=taxpayer.tax_id,
        taxpayer_public_id=taxpayer.public_id,
        taxpayer_name=taxpayer.name,
        duty=_DUTIES[kind],
        valid_from=yesterday,
        actor="system:test",
        now=now,
    )
    token, _ = identity.issue_token(
        person_id=person_id,
        tax_id=taxpayer.tax_id,
        label="walk",
        scopes=_SCOPES[kind],
        days=1,
        actor="system:test",
        now=now,
    )
    return token


@pytest.fixture
def send(
    db: None, stopped_clock: object, accounts: dict[str, dict[str, str]]
) -> Callable[[str, Address], HttpResponse]:
    """
    Open an address as one kind of person: with their token on the API, else with their session.

    Whatever the address did is rolled back, so that none spoils the next: neither signing out nor issuing.
    """
    tokens, cookies = {}, {}
    for kind in PEOPLE.keys() - {"nobody"}:
        tokens[kind] = _register(kind, seller=accounts["demo-seller"]["tax_id"])
        client = Client()
        answer = client.post("/sign-in", {"login": f"walker-{kind}", "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        cookies[kind] = client.cookies

    def as_kind(kind: str, address: Address) -> HttpResponse:
        client = Client(raise_request_exception=False)
        headers: dict[str, str] = {}
        if kind != "nobody" and address.is_api:
            headers["HTTP_AUTHORIZATION"] = f"Bearer {tokens[kind]}"
        elif kind != "nobody":
            client.cookies.update(cookies[kind])
        has_body = address.is_api and address.method != "GET"
        request = {"data": b"{}", "content_type": "application/json"} if has_body else {}
        with transaction.atomic():
            answer: HttpResponse = getattr(client, address.method.lower())(address.path, **request, **headers)
            transaction.set_rollback(True)
        return answer

    return as_kind


@pytest.fixture
def samples(db: None, accounts: dict[str, dict[str, str]]) -> dict[str, str]:
    """What stands in addresses: an invoice of the demo seller's, so that its pages are really drawn."""
    seller = access.Actor(taxpayer_id=accounts["demo-seller"]["tax_id"])
    page = invoicing.list_invoices(actor=seller, filter_=invoicing.read_filter({}), cursor="", page_size=1)
    return {"number": page.rows[0].number, "table": "tax_classification", "code": "1090509010000000000"}


def _pages(samples: dict[str, str] | None = None) -> list[Address]:
    return list(doors.pages(get_resolver().url_patterns, samples=samples))


def _operations(samples: dict[str, str] | None = None) -> list[Address]:
    return list(doors.operations(urls.api, samples=samples))


def test_every_page_declares_whom_it_serves() -> None:
    assert doors.undeclared(_pages()) == []


def test_every_operation_declares_whom_it_serves() -> None:
    assert urls.undeclared_operations() == []
    assert doors.undeclared(_operations()) == []


def test_the_walk_finds_addresses_of_every_module() -> None:
    sources = {
        one.source.split(".")[1] for one in [*_pages(), *_operations()] if one.source.startswith("goldentax.")
    }
    assert sources >= {"identity", "registry", "invoicing", "portal", "kernel", "node"}


def test_every_page_opens_to_those_it_names_and_to_nobody_else(send: Any, samples: dict[str, str]) -> None:
    wrong = doors.walk(_pages(samples), people=PEOPLE, send=send)
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_operation_opens_to_those_it_names_and_to_nobody_else(
    send: Any, samples: dict[str, str]
) -> None:
    wrong = doors.walk(_operations(samples), people=PROGRAMS, send=send)
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("drafts/<uuid:draft_id>/", "drafts/0199a0b0-0000-7000-8000-000000000001/"),
        ("^invoices/(?P<number>[0-9]{1,40})\\.(?P<form>xml|pdf)$", "invoices/77.xml"),
        ("<path:rest>", "sample/one"),
    ],
)
def test_the_variable_parts_of_an_address_are_filled(pattern: str, address: str) -> None:
    assert doors.filled(pattern, samples={"number": "77"}) == address


def test_an_address_that_nobody_declared_is_closed(client: Client) -> None:
    middleware = access.AccessMiddleware(lambda request: HttpResponse())
    with pytest.raises(access.NotYours):
        middleware.process_view(HttpRequest(), lambda request: HttpResponse(), (), {})


# What the walk must notice: planted views that say one thing and do another.


@access.open_to(ISSUER)
def _held(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the door lets me in")


def _forgetful(request: HttpRequest) -> HttpResponse:
    return HttpResponse("anybody sees this")


_forgetful.access = (OFFICER,)  # type: ignore[attr-defined]


@access.open_to(PUBLIC)
def _breaking(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=500)


def _undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("I forgot to say")


def _planted(pattern: URLPattern) -> list[Address]:
    return [one for one in doors.pages([pattern]) if one.method == "GET"]


def _call(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[str, Address], HttpResponse]:
    def send(kind: str, address: Address) -> HttpResponse:
        request = HttpRequest()
        request.actor = access.Actor(
            person_id="" if kind == "nobody" else str(uuid.UUID(int=1)), roles=PEOPLE[kind]
        )  # type: ignore[attr-defined]
        try:
            return view(request)
        except access.SignInNeeded:
            return HttpResponse("KRN-ACC-01", status=401)
        except access.NotYours:
            return HttpResponse("KRN-ACC-02", status=403)

    return send


@pytest.mark.parametrize(
    ("view", "says"),
    [
        (_held, []),
        (_forgetful, ["nobody", "person", "taxpayer", "issuer"]),
        (_breaking, list(PEOPLE)),
    ],
)
def test_a_view_that_does_other_than_it_says_is_named(view: Any, says: list[str]) -> None:
    wrong = doors.walk(_planted(path("planted/<uuid:id>", view)), people=PEOPLE, send=_call(view))
    assert len(wrong) == len(says)
    assert all(f"as {kind} " in one and view.__name__ in one for kind, one in zip(says, wrong, strict=True))


def test_a_view_that_declares_nothing_is_named() -> None:
    assert "_undeclared" in doors.undeclared(_planted(path("planted", _undeclared)))[0]
