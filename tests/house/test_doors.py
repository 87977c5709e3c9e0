"""Every address says whom it serves, and holds to it: all of them are opened as everybody."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, path
from tools.house import doors
from tools.house.doors import Address, Visitor

from goldentax.authority import api as authority
from goldentax.identity import api as identity
from goldentax.identity.models import UserSession
from goldentax.invoicing import api as invoicing
from goldentax.kernel import access, clock
from goldentax.kernel.access import ISSUER, OFFICER, PERSON, PUBLIC, TAXPAYER
from goldentax.kernel.refusals import Refusal
from goldentax.node import urls
from goldentax.oversight import store
from goldentax.registry import api as registry

PASSWORD = "a-long-Password-for-tests-7"
OFFICE = "14500000000"
_DUTIES = {"taxpayer": "02", "issuer": "09"}
_AUDITOR = "audit administrator"
_SCOPES = {
    "taxpayer": ["invoices:read", "people:read"],
    "issuer": ["invoices:read", "invoices:write", "people:write"],
    _AUDITOR: ["audit:read"],
}
_POSTS = {
    "invoice officer": "invoice-manage",
    "administrator of posts": "post-admin",
    "security administrator": "security-admin",
    "system administrator": "system-admin",
    "audit administrator": "audit-admin",
}
"""The officers' posts of the demo world."""
_ONLY_PASSWORD = "security administrator with a password alone"
KINDS = ("nobody", "person", *_DUTIES, *_POSTS, _ONLY_PASSWORD)


@dataclass(frozen=True, slots=True)
class Walker:
    """One kind of person on the walk, with what opens doors to them."""

    page: Visitor  # what their session brings
    program: Visitor  # what their token brings
    cookies: Any = None
    token: str = ""


NOBODY = Walker(
    page=Visitor(roles=frozenset({PUBLIC})), program=Visitor(roles=frozenset({PUBLIC}), scopes=frozenset())
)


def _walker(kind: str, *, seller: str) -> Walker:
    """Register one person of a kind and sign them in; officers prove themselves twice, but for one."""
    login = f"walker-{KINDS.index(kind)}"
    person = identity.register_person(
        login=login, name="访客", password=PASSWORD, actor="system:test", now=clock.now()
    )
    person_id = str(person.public_id)
    roles, functions, token = frozenset({PUBLIC, PERSON}), frozenset[str](), ""
    if kind in _DUTIES:
        roles |= {TAXPAYER} | ({ISSUER} if kind == "issuer" else set())
        token = _employ(kind, person_id=person_id, seller=seller)
    elif kind != "person":
        roles |= {OFFICER}
        functions = _appoint(_POSTS.get(kind, "security-admin"), person_id=person_id)
        token = _token(kind, person_id=person_id, office_code=OFFICE) if kind in _SCOPES else ""
    client = Client()
    answer = client.post("/sign-in", {"login": login, "password": PASSWORD})
    assert answer.status_code == 302 and answer.headers["Location"] == "/", answer.headers
    assurance = 1
    if kind in _POSTS:
        assurance = 2
        UserSession.objects.filter(person=person).update(assurance=assurance)
    scopes = frozenset(_SCOPES.get(kind, []))
    return Walker(
        page=Visitor(roles=roles, functions=functions, assurance=assurance),
        program=Visitor(
            roles=roles - {PERSON} if token else frozenset({PUBLIC}),
            scopes=scopes,
            functions=functions if token else frozenset(),
            assurance=1,
        ),
        cookies=client.cookies,
        token=token,
    )


def _employ(kind: str, *, person_id: str, seller: str) -> str:
    """Give a duty for the demo seller; the text of a token for it."""
    taxpayer = registry.get_taxpayer(tax_id=seller)
    identity.grant_membership(
        person_id=person_id,
        tax_id=taxpayer.tax_id,
        taxpayer_public_id=taxpayer.public_id,
        taxpayer_name=taxpayer.name,
        duty=_DUTIES[kind],
        valid_from=clock.today() - timedelta(days=1),
        actor="system:test",
        now=clock.now(),
    )
    return _token(kind, person_id=person_id, tax_id=taxpayer.tax_id)


def _token(kind: str, *, person_id: str, tax_id: str = "", office_code: str = "") -> str:
    text, _ = identity.issue_token(
        person_id=person_id,
        tax_id=tax_id,
        office_code=office_code,
        label="walk",
        scopes=_SCOPES[kind],
        days=1,
        actor="system:test",
        now=clock.now(),
    )
    return text


def _appoint(post: str, *, person_id: str) -> frozenset[str]:
    """Give a post; the functions it brings, by the catalogue."""
    authority.appoint(
        person_id=person_id,
        office_code=OFFICE,
        post=post,
        valid_from=clock.today() - timedelta(days=1),
        actor="system:test",
        now=clock.now(),
    )
    return authority.post_functions(post=post, on=clock.today())


@pytest.fixture
def walker(db: None, stopped_clock: object, accounts: dict[str, dict[str, str]], kind: str) -> Walker:
    """The one who walks in this test."""
    return NOBODY if kind == "nobody" else _walker(kind, seller=accounts["demo-seller"]["tax_id"])


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[Refusal]:
    """What doors refused since it was emptied: a business refuses too, and that is not the door's word."""
    refusals: list[Refusal] = []
    hold = access.Door.hold

    def noted(door: access.Door, actor: access.Actor) -> None:
        try:
            hold(door, actor)
        except Refusal as refusal:
            refusals.append(refusal)
            raise

    monkeypatch.setattr(access.Door, "hold", noted)
    # The walk undoes everything, so a verification of the trail cannot have its own steady view of the database.
    monkeypatch.setattr(store, "read_steadily", lambda: None)
    return refusals


@pytest.fixture
def send(walker: Walker, held: list[Refusal]) -> Callable[[str, Address], HttpResponse]:
    """
    Open an address as the walker: with their token on the API, else with their session.

    Whatever the address did is rolled back, so that none spoils the next: neither signing out nor issuing.
    """

    def as_kind(kind: str, address: Address) -> HttpResponse:
        client = Client(raise_request_exception=False)
        headers: dict[str, str] = {}
        if address.is_api and walker.token:
            headers["HTTP_AUTHORIZATION"] = f"Bearer {walker.token}"
        elif walker.cookies and not address.is_api:
            client.cookies.update(walker.cookies)
        has_body = address.is_api and address.method != "GET"
        request = {"data": b"{}", "content_type": "application/json"} if has_body else {}
        held.clear()
        undone = transaction.atomic()
        undone._from_testcase = True  # an operation that asks for a transaction of its own gets one
        with undone:
            answer: HttpResponse = getattr(client, address.method.lower())(address.path, **request, **headers)
            transaction.set_rollback(True)
        answer.held_by_door = bool(held)  # type: ignore[attr-defined]
        return answer

    return as_kind


@pytest.fixture
def samples(db: None, accounts: dict[str, dict[str, str]]) -> dict[str, str]:
    """What stands in addresses: an invoice of the demo seller's, so that its pages are really drawn."""
    seller = access.Actor(taxpayer_id=accounts["demo-seller"]["tax_id"])
    page = invoicing.list_invoices(actor=seller, filter_=invoicing.read_filter({}), cursor="", page_size=1)
    return {
        "number": page.rows[0].number,
        "table": "tax_classification",
        "code": "1090509010000000000",
        "subject_id": str(uuid.UUID(int=1)),
    }


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
    rooms = {"authority", "certificates", "identity", "oversight", "signon", "subjects"}
    assert sources >= rooms | {"registry", "invoicing", "portal", "kernel", "node"}


def test_every_function_that_a_door_names_is_in_the_catalogue() -> None:
    named = {one.door.function for one in [*_pages(), *_operations()] if one.door and one.door.function}
    assert named - authority.known_functions(on=clock.today()) == set()


def test_a_door_to_a_sensitive_function_asks_for_two_factors() -> None:
    sensitive = authority.sensitive_functions(on=clock.today())
    weak = {
        one.source
        for one in [*_pages(), *_operations()]
        if one.door and one.door.function in sensitive and one.door.assurance < access.TWO_FACTORS
    }
    # The inbox only shows what waits for somebody who may decide; deciding is a door of its own.
    assert weak <= {"goldentax.authority.web.approvals.inbox"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_opens_to_those_it_names_and_to_nobody_else(
    kind: str, walker: Walker, send: Any, samples: dict[str, str]
) -> None:
    wrong = doors.walk(_pages(samples), visitors={kind: walker.page}, send=send)
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("kind", ["nobody", *_SCOPES])
def test_every_operation_opens_to_those_it_names_and_to_nobody_else(
    kind: str, walker: Walker, send: Any, samples: dict[str, str]
) -> None:
    wrong = doors.walk(_operations(samples), visitors={kind: walker.program}, send=send)
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

PLANTED = {
    "nobody": Visitor(roles=frozenset({PUBLIC})),
    "issuer": Visitor(roles=frozenset({PUBLIC, PERSON, TAXPAYER, ISSUER}), assurance=1),
    "officer": Visitor(roles=frozenset({PUBLIC, PERSON, OFFICER}), assurance=1),
    "auditor": Visitor(
        roles=frozenset({PUBLIC, PERSON, OFFICER}), functions=frozenset({"test.trail.read"}), assurance=1
    ),
    "sure auditor": Visitor(
        roles=frozenset({PUBLIC, PERSON, OFFICER}), functions=frozenset({"test.trail.read"}), assurance=2
    ),
}


@access.open_to(OFFICER, function="test.trail.read", assurance=2)
def _held(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the door lets me in")


def _forgetful(request: HttpRequest) -> HttpResponse:
    return HttpResponse("anybody sees this")


_forgetful.door = access.Door(roles=(OFFICER,), function="test.trail.read", assurance=2)  # type: ignore[attr-defined]


@access.open_to(OFFICER)
def _stricter(request: HttpRequest) -> HttpResponse:
    access.Door(roles=(OFFICER,), function="test.trail.read").hold(access.actor_of(request))
    return HttpResponse("only auditors get here")


@access.open_to(PUBLIC)
def _breaking(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=500)


def _undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("I forgot to say")


def _planted(pattern: URLPattern) -> list[Address]:
    return [one for one in doors.pages([pattern]) if one.method == "GET"]


def _call(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[str, Address], HttpResponse]:
    def send(kind: str, address: Address) -> HttpResponse:
        request, visitor = HttpRequest(), PLANTED[kind]
        request.actor = access.Actor(  # type: ignore[attr-defined]
            person_id="" if kind == "nobody" else str(uuid.UUID(int=1)),
            person_name=kind,
            roles=visitor.roles,
            assurance=visitor.assurance,
        )
        try:
            return view(request)
        except access.SignInNeeded:
            return HttpResponse("KRN-ACC-01", status=401)
        except access.NotYours:
            return HttpResponse("KRN-ACC-02", status=403)
        except access.StepUpNeeded:
            return HttpResponse("KRN-ACC-03", status=403)

    return send


@pytest.mark.parametrize(
    ("view", "says"),
    [
        (_held, []),
        (_forgetful, ["nobody", "issuer", "officer", "auditor"]),
        (_stricter, ["officer"]),
        (_breaking, list(PLANTED)),
    ],
)
def test_a_view_that_does_other_than_it_says_is_named(
    view: Any, says: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decide(*, actor: access.Actor, function: str) -> bool:
        return function in PLANTED[actor.person_name].functions

    monkeypatch.setattr(access, "_decide", decide)
    wrong = doors.walk(_planted(path("planted/<uuid:id>", view)), visitors=PLANTED, send=_call(view))
    assert len(wrong) == len(says)
    assert all(f"as {kind} " in one and view.__name__ in one for kind, one in zip(says, wrong, strict=True))


def test_a_view_that_declares_nothing_is_named() -> None:
    assert "_undeclared" in doors.undeclared(_planted(path("planted", _undeclared)))[0]
