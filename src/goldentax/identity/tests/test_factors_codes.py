"""Authenticators, recovery codes and SMS codes: enrolled, proved, refused; replayed, guessed, taken elsewhere."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from django.db import connection

from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.models.factors import (
    Authenticator,
    MobileNumber,
    OutboxSms,
    RecoveryCode,
    SmsCode,
    SmsMessage,
)
from goldentax.identity.operations import factors
from goldentax.identity.operations.factors import sms, sms_providers
from goldentax.identity.rules.factors import totp
from goldentax.identity.tests.conftest import NOW
from goldentax.kernel import access
from goldentax.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
MakePerson = Callable[..., Person]
HERE = factors.Context(
    now=NOW,
    network="10.0.0.7",
    binding="this-browser",
    purpose=factors.SECOND,
    origin="https://etax.example.cn",
)
MOBILE = "13907710099"


def at(seconds: float, **change: Any) -> factors.Context:
    return replace(HERE, now=NOW + timedelta(seconds=seconds), **change)


@pytest.fixture
def person(make_person: MakePerson) -> Person:
    return make_person("factor.holder")


def enrol_authenticator(person: Person, *, now_s: float = -3600) -> str:
    """Set an authenticator up an hour ago, and give its secret."""
    context = at(now_s, purpose=factors.ENROL)
    made = factors.begin_authenticator(person_id=person.public_id, level=1, actor="web:test", context=context)
    code = totp.code_at(secret=made.secret, step=totp.step_of(context.now))
    factors.confirm_authenticator(
        person_id=person.public_id, code=code, level=1, actor="web:test", context=context
    )
    return made.secret


def code_of(secret: str, seconds: float = 0) -> str:
    return totp.code_at(secret=secret, step=totp.step_of(NOW + timedelta(seconds=seconds)))


def prove(person: Person, code: str, context: factors.Context = HERE) -> None:
    factors.prove(person, "totp", code, context)


def test_an_authenticator_counts_only_after_a_code_of_it_was_typed(person: Person) -> None:
    context = at(0, purpose=factors.ENROL)
    who = {"person_id": person.public_id, "level": 1, "actor": "web:test", "context": context}
    made = factors.begin_authenticator(**who)
    assert not factors.has_second_factor(person)
    with pytest.raises(errors.WrongCode):
        factors.confirm_authenticator(code="000000" if code_of(made.secret) != "000000" else "111111", **who)
    factors.confirm_authenticator(code=code_of(made.secret), **who)
    assert factors.has_second_factor(person)
    assert [one.key for one in factors.list_factors(person)] == ["totp"]


def test_the_page_opened_twice_shows_one_secret_and_no_second_one_is_set_up(person: Person) -> None:
    who = {"person_id": person.public_id, "actor": "web:test", "context": at(0, purpose=factors.ENROL)}
    assert factors.begin_authenticator(level=1, **who) == factors.begin_authenticator(level=1, **who)
    factors.confirm_authenticator(
        code=code_of(factors.begin_authenticator(level=1, **who).secret), level=1, **who
    )
    with pytest.raises(errors.SealedFactor):
        factors.begin_authenticator(level=2, **who)


def test_the_secret_is_sealed_in_the_table(person: Person) -> None:
    secret = enrol_authenticator(person)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM identity_authenticator")
        kept = bytes(cursor.fetchone()[0])
    assert secret.encode() not in kept
    assert Authenticator.objects.get().secret == secret


def test_a_code_is_taken_once_only(person: Person) -> None:
    secret = enrol_authenticator(person)
    prove(person, code_of(secret))
    with pytest.raises(errors.WrongCode):
        prove(person, code_of(secret))
    with pytest.raises(errors.WrongCode):  # nor an older one that nobody has used
        prove(person, code_of(secret, -30), at(1))
    prove(person, code_of(secret, 30), at(30))


def test_the_code_that_set_it_up_does_not_sign_in(person: Person) -> None:
    secret = enrol_authenticator(person, now_s=0)
    with pytest.raises(errors.WrongCode):
        prove(person, code_of(secret))


def test_two_requests_with_one_code_at_once_one_is_taken(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = enrol_authenticator(person)
    stale = Authenticator.objects.get()
    prove(person, code_of(secret))
    # The second request read the row before the first one changed it.
    monkeypatch.setattr(
        "goldentax.identity.operations.factors.authenticators._step",
        lambda held, *, code, context: totp.find_step(
            secret=secret, code=code, at=context.now, either_side=1, after=stale.last_step
        ),
    )
    with pytest.raises(errors.WrongCode):
        prove(person, code_of(secret))


def test_five_wrong_codes_close_the_factor_for_that_network_and_waiting_opens_it(person: Person) -> None:
    secret = enrol_authenticator(person)
    for second in range(5):
        with pytest.raises(errors.WrongCode):
            prove(person, "nonsense", at(second))
    with pytest.raises(errors.TooManyFactorTries) as refused:
        prove(person, code_of(secret, 10), at(10))
    assert refused.value.facts["retry_after_s"] == 890
    prove(person, code_of(secret, 10), at(10, network="10.0.0.8"))
    prove(person, code_of(secret, 901), at(901))


def test_guessing_from_many_networks_is_stopped_and_closes_no_other_factor(person: Person) -> None:
    secret = enrol_authenticator(person)
    codes = factors.make_recovery_codes(person_id=person.public_id, level=2, actor="web:test", now=NOW)
    for n in range(30):
        with pytest.raises(errors.WrongCode):
            prove(person, "nonsense", at(n, network=f"198.51.100.{n}"))
    with pytest.raises(errors.TooManyFactorTries):
        prove(person, code_of(secret, 31), at(31, network="203.0.113.1"))
    factors.prove(person, "recovery", codes[0], at(32))


def test_a_right_code_clears_the_failures_before_it(person: Person) -> None:
    secret = enrol_authenticator(person)
    for n in range(4):
        with pytest.raises(errors.WrongCode):
            prove(person, "nonsense", at(n))
    prove(person, code_of(secret, 30), at(30))
    for n in range(4):
        with pytest.raises(errors.WrongCode):
            prove(person, "nonsense", at(40 + n))
    prove(person, code_of(secret, 60), at(60))


def test_a_code_of_anothers_authenticator_proves_nothing(person: Person, make_person: MakePerson) -> None:
    secret = enrol_authenticator(person)
    other = make_person("factor.other")
    enrol_authenticator(other)
    with pytest.raises(errors.WrongCode):
        prove(other, code_of(secret))
    prove(person, code_of(secret))


def test_proofs_and_failures_stand_in_the_audit_trail_without_the_code(person: Person) -> None:
    secret = enrol_authenticator(person)
    with pytest.raises(errors.WrongCode):
        prove(person, "424242" if code_of(secret) != "424242" else "434343")
    prove(person, code_of(secret))
    rows = AuditEntry.objects.filter(
        subject=f"person:{person.public_id}", action__startswith="identity.factor"
    )
    said = list(rows.order_by("id").values_list("action", "category"))
    assert said == [
        ("identity.factor.authenticator.begin", "privileged"),
        ("identity.factor.authenticator.add", "privileged"),
        ("identity.factor.refuse", "sign_in"),
        ("identity.factor.prove", "sign_in"),
    ]
    assert not any(secret in str(row.detail) or code_of(secret) in str(row.detail) for row in rows)


def test_recovery_codes_serve_once_each_and_a_new_list_ends_the_old(person: Person) -> None:
    enrol_authenticator(person)
    who = {"person_id": person.public_id, "level": 2, "actor": "web:test", "now": NOW}
    first = factors.make_recovery_codes(request_id="r-1", **who)
    with pytest.raises(errors.CodesAlreadyShown):
        factors.make_recovery_codes(request_id="r-1", **who)
    factors.prove(person, "recovery", first[3].lower().replace("-", " "), HERE)
    with pytest.raises(errors.WrongCode):
        factors.prove(person, "recovery", first[3], HERE)
    assert factors.count_recovery_codes(person) == 9
    factors.make_recovery_codes(**who)
    with pytest.raises(errors.WrongCode):
        factors.prove(person, "recovery", first[4], HERE)
    assert first[4].replace("-", "") not in str(list(RecoveryCode.objects.values_list("digest", flat=True)))


def test_recovery_codes_stand_in_for_a_factor_and_are_none(person: Person) -> None:
    with pytest.raises(errors.FactorNotOffered):
        factors.make_recovery_codes(person_id=person.public_id, level=1, actor="web:test", now=NOW)


def test_a_session_with_one_factor_adds_and_removes_nothing_where_there_is_a_second(person: Person) -> None:
    enrol_authenticator(person)
    factor = factors.list_factors(person)[0]
    weak = {"person_id": person.public_id, "level": 1, "actor": "web:test"}
    with pytest.raises(access.StepUpNeeded):
        factors.make_recovery_codes(now=NOW, **weak)
    with pytest.raises(access.StepUpNeeded):
        factors.begin_passkey(person_id=person.public_id, level=1, context=at(0, purpose=factors.ENROL))
    with pytest.raises(access.StepUpNeeded):
        factors.remove_factor(key="totp", factor_id=factor.factor_id, now=NOW, **weak)
    assert factors.has_second_factor(person)
    factors.remove_factor(key="totp", factor_id=factor.factor_id, now=NOW, **(weak | {"level": 2}))
    assert not factors.has_second_factor(person)


def test_an_officer_keeps_the_last_second_factor(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol_authenticator(person)
    factor = factors.list_factors(person)[0]
    how = {
        "person_id": person.public_id,
        "key": "totp",
        "factor_id": factor.factor_id,
        "level": 2,
        "actor": "web:test",
        "now": NOW,
    }
    monkeypatch.setattr("goldentax.identity.queries.is_officer", lambda *, person, on: True)
    with pytest.raises(errors.LastFactor):
        factors.remove_factor(**how)
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=NOW)
    factors.remove_factor(**how)
    assert [one.key for one in factors.list_factors(person)] == ["mobile"]


def test_nobody_removes_anothers_factor(person: Person, make_person: MakePerson) -> None:
    enrol_authenticator(person)
    factor = factors.list_factors(person)[0]
    for key, factor_id in (("totp", factor.factor_id), ("totp", "no-id"), ("nonsense", factor.factor_id)):
        with pytest.raises(errors.NoSuchFactor):
            factors.remove_factor(
                person_id=make_person(f"thief.{key}{factor_id[:2]}").public_id
                if key == "totp" and factor_id != "no-id"
                else person.public_id,
                key=key,
                factor_id=factor_id,
                level=2,
                actor="web:test",
                now=NOW,
            )
    assert factors.has_second_factor(person)


def test_only_what_adds_to_a_proof_is_offered(person: Person) -> None:
    enrol_authenticator(person)
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=NOW)
    after_password = {one.key: one for one in factors.offered_to(person, NOW)}
    assert {key for key, one in after_password.items() if one.is_ready} == {"totp", "sms"}
    assert after_password["totp"].assurance == 2
    assert after_password["certificate"].assurance == 3
    assert not after_password["passkey"].is_ready
    assert "face" not in after_password
    after_sms = {one.key for one in factors.offered_to(person, NOW, used=("sms",))}
    assert after_sms == {"passkey", "certificate", "password"}
    assert factors.offered_to(person, NOW, used=("password", "certificate")) == []


def test_who_has_a_number_and_no_password_cannot_prove_more_by_it(person: Person) -> None:
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=NOW)
    assert factors.can_prove_more(person, NOW, used=("password",))
    assert factors.can_prove_more(person, NOW, used=("sms",))
    person.set_unusable_password()
    assert not factors.can_prove_more(person, NOW, used=("sms",))


# --- SMS


SIGN_IN = replace(HERE, purpose=factors.SIGN_IN)


@pytest.fixture
def mobile_person(person: Person) -> Person:
    factors.register_mobile(person_id=person.public_id, mobile=MOBILE, actor="system:test", now=NOW)
    return person


def sent_code() -> str:
    """The code of the newest message in the outbox."""
    text = OutboxSms.objects.order_by("-id")[0].text
    return text.split("验证码 ")[1][:6]


def test_a_code_signs_its_holder_in_once(mobile_person: Person) -> None:
    assert factors.ask_sms_code(mobile="+86 139 0771 0099", context=SIGN_IN) == "139****0099"
    code = sent_code()
    answered = factors.answer_sms_code(code=code, context=SIGN_IN)
    assert answered.person == mobile_person
    with pytest.raises(errors.WrongCode):
        factors.answer_sms_code(code=code, context=SIGN_IN)


@pytest.mark.parametrize(
    "change",
    [
        {"binding": "another-browser"},
        {"purpose": factors.RESET},
        {"purpose": factors.STEP_UP},
        {"now": NOW + timedelta(seconds=300)},
    ],
)
def test_a_code_serves_only_the_browser_purpose_and_time_it_was_made_for(
    mobile_person: Person, change: dict[str, Any]
) -> None:
    factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)
    with pytest.raises(errors.WrongCode):
        factors.answer_sms_code(code=sent_code(), context=replace(SIGN_IN, **change))
    assert factors.answer_sms_code(code=sent_code(), context=SIGN_IN).person == mobile_person


def test_after_five_wrong_codes_the_right_one_is_refused_too(mobile_person: Person) -> None:
    factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)
    code = sent_code()
    for _ in range(5):
        with pytest.raises(errors.WrongCode):
            factors.answer_sms_code(code="000000" if code != "000000" else "111111", context=SIGN_IN)
    with pytest.raises(errors.WrongCode):
        factors.answer_sms_code(code=code, context=SIGN_IN)


def test_only_the_newest_code_is_good(mobile_person: Person) -> None:
    factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)
    first = sent_code()
    later = replace(SIGN_IN, now=NOW + timedelta(seconds=61))
    factors.ask_sms_code(mobile=MOBILE, context=later)
    if sent_code() != first:
        with pytest.raises(errors.WrongCode):
            factors.answer_sms_code(code=first, context=later)
    assert factors.answer_sms_code(code=sent_code(), context=later).person == mobile_person


def test_an_unknown_number_gets_the_same_answer_and_no_message(
    mobile_person: Person, django_assert_max_num_queries: Any
) -> None:
    unknown = "13800000000"
    assert factors.ask_sms_code(mobile=unknown, context=SIGN_IN) == "138****0000"
    assert not OutboxSms.objects.exists()
    assert SmsMessage.objects.get().state == SmsMessage.NOBODY
    with pytest.raises(errors.WrongCode) as of_nobody:
        factors.answer_sms_code(code="000000", context=SIGN_IN)
    elsewhere = replace(SIGN_IN, binding="b2")
    factors.ask_sms_code(mobile=MOBILE, context=elsewhere)
    with pytest.raises(errors.WrongCode) as of_somebody:
        factors.answer_sms_code(code="nonsense", context=elsewhere)
    assert of_nobody.value.as_problem("zh") == of_somebody.value.as_problem("zh")


def test_even_the_right_guess_for_an_unknown_number_opens_nothing(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldentax.identity.rules.factors.codes.new_sms_code", lambda: "123456")
    factors.ask_sms_code(mobile="13800000000", context=SIGN_IN)
    with pytest.raises(errors.WrongCode):
        factors.answer_sms_code(code="123456", context=SIGN_IN)


def test_a_closed_account_gets_no_code(mobile_person: Person) -> None:
    Person.objects.filter(pk=mobile_person.pk).update(is_active=False)
    factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)
    assert not OutboxSms.objects.exists()


@pytest.mark.parametrize("number", [MOBILE, "13800000000"])
def test_sending_is_limited_for_known_and_unknown_numbers_alike(mobile_person: Person, number: str) -> None:
    def ask(seconds: float, network: str = "10.0.0.7") -> None:
        context = replace(SIGN_IN, now=NOW + timedelta(seconds=seconds), network=network)
        factors.ask_sms_code(mobile=number, context=context)

    ask(0)
    with pytest.raises(errors.TooManyMessages) as refused:
        ask(1)
    assert refused.value.facts["seconds"] == 59
    for n in range(1, 5):
        ask(61 * n, network=f"10.0.1.{n}")
    with pytest.raises(errors.TooManyMessages):  # the sixth within the hour, wherever it comes from
        ask(400, network="10.0.2.1")
    for n in range(1, 6):
        ask(3700 + 61 * n)
    with pytest.raises(errors.TooManyMessages):  # the eleventh of the day
        ask(9000)
    ask(86_401 + 61)


def test_a_stranger_who_uses_up_the_limit_does_not_close_the_holders_second_factor(
    mobile_person: Person,
) -> None:
    factors.ask_sms_code(mobile=MOBILE, context=replace(SIGN_IN, network="198.51.100.9", binding="x"))
    with pytest.raises(errors.TooManyMessages):
        factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)
    assert factors.ask_own_sms_code(person=mobile_person, context=HERE) == "139****0099"
    factors.prove(mobile_person, "sms", sent_code(), HERE)


def test_one_network_asks_for_sixty_codes_an_hour(mobile_person: Person) -> None:
    template = SmsCode(
        purpose="sign-in",
        binding_digest="0" * 64,
        number_index="1" * 64,
        number="13800000000",
        digest="2" * 64,
        network=SIGN_IN.network,
        created_at=NOW - timedelta(minutes=30),
        expires_at=NOW,
    )
    values = {
        f.attname: getattr(template, f.attname)
        for f in SmsCode._meta.fields
        if f.attname not in ("id", "public_id")
    }
    SmsCode.objects.bulk_create(SmsCode(**values) for _ in range(60))
    with pytest.raises(errors.TooManyMessages):
        factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)
    factors.ask_sms_code(mobile=MOBILE, context=replace(SIGN_IN, network="10.0.0.9"))


def test_a_number_is_enrolled_by_a_code_and_belongs_to_one_account(
    mobile_person: Person, make_person: MakePerson
) -> None:
    other = make_person("factor.second")
    enrol = replace(HERE, purpose=factors.ENROL, binding="other-browser")
    who = {"person_id": other.public_id, "level": 1, "actor": "web:test", "context": enrol}
    factors.ask_sms_code(mobile=MOBILE, context=enrol, person=other)
    with pytest.raises(errors.MobileTaken):  # only after the code: who holds the phone may know
        factors.add_mobile(code=sent_code(), **who)
    factors.ask_sms_code(mobile="13907710100", context=enrol, person=other)
    with pytest.raises(errors.WrongCode):
        factors.add_mobile(code="nonsense", **who)
    assert factors.add_mobile(code=sent_code(), **who).masked == "139****0100"
    assert factors.find_person_by_mobile("13907710100") == other


def test_the_number_is_sealed_and_the_code_is_kept_as_a_digest(mobile_person: Person) -> None:
    factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)
    code = sent_code()
    with connection.cursor() as cursor:
        for table in ("identity_mobile_number", "identity_sms_code", "identity_sms_message"):
            cursor.execute(f"SELECT * FROM {table}")
            for row in cursor.fetchall():
                assert MOBILE not in str(row) and MOBILE.encode() not in b"".join(
                    bytes(one) for one in row if isinstance(one, bytes | memoryview)
                )
                assert code not in str(row)
    assert MobileNumber.objects.get(person=mobile_person).number == MOBILE


class Gateway:
    """A provider that a test registers."""

    key = "gateway"
    is_local = False

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.failures = 0

    def send(self, *, mobile: str, text: str, now: Any) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("no route")
        self.sent.append(text)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    made = Gateway()
    monkeypatch.setattr(sms, "find_sms_provider", lambda: made)
    return made


def test_a_message_to_a_gateway_leaves_by_the_worker(mobile_person: Person, gateway: Gateway) -> None:
    factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)
    assert gateway.sent == []
    assert factors.deliver_messages(NOW) == 1
    assert factors.deliver_messages(NOW) == 0
    assert len(gateway.sent) == 1 and "验证码" in gateway.sent[0]
    kept = SmsMessage.objects.get()
    assert (kept.state, kept.text) == (SmsMessage.SENT, "")


def test_a_gateway_that_fails_is_asked_again_and_not_for_ever(
    mobile_person: Person, gateway: Gateway
) -> None:
    gateway.failures = 2
    factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)
    assert [factors.deliver_messages(NOW) for _ in range(4)] == [1, 1, 1, 0]
    assert SmsMessage.objects.get().state == SmsMessage.SENT
    gateway.failures = 9
    later = replace(SIGN_IN, now=NOW + timedelta(seconds=61))
    factors.ask_sms_code(mobile=MOBILE, context=later)
    assert [factors.deliver_messages(later.now) for _ in range(4)] == [1, 1, 1, 0]
    assert SmsMessage.objects.order_by("-id")[0].state == SmsMessage.FAILED


def test_a_late_message_is_not_sent(mobile_person: Person, gateway: Gateway) -> None:
    factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)
    factors.deliver_messages(NOW + timedelta(seconds=301))
    assert gateway.sent == []


def test_where_nobody_carries_messages_none_is_offered(
    mobile_person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sms, "find_sms_provider", lambda: None)
    with pytest.raises(errors.NoSmsProvider):
        factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)


def test_the_outbox_serves_demo_worlds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class World:
        demo = False

    monkeypatch.setattr(sms_providers, "settings", World)
    assert sms_providers.find_sms_provider() is None


@pytest.mark.parametrize(
    ("url", "secret", "is_found"),
    [("https://gateway.example", "shared", True), ("", "shared", False), ("x", "", False)],
)
def test_a_gateway_is_chosen_by_the_settings_and_needs_address_and_secret(
    monkeypatch: pytest.MonkeyPatch, url: str, secret: str, is_found: bool
) -> None:
    world = SimpleNamespace(
        demo=False, sms_provider="webhook", sms_webhook_url=url, sms_webhook_secret=secret
    )
    monkeypatch.setattr(sms_providers, "settings", lambda: world)
    monkeypatch.setattr(sms_providers, "_providers", {})
    assert (sms_providers.find_sms_provider() is not None) is is_found


def test_the_webhook_signs_what_it_posts() -> None:
    got: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(200 if len(got) == 1 else 500)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    hook = sms_providers.Webhook(url="https://gateway.example/sms", secret="shared", client=client)
    hook.send(mobile=MOBILE, text="【金税】…", now=NOW)
    body = got[0].content
    assert json.loads(body)["mobile"] == MOBILE
    signature = got[0].headers[sms_providers.SIGNATURE_HEADER]
    assert signature == sms_providers.sign_webhook(secret="shared", body=body, at=NOW)
    assert signature != sms_providers.sign_webhook(secret="shared", body=body + b" ", at=NOW)
    assert signature != sms_providers.sign_webhook(secret="other", body=body, at=NOW)
    with pytest.raises(httpx.HTTPStatusError):
        hook.send(mobile=MOBILE, text="…", now=NOW)


def test_what_is_over_is_forgotten(mobile_person: Person) -> None:
    factors.ask_sms_code(mobile=MOBILE, context=SIGN_IN)
    assert factors.forget_what_is_over(NOW) == 0
    assert factors.forget_what_is_over(NOW + timedelta(days=3)) == 3
    assert not SmsCode.objects.exists()
