"""Ways back to an account: a code by SMS, an authenticator, an officer's activation code, something stronger."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from goldentax.authority import api as authority
from goldentax.identity import errors, operations
from goldentax.identity.models import ActivationCode, ApiToken, Person, UserSession
from goldentax.identity.operations import factors
from goldentax.identity.rules import throttle
from goldentax.identity.rules.factors import totp
from goldentax.identity.tests.conftest import PASSWORD
from goldentax.identity.web import forgotten
from goldentax.kernel import clock
from goldentax.kernel.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
MakePerson = Callable[..., Person]
MOBILE = "13907710001"
NEW = "another-odd-passphrase-77"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgotten, "ANSWER_AFTER_S", 0.0)


def _sign_in(login: str, password: str) -> Any:
    return Client().post("/sign-in", {"login": login, "password": password})


def _code_sent() -> str:
    found = re.search(r"[0-9]{6}", factors.list_outbox()[0].text)
    assert found is not None
    return found[0]


def _plain(page: bytes, *words: str) -> str:
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+"', "", page.decode())
    for word in words:
        text = text.replace(word, "…")
    return text


@pytest.fixture
def with_authenticator(make_person: MakePerson) -> tuple[Person, str]:
    person = make_person("totp.one")
    context = factors.Context(now=clock.now(), network="10.0.0.1", binding="b", purpose=factors.ENROL)
    enrolment = factors.begin_authenticator(
        person_id=person.public_id, level=1, actor="system:test", context=context
    )
    secret = enrolment.secret
    factors.confirm_authenticator(
        person_id=person.public_id,
        code=_totp(secret, clock.now() - timedelta(seconds=30)),
        level=1,
        actor="system:test",
        context=context,
    )
    return person, secret


def _totp(secret: str, at: Any) -> str:
    return totp.code_at(secret=secret, step=totp.step_of(at))


def test_a_code_by_sms_sets_a_new_password_and_ends_every_session(make_person: MakePerson) -> None:
    person = make_person("lost", duty="09")
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=clock.now())
    Person.objects.filter(pk=person.pk).update(second_factor_always=False)
    _, token = operations.issue_token(
        person_id=person.public_id,
        tax_id="91450100MA5K1A2B3C",
        label="erp",
        scopes=["invoices:read"],
        days=1,
        actor="system:test",
        now=clock.now(),
    )
    assert _sign_in("lost", PASSWORD).status_code == 302
    client = Client()
    assert "139****0001" in client.post("/forgot/mobile", {"step": "send", "mobile": MOBILE}).content.decode()
    wrong = client.post("/forgot/mobile", {"step": "answer", "code": "000000"})
    assert wrong.status_code == 401
    done = client.post("/forgot/mobile", {"step": "answer", "code": _code_sent()})
    assert done["Location"] == "/sign-in/new-password"
    weak = client.post("/sign-in/new-password", {"new_password": "lost", "new_password_again": "lost"})
    assert weak.status_code == 422  # and the code is not used up by it
    done = client.post("/sign-in/new-password", {"new_password": NEW, "new_password_again": NEW})
    assert done["Location"] == "/sign-in"
    assert not UserSession.objects.filter(ended_at__isnull=True).exists()
    assert client.get("/account").status_code == 302  # it signs nobody in
    assert _sign_in("lost", PASSWORD).status_code == 401
    assert _sign_in("lost", NEW).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is None


def test_asking_for_a_code_tells_nothing_of_whose_number_it_is(make_person: MakePerson) -> None:
    person = make_person("known")
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=clock.now())
    said = [
        _plain(
            Client().post("/forgot/mobile", {"step": "send", "mobile": number}).content,
            "139****0001",
            "138****0002",
        )
        for number in (MOBILE, "13800000002")
    ]
    assert said[0] == said[1]


def test_an_authenticator_sets_a_new_password(with_authenticator: tuple[Person, str]) -> None:
    _, secret = with_authenticator
    client = Client()
    asked = {"login": "TOTP.one", "key": "totp", "code": _totp(secret, clock.now())}
    assert client.post("/forgot/authenticator", asked)["Location"] == "/sign-in/new-password"
    done = client.post("/sign-in/new-password", {"new_password": NEW, "new_password_again": NEW})
    assert done["Location"] == "/sign-in"
    assert _sign_in("totp.one", NEW)["Location"] == "/sign-in/second-factor"
    # The same code again proves nothing.
    assert Client().post("/forgot/authenticator", asked).status_code == 401


def test_a_number_alone_recovers_nobody_who_has_more(with_authenticator: tuple[Person, str]) -> None:
    person, _ = with_authenticator
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=clock.now())
    client = Client()
    client.post("/forgot/mobile", {"step": "send", "mobile": MOBILE})
    answer = client.post("/forgot/mobile", {"step": "answer", "code": _code_sent()})
    assert answer.status_code == 401 and "IDN-PER-14" in answer.content.decode()
    assert client.get("/sign-in/new-password").status_code == 401


def test_an_officer_recovers_nothing_alone(with_authenticator: tuple[Person, str]) -> None:
    person, secret = with_authenticator
    authority.appoint(
        person_id=person.public_id,
        office_code="14500000000",
        post="invoice-manage",
        valid_from=clock.today(),
        actor="system:test",
        now=clock.now(),
    )
    asked = {"login": "totp.one", "key": "totp", "code": _totp(secret, clock.now())}
    assert Client().post("/forgot/authenticator", asked).status_code == 401


def test_unknown_logins_wrong_codes_and_missing_factors_are_answered_alike(
    with_authenticator: tuple[Person, str], make_person: MakePerson
) -> None:
    make_person("without")
    said = set()
    for login in ("totp.one", "without", "nobody-here"):
        for _ in range(throttle.LOGIN_FAILURES_MAX + 1):
            answer = Client().post(
                "/forgot/authenticator",
                {"login": login, "key": "totp", "code": "000000"},
                REMOTE_ADDR=f"10.1.1.{len(login)}",
            )
            said.add((login == "", answer.status_code, _plain(answer.content, login)))
    assert {status for _, status, _ in said} == {401, 429}
    assert len(said) == 2  # one refusal, and one that says to wait: the same for all three


def test_every_answer_takes_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(forgotten, "ANSWER_AFTER_S", 5.0)
    monkeypatch.setattr(time, "sleep", slept.append)
    Client().post("/forgot/authenticator", {"login": "nobody-here", "key": "totp", "code": "000000"})
    assert len(slept) == 1 and 0 < slept[0] < 5


def test_an_activation_code_works_once_and_signs_in(make_person: MakePerson) -> None:
    person = make_person("counter")
    text, _ = operations.issue_activation_code(
        person_id=person.public_id, actor="web:officer", now=clock.now(), request_id="r-1"
    )
    assert text not in str(ActivationCode.objects.values().get())
    row = AuditEntry.objects.get(action="identity.person.reset")
    assert row.category == "privileged" and text not in str(row.detail)
    with pytest.raises(errors.CodeAlreadyShown):
        operations.issue_activation_code(
            person_id=person.public_id, actor="web:officer", now=clock.now(), request_id="r-1"
        )
    assert _sign_in("counter", PASSWORD).status_code == 302  # until it is used, nothing changed
    client = Client()
    asked = {"login": "counter", "code": text.lower(), "new_password": NEW, "new_password_again": NEW}
    weak = client.post(
        "/activate", asked | {"new_password": "counter123", "new_password_again": "counter123"}
    )
    assert weak.status_code == 422
    assert client.post("/activate", asked).status_code == 302
    assert client.get("/account").status_code == 200
    assert UserSession.objects.get(ended_at__isnull=True).assurance == 2
    assert Client().post("/activate", asked).status_code == 401


@pytest.mark.parametrize("spoilt", ["login", "code", "late", "followed", "closed"])
def test_an_activation_code_that_does_not_fit_is_refused_in_one_way(
    make_person: MakePerson, stopped_clock: Any, spoilt: str
) -> None:
    person = make_person("counter")
    make_person("other")
    text, _ = operations.issue_activation_code(
        person_id=person.public_id, actor="web:officer", now=clock.now()
    )
    asked = {"login": "counter", "code": text, "new_password": NEW, "new_password_again": NEW}
    if spoilt == "login":
        asked["login"] = "other"
    elif spoilt == "code":
        asked["code"] = "2222-2222-2222-2222"
    elif spoilt == "late":
        stopped_clock.step(timedelta(hours=24))
    elif spoilt == "followed":
        operations.issue_activation_code(person_id=person.public_id, actor="web:officer", now=clock.now())
    else:
        operations.close_person(person_id=person.public_id, actor="web:officer", now=clock.now())
    answer = Client().post("/activate", asked)
    assert answer.status_code == 401 and "IDN-PER-11" in answer.content.decode()
    assert Person.objects.get(pk=person.pk).check_password(PASSWORD)


def test_guessing_activation_codes_is_slow(make_person: MakePerson) -> None:
    make_person("counter")
    asked = {"login": "counter", "code": "2222", "new_password": NEW, "new_password_again": NEW}
    said = [Client().post("/activate", asked).status_code for _ in range(throttle.LOGIN_FAILURES_MAX + 1)]
    assert said == [401] * throttle.LOGIN_FAILURES_MAX + [429]


def test_who_showed_something_stronger_sets_a_password_without_the_old_one(make_person: MakePerson) -> None:
    make_person("strong")
    client = Client()
    client.post("/sign-in", {"login": "strong", "password": PASSWORD})
    fields = {"new_password": NEW, "new_password_again": NEW}
    assert client.post("/account/password", fields).status_code == 422
    UserSession.objects.update(assurance=3, methods=["passkey"])
    assert "current_password" not in client.get("/account/password").content.decode()
    assert client.post("/account/password", fields).status_code == 302
    assert _sign_in("strong", NEW).status_code == 302
    assert not ApiToken.objects.exists()
