"""What the pages of identity say and do."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from goldentax.authority import api as authority
from goldentax.identity.models import ApiToken, Membership, Person
from goldentax.identity.rules import throttle
from goldentax.identity.tests.conftest import PASSWORD, TAX_ID
from goldentax.kernel import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
MakePerson = Callable[..., Person]


def _sign_in(client: Client, login: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in", {"login": login, "password": password, **more})


@pytest.fixture
def clerk(make_person: MakePerson) -> Client:
    """A browser in which somebody who issues for one company has signed in."""
    make_person("clerk", duty="09")
    client = Client()
    assert _sign_in(client, "clerk").status_code == 302
    return client


def test_who_acts_for_one_company_is_at_once_in_its_name(clerk: Client) -> None:
    page = clerk.get("/").content.decode()
    assert "测试新能源有限公司" in page
    assert 'action="/sign-out"' in page


def test_a_wrong_password_and_an_unknown_login_get_the_same_page(make_person: MakePerson) -> None:
    make_person("known")

    def answer(login: str) -> tuple[int, str]:
        got = _sign_in(Client(), login, "wrong")
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+"', "", got.content.decode())
        return got.status_code, page.replace(login, "…")

    assert answer("known") == answer("ghost")
    assert answer("ghost")[0] == 401


def test_what_was_typed_is_kept_but_never_the_password(make_person: MakePerson) -> None:
    page = _sign_in(Client(), "typed.login", "typed-password").content.decode()
    assert 'value="typed.login"' in page
    assert "typed-password" not in page
    assert "IDN-SIGN-01" in page


def test_too_many_attempts_are_answered_429_with_the_time_to_wait(make_person: MakePerson) -> None:
    make_person("slow")
    for _ in range(throttle.LOGIN_FAILURES_MAX):
        _sign_in(Client(), "slow", "wrong")
    answer = _sign_in(Client(), "slow")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert "IDN-SIGN-02" in answer.content.decode()


@pytest.mark.parametrize(
    "wish",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:evil",
        "/\t/evil.example",
    ],
)
def test_sign_in_leads_nowhere_else(make_person: MakePerson, wish: str) -> None:
    make_person("walker")
    assert _sign_in(Client(), "walker", next=wish)["Location"] == "/"


def test_sign_in_leads_back_to_the_page(make_person: MakePerson) -> None:
    make_person("walker")
    asked = Client().get("/account?x=1")
    assert asked["Location"] == "/sign-in?next=%2Faccount%3Fx%3D1"
    assert _sign_in(Client(), "walker", next="/account?x=1")["Location"] == "/account?x=1"


def test_the_session_key_is_new_after_sign_in(make_person: MakePerson) -> None:
    make_person("rotating")
    client = Client()
    client.get("/sign-in")
    session = client.session
    session["planted"] = True
    session.save()
    planted = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    _sign_in(client, "rotating")
    assert client.cookies[django_settings.SESSION_COOKIE_NAME].value != planted
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = planted
    assert thief.get("/account").status_code == 302


def test_a_form_from_elsewhere_is_refused(make_person: MakePerson) -> None:
    make_person("target")
    strict = Client(enforce_csrf_checks=True)
    assert _sign_in(strict, "target").status_code == 403
    page = strict.get("/sign-in").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    assert _sign_in(strict, "target", csrfmiddlewaretoken=token[1]).status_code == 302


@pytest.mark.parametrize("address", ["/sign-out", "/preferences", "/account/tokens"])
def test_what_changes_something_is_never_a_get(clerk: Client, address: str) -> None:
    assert clerk.get(address).status_code == 405


def test_signing_out_ends_the_session(clerk: Client) -> None:
    assert clerk.post("/sign-out")["Location"] == "/"
    assert clerk.get("/account").status_code == 302


def test_an_idle_session_ends_and_says_so(clerk: Client, stopped_clock: Any) -> None:
    stopped_clock.step(timedelta(minutes=29))
    assert clerk.get("/account").status_code == 200
    stopped_clock.step(timedelta(minutes=29))
    assert clerk.get("/account").status_code == 200
    stopped_clock.step(timedelta(minutes=30))
    assert clerk.get("/account").status_code == 302
    page = clerk.get("/sign-in")
    assert page.status_code == 200
    assert "登录已过期" in page.content.decode()


def test_a_session_ends_after_a_working_day_however_busy(clerk: Client, stopped_clock: Any) -> None:
    for _ in range(23):
        stopped_clock.step(timedelta(minutes=20))
        assert clerk.get("/account").status_code == 200
    stopped_clock.step(timedelta(minutes=20))
    assert clerk.get("/account").status_code == 302


def test_a_membership_that_ends_takes_access_away_at_the_next_request(clerk: Client) -> None:
    assert "测试新能源有限公司" in clerk.get("/").content.decode()
    assert clerk.get("/invoices/").status_code == 200
    Membership.objects.filter(tax_id=TAX_ID).update(valid_to=clock.today())
    assert "测试新能源有限公司" not in clerk.get("/").content.decode()
    assert clerk.get("/invoices/").status_code == 403


def test_a_closed_account_is_out_at_the_next_request(clerk: Client) -> None:
    Person.objects.filter(login="clerk").update(is_active=False)
    assert clerk.get("/account").status_code == 302


def test_who_acts_for_several_chooses_the_first_time(make_person: MakePerson) -> None:
    from goldentax.identity import operations
    from goldentax.identity.tests.conftest import TAXPAYER_ID

    person = make_person("agent", duty="03")
    operations.grant_membership(
        person_id=person.public_id,
        tax_id="91450200MA5L8D9E0F",
        taxpayer_public_id=TAXPAYER_ID,
        taxpayer_name="测试机械有限公司",
        duty="02",
        valid_from=clock.today(),
        actor="system:test",
        now=clock.now(),
    )
    client = Client()
    assert _sign_in(client, "agent", next="/help")["Location"] == "/act-for?next=%2Fhelp"
    page = client.get("/act-for?next=%2Fhelp").content.decode()
    assert "测试机械有限公司" in page and "财务负责人" in page
    chosen = client.post("/act-for", {"identity": "91450200MA5L8D9E0F", "next": "/help"})
    assert chosen["Location"] == "/help"
    assert "测试机械有限公司" in client.get("/help").content.decode()
    # The next time they go on where they were.
    again = Client()
    assert _sign_in(again, "agent", next="/help")["Location"] == "/help"
    assert "测试机械有限公司" in again.get("/help").content.decode()


def test_nobody_acts_for_a_company_that_gave_no_duty(clerk: Client) -> None:
    answer = clerk.post("/act-for", {"identity": "91450200MA5L8D9E0F"})
    assert answer.status_code == 403
    assert "IDN-DUTY-03" in answer.content.decode()
    assert "测试新能源有限公司" in clerk.get("/").content.decode()


def test_an_officer_acts_as_officer_only_in_that_identity(make_person: MakePerson) -> None:
    person = make_person("officer", duty="09")
    authority.appoint(
        person_id=person.public_id,
        office_code="14500000000",
        post="invoice-manage",
        valid_from=clock.today(),
        actor="system:test",
        now=clock.now(),
    )
    client = Client()
    _sign_in(client, "officer")
    client.post("/act-for", {"identity": TAX_ID})
    assert "运行检查" not in client.get("/").content.decode()
    client.post("/act-for", {"identity": "office:14500000000"})
    page = client.get("/").content.decode()
    assert "运行检查" in page and "测试新能源有限公司" not in page


def test_a_token_is_shown_once_and_can_be_revoked(clerk: Client) -> None:
    page = clerk.get("/account").content.decode()
    request_id = re.search(r'name="request_id" value="([^"]+)"', page)
    assert request_id is not None
    asked = {
        "label": "ERP",
        "tax_id": TAX_ID,
        "days": "30",
        "scopes": ["invoices:read"],
        "request_id": request_id[1],
    }
    made = clerk.post("/account/tokens", asked).content.decode()
    text = re.search(r"gt_[\w-]{43}", made)
    assert text is not None
    again = clerk.post("/account/tokens", asked)
    assert again.status_code == 409
    assert text[0] not in again.content.decode() + clerk.get("/account").content.decode()
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {text[0]}"}).status_code == 200
    token = ApiToken.objects.get()
    assert clerk.post(f"/account/tokens/{token.public_id}/revoke").status_code == 302
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {text[0]}"}).status_code == 401


def test_a_token_without_purpose_keeps_what_was_chosen(clerk: Client) -> None:
    answer = clerk.post("/account/tokens", {"tax_id": TAX_ID, "days": "7", "scopes": ["invoices:read"]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#field-label"' in page and 'id="field-label"' in page
    assert '<option value="7" selected>' in page
    assert not ApiToken.objects.exists()


def test_changing_the_password_signs_out_everywhere_else(clerk: Client) -> None:
    elsewhere = Client()
    _sign_in(elsewhere, "clerk")
    new = "another-odd-passphrase-77"
    fields = {"current_password": PASSWORD, "new_password": new, "new_password_again": new}
    assert clerk.post("/account/password", fields).status_code == 302
    assert clerk.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert _sign_in(Client(), "clerk", new).status_code == 302


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"current_password": "wrong"}, "IDN-SIGN-01"),
        ({"new_password_again": "something-else-55"}, "IDN-PER-07"),
        ({"new_password": "password12", "new_password_again": "password12"}, "IDN-PER-03"),
    ],
)
def test_a_password_change_with_one_thing_wrong_is_refused(
    clerk: Client, change: dict[str, str], code: str
) -> None:
    new = "another-odd-passphrase-77"
    good = {"current_password": PASSWORD, "new_password": new, "new_password_again": new}
    answer = clerk.post("/account/password", good | change)
    assert answer.status_code == 422
    assert code in answer.content.decode()
    assert _sign_in(Client(), "clerk").status_code == 302


def test_the_language_is_remembered_with_the_person(clerk: Client) -> None:
    clerk.post("/preferences", {"language": "en", "next": "/account"})
    assert "My account" in clerk.get("/account").content.decode()
    fresh = Client()
    _sign_in(fresh, "clerk")
    assert "My account" in fresh.get("/account").content.decode()


def test_light_and_dark_are_remembered_and_forgotten() -> None:
    client = Client()
    assert "data-bs-theme" not in client.get("/sign-in").content.decode()
    client.post("/preferences", {"theme": "dark", "next": "/help"})
    assert '<html lang="zh-CN" data-bs-theme="dark">' in client.get("/sign-in").content.decode()
    client.post("/preferences", {"theme": "auto"})
    assert "data-bs-theme" not in client.get("/sign-in").content.decode()


def test_a_cookie_cannot_write_into_the_page() -> None:
    client = Client()
    client.cookies["goldentax_theme"] = '"><script>alert(1)</script>'
    assert "alert(1)" not in client.get("/sign-in").content.decode()


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("Zhou.Guodong", "zhou.guodong"),
        ("13800000009", "13800000009"),
        ("", ""),
        ('"><script>', ""),
        ("请致电 4008-000-000 重置您的密码", ""),
        ("x" * 65, ""),
        ("a\x00b.c", ""),
    ],
)
def test_an_address_may_propose_a_login_name_and_nothing_else(db: None, hint: str, shown: str) -> None:
    answer = Client().get("/sign-in", {"login": hint})
    assert answer.status_code == 200 and answer.context["login"] == shown
    page = answer.content.decode()
    assert "<script>" not in page and "请致电" not in page
    assert not shown or f'value="{shown}"' in page


def test_a_proposed_login_name_does_not_displace_what_was_typed(make_person: Callable[..., Person]) -> None:
    make_person("typed.one")
    answer = Client().post("/sign-in?login=other.one", {"login": "typed.one", "password": "wrong"})
    assert answer.context["login"] == "typed.one"


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/api/v1/me", "/static/nothing.css"])
def test_no_answer_may_stand_in_a_frame(db: None, path: str) -> None:
    answer = Client().get(path)
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_the_account_leads_to_certificates_and_connected_apps(clerk: Client) -> None:
    page = clerk.get("/account").content.decode()
    assert 'href="/certificates/"' in page and 'href="/account/apps"' in page
