"""What the pages of factors say and do."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from goldentax.identity.models import Person
from goldentax.identity.models.factors import Authenticator, OutboxSms
from goldentax.identity.operations import factors
from goldentax.identity.rules.factors import totp
from goldentax.identity.tests.conftest import NOW, PASSWORD
from goldentax.identity.web.factors import demo
from goldentax.kernel import access, clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
MakePerson = Callable[..., Person]
MOBILE = "13907710088"
FACTORS = "/account/security/factors"


@pytest.fixture
def person(make_person: MakePerson) -> Person:
    return make_person("pages", duty="09")


@pytest.fixture
def client(person: Person) -> Client:
    """A browser in which the person signed in by password."""
    made = Client()
    assert made.post("/sign-in", {"login": "pages", "password": PASSWORD}).status_code == 302
    return made


def sent_code() -> str:
    return OutboxSms.objects.order_by("-id")[0].text.split("验证码 ")[1][:6]


def shown(answer: Any) -> str:
    return str(answer.content.decode())


def is_signed_in(client: Client) -> bool:
    return client.get(FACTORS).status_code == 200


def enrol_authenticator(client: Client) -> str:
    client.post(f"{FACTORS}/authenticator")
    secret = Authenticator.objects.get(confirmed_at=None, removed_at=None).secret
    code = totp.code_at(secret=secret, step=totp.step_of(clock.now()))
    assert client.post(f"{FACTORS}/authenticator", {"code": code}).status_code == 302
    return secret


def test_an_authenticator_is_set_up_on_the_page(client: Client) -> None:
    assert "开始设置" in shown(client.get(f"{FACTORS}/authenticator"))
    client.post(f"{FACTORS}/authenticator")
    page = client.get(f"{FACTORS}/authenticator")
    assert "<svg" in shown(page) and " style=" not in shown(page)
    assert (
        page.headers["Cache-Control"].startswith("max-age=0") or "no-store" in page.headers["Cache-Control"]
    )
    wrong = client.post(f"{FACTORS}/authenticator", {"code": "nonsense"})
    assert wrong.status_code == 422 and "IDN-FAC-01" in shown(wrong)
    enrol_authenticator(client)
    assert "验证器" in shown(client.get(FACTORS))


def test_recovery_codes_are_shown_once(client: Client) -> None:
    enrol_authenticator(client)
    refused = client.post(f"{FACTORS}/recovery", {"request_id": "x"})
    assert refused.status_code == 302 and "level=2" in refused["Location"], (
        "a second factor is asked for first"
    )


def test_a_mobile_number_is_registered_and_signs_in(client: Client, stopped_clock: Any) -> None:
    assert client.post(f"{FACTORS}/mobile", {"mobile": "123"}).status_code == 422
    asked = client.post(f"{FACTORS}/mobile", {"mobile": MOBILE}, follow=True)
    assert "139****0088" in shown(asked) and MOBILE not in shown(asked)
    assert client.post(f"{FACTORS}/mobile", {"code": "nonsense"}).status_code == 422
    assert client.post(f"{FACTORS}/mobile", {"code": sent_code()}).status_code == 302
    browser = Client()
    page = browser.post("/sign-in/sms/send", {"mobile": MOBILE, "next": "/invoices/"}, follow=True)
    assert "139****0088" in shown(page)
    assert browser.post("/sign-in/sms", {"code": "nonsense"}).status_code == 401
    answer = browser.post("/sign-in/sms", {"code": sent_code(), "next": "/invoices/"})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/second-factor")
    assert not is_signed_in(browser)
    assert browser.post("/sign-in/password-too", {"password": "wrong"}).status_code == 401
    answer = browser.post("/sign-in/password-too", {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/invoices/")
    assert is_signed_in(browser)


def test_the_same_number_again_is_no_second_factor(person: Person, stopped_clock: Any) -> None:
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=NOW)
    browser = Client()
    browser.post("/sign-in/sms/send", {"mobile": MOBILE})
    browser.post("/sign-in/sms", {"code": sent_code()})
    browser.post("/sign-in/sms/send")
    answer = browser.post("/sign-in/sms", {"code": sent_code()})
    assert answer.status_code == 409 and "IDN-FAC-15" in shown(answer)
    assert not is_signed_in(browser)


def test_who_has_a_number_and_no_password_is_not_asked_for_what_they_lack(person: Person) -> None:
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=NOW)
    person.set_unusable_password()
    person.save()
    browser = Client()
    browser.post("/sign-in/sms/send", {"mobile": MOBILE})
    answer = browser.post("/sign-in/sms", {"code": sent_code()})
    assert (answer.status_code, answer["Location"]) == (302, "/"), (
        "there is nothing they could add to the code"
    )
    assert is_signed_in(browser)


def test_who_asked_for_no_second_factor_signs_in_by_sms_alone(person: Person) -> None:
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=NOW)
    Person.objects.filter(pk=person.pk).update(second_factor_always=False)
    browser = Client()
    browser.post("/sign-in/sms/send", {"mobile": MOBILE})
    assert browser.post("/sign-in/sms", {"code": sent_code()})["Location"] == "/"
    assert is_signed_in(browser)


def test_another_code_is_sent_without_the_page_repeating_the_number(
    person: Person, stopped_clock: Any
) -> None:
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=NOW)
    browser = Client()
    page = browser.post("/sign-in/sms/send", {"mobile": MOBILE}, follow=True)
    assert MOBILE not in shown(page) and MOBILE not in str(dict(browser.session))
    assert browser.post("/sign-in/sms/send", {"again": "1"}).status_code == 429
    stopped_clock.step(timedelta(seconds=61))
    assert browser.post("/sign-in/sms/send", {"again": "1"}).status_code == 302
    assert OutboxSms.objects.count() == 2
    assert Client().post("/sign-in/sms/send", {"again": "1"}).status_code == 422


def test_known_and_unknown_numbers_get_the_same_page(person: Person) -> None:
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=NOW)

    def page(number: str) -> str:
        browser = Client()
        sent = shown(browser.post("/sign-in/sms/send", {"mobile": number}, follow=True))
        wrong = shown(browser.post("/sign-in/sms", {"code": "nonsense"}))
        both = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+"', "", sent + wrong)
        return both.replace(number, "…").replace(f"{number[:3]}****{number[-4:]}", "…")

    assert page(MOBILE) == page("13800000000")


def test_asking_too_often_is_answered_429_with_the_time_to_wait(person: Person) -> None:
    browser = Client()
    browser.post("/sign-in/sms/send", {"mobile": MOBILE})
    answer = browser.post("/sign-in/sms/send", {"mobile": MOBILE})
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    assert "IDN-FAC-03" in shown(answer)


def test_a_second_factor_is_no_way_to_begin(person: Person) -> None:
    for page in ("/sign-in/authenticator", "/sign-in/recovery", "/sign-in/face"):
        answer = Client().get(page)
        assert answer.status_code == 302 and answer["Location"].startswith("/sign-in?")
        assert Client().post(page, {"code": "123456"}).status_code == 302


def test_a_step_up_by_authenticator_opens_what_asked_for_it(client: Client, stopped_clock: Any) -> None:
    secret = enrol_authenticator(client)
    stopped_clock.step(timedelta(seconds=60))
    code = totp.code_at(secret=secret, step=totp.step_of(clock.now()))
    answer = client.post("/sign-in/authenticator", {"code": code, "next": FACTORS})
    assert (answer.status_code, answer["Location"]) == (302, FACTORS)
    made = client.post(f"{FACTORS}/recovery", {"request_id": "x"})
    codes = re.findall(r"<code>([0-9A-Z-]{14})</code>", shown(made))
    assert len(codes) == 10
    assert "IDN-FAC-26" in shown(client.post(f"{FACTORS}/recovery", {"request_id": "x"}))
    factor = factors.list_factors(Person.objects.get(login="pages"))[0]
    client.post(f"{FACTORS}/remove", {"key": factor.key, "factor_id": factor.factor_id})
    assert "还没有第二种验证方式" in shown(client.get(FACTORS))


def test_a_desk_is_signed_in_by_a_phone(client: Client) -> None:
    desk = Client()
    page = desk.get("/sign-in/scan", headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0"})
    number = re.search(r"<strong>(\d\d)</strong>", shown(page)).group(1)  # type: ignore[union-attr]
    url = page.context["url"]
    path = url.removeprefix("http://testserver")
    phone = client.get(path)
    assert "Windows" in shown(phone) and "仅当这是您面前的屏幕时才继续" in shown(phone)
    assert f">{number}<" not in shown(phone) and not hasattr(phone.context["asked"], "match_number")
    assert "在手机上确认" in shown(desk.get("/sign-in/scan/state"))
    wrong = client.post(path, {"match_number": "00", "answer": "yes"})
    assert wrong.status_code == 401 and "IDN-FAC-17" in shown(wrong)
    assert client.post(path, {"match_number": number, "answer": "yes"}).status_code == 302
    assert "hx-post" in shown(desk.get("/sign-in/scan/state"))
    taken = desk.post("/sign-in/scan/take", headers={"HX-Request": "true"})
    assert (taken.status_code, taken.headers["HX-Redirect"]) == (200, "/")
    assert is_signed_in(desk)
    again = Client().post("/sign-in/scan/take")
    assert again.status_code == 401 and "IDN-FAC-16" in shown(again)


def test_a_desk_without_scripts_goes_on_by_a_button(client: Client) -> None:
    desk = Client()
    page = desk.get("/sign-in/scan?next=/invoices/")
    number = re.search(r"<strong>(\d\d)</strong>", shown(page)).group(1)  # type: ignore[union-attr]
    path = page.context["url"].removeprefix("http://testserver")
    client.get(path)
    client.post(path, {"match_number": number, "answer": "yes"})
    answer = desk.post("/sign-in/scan/take", {"next": "/invoices/"})
    assert (answer.status_code, answer["Location"]) == (302, "/invoices/")


def test_a_phone_that_is_not_signed_in_signs_in_first(person: Person) -> None:
    path = Client().get("/sign-in/scan").context["url"].removeprefix("http://testserver")
    answer = Client().get(path)
    assert answer.status_code == 302 and answer["Location"].startswith("/sign-in?next=%2Fscan%2F")


def test_not_me_is_told_on_the_desk(client: Client) -> None:
    desk = Client()
    path = desk.get("/sign-in/scan").context["url"].removeprefix("http://testserver")
    client.get(path)
    client.post(path, {"answer": "no"})
    assert "已拒绝" in shown(desk.get("/sign-in/scan/state"))
    refused = desk.post("/sign-in/scan/take")
    assert refused.status_code == 403 and "IDN-FAC-27" in shown(refused)


def test_passkey_options_come_as_json_and_refusals_as_problems(client: Client) -> None:
    made = Client().post("/sign-in/passkey/options", headers={"host": "localhost"})
    assert made.status_code == 200 and json.loads(made.content)["rpId"] == "localhost"
    refused = Client().post("/sign-in/passkey/options", headers={"host": "127.0.0.1"})
    assert refused.status_code == 409 and refused.json()["code"] == "IDN-FAC-10"
    assert refused["Content-Type"] == "application/problem+json"
    assert "请用域名" in shown(Client().get("/sign-in/passkey", headers={"host": "127.0.0.1"}))
    enrol = client.post(f"{FACTORS}/passkey/options", headers={"host": "localhost"})
    assert "challenge" in enrol.json()


def test_junk_sent_as_a_credential_is_refused_and_said(person: Person) -> None:
    for junk in ("", "[]", "{}", "\0"):
        answer = Client().post("/sign-in/passkey", {"credential": junk})
        assert answer.status_code == 422 and "IDN-FAC-20" in shown(answer)


def test_the_certificate_page_shows_another_text_after_a_refusal(person: Person) -> None:
    browser = Client()
    first = browser.get("/sign-in/certificate").context["question"]
    answer = browser.post(
        "/sign-in/certificate",
        {"challenge_id": "no-id", "certificate": "PEM", "signature": "QUJD"},
    )
    assert answer.status_code == 401 and "IDN-FAC-07" in shown(answer)
    assert answer.context["question"].text != first.text


def test_a_session_planted_before_the_sign_in_gets_nothing(person: Person) -> None:
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=NOW)
    Person.objects.filter(pk=person.pk).update(second_factor_always=False)
    victim = Client()
    victim.post("/sign-in/sms/send", {"mobile": MOBILE})
    cookie = django_settings.SESSION_COOKIE_NAME
    planted = victim.cookies[cookie].value
    victim.post("/sign-in/sms", {"code": sent_code()})
    assert is_signed_in(victim)
    thief = Client()
    thief.cookies[cookie] = planted
    assert not is_signed_in(thief)


def test_somebody_elses_proof_does_not_step_up(client: Client, make_person: MakePerson) -> None:
    other = make_person("other.pages")
    factors.register_mobile(person_id=other.public_id, mobile=MOBILE, actor="system:test", now=NOW)
    answer = client.post("/sign-in/sms/send", {"mobile": MOBILE})
    assert answer.status_code == 409 and "IDN-FAC-15" in shown(answer), "one's own number, or none"
    assert not OutboxSms.objects.exists()


def test_the_demo_outbox_is_a_page_of_demo_worlds(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=NOW)
    Client().post("/sign-in/sms/send", {"mobile": MOBILE})
    page = shown(Client().get("/demo/sms-outbox"))
    assert sent_code() in page and MOBILE not in page

    class World:
        demo = False

    monkeypatch.setattr(demo, "settings", World)
    assert Client().get("/demo/sms-outbox").status_code == 404


def test_forms_are_held_against_forgery(person: Person) -> None:
    careful = Client(enforce_csrf_checks=True)
    for path in ("/sign-in/sms/send", "/sign-in/passkey/options", "/sign-in/scan/take", f"{FACTORS}/remove"):
        assert careful.post(path).status_code == 403


def test_every_page_declares_whom_it_serves(person: Person) -> None:
    from goldentax.identity.web.factors.urls import factor_patterns

    for pattern in factor_patterns:
        roles = pattern.callback.access  # type: ignore[attr-defined]
        expected = access.PERSON if str(pattern.pattern).startswith(("account/", "scan/")) else access.PUBLIC
        assert roles == (expected,), pattern
