"""
Single sign-on from the outside: an independent OpenID Connect client library against a running province.

The library (idpyoidc) does what the makers of an outside system would let theirs do: read the description, ask with
PKCE, exchange the code, verify the identity token, read the claims, refresh, sign out, and take the sign-out notice. A
person's browser is an HTTP client that follows our pages.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urljoin, urlsplit

import httpx
import pytest
from idpyoidc.client.defaults import DEFAULT_OIDC_SERVICES
from idpyoidc.client.rp_handler import RPHandler
from idpyoidc.message.oidc.session import BackChannelLogoutRequest

from tests.worlds import World

pytestmark = pytest.mark.journey

CALLBACK = "https://erp.example.cn/callback"
AFTER = "https://erp.example.cn/bye"
NOTICE_S_MAX = 30


class Listener(HTTPServer):
    """The outside system's ear for sign-outs, on loopback."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        super().__init__(("127.0.0.1", 0), _Ear)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/logout"


class _Ear(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.heard.append(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@dataclass
class Person:
    """Somebody with a browser: follows redirects and pages that go on by themselves, and fills in our forms."""

    world: World
    user: str
    pages: list[str] = field(default_factory=list)  # where they had to do something
    consents: list[str] = field(default_factory=list)  # what they read before they agreed

    def __post_init__(self) -> None:
        self.http = httpx.Client(timeout=30)
        self.account = self.world.accounts()[self.user]

    def visit(self, url: str) -> str:
        """Go where an outside system sends one; the address of theirs that it ends at."""
        return self._act(self.http.get(url))

    def send(self, path: str, form: dict[str, str]) -> httpx.Response:
        return self.http.post(urljoin(self.world.url, path), data=form)

    def _act(self, answer: httpx.Response) -> str:
        for _ in range(20):
            answer, outside = self._follow(answer)
            if outside:
                return outside
            path = urlsplit(str(answer.url)).path
            self.pages.append(path)
            form = {"csrfmiddlewaretoken": hidden(answer.text, "csrfmiddlewaretoken")}
            if path == "/sign-in":
                form |= {
                    "next": hidden(answer.text, "next"),
                    "login": self.user,
                    "password": self.account["password"],
                }
                answer = self.send("/sign-in", form)
            elif path == "/act-for":
                form |= {"next": hidden(answer.text, "next"), "identity": self.account["tax_id"]}
                answer = self.send("/act-for", form)
            elif 'name="answer"' in answer.text:
                assert "外部 ERP" in answer.text
                self.consents.append(answer.text)
                form |= {"ticket": hidden(answer.text, "ticket"), "answer": "yes"}
                answer = self.send("/oidc/consent", form)
            else:
                raise AssertionError(f"{answer.status_code} at {answer.url}: {answer.text[:2000]}")
        raise AssertionError("the browser goes round in circles")

    def _follow(self, answer: httpx.Response) -> tuple[httpx.Response, str]:
        for _ in range(20):
            if answer.is_redirect:
                url = urljoin(str(answer.url), answer.headers["Location"])
            elif found := re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text):
                url = urljoin(str(answer.url), unescape(found.group(1)))
            else:
                return answer, ""
            if not url.startswith(self.world.url):
                return answer, url
            answer = self.http.get(url)
        raise AssertionError("the browser goes round in circles")


@pytest.fixture
def people(world: World) -> Iterator[Callable[[str], Person]]:
    """People with browsers that are closed in the end."""
    met: list[Person] = []

    def meet(user: str) -> Person:
        met.append(Person(world, user))
        return met[-1]

    yield meet
    for person in met:
        person.http.close()


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of the page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return unescape(found.group(1)) if found else ""


def register(world: World, listener: Listener, *more: str) -> dict[str, str]:
    """Register an outside system from the command line, as an operator would."""
    owner = world.accounts()["demo-seller"]
    done = world.cli(
        *("signon", "client", "add", "--node", "45"),
        *("--name-zh", "外部 ERP", "--name-en", "Outside ERP"),
        *("--owner-code", owner["tax_id"], "--owner-name", "示例公司"),
        *("--redirect-uri", CALLBACK, "--post-logout-uri", AFTER, "--back-channel-uri", listener.url),
        *("--scope", "openid profile taxpayer offline_access invoices:read"),
        *more,
    )
    made: dict[str, str] = json.loads(done.stdout)
    return made


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client library writes its keys into the folder it runs in, which must not be the product's."""
    monkeypatch.chdir(tmp_path)


def relying_party(world: World, made: dict[str, str], *, scope: str) -> tuple[RPHandler, str]:
    """The library, configured as its documentation says."""
    issuer = world.url
    sign_out = {"class": "idpyoidc.client.oidc.end_session.EndSession"}
    handler = RPHandler(
        base_url="https://erp.example.cn",
        services=DEFAULT_OIDC_SERVICES | {"end_session": sign_out},
        client_configs={
            issuer: {
                "issuer": issuer,
                "client_id": made["client_id"],
                "client_secret": made["client_secret"],
                "client_type": "oidc",
                "redirect_uris": [CALLBACK],
                "post_logout_redirect_uris": [AFTER],
                "response_types_supported": ["code"],
                "scopes_supported": scope.split(),
                "id_token_signed_response_alg": "ES256",
                "token_endpoint_auth_method": "client_secret_basic",
                "client_authn_methods": ["client_secret_basic", "bearer_header"],
                "add_ons": {
                    "pkce": {
                        "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                        "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
                    }
                },
            }
        },
    )
    return handler, issuer


@pytest.mark.timeout(240)
def test_an_outside_system_signs_in_refreshes_and_signs_out(
    world: World, listener: Listener, people: Callable[[str], Person]
) -> None:
    made = register(world, listener)
    scope = "openid profile taxpayer invoices:read"
    handler, issuer = relying_party(world, made, scope=scope)
    person = people("demo-seller")

    begun = handler.begin(issuer, req_args={"scope": scope.split()})
    url = begun if isinstance(begun, str) else begun["url"]
    asked = dict(parse_qsl(urlsplit(url).query))
    assert asked["code_challenge_method"] == "S256" and asked["nonce"] and asked["state"]
    back = person.visit(url)
    assert back.startswith(CALLBACK + "?")
    assert person.pages[0] == "/sign-in" and person.account["tax_id"] in person.consents[0]
    told = dict(parse_qsl(urlsplit(back).query))
    assert told["iss"] == issuer and told["state"] == asked["state"]

    found = handler.finalize(issuer, told)
    assert "error" not in found, found
    id_token, userinfo = found["id_token"], found["userinfo"]
    assert (id_token["iss"], id_token["aud"]) == (issuer, [made["client_id"]])
    assert id_token["nonce"] == asked["nonce"] and id_token["acr"] == "urn:goldentax:acr:1"
    assert userinfo["sub"] == id_token["sub"]
    assert userinfo["tax_id"] == person.account["tax_id"] and userinfo["name"]

    the_access_token_opens_what_its_scope_says(world, found["token"])
    fresh = the_refresh_token_is_rotated(handler, found["state"], found["token"])
    the_person_signs_out(handler, person, found["state"], issuer, fresh)
    the_outside_system_is_told(handler, issuer, listener, made, id_token)
    nothing_is_left(world, made, fresh)


def the_access_token_opens_what_its_scope_says(world: World, token: str) -> None:
    with world.client(token=token) as api:
        assert api.get("/api/v1/limit").status_code == 200
        assert api.post("/api/v1/invoices", json={}).status_code == 403


def the_refresh_token_is_rotated(handler: RPHandler, state: str, first: str) -> dict[str, Any]:
    client = handler.get_client_from_session_key(state)
    before = client.get_context().cstate.get_set(state, claim=["refresh_token"])["refresh_token"]
    answer = handler.refresh_access_token(state)
    assert answer["access_token"] != first and answer["refresh_token"] != before
    return answer.to_dict()


def the_person_signs_out(
    handler: RPHandler, person: Person, state: str, issuer: str, fresh: dict[str, Any]
) -> None:
    assert person.http.get(f"{issuer}/account").status_code == 200
    asked = handler.logout(state, post_logout_redirect_uri=AFTER)
    assert asked["url"].startswith(f"{issuer}/oidc/end-session?") and "id_token_hint=" in asked["url"]
    back = person.visit(asked["url"])
    assert back.startswith(AFTER)
    assert person.http.get(f"{issuer}/account").status_code == 302
    answer = httpx.get(
        f"{issuer}/oidc/userinfo", headers={"Authorization": f"Bearer {fresh['access_token']}"}
    )
    assert answer.status_code == 401 and answer.json()["error"] == "invalid_token"


def the_outside_system_is_told(
    handler: RPHandler, issuer: str, listener: Listener, made: dict[str, str], id_token: Any
) -> None:
    deadline = time.monotonic() + NOTICE_S_MAX
    while not listener.heard:
        assert time.monotonic() < deadline, "no sign-out notice came"
        time.sleep(0.1)
    client = handler.issuer2rp[issuer]
    request = BackChannelLogoutRequest(**{k: v[0] for k, v in parse_qs(listener.heard[0]).items()})
    keyjar = client.get_attribute("keyjar")
    assert request.verify(keyjar=keyjar, iss=issuer, aud=made["client_id"], allowed_sign_alg="ES256", skew=60)
    told = request["__verified_logout_token"]
    assert told["sid"] == id_token["sid"] and told["sub"] == id_token["sub"]


def nothing_is_left(world: World, made: dict[str, str], fresh: dict[str, Any]) -> None:
    answer = httpx.post(
        f"{world.url}/oidc/token",
        data={"grant_type": "refresh_token", "refresh_token": fresh["refresh_token"]},
        auth=(made["client_id"], made["client_secret"]),
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.timeout(240)
def test_a_stolen_refresh_token_ends_what_its_owner_holds_too(
    world: World, listener: Listener, people: Callable[[str], Person]
) -> None:
    made = register(world, listener)
    scope = "openid offline_access"
    handler, issuer = relying_party(world, made, scope=scope)
    begun = handler.begin(issuer, req_args={"scope": scope.split()})
    url = begun if isinstance(begun, str) else begun["url"]
    back = people("demo-seller").visit(url)
    found = handler.finalize(issuer, dict(parse_qsl(urlsplit(back).query)))
    client = handler.get_client_from_session_key(found["state"])
    stolen = client.get_context().cstate.get_set(found["state"], claim=["refresh_token"])["refresh_token"]
    own = handler.refresh_access_token(found["state"]).to_dict()

    def refresh(text: str) -> httpx.Response:
        return httpx.post(
            f"{issuer}/oidc/token",
            data={"grant_type": "refresh_token", "refresh_token": text},
            auth=(made["client_id"], made["client_secret"]),
        )

    thief = refresh(stolen)
    assert (thief.status_code, thief.json()["code"]) == (400, "SGN-TOK-06")
    assert refresh(own["refresh_token"]).json()["error"] == "invalid_grant"
    answer = httpx.get(f"{issuer}/oidc/userinfo", headers={"Authorization": f"Bearer {own['access_token']}"})
    assert answer.status_code == 401
