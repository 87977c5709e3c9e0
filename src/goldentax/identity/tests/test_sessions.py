"""Sessions on the web: how they begin, grow stronger, are seen and end."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goldentax.authority import api as authority
from goldentax.identity import operations
from goldentax.identity.middleware import SECRET
from goldentax.identity.models import Person, UserSession
from goldentax.identity.operations import sessions as ending
from goldentax.identity.rules import sessions
from goldentax.identity.tests.conftest import PASSWORD
from goldentax.identity.web import flow
from goldentax.kernel import clock
from goldentax.kernel.models import AuditEntry
from goldentax.kernel.text import Text
from goldentax.oversight import api as oversight
from goldentax.oversight.rules.scoring import Reason

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
MakePerson = Callable[..., Person]
MOBILE = "13907710001"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36"


def _sign_in(client: Client, login: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in", {"login": login, "password": password, **more}, HTTP_USER_AGENT=CHROME)


def _key(client: Client) -> str:
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def clerk(make_person: MakePerson) -> Client:
    make_person("clerk", duty="09")
    client = Client()
    assert _sign_in(client, "clerk").status_code == 302
    return client


@pytest.fixture
def with_mobile(make_person: MakePerson) -> Person:
    """Somebody who proved to hold a mobile number, and so has a second factor."""
    person = make_person("mobile.one", duty="09")
    operations.factors.register_mobile(
        person_id=person.public_id, mobile=MOBILE, actor="system:test", now=clock.now()
    )
    return person


def _code_sent() -> str:
    found = re.search(r"[0-9]{6}", operations.factors.list_outbox()[0].text)
    assert found is not None
    return found[0]


def _answer_sms(client: Client) -> Any:
    client.post("/sign-in/sms/send", {})
    return client.post("/sign-in/sms", {"code": _code_sent()})


def test_a_session_keeps_the_digest_of_its_secret_and_says_what_it_is(clerk: Client) -> None:
    session = UserSession.objects.get()
    assert session.key_digest == sessions.digest(clerk.session[SECRET])
    assert clerk.session[SECRET] not in str(UserSession.objects.values().get())
    assert session.person.last_login == clock.now()
    assert (session.assurance, session.methods, session.user_agent) == (1, ["password"], "Chrome · Windows")
    row = AuditEntry.objects.get(action="identity.person.sign-in")
    assert row.category == "sign_in" and row.detail["session"] == str(session.public_id)


def test_who_is_signed_in_is_found_by_one_statement(clerk: Client) -> None:
    clerk.get("/account/sessions")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        clerk.get("/account/sessions")
    statements = [one["sql"] for one in asked]
    assert sum('FROM "identity_session"' in one for one in statements) == 2  # the door's, and the page's list
    assert not any('FROM "identity_person"' in one for one in statements)


def test_django_alone_signs_nobody_in(make_person: MakePerson) -> None:
    client = Client()
    client.force_login(make_person("forced"))
    assert client.get("/account").status_code == 302


def test_the_list_shows_every_session_and_which_is_this_one(clerk: Client) -> None:
    _sign_in(Client(), "clerk")
    page = clerk.get("/account/sessions").content.decode()
    assert page.count("本设备") == 1
    assert page.count("Chrome · Windows") >= 2


def test_a_session_ended_elsewhere_opens_nothing_and_says_why(clerk: Client) -> None:
    other = Client()
    _sign_in(other, "clerk")
    session = UserSession.objects.order_by("id").last()
    assert session is not None
    assert clerk.post(f"/account/sessions/{session.public_id}/end").status_code == 302
    assert other.get("/account").status_code == 302
    page = other.get("/sign-in").content.decode()
    assert "在其他设备上结束" in page
    assert "在其他设备上结束" not in other.get("/sign-in").content.decode()  # said once
    assert clerk.get("/account").status_code == 200


def test_ending_all_others_keeps_this_one(clerk: Client) -> None:
    others = [Client() for _ in range(3)]
    for one in others:
        _sign_in(one, "clerk")
    clerk.post("/account/sessions/others/end")
    assert [one.get("/account").status_code for one in others] == [302] * 3
    assert clerk.get("/account").status_code == 200
    assert UserSession.objects.filter(ended_at__isnull=True).count() == 1


def test_nobody_ends_anothers_session(clerk: Client, make_person: MakePerson) -> None:
    make_person("victim")
    victim = Client()
    _sign_in(victim, "victim")
    session = UserSession.objects.get(person__login="victim")
    assert clerk.post(f"/account/sessions/{session.public_id}/end").status_code == 404
    assert victim.get("/account").status_code == 200


def test_who_is_signed_in_and_begins_again_leaves_no_session_behind(
    clerk: Client, with_mobile: Person
) -> None:
    assert _sign_in(clerk, "mobile.one")["Location"] == "/sign-in/second-factor"
    assert UserSession.objects.get().end_reason == sessions.SIGNED_OUT


@pytest.fixture
def heard() -> Iterator[list[list[str]]]:
    """What a listener is told of sessions that end."""
    told: list[list[str]] = []

    def listen(ids: list[str], now: datetime) -> None:
        told.append(ids)

    operations.on_session_end(listen)
    yield told
    ending._listeners.remove(listen)


def test_whoever_listens_hears_every_end_once(
    clerk: Client, heard: list[list[str]], stopped_clock: Any
) -> None:
    first = str(UserSession.objects.get().public_id)
    clerk.post("/sign-out")
    assert heard == [[first]]
    _sign_in(clerk, "clerk")
    second = str(UserSession.objects.get(ended_at__isnull=True).public_id)
    stopped_clock.step(sessions.IDLE_MAX)
    assert operations.end_stale_sessions(clock.now()) == 1
    assert operations.end_stale_sessions(clock.now()) == 0
    assert heard == [[first], [second]]
    assert UserSession.objects.get(public_id=second).end_reason == sessions.IDLE


def test_an_end_that_a_listener_refuses_did_not_happen(clerk: Client) -> None:
    def fail(ids: list[str], now: datetime) -> None:
        raise RuntimeError("the relying party cannot be told")

    operations.on_session_end(fail)
    try:
        with pytest.raises(RuntimeError):
            operations.end_all_sessions(
                person_id=Person.objects.get(login="clerk").public_id,
                reason=sessions.OFFICER,
                actor="system:test",
                now=clock.now(),
            )
    finally:
        ending._listeners.remove(fail)
    assert UserSession.objects.get().ended_at is None


@pytest.mark.parametrize("moment", ["sign-in", "act-for", "step-up", "password"])
def test_a_session_key_from_before_opens_nothing_afterwards(
    with_mobile: Person, stopped_clock: Any, moment: str
) -> None:
    client = Client()
    client.get("/sign-in/sms")
    if moment != "sign-in":
        _sign_in(client, "mobile.one")
        assert _answer_sms(client).status_code == 302
    planted = _key(client)
    if moment == "sign-in":
        _sign_in(client, "mobile.one")
        assert _answer_sms(client).status_code == 302
    elif moment == "act-for":
        client.post("/act-for", {"identity": ""})
    elif moment == "step-up":
        UserSession.objects.update(assurance=1, methods=["password"])
        stopped_clock.step(timedelta(minutes=1))  # between two codes to one number
        assert _answer_sms(client).status_code == 302
    else:
        new = "another-odd-passphrase-77"
        client.post(
            "/account/password",
            {"current_password": PASSWORD, "new_password": new, "new_password_again": new},
        )
    assert _key(client) != planted
    assert client.get("/account").status_code == 200
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = planted
    assert thief.get("/account").status_code == 302


def test_a_person_with_a_second_factor_is_asked_for_it(with_mobile: Person) -> None:
    client = Client()
    answer = _sign_in(client, "mobile.one", next="/account?x=1")
    assert answer["Location"] == "/sign-in/second-factor"
    assert client.get("/account").status_code == 302  # nothing is open yet
    page = client.get("/sign-in/second-factor").content.decode()
    assert "短信验证码" in page and "/sign-in/sms" in page
    assert _answer_sms(client)["Location"] == "/account?x=1"
    session = UserSession.objects.get()
    assert (session.assurance, session.methods) == (2, ["password", "sms"])


def test_the_second_step_must_come_in_time(with_mobile: Person, stopped_clock: Any) -> None:
    client = Client()
    _sign_in(client, "mobile.one")
    stopped_clock.step(timedelta(minutes=10))
    page = client.get("/sign-in/second-factor")
    assert page.status_code == 401 and "IDN-SIGN-04" in page.content.decode()
    assert not UserSession.objects.exists()


def test_the_second_step_alone_signs_nobody_in() -> None:
    client = Client()
    assert client.get("/sign-in/second-factor").status_code == 401
    assert client.get("/sign-in/new-password").status_code == 401


def test_an_account_closed_between_the_steps_stays_out(with_mobile: Person) -> None:
    client = Client()
    _sign_in(client, "mobile.one")
    operations.close_person(person_id=with_mobile.public_id, actor="system:test", now=clock.now())
    assert client.get("/sign-in/second-factor").status_code == 401


def test_who_chose_so_is_asked_only_when_it_is_unusual(
    with_mobile: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    Person.objects.filter(pk=with_mobile.pk).update(second_factor_always=False)
    assert _sign_in(Client(), "mobile.one")["Location"] == "/"
    _judge(monkeypatch, verdict="step_up", code="new-device")
    assert _sign_in(Client(), "mobile.one")["Location"] == "/sign-in/second-factor"


def _judge(monkeypatch: pytest.MonkeyPatch, *, verdict: str, code: str) -> None:
    judged = oversight.Assessment(
        score=50, verdict=verdict, reasons=(Reason(code, 50, Text("原因如此", "for this reason")),)
    )
    monkeypatch.setattr(oversight, "assess_sign_in", lambda facts: judged)


def test_a_sign_in_that_looks_like_an_attack_is_stopped(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person("plain")
    _judge(monkeypatch, verdict="block", code="spraying")
    answer = _sign_in(Client(), "plain")
    assert answer.status_code == 403 and "OVR-SGN-01" in answer.content.decode()
    _judge(monkeypatch, verdict="step_up", code="spraying")
    answer = _sign_in(Client(), "plain")
    assert answer.status_code == 403 and "IDN-SIGN-05" in answer.content.decode()
    assert not UserSession.objects.exists()
    assert AuditEntry.objects.filter(action="identity.person.sign-in-stopped").count() == 2


def test_a_new_phone_of_somebody_without_a_second_factor_is_told_not_stopped(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person("plain")
    _judge(monkeypatch, verdict="step_up", code="new-device")
    client = Client()
    assert _sign_in(client, "plain").status_code == 302
    assert "原因如此" in client.get("/account").content.decode()


def test_an_officer_without_a_second_factor_is_stopped_when_it_is_unusual(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person("officer")
    authority.appoint(
        person_id=person.public_id,
        office_code="14500000000",
        post="invoice-manage",
        valid_from=clock.today(),
        actor="system:test",
        now=clock.now(),
    )
    _judge(monkeypatch, verdict="step_up", code="new-device")
    assert _sign_in(Client(), "officer").status_code == 403


def test_an_officers_old_password_is_changed_before_the_session_starts(make_person: MakePerson) -> None:
    person = make_person("officer")
    authority.appoint(
        person_id=person.public_id,
        office_code="14500000000",
        post="invoice-manage",
        valid_from=clock.today(),
        actor="system:test",
        now=clock.now(),
    )
    Person.objects.filter(pk=person.pk).update(password_changed_at=clock.now() - timedelta(days=90))
    client = Client()
    assert _sign_in(client, "officer", next="/account")["Location"] == "/sign-in/new-password"
    assert not UserSession.objects.exists()
    assert "12 位" in client.get("/sign-in/new-password").content.decode().replace("12\n", "12 ")
    weak = client.post(
        "/sign-in/new-password", {"new_password": "officer2026", "new_password_again": "officer2026"}
    )
    assert weak.status_code == 422 and "IDN-PER-03" in weak.content.decode()
    new = "another-odd-passphrase-77"
    done = client.post("/sign-in/new-password", {"new_password": new, "new_password_again": new})
    assert done["Location"] == "/account"
    assert client.get("/account").status_code == 200


def test_proving_more_opens_what_asked_for_it_and_only_for_a_while(
    with_mobile: Person, stopped_clock: Any
) -> None:
    Person.objects.filter(pk=with_mobile.pk).update(second_factor_always=False)
    client = Client()
    _sign_in(client, "mobile.one")
    asked = client.post(
        "/account/security/second-factor",
        {"second_factor": "risk"},
        HTTP_REFERER="http://testserver/account/security",
    )
    assert asked["Location"] == "/step-up?next=%2Faccount%2Fsecurity&level=2"
    page = client.get(asked["Location"]).content.decode()
    assert "短信验证码" in page and "15" in page
    assert _answer_sms(client)["Location"] == "/account/security"
    assert client.get("/step-up?level=2")["Location"] == "/"  # nothing more to prove
    wish = {"second_factor": "always"}
    assert client.post("/account/security/second-factor", wish)["Location"] == "/account/security"
    wish = {"second_factor": "risk"}
    assert client.post("/account/security/second-factor", wish)["Location"] == "/account/security"
    stopped_clock.step(timedelta(minutes=15))
    assert client.post("/account/security/second-factor", wish)["Location"].startswith("/step-up")


def test_who_has_no_second_factor_is_told_so_and_how_to_get_one(clerk: Client) -> None:
    page = clerk.get("/step-up?next=/account/security&level=2").content.decode()
    assert "您还没有第二验证方式" in page and "/account/security/factors" in page


@pytest.mark.parametrize(
    "wish",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"],
)
def test_proving_more_leads_nowhere_else(with_mobile: Person, wish: str) -> None:
    Person.objects.filter(pk=with_mobile.pk).update(second_factor_always=False)
    client = Client()
    _sign_in(client, "mobile.one")
    client.get("/step-up", {"next": wish, "level": "2"})
    assert _answer_sms(client)["Location"] == "/"


@pytest.mark.parametrize("wish", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_second_step_leads_nowhere_else(with_mobile: Person, wish: str) -> None:
    client = Client()
    _sign_in(client, "mobile.one", next=wish)
    assert _answer_sms(client)["Location"] == "/"


def test_a_device_is_known_by_a_secret_that_scripts_cannot_read(clerk: Client) -> None:
    cookie = clerk.cookies[flow.device_cookie()]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert UserSession.objects.get().device_digest == sessions.digest(cookie.value)
    assert cookie.value not in str(UserSession.objects.values().get())


def test_a_device_stays_the_same_and_a_planted_one_is_replaced(clerk: Client) -> None:
    mine = clerk.cookies[flow.device_cookie()].value
    clerk.post("/sign-out")
    _sign_in(clerk, "clerk")
    assert clerk.cookies[flow.device_cookie()].value == mine
    planted = Client()
    planted.cookies[flow.device_cookie()] = "A" * 43
    _sign_in(planted, "clerk")
    assert planted.cookies[flow.device_cookie()].value != "A" * 43


def test_forgetting_a_device_ends_its_sessions(clerk: Client) -> None:
    other = Client()
    _sign_in(other, "clerk")
    device = UserSession.objects.order_by("id").last()
    assert device is not None
    page = clerk.get("/account/security").content.decode()
    assert page.count('name="device"') == 2
    assert clerk.post("/account/security/devices/forget", {"device": device.device_digest}).status_code == 302
    assert other.get("/account").status_code == 302
    assert clerk.get("/account").status_code == 200
    assert clerk.post("/account/security/devices/forget", {"device": "0" * 64}).status_code == 404


def test_signing_in_as_somebody_else_ends_the_session_before_it(
    clerk: Client, make_person: MakePerson
) -> None:
    make_person("second")
    _sign_in(clerk, "second")
    assert list(UserSession.objects.order_by("id").values_list("end_reason", flat=True)) == ["signed-out", ""]


def test_the_security_centre_says_what_to_do_next(clerk: Client) -> None:
    page = clerk.get("/account/security").content.decode()
    assert "设置第二验证方式" in page and "/ 100" in page
    assert "登录" in page and "安全事件" in page
    assert "设置第二验证方式" in clerk.get("/account").content.decode()


POSTS = [
    "/sign-in",
    "/sign-out",
    "/act-for",
    "/sign-in/new-password",
    "/forgot/mobile",
    "/forgot/authenticator",
    "/activate",
    "/account/password",
    "/account/tokens",
    "/account/security/second-factor",
    "/account/security/devices/forget",
    "/account/sessions/others/end",
    "/account/sessions/0199a0b0-0000-7000-8000-000000000001/end",
    "/people",
    "/people/0199a0b0-0000-7000-8000-000000000001/unmask",
    "/people/0199a0b0-0000-7000-8000-000000000001/sessions/end",
    "/people/0199a0b0-0000-7000-8000-000000000001/reset",
    "/people/0199a0b0-0000-7000-8000-000000000001/close",
    "/preferences",
]


@pytest.mark.parametrize("address", POSTS)
def test_a_form_from_elsewhere_changes_nothing(clerk: Client, address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = clerk.cookies
    before = UserSession.objects.values().get()
    assert strict.post(address, {"identity": ""}).status_code == 403
    assert UserSession.objects.values().get() == before
