"""A client, a person who is signed in, and the code between them."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client as Browser

from goldentax.identity import api as identity
from goldentax.kernel import clock
from goldentax.signon import operations
from goldentax.signon.models import Client
from goldentax.signon.operations import Asker, ClientDraft
from goldentax.signon.rules import kinds, requests
from goldentax.signon.rules.encoding import base64url

CALLBACK = "https://erp.example.cn/callback"
AFTER = "https://erp.example.cn/bye"
NOTICES = "http://127.0.0.1:9/logout"
ISSUER = "http://testserver"
VERIFIER = "v" * 50
CHALLENGE = base64url(hashlib.sha256(VERIFIER.encode()).digest())
ACTOR = "system:test"


@dataclass
class Program:
    """A client as its own makers see it: the row, and the secret they were given."""

    row: Client
    secret: str

    @property
    def id(self) -> str:
        return self.row.client_id


def draft(**changed: Any) -> ClientDraft:
    values: dict[str, Any] = {
        "name_zh": "示例 ERP",
        "name_en": "Example ERP",
        "kind": kinds.OUTSIDE,
        "owner_kind": kinds.OFFICE,
        "owner_code": "14501000000",
        "owner_name": "某市税务局",
        "auth_method": kinds.SECRET_POST,
        "redirect_uris": (CALLBACK,),
        "post_logout_uris": (AFTER,),
        "back_channel_uri": NOTICES,
        "scopes": ("openid", "profile", "taxpayer", "offline_access", "invoices:read", "invoices:write"),
    } | changed
    return ClientDraft(**values)


@pytest.fixture
def register(db: None) -> Callable[..., Program]:
    """Register a client; what differs from the usual one is named."""

    def add(**changed: Any) -> Program:
        row, secret = operations.add_client(draft=draft(**changed), actor=ACTOR, now=clock.now())
        return Program(row, secret)

    return add


@pytest.fixture
def program(register: Callable[..., Program]) -> Program:
    return register()


@dataclass
class Seller:
    """The demo seller, and what a web session of theirs says."""

    person: Any
    tax_id: str

    def asker(self, **changed: Any) -> Asker:
        values: dict[str, Any] = {
            "person_id": str(self.person.public_id),
            "session_id": "0199a0b0-0000-7000-8000-00000000000a",
            "acting_for": self.tax_id,
            "signed_in_at": clock.now() - timedelta(minutes=1),
            "assurance": 1,
            "methods": ("password",),
            "label": f"web:{self.person.public_id}@{self.tax_id}",
        } | changed
        return Asker(**values)


@pytest.fixture
def seller(db: None, accounts: dict[str, dict[str, str]]) -> Seller:
    person = identity.find_person(login="demo-seller")
    return Seller(person, accounts["demo-seller"]["tax_id"])


def wish(program: Program, **changed: Any) -> requests.Wish:
    values: dict[str, Any] = {
        "client_id": program.id,
        "redirect_uri": CALLBACK,
        "scopes": ("openid", "profile", "taxpayer"),
        "state": "s",
        "nonce": "n",
        "challenge": CHALLENGE,
        "prompts": frozenset(),
        "max_age_s": None,
        "level": 0,
        "login_hint": "",
        "id_token_hint": "",
        "resource": "",
    } | changed
    return requests.Wish(**values)


@pytest.fixture
def code_for(seller: Seller) -> Callable[..., str]:
    """Give a client a code for the seller."""

    def give(program: Program, *, asker: dict[str, Any] | None = None, **changed: Any) -> str:
        return operations.grant_code(
            client=program.row,
            wish=wish(program, **changed),
            asker=seller.asker(**(asker or {})),
            ticket_id=secrets.token_urlsafe(12),
            issuer=ISSUER,
            now=clock.now(),
        )

    return give


@pytest.fixture
def tokens_for(code_for: Callable[..., str]) -> Callable[..., operations.Issued]:
    """Give a client its tokens for the seller."""

    def give(program: Program, **changed: Any) -> operations.Issued:
        return exchange(program, code_for(program, **changed))

    return give


def exchange(program: Program, code: str, **changed: Any) -> operations.Issued:
    values: dict[str, Any] = {"redirect_uri": CALLBACK, "verifier": VERIFIER, "now": clock.now()} | changed
    return operations.exchange_code(client=program.row, code=code, **values)


def refresh(
    program: Program, text: str, *, scope: str = "", now: datetime | None = None
) -> operations.Issued:
    return operations.refresh(client=program.row, text=text, scope=scope, now=now or clock.now())


@dataclass
class Page:
    """Where a browser ended: an answer of ours, or an address of the client's."""

    answer: Any = None
    url: str = ""
    told: dict[str, str] = field(default_factory=dict)


def follow(browser: Browser, answer: Any) -> Page:
    """Follow redirects and pages that go on by themselves, as a browser does, until somebody must act."""
    for _ in range(12):
        if answer.status_code in (302, 303):
            url = answer.headers["Location"]
            if urlsplit(url).netloc not in ("", "testserver"):
                found = parse_qs(urlsplit(url).query)
                return Page(answer, url, {name: values[0] for name, values in found.items()})
        elif b'http-equiv="refresh"' in answer.content:
            text = answer.content.decode().split('content="0;url=')[1].split('"')[0]
            url = text.replace("&amp;", "&")
        else:
            return Page(answer)
        answer = browser.get(url)
    raise AssertionError("the browser goes round in circles")


def field_of(answer: Any, name: str) -> str:
    """The value of a hidden field of a page."""
    text = answer.content.decode()
    return text.split(f'name="{name}" value="')[1].split('"')[0]


def authorize_url(program: Program, **changed: str) -> str:
    from urllib.parse import urlencode

    values = {
        "client_id": program.id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid profile taxpayer",
        "state": "a state & more",
        "nonce": "a nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changed
    return "/oidc/authorize?" + urlencode({name: value for name, value in values.items() if value})


@pytest.fixture
def sign_in(accounts: dict[str, dict[str, str]]) -> Callable[..., Any]:
    """Let a browser sign in as a demo person; the answer."""

    def do(browser: Browser, *, user: str = "demo-seller", next_: str = "") -> Any:
        account = accounts[user]
        answer = browser.post("/sign-in", {"login": user, "password": account["password"], "next": next_})
        if not answer.headers.get("Location", "").startswith("/act-for"):
            return answer
        return browser.post("/act-for", {"identity": account["tax_id"], "next": next_})

    return do
