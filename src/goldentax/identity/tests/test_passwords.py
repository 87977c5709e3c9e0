"""What makes a password too easy to guess, and how passwords live."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from goldentax.authority import api as authority
from goldentax.identity import errors, operations
from goldentax.identity.models import EarlierPassword, Person
from goldentax.identity.operations import passwords as setting
from goldentax.identity.rules import passwords
from goldentax.identity.tests.conftest import NOW, PASSWORD

LIMITS = passwords.Limits(length_min=10, length_max=128, rest_min=5)
KNOWN = [
    "weixiaoyan",
    "韦晓燕",
    "45010219900307001X",
    "91450100MA5K1A2B3C",
    "桂海新能源有限公司",
    "13907710001",
]


def _why(
    password: str, *, known: list[str] | None = None, is_common: Callable[[str], bool] | None = None
) -> str:
    reasons = passwords.why_weak(
        passwords.normal_password(password),
        known=KNOWN if known is None else known,
        limits=LIMITS,
        is_common=is_common or setting._is_common,
    )
    return "; ".join(one.en for one in reasons)


@pytest.mark.parametrize(
    ("password", "because"),
    [
        ("short-one", "fewer than 10"),
        ("x" * 129, "more than 128"),
        ("abababababab", "repeated"),
        ("password123", "leaked"),
        ("P@ssw0rd2026!", "leaked"),
        ("!!!iloveyou!!!", "leaked"),
        ("weixiaoyan88", "too short once"),
        ("WeiXiaoyan2026!", "too short once"),
        ("xiaoyanwei123", "too short once"),
        ("韦晓燕韦晓燕韦晓燕一", "too short once"),
        ("wxy19900307aa", "too short once"),
        ("19900307wei!", "too short once"),
        ("91450100MA5K1A2B3C", "too short once"),
        ("guihaixinnengyuan1", "too short once"),
        ("guihai2026!!", "too short once"),
        ("13907710001a", "too short once"),
        ("qwertyuiop12", "too short once"),
        ("1qaz2wsx3edc", "too short once"),
        ("asdfghjkl;'99", "too short once"),
        ("0987654321ab", "too short once"),
        ("2024-2025-2026", "too short once"),
    ],
)
def test_what_guessers_try_first_is_refused(password: str, because: str) -> None:
    assert because in _why(password)


@pytest.mark.parametrize(
    "password",
    [
        "a-long-and-odd-passphrase-88",
        "correct horse battery",
        "七月的雨落在老邮局屋顶",
        "k7#Vz!mQ2x",
        "ｌｏｎｇ　ｅｎｏｕｇｈ　ｗｏｒｄｓ",
        "weixiaoyan-likes-odd-lamps",
    ],
)
def test_what_is_hard_to_guess_is_taken(password: str) -> None:
    assert _why(password) == ""


def test_what_is_known_of_somebody_else_does_not_matter() -> None:
    assert _why("weixiaoyan88", known=["someone.else"]) == ""


def test_the_same_sign_of_another_keyboard_is_the_same() -> None:
    assert passwords.normal_password("Ａ－１") == "A-1"


@pytest.mark.django_db
def test_the_list_of_leaked_passwords_is_really_asked() -> None:
    assert len(setting._common_passwords()) > 19_000


MakePerson = Callable[..., Person]


def _set(person: Person, password: str, *, days: int = 0, **more: Any) -> None:
    operations.set_password(
        person_id=person.public_id,
        password=password,
        actor="system:test",
        now=NOW + timedelta(days=days),
        **more,
    )


def test_the_last_five_passwords_do_not_come_back(make_person: MakePerson) -> None:
    person = make_person("history")
    words = [f"quite-another-phrase-{word}" for word in ("lamp", "rain", "moss", "tide", "fern")]
    for number, word in enumerate(words[:4]):
        _set(person, word, days=number)
    for old in (PASSWORD, words[0], words[3]):
        with pytest.raises(errors.PasswordUsedBefore):
            _set(person, old, days=5)
    _set(person, words[4], days=5)
    _set(person, PASSWORD, days=6)  # five others lie between
    assert EarlierPassword.objects.filter(person=person).count() == 5


def _appoint(person: Person) -> None:
    authority.appoint(
        person_id=person.public_id,
        office_code="14500000000",
        post="invoice-manage",
        valid_from=NOW.date(),
        actor="system:test",
        now=NOW,
    )


def test_an_officer_needs_a_longer_password_and_a_new_one_in_time(make_person: MakePerson) -> None:
    person = make_person("officer")
    _set(person, "ten-or-11a?")
    person.refresh_from_db()
    assert operations.must_change_password(person, now=NOW)  # good for other people, too short for an officer
    _appoint(person)
    with pytest.raises(errors.WeakPassword) as refused:
        _set(person, "ten-or-11b?")
    assert "12" in refused.value.way_out_text("zh")
    _set(person, "twelve-or-more?")
    person.refresh_from_db()
    assert not operations.must_change_password(person, now=NOW + timedelta(days=89))
    assert operations.must_change_password(person, now=NOW + timedelta(days=90))


def test_a_person_without_a_password_signs_in_by_none(make_person: MakePerson) -> None:
    person = operations.register_person(
        login="no.password", name="无密码", password=None, actor="system:test", now=NOW
    )
    for typed in ("", "!", person.password):
        with pytest.raises(errors.WrongCredentials):
            operations.sign_in(login="no.password", password=typed, address="10.0.0.1", now=NOW)
