"""The provider as browsers and programs meet it; each attack of the issue at its door."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client as Browser
from joserfc.jwk import KeySet

from goldentax.identity import api as identity
from goldentax.kernel import clock
from goldentax.signon import operations, queries
from goldentax.signon.models import Consent, Grant, LogoutNotice
from goldentax.signon.rules import jose, kinds
from goldentax.signon.tests.conftest import (
    AFTER,
    CALLBACK,
    ISSUER,
    VERIFIER,
    Page,
    Program,
    Seller,
    authorize_url,
    field_of,
    follow,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture
def browser(client: Browser) -> Browser:
    return client


@pytest.fixture
def signed_in(browser: Browser, sign_in: Callable[..., Any]) -> Browser:
    follow(browser, sign_in(browser))
    return browser


def ask(browser: Browser, program: Program, **changed: str) -> Page:
    return follow(browser, browser.get(authorize_url(program, **changed)))


def say_yes(browser: Browser, page: Page) -> Page:
    ticket = field_of(page.answer, "ticket")
    return follow(browser, browser.post("/oidc/consent", {"ticket": ticket, "answer": "yes"}))


def code_of(browser: Browser, program: Program, **changed: str) -> str:
    page = ask(browser, program, **changed)
    page = page if "code" in page.told else say_yes(browser, page)
    return page.told["code"]


def call_token(browser: Browser, program: Program, **form: str) -> Any:
    values = {"client_id": program.id, "client_secret": program.secret} | form
    return post(browser, "/oidc/token", {name: value for name, value in values.items() if value})


def post(browser: Browser, path: str, form: Any, **headers: str) -> Any:
    from urllib.parse import urlencode

    body = form if isinstance(form, str) else urlencode(form)
    return browser.post(path, body, content_type="application/x-www-form-urlencoded", headers=headers)


def exchange(browser: Browser, program: Program, code: str, **changed: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    } | changed
    return call_token(browser, program, **form)


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


# Discovery


def test_the_description_names_what_there_is(browser: Browser):
    answer = browser.get("/.well-known/openid-configuration")
    told = answer.json()
    assert told["issuer"] == ISSUER and answer.headers["Access-Control-Allow-Origin"] == "*"
    assert told["id_token_signing_alg_values_supported"] == ["ES256", "RS256", "SM2SM3"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
    assert "registration_endpoint" not in told
    for name, url in told.items():
        if name.endswith(("_endpoint", "_uri")):
            assert browser.get(urlsplit(url).path).status_code in (200, 400, 401, 405), name


def test_each_algorithm_has_its_key_set_so_that_common_libraries_can_read_theirs(browser: Browser):
    told = browser.get("/.well-known/openid-configuration").json()
    common = browser.get(urlsplit(told["jwks_uri"]).path).json()
    sm2 = browser.get(urlsplit(told["sm2_jwks_uri"]).path).json()
    assert {(key["kty"], key["alg"]) for key in common["keys"]} == {("EC", "ES256"), ("RSA", "RS256")}
    assert [(key["kty"], key["crv"], key["alg"]) for key in sm2["keys"]] == [("EC", "SM2", "SM2SM3")]
    assert all("d" not in key for key in [*common["keys"], *sm2["keys"]])
    assert len(KeySet.import_key_set(common).keys) == 2


def test_another_host_name_makes_no_issuer(browser: Browser):
    assert (
        browser.get("/.well-known/openid-configuration", headers={"Host": "evil.example"}).status_code == 400
    )


# The way of a person


def test_a_person_signs_in_consents_and_the_program_learns_who_they_are(
    browser: Browser, sign_in: Callable[..., Any], program: Program, seller: Seller
):
    page = ask(browser, program)
    assert page.answer.status_code == 200 and "/sign-in" in page.answer.request["PATH_INFO"]
    next_ = parse_qs(page.answer.request["QUERY_STRING"])["next"][0]
    page = follow(browser, sign_in(browser, next_=next_))
    shown = page.answer.content.decode()
    assert seller.person.name in shown and seller.tax_id in shown and "示例 ERP" in shown
    page = say_yes(browser, page)
    assert page.url.startswith(CALLBACK + "?")
    assert page.told["state"] == "a state & more" and page.told["iss"] == ISSUER
    issued = exchange(browser, program, page.told["code"])
    assert issued.status_code == 200 and issued.headers["Cache-Control"] == "no-store"
    told = issued.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == (
        "Bearer",
        600,
        "openid profile taxpayer",
    )
    info = browser.get("/oidc/userinfo", headers=bearer(told["access_token"])).json()
    assert (info["name"], info["tax_id"]) == (seller.person.name, seller.tax_id)
    session = identity.list_sessions(person_id=seller.person.public_id)[0]
    assert jose.take_apart(told["id_token"]).claims["sid"] == str(session.public_id)


def test_consent_is_asked_once_and_a_portal_asks_nobody(
    signed_in: Browser, program: Program, register: Callable[..., Program]
):
    assert code_of(signed_in, program)
    assert "code" in ask(signed_in, program).told
    assert "code" not in ask(signed_in, program, scope="openid profile invoices:read").told
    assert "code" not in ask(signed_in, program, prompt="consent").told
    portal = register(kind=kinds.PORTAL)
    assert "code" in ask(signed_in, portal).told


def test_a_person_may_say_no(signed_in: Browser, program: Program):
    page = ask(signed_in, program)
    ticket = field_of(page.answer, "ticket")
    page = follow(signed_in, signed_in.post("/oidc/consent", {"ticket": ticket, "answer": "no"}))
    assert page.told["error"] == "access_denied" and page.told["state"] and page.told["iss"] == ISSUER
    assert not Consent.objects.exists() and not Grant.objects.exists()


def test_a_request_by_form_is_asked_anew_by_address(signed_in: Browser, program: Program):
    query = authorize_url(program).partition("?")[2]
    answer = post(signed_in, "/oidc/authorize", query)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/oidc/authorize?")
    assert follow(signed_in, answer).answer.status_code == 200
    long = post(signed_in, "/oidc/authorize", query + "&utm=" + "x" * 9000)
    assert long.status_code == 400


def test_prompt_none_answers_without_a_page(browser: Browser, sign_in: Callable[..., Any], program: Program):
    assert ask(browser, program, prompt="none").told["error"] == "login_required"
    follow(browser, sign_in(browser))
    assert ask(browser, program, prompt="none").told["error"] == "consent_required"
    code_of(browser, program)
    assert "code" in ask(browser, program, prompt="none").told
    told = ask(browser, program, prompt="none", acr_values="urn:goldentax:acr:3").told
    assert told["error"] == "unmet_authentication_requirements"
    with clock.stepped(clock.now() + timedelta(minutes=5)):
        assert ask(browser, program, prompt="none", max_age="60").told["error"] == "login_required"


def test_prompt_login_asks_for_the_password_again(
    signed_in: Browser, sign_in: Callable[..., Any], program: Program, seller: Seller
):
    code_of(signed_in, program)
    with clock.stepped(clock.now() + timedelta(minutes=5)):
        page = ask(signed_in, program, prompt="login")
        assert "/oidc/again" in page.answer.content.decode()
        before = identity.list_sessions(person_id=seller.person.public_id)
        ticket = field_of(page.answer, "ticket")
        page = follow(signed_in, signed_in.post("/oidc/again", {"ticket": ticket}))
        assert page.answer.request["PATH_INFO"] == "/sign-in"
        next_ = parse_qs(page.answer.request["QUERY_STRING"])["next"][0]
        page = follow(signed_in, sign_in(signed_in, next_=next_))
        assert "code" in page.told
        assert identity.list_sessions(person_id=seller.person.public_id) != before
        assert Grant.objects.latest("id").signed_in_at == clock.now()


def test_a_level_that_is_not_reached_leads_to_the_step_up_and_then_back_to_the_client(
    signed_in: Browser, program: Program
):
    answer = signed_in.get(authorize_url(program, acr_values="urn:goldentax:acr:3"))
    place = urlsplit(answer.headers["Location"])
    query = parse_qs(place.query)
    assert place.path == "/step-up" and query["level"] == ["3"]
    page = follow(signed_in, signed_in.get(query["next"][0]))
    assert page.told["error"] == "unmet_authentication_requirements"


def test_select_account_leads_over_the_choice_of_identity(signed_in: Browser, program: Program):
    code_of(signed_in, program)
    answer = signed_in.get(authorize_url(program, prompt="select_account"))
    place = urlsplit(answer.headers["Location"])
    assert place.path == "/act-for"
    page = follow(signed_in, signed_in.get(parse_qs(place.query)["next"][0]))
    assert "code" in page.told


def test_an_id_token_hint_at_somebody_else_asks_for_a_sign_in(
    signed_in: Browser, program: Program, register: Callable[..., Program]
):
    issued = exchange(signed_in, program, code_of(signed_in, program)).json()
    assert "code" in ask(signed_in, program, prompt="none", id_token_hint=issued["id_token"]).told
    other = register(sector="other.example")
    code_of(signed_in, other)
    with clock.stepped(clock.now() + timedelta(minutes=5)):
        told = ask(signed_in, other, prompt="none", id_token_hint=issued["id_token"]).told
        assert told["error"] == "login_required"
        assert "code" in ask(signed_in, program, prompt="none", id_token_hint=issued["id_token"]).told
    assert "error" in ask(signed_in, program, prompt="none", id_token_hint="x.y.z").told


# Attacks on the request


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        CALLBACK + ".evil.example",
        CALLBACK + "/../../evil",
        CALLBACK + "?next=https://evil.example",
        "https://erp.example.cn@evil.example/callback",
        "//evil.example",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(signed_in: Browser, program: Program, uri: str):
    for more in ({}, {"prompt": "none"}, {"response_type": "token"}, {"code_challenge": ""}):
        answer = signed_in.get(authorize_url(program, redirect_uri=uri, **more))
        assert answer.status_code == 400 and "Location" not in answer.headers
        assert b"SGN-REQ-02" in answer.content


def test_an_unknown_or_stopped_client_sends_nobody_anywhere(signed_in: Browser, program: Program):
    code_of(signed_in, program)
    for client_id in ("gt-nobody", "", "\x00", "' OR 1=1 --"):
        assert signed_in.get(authorize_url(program, client_id=client_id)).status_code == 400
    operations.stop_client(client_id=program.id, actor="system:test", now=clock.now())
    answer = signed_in.get(authorize_url(program))
    assert answer.status_code == 400 and b"SGN-REQ-01" in answer.content


def test_a_doubled_parameter_is_refused(signed_in: Browser, program: Program):
    doubled = authorize_url(program) + "&redirect_uri=https%3A%2F%2Fevil.example"
    answer = signed_in.get(doubled)
    assert answer.status_code == 400 and b"SGN-REQ-03" in answer.content


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"scope": "openid phone:whole"}, "invalid_scope"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ],
)
def test_a_weaker_request_goes_back_with_an_error_and_the_state(
    signed_in: Browser, program: Program, changed: dict[str, str], error: str
):
    page = ask(signed_in, program, **changed)
    assert page.told["error"] == error and "code" not in page.told
    assert page.told["state"] == "a state & more" and page.told["iss"] == ISSUER


def test_the_answer_names_who_gave_it_so_that_issuers_are_not_mixed_up(signed_in: Browser, program: Program):
    told = signed_in.get("/.well-known/openid-configuration").json()
    assert told["authorization_response_iss_parameter_supported"] is True
    code_of(signed_in, program)
    assert ask(signed_in, program).told["iss"] == told["issuer"]
    assert ask(signed_in, program, response_type="x").told["iss"] == told["issuer"]


def test_consent_needs_a_form_of_ours(program: Program, sign_in: Callable[..., Any]):
    browser = Browser(enforce_csrf_checks=True)
    page = browser.get("/sign-in")
    token = field_of(page, "csrfmiddlewaretoken")
    account = json.loads((settings_home() / "demo-accounts.json").read_text())
    demo = next(one for one in account if one["user"] == "demo-seller")
    browser.post(
        "/sign-in", {"login": "demo-seller", "password": demo["password"], "csrfmiddlewaretoken": token}
    )
    page = ask(browser, program)
    ticket = field_of(page.answer, "ticket")
    forged = browser.post("/oidc/consent", {"ticket": ticket, "answer": "yes"})
    assert forged.status_code == 403 and b"NOD-WEB-06" in forged.content
    assert not Consent.objects.exists() and not Grant.objects.exists()
    own = {
        "ticket": ticket,
        "answer": "yes",
        "csrfmiddlewaretoken": field_of(page.answer, "csrfmiddlewaretoken"),
    }
    assert "code" in follow(browser, browser.post("/oidc/consent", own)).told


def settings_home() -> Any:
    from goldentax.kernel.settings import settings

    return settings().home


def test_a_consent_page_of_somebody_else_or_of_another_request_is_refused(
    signed_in: Browser, sign_in: Callable[..., Any], program: Program
):
    page = ask(signed_in, program)
    ticket = field_of(page.answer, "ticket")
    other = Browser()
    follow(other, sign_in(other, user="demo-buyer"))
    answer = other.post("/oidc/consent", {"ticket": ticket, "answer": "yes"})
    assert answer.status_code == 400 and b"SGN-REQ-14" in answer.content
    # A ticket that no consent page wrote answers no consent.
    bare = parse_qs(urlsplit(Browser().get(authorize_url(program)).headers["Location"]).query)["next"][0]
    for text in (parse_qs(urlsplit(bare).query)["ticket"][0], ticket[:-2] + "xx", "", "x"):
        answer = signed_in.post("/oidc/consent", {"ticket": text, "answer": "yes"})
        assert answer.status_code == 400, text
    assert not Grant.objects.exists()


def test_a_page_that_was_answered_answers_no_more(signed_in: Browser, program: Program):
    page = ask(signed_in, program)
    ticket = field_of(page.answer, "ticket")
    form = {"ticket": ticket, "answer": "yes"}
    assert "code" in follow(signed_in, signed_in.post("/oidc/consent", form)).told
    again = signed_in.post("/oidc/consent", form)
    assert again.status_code == 400 and b"SGN-REQ-14" in again.content
    assert signed_in.get("/oidc/authorize", {"ticket": ticket}).status_code == 400


def test_an_old_ticket_is_refused(signed_in: Browser, program: Program):
    ticket = field_of(ask(signed_in, program).answer, "ticket")
    with clock.stepped(clock.now() + timedelta(minutes=16)):
        assert signed_in.post("/oidc/consent", {"ticket": ticket, "answer": "yes"}).status_code == 400
        assert signed_in.get("/oidc/return", {"ticket": ticket}).status_code == 400


def test_the_pages_stand_in_no_frame_and_lead_only_where_they_say(signed_in: Browser, program: Program):
    answer = ask(signed_in, program).answer
    assert answer.headers["X-Frame-Options"] == "DENY"
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://erp.example.cn;" in policy
    code_of(signed_in, program)
    answer = signed_in.get(authorize_url(program))
    assert answer.status_code == 303 and answer.headers["Referrer-Policy"] == "no-referrer"


# Attacks on the token endpoint


def test_each_refusal_is_in_the_words_of_the_standard(
    signed_in: Browser, program: Program, register: Callable[..., Program]
):
    code = code_of(signed_in, program)
    other = register()

    def refused(answer: Any) -> tuple[int, str]:
        assert (
            answer.headers["Cache-Control"] == "no-store"
            and answer.headers["Content-Type"] == "application/json"
        )
        assert answer.json()["error_description"].isascii() and answer.json()["code"].startswith("SGN-")
        return answer.status_code, answer.json()["error"]

    assert refused(exchange(signed_in, other, code)) == (400, "invalid_grant")
    assert refused(exchange(signed_in, program, code, redirect_uri="https://evil.example")) == (
        400,
        "invalid_grant",
    )
    assert refused(exchange(signed_in, program, code, code_verifier="")) == (400, "invalid_request")
    assert refused(exchange(signed_in, program, code, client_secret="gts_wrong")) == (401, "invalid_client")
    assert refused(exchange(signed_in, program, code, client_secret="")) == (401, "invalid_client")
    assert refused(exchange(signed_in, program, code, grant_type="password")) == (
        400,
        "unsupported_grant_type",
    )
    assert refused(exchange(signed_in, program, "gtc_no")) == (400, "invalid_grant")
    assert refused(signed_in.post("/oidc/token", {"grant_type": "refresh_token"})) == (400, "invalid_request")
    doubled = f"grant_type=refresh_token&client_id={program.id}&client_id={other.id}"
    assert refused(post(signed_in, "/oidc/token", doubled)) == (400, "invalid_request")
    good = exchange(signed_in, program, code)
    assert good.status_code == 200
    assert refused(exchange(signed_in, program, code)) == (400, "invalid_grant")
    told = queries.introspect(text=good.json()["access_token"], asker=program.row, now=clock.now())
    assert told == {"active": False}


def test_a_secret_in_the_header_is_form_encoded_first_and_two_proofs_are_one_too_many(
    signed_in: Browser, register: Callable[..., Program]
):
    program = register(auth_method=kinds.SECRET_BASIC)
    pair = b64encode(f"{program.id}:{program.secret}".encode()).decode()
    form = {
        "grant_type": "authorization_code",
        "code": code_of(signed_in, program),
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    both = post(
        signed_in, "/oidc/token", form | {"client_secret": program.secret}, Authorization=f"Basic {pair}"
    )
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    wrong = post(signed_in, "/oidc/token", form, Authorization="Basic !!!")
    assert wrong.status_code == 401 and wrong.headers["WWW-Authenticate"].startswith("Basic")
    mixed = post(signed_in, "/oidc/token", form | {"client_id": "gt-other"}, Authorization=f"Basic {pair}")
    assert mixed.status_code == 401
    assert post(signed_in, "/oidc/token", form, Authorization=f"Basic {pair}").status_code == 200


def test_a_refresh_rotates_and_a_reuse_ends_it(signed_in: Browser, program: Program):
    first = exchange(signed_in, program, code_of(signed_in, program)).json()

    def again(text: str, **more: str) -> Any:
        return call_token(signed_in, program, grant_type="refresh_token", refresh_token=text, **more)

    second = again(first["refresh_token"])
    assert second.status_code == 200
    wider = again(second.json()["refresh_token"], scope="openid invoices:write")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")
    reused = again(first["refresh_token"])
    assert (reused.json()["error"], reused.json()["code"]) == ("invalid_grant", "SGN-TOK-06")
    assert again(second.json()["refresh_token"]).status_code == 400
    answer = signed_in.get("/oidc/userinfo", headers=bearer(second.json()["access_token"]))
    assert answer.status_code == 401 and 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_userinfo_takes_the_token_from_the_header_alone(signed_in: Browser, program: Program):
    issued = exchange(signed_in, program, code_of(signed_in, program)).json()
    text = issued["access_token"]
    assert signed_in.get("/oidc/userinfo", headers=bearer(text)).status_code == 200
    assert signed_in.post("/oidc/userinfo", headers=bearer(text)).status_code == 200
    for answer in (
        signed_in.get("/oidc/userinfo"),
        signed_in.get("/oidc/userinfo", {"access_token": text}),
        signed_in.get("/oidc/userinfo", headers=bearer(issued["id_token"])),
        signed_in.get("/oidc/userinfo", headers=bearer(issued["refresh_token"])),
        signed_in.get("/oidc/userinfo", headers=bearer("gto_" + "a" * 43)),
        signed_in.get("/oidc/userinfo", headers={"Authorization": f"Basic {text}"}),
    ):
        assert answer.status_code == 401, answer.content


def test_introspection_and_revocation_ask_who_asks(signed_in: Browser, program: Program):
    issued = exchange(signed_in, program, code_of(signed_in, program)).json()
    secret = {"client_id": program.id, "client_secret": program.secret}
    token = {"token": issued["access_token"]}
    assert post(signed_in, "/oidc/introspect", token).status_code == 401
    assert post(signed_in, "/oidc/introspect", token | secret | {"client_secret": "x"}).status_code == 401
    told = post(signed_in, "/oidc/introspect", token | secret).json()
    assert told["active"] and told["client_id"] == program.id and told["scope"] == "openid profile taxpayer"
    assert post(signed_in, "/oidc/revoke", token).status_code == 401
    assert post(signed_in, "/oidc/revoke", token | secret).status_code == 200
    assert post(signed_in, "/oidc/introspect", token | secret).json() == {"active": False}
    assert post(signed_in, "/oidc/revoke", {"token": "nonsense"} | secret).status_code == 200


def test_an_access_token_issues_on_the_api_until_it_is_revoked(
    signed_in: Browser, program: Program, seller: Seller
):
    issued = exchange(signed_in, program, code_of(signed_in, program, scope="openid invoices:read")).json()
    api = Browser()
    told = api.get("/api/v1/limit", headers=bearer(issued["access_token"]))
    assert told.status_code == 200, told.content
    refused = api.post("/api/v1/invoices", b"{}", "application/json", headers=bearer(issued["access_token"]))
    assert refused.status_code == 403
    assert api.get("/api/v1/limit", headers=bearer(issued["refresh_token"])).status_code == 401
    secret = {"client_id": program.id, "client_secret": program.secret}
    post(api, "/oidc/revoke", {"token": issued["access_token"]} | secret)
    answer = api.get("/api/v1/limit", headers=bearer(issued["access_token"]))
    assert answer.status_code == 401 and answer.json()["code"] == "SGN-TOK-09"


# Sign-out


def test_a_client_signs_its_person_out_and_they_land_where_it_registered(
    signed_in: Browser, program: Program, seller: Seller
):
    issued = exchange(signed_in, program, code_of(signed_in, program)).json()
    query = {"id_token_hint": issued["id_token"], "post_logout_redirect_uri": AFTER, "state": "x y"}
    with clock.stepped(clock.now() + timedelta(minutes=25)):
        answer = signed_in.get("/oidc/end-session", query)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{AFTER}?state=x+y")
        assert identity.list_sessions(person_id=seller.person.public_id) == []
        assert signed_in.get("/account").status_code == 302
    notice = LogoutNotice.objects.get()
    assert notice.session_id == jose.take_apart(issued["id_token"]).claims["sid"]
    assert signed_in.get("/oidc/userinfo", headers=bearer(issued["access_token"])).status_code == 401


def test_any_page_of_the_world_can_only_make_us_ask(signed_in: Browser, program: Program):
    for query in (
        {},
        {"client_id": program.id},
        {"client_id": program.id, "post_logout_redirect_uri": AFTER},
    ):
        answer = signed_in.get("/oidc/end-session", query)
        assert answer.status_code == 200 and b"/oidc/end-session/confirm" in answer.content
    assert post(signed_in, "/oidc/end-session", {}).status_code == 303
    assert signed_in.get("/account").status_code == 200
    strict = Browser(enforce_csrf_checks=True)
    strict.cookies = signed_in.cookies
    ticket = field_of(signed_in.get("/oidc/end-session"), "ticket")
    assert strict.post("/oidc/end-session/confirm", {"ticket": ticket}).status_code == 403
    assert signed_in.get("/account").status_code == 200
    done = signed_in.post("/oidc/end-session/confirm", {"ticket": ticket})
    assert done.status_code == 200 and signed_in.get("/account").status_code == 302


def test_a_hint_of_another_session_only_makes_us_ask(
    signed_in: Browser, sign_in: Callable[..., Any], program: Program
):
    issued = exchange(signed_in, program, code_of(signed_in, program)).json()
    other = Browser()
    follow(other, sign_in(other))
    answer = other.get("/oidc/end-session", {"id_token_hint": issued["id_token"]})
    assert answer.status_code == 200 and other.get("/account").status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"post_logout_redirect_uri": "https://evil.example"},
        {"post_logout_redirect_uri": AFTER + "/"},
        {"post_logout_redirect_uri": AFTER, "client_id": ""},
        {"id_token_hint": "x.y.z"},
        {"id_token_hint": "eyJhbGciOiJub25lIn0.e30."},
        {"client_id": "gt-other", "id_token_hint": "mine"},
    ],
)
def test_a_sign_out_that_leads_elsewhere_is_refused(
    signed_in: Browser, program: Program, changed: dict[str, str]
):
    query = {"client_id": program.id} | changed
    if query.get("id_token_hint") == "mine":
        query["id_token_hint"] = exchange(signed_in, program, code_of(signed_in, program)).json()["id_token"]
    answer = signed_in.get("/oidc/end-session", {name: value for name, value in query.items() if value})
    assert answer.status_code == 400 and "Location" not in answer.headers
    assert signed_in.get("/account").status_code == 200


def test_ending_a_session_anywhere_ends_the_tokens_everywhere(
    signed_in: Browser, program: Program, seller: Seller
):
    issued = exchange(signed_in, program, code_of(signed_in, program)).json()
    (session,) = identity.list_sessions(person_id=seller.person.public_id)
    identity.end_session(
        session_id=session.public_id, reason="elsewhere", actor="system:test", now=clock.now()
    )
    assert Browser().get("/oidc/userinfo", headers=bearer(issued["access_token"])).status_code == 401
    refreshed = call_token(
        Browser(), program, grant_type="refresh_token", refresh_token=issued["refresh_token"]
    )
    assert refreshed.json()["error"] == "invalid_grant"
    assert LogoutNotice.objects.get().client == program.row


# The pages


def test_a_person_sees_and_ends_what_they_allowed(signed_in: Browser, program: Program):
    assert "还没有授权任何应用" in signed_in.get("/account/apps").content.decode()
    issued = exchange(signed_in, program, code_of(signed_in, program)).json()
    page = signed_in.get("/account/apps")
    assert "示例 ERP" in page.content.decode() and "某市税务局" in page.content.decode()
    english = signed_in.get("/account/apps?lang=en").content.decode()
    assert "Example ERP" in english
    consent = Consent.objects.get()
    assert signed_in.post(f"/account/apps/{consent.public_id}/disconnect").status_code == 302
    assert signed_in.get("/oidc/userinfo", headers=bearer(issued["access_token"])).status_code == 401
    assert "code" not in ask(signed_in, program).told


def test_a_stranger_ends_nothing(signed_in: Browser, sign_in: Callable[..., Any], program: Program):
    code_of(signed_in, program)
    consent = Consent.objects.get()
    other = Browser()
    follow(other, sign_in(other, user="demo-buyer"))
    assert other.post(f"/account/apps/{consent.public_id}/disconnect").status_code == 404
    assert Consent.objects.get().withdrawn_at is None


FORM = {
    "name_zh": "示例平台",
    "name_en": "Platform",
    "kind": "outside",
    "owner_kind": "office",
    "owner_code": "14501000000",
    "owner_name": "某市税务局",
    "auth_method": "client_secret_basic",
    "redirect_uris": CALLBACK + "\n" + CALLBACK + "/two",
    "scopes": ["openid", "profile"],
    "id_token_alg": "ES256",
}


@pytest.fixture
def officer(monkeypatch: pytest.MonkeyPatch, rf: Any) -> Callable[..., Any]:
    """Call a page as an officer who has both functions and two factors; or with less."""
    from django.urls import resolve

    from goldentax.kernel import access
    from goldentax.signon.web import clients

    functions = {clients.READ, clients.MANAGE}

    def call(method: str, path: str, form: Any = None, **changed: Any) -> Any:
        monkeypatch.setattr(access, "_decide", lambda *, actor, function: function in functions)
        found = resolve(path.partition("?")[0])
        request = getattr(rf, method)(path, form)
        request.LANGUAGE_CODE = "zh-hans"
        request.session, request._messages = {}, Messages()
        values = {
            "person_id": "00000000-0000-7000-8000-000000000001",
            "roles": frozenset({access.PERSON, access.OFFICER}),
            "office_code": "14501000000",
            "assurance": 2,
        } | changed
        request.actor = access.Actor(**values)
        return found.func(request, *found.args, **found.kwargs)

    call.functions = functions  # type: ignore[attr-defined]
    return call


class Messages(list[Any]):
    """Where a page's messages go when nobody shows them."""

    def add(self, level: int, message: str, extra_tags: str = "") -> None:
        self.append(message)


def test_an_officer_registers_a_client_and_sees_its_secret_once(officer: Callable[..., Any]):
    assert officer("get", "/signon/clients/new").status_code == 200
    made = officer("post", "/signon/clients/new", FORM | {"request_id": "r1"}).content.decode()
    secret = made.split("gts_")[1][:43]
    (client,), _, count = queries.list_clients(queries.ClientFilter())
    assert count == 1 and client.redirect_uris == [CALLBACK, CALLBACK + "/two"]
    assert client.client_id in officer("get", "/signon/clients?q=platform").content.decode()
    shown = officer("get", f"/signon/clients/{client.client_id}").content.decode()
    assert secret not in shown and "示例平台" in shown and "client_secret_basic" in shown
    again = officer("post", "/signon/clients/new", FORM | {"request_id": "r1"})
    assert again.status_code == 409 and "SGN-CLI-14" in again.content.decode()


def test_a_wrong_form_says_what_is_wrong_and_loses_nothing(officer: Callable[..., Any]):
    answer = officer(
        "post",
        "/signon/clients/new",
        FORM | {"redirect_uris": "http://x.cn/cb", "name_en": "", "public_keys": "{"},
    )
    assert answer.status_code == 422 and "SGN-CLI-08" in answer.content.decode()
    answer = officer("post", "/signon/clients/new", FORM | {"redirect_uris": "http://x.cn/cb", "name_en": ""})
    text = answer.content.decode()
    assert "SGN-CLI-05" in text and "SGN-CLI-03" in text and "http://x.cn/cb" in text


def test_an_officer_changes_renews_stops_and_starts(officer: Callable[..., Any], program: Program):
    path = f"/signon/clients/{program.id}"
    assert officer("get", path + "/change").status_code == 200
    form = FORM | {"name_zh": "改名", "auth_method": "client_secret_post"}
    assert officer("post", path + "/change", form).status_code == 302
    assert "gts_" in officer("post", path + "/secret", {"request_id": "r2"}).content.decode()
    assert officer("post", path + "/old-secrets").status_code == 302
    assert officer("post", path + "/stop").status_code == 302
    assert queries.get_client(program.id).stopped_at is not None
    assert officer("post", path + "/start").status_code == 302
    row = queries.get_client(program.id)
    assert (row.stopped_at, row.name_zh) == (None, "改名")


def test_the_page_of_a_client_shows_what_became_of_its_notices(
    officer: Callable[..., Any], program: Program, tokens_for: Callable[..., Any]
):
    tokens_for(program)
    operations.end_sessions(["0199a0b0-0000-7000-8000-00000000000a"], clock.now())
    assert "待送达" in officer("get", f"/signon/clients/{program.id}").content.decode()
    operations.send_due(clock.now())
    shown = officer("get", f"/signon/clients/{program.id}").content.decode()
    assert "ConnectError" in shown


def test_managing_asks_for_its_function_and_a_second_factor(officer: Callable[..., Any], program: Program):
    from goldentax.kernel import access

    path = f"/signon/clients/{program.id}"
    with pytest.raises(access.StepUpNeeded):
        officer("post", path + "/stop", assurance=1)
    officer.functions.discard("signon.client.manage")  # type: ignore[attr-defined]
    with pytest.raises(access.NotYours):
        officer("post", path + "/stop")
    assert "登记应用" not in officer("get", "/signon/clients").content.decode()
    officer.functions.clear()  # type: ignore[attr-defined]
    with pytest.raises(access.NotYours):
        officer("get", path)
    with pytest.raises(access.NotYours):
        officer("get", path, roles=frozenset({access.PERSON, access.TAXPAYER}))
    assert queries.get_client(program.id).stopped_at is None
