"""Writes of identity on a real database."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection

from goldentax.identity import errors, operations, queries
from goldentax.identity.models import ApiToken, Membership, Person, SignInAttempt
from goldentax.identity.rules import throttle, tokens
from goldentax.identity.tests.conftest import NOW, PASSWORD, TAX_ID, TAXPAYER_ID
from goldentax.kernel.models import AuditEntry

MakePerson = Callable[..., Person]


def _try(login: str, password: str = "wrong", *, address: str = "10.0.0.1", minutes: int = 0) -> Person:
    return operations.sign_in(
        login=login, password=password, address=address, now=NOW + timedelta(minutes=minutes)
    )


def _audit(action: str) -> int:
    return AuditEntry.objects.filter(action=action).count()


def test_the_password_is_kept_as_argon2_and_the_change_is_written_down(make_person: MakePerson) -> None:
    person = make_person("keeper")
    assert person.password.startswith("argon2")
    assert PASSWORD not in person.password
    assert (
        AuditEntry.objects.filter(
            action="identity.person.register", subject=f"person:{person.public_id}"
        ).count()
        == 1
    )


def test_the_same_request_registers_one_person(make_person: MakePerson) -> None:
    first = make_person("once", request_id="r-1")
    assert make_person("once.more", request_id="r-1").pk == first.pk
    assert not Person.objects.filter(login="once.more").exists()


def test_a_login_name_belongs_to_one_person_in_every_spelling(make_person: MakePerson) -> None:
    make_person("wei.one")
    with pytest.raises(errors.LoginTaken):
        make_person(" WEI.ONE ")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"login": "no good"}, errors.BadLogin),
        ({"password": "1234567890"}, errors.WeakPassword),
        ({"password": "weixiaoyan2026"}, errors.WeakPassword),
        ({"name": "  "}, errors.NoName),
        ({"id_card_number": "450102199003070011"}, errors.BadIdCard),
    ],
)
def test_a_person_with_one_thing_wrong_is_refused(
    db: None, change: dict[str, str], refusal: type[Exception]
) -> None:
    good = {"login": "weixiaoyan", "name": "韦晓燕", "password": PASSWORD}
    with pytest.raises(refusal):
        operations.register_person(**(good | change), actor="system:test", now=NOW)
    assert not Person.objects.filter(login="weixiaoyan").exists()
    assert operations.register_person(**good, actor="system:test", now=NOW).login == "weixiaoyan"


def test_the_right_password_signs_in(make_person: MakePerson) -> None:
    person = make_person("right")
    assert _try("Right", PASSWORD).pk == person.pk


def test_a_password_typed_on_another_keyboard_is_the_same(make_person: MakePerson) -> None:
    make_person("right")
    assert _try("right", PASSWORD.replace("a", "ａ").replace("8", "８")).login == "right"


def test_the_identity_card_number_is_sealed_and_belongs_to_one_account(make_person: MakePerson) -> None:
    number = "45010219900307018X"
    make_person("first", id_card_number=number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_card_number, id_card_index FROM identity_person WHERE login = 'first'")
        sealed, index = cursor.fetchone()
    assert number.encode() not in bytes(sealed) and number not in index
    assert Person.objects.get(login="first").masked_id_card == "4501**********018X"
    with pytest.raises(errors.IdCardTaken):
        make_person("second", id_card_number=" 45010219900307018ｘ")
    assert [one.login for one in queries.search_people(text=number.lower())] == ["first"]
    assert queries.search_people(text=number[:17]) == []


def test_people_are_opened_without_what_is_sealed(make_person: MakePerson) -> None:
    make_person("sealed", id_card_number="45010219900307018X")
    assert "id_card_number" in Person.objects.get(login="sealed").get_deferred_fields()


def test_a_closed_account_opens_nothing_until_it_is_open_again(make_person: MakePerson) -> None:
    person = make_person("closing")
    operations.close_person(person_id=person.public_id, actor="system:test", now=NOW)
    operations.close_person(person_id=person.public_id, actor="system:test", now=NOW)
    with pytest.raises(errors.WrongCredentials):
        _try("closing", PASSWORD)
    operations.reopen_person(person_id=person.public_id, actor="system:test", now=NOW)
    assert _try("closing", PASSWORD).pk == person.pk
    assert _audit("identity.person.close") == _audit("identity.person.reopen") == 1


def test_unknown_wrong_and_closed_are_refused_alike(make_person: MakePerson) -> None:
    make_person("known")
    Person.objects.filter(pk=make_person("closed").pk).update(is_active=False)
    said = []
    for login, password in (("nobody-here", PASSWORD), ("known", "wrong"), ("closed", PASSWORD)):
        with pytest.raises(errors.WrongCredentials) as refused:
            _try(login, password)
        said.append(refused.value.as_problem("zh"))
    assert said[0] == said[1] == said[2]


def test_five_failures_from_one_network_close_that_door_only(make_person: MakePerson) -> None:
    make_person("victim")
    for _ in range(throttle.LOGIN_FAILURES_MAX):
        with pytest.raises(errors.WrongCredentials):
            _try("victim", address="203.0.113.9")
    with pytest.raises(errors.TooManyAttempts) as refused:
        _try("victim", PASSWORD, address="203.0.113.9")
    assert refused.value.facts["retry_after_s"] == throttle.WINDOW.total_seconds()
    # The person at their own desk is not locked out by it.
    assert _try("victim", PASSWORD, address="10.0.0.7").login == "victim"


def test_waiting_opens_the_door_and_trying_meanwhile_does_not_lengthen_the_wait(
    make_person: MakePerson,
) -> None:
    make_person("patient")
    for _ in range(throttle.LOGIN_FAILURES_MAX):
        with pytest.raises(errors.WrongCredentials):
            _try("patient")
    for minute in (5, 10, 14):
        with pytest.raises(errors.TooManyAttempts):
            _try("patient", PASSWORD, minutes=minute)
    assert _try("patient", PASSWORD, minutes=15).login == "patient"


def test_success_clears_the_failures_of_the_login(make_person: MakePerson) -> None:
    make_person("typo")
    for _ in range(throttle.LOGIN_FAILURES_MAX - 1):
        with pytest.raises(errors.WrongCredentials):
            _try("typo")
    _try("typo", PASSWORD)
    with pytest.raises(errors.WrongCredentials):
        _try("typo")
    assert _try("typo", PASSWORD).login == "typo"


def test_guessing_many_logins_closes_the_network(db: None) -> None:
    rows = [
        SignInAttempt(login_digest=f"{n:064}", network="198.51.100.1", at=NOW)
        for n in range(throttle.NETWORK_FAILURES_MAX)
    ]
    SignInAttempt.objects.bulk_create(rows[:-1])
    with pytest.raises(errors.WrongCredentials):
        _try("fresh-login", address="198.51.100.1")
    with pytest.raises(errors.TooManyAttempts):
        _try("another-login", address="198.51.100.1")


def test_what_was_typed_as_login_is_not_kept(db: None) -> None:
    with pytest.raises(errors.WrongCredentials):
        _try("my-secret-typed-here")
    kept = SignInAttempt.objects.get()
    assert "my-secret" not in kept.login_digest
    assert not AuditEntry.objects.filter(detail__icontains="my-secret").exists()


def _grant(person: Person, **change: object) -> Membership:
    good = {
        "person_id": person.public_id,
        "tax_id": TAX_ID,
        "taxpayer_public_id": TAXPAYER_ID,
        "duty": "09",
        "valid_from": date(2026, 1, 1),
        "valid_to": None,
    }
    return operations.grant_membership(**(good | change), actor="system:test", now=NOW)  # type: ignore[arg-type]


def test_the_same_duty_twice_at_a_time_is_refused(make_person: MakePerson) -> None:
    person = make_person("duties")
    _grant(person, valid_to=date(2026, 6, 1))
    with pytest.raises(errors.DutyOverlaps):
        _grant(person, valid_from=date(2026, 5, 31))
    _grant(person, valid_from=date(2026, 6, 1))
    _grant(person, duty="01")
    assert Membership.objects.filter(person=person).count() == 3


def test_an_unknown_duty_and_a_backward_term_are_refused(make_person: MakePerson) -> None:
    person = make_person("duties")
    with pytest.raises(errors.UnknownDuty):
        _grant(person, duty="77")
    with pytest.raises(errors.BadTerm):
        _grant(person, valid_to=date(2026, 1, 1))
    with pytest.raises(errors.NoSuchPerson):
        _grant(person, person_id="not-an-id")


def test_a_membership_holds_until_the_day_before_its_end(make_person: MakePerson) -> None:
    person = make_person("ending")
    membership = _grant(person)
    operations.end_membership(
        membership_id=membership.public_id, valid_to=date(2026, 11, 21), actor="system:test", now=NOW
    )

    def roles(day: date) -> frozenset[str]:
        return queries.actor_of_person(person=person, acting_for=TAX_ID, on=day, language="zh").roles

    assert "issuer" in roles(date(2026, 11, 20))
    assert roles(date(2026, 11, 21)) == frozenset({"public", "person"})
    with pytest.raises(errors.BadTerm):
        operations.end_membership(
            membership_id=membership.public_id, valid_to=date(2026, 12, 1), actor="system:test", now=NOW
        )


def test_only_the_hash_of_a_token_is_kept(make_token: Callable[..., str]) -> None:
    text = make_token()
    kept = ApiToken.objects.get()
    assert kept.digest == tokens.digest(text)
    assert text not in str(ApiToken.objects.values().get())
    assert not AuditEntry.objects.filter(detail__icontains=text).exists()


def test_the_same_request_makes_no_second_token(make_person: MakePerson) -> None:
    person = make_person("asker", duty="09")
    asked = {
        "person_id": person.public_id,
        "tax_id": TAX_ID,
        "label": "x",
        "scopes": ["invoices:read"],
        "days": 1,
        "actor": "system:test",
        "now": NOW,
        "request_id": "t-1",
    }
    operations.issue_token(**asked)  # type: ignore[arg-type]
    with pytest.raises(errors.TokenAlreadyShown):
        operations.issue_token(**asked)  # type: ignore[arg-type]
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"days": 0}, errors.BadTokenLifetime),
        ({"days": 367}, errors.BadTokenLifetime),
        ({"scopes": []}, errors.BadScope),
        ({"scopes": ["everything"]}, errors.BadScope),
        ({"label": " "}, errors.NoLabel),
        ({"tax_id": "91450200MA5L8D9E0F"}, errors.NotYourIdentity),
    ],
)
def test_a_token_with_one_thing_wrong_is_refused(
    make_person: MakePerson, change: dict[str, object], refusal: type[Exception]
) -> None:
    person = make_person("asker", duty="09")
    good = {"tax_id": TAX_ID, "label": "x", "scopes": ["invoices:read"], "days": 366}
    rest = {"person_id": person.public_id, "actor": "system:test", "now": NOW}
    with pytest.raises(refusal):
        operations.issue_token(**(good | change | rest))  # type: ignore[arg-type]
    assert operations.issue_token(**(good | rest))[1].tax_id == TAX_ID  # type: ignore[arg-type]


def test_nobody_revokes_anothers_token(make_token: Callable[..., str], make_person: MakePerson) -> None:
    make_token()
    token = ApiToken.objects.get()
    with pytest.raises(errors.NoSuchToken):
        operations.revoke_token(
            person_id=make_person("other").public_id, token_id=token.public_id, actor="system:test", now=NOW
        )
    token.refresh_from_db()
    assert token.revoked_at is None
