"""Enumeration, spraying, guessing from many networks: who is slowed, who is told what, and who is never locked out."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from argon2 import PasswordHasher, low_level
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goldentax.identity import errors, operations
from goldentax.identity.models import Person, SignInAttempt
from goldentax.identity.rules import sessions, throttle
from goldentax.identity.tests.conftest import NOW, PASSWORD

MakePerson = Callable[..., Person]
DEVICE = sessions.digest("the secret of a device")


def _try(
    login: str, password: str = "wrong", *, address: str = "10.0.0.1", device: str = "", seconds: float = 0
) -> Person:
    return operations.sign_in(
        login=login, password=password, address=address, device=device, now=NOW + timedelta(seconds=seconds)
    )


def _knows(person: Person, device: str = DEVICE) -> None:
    """Let a person have signed in from a device before."""
    operations.start_session(
        person=person,
        secret=f"secret of {person.login}",
        device=device,
        network="10.0.0.1",
        user_agent="",
        methods=("password",),
        assurance=1,
        acting_for="",
        now=NOW - timedelta(days=30),
    )


def _guess_from_everywhere(login: str, *, times: int = throttle.EVERYWHERE_FAILURES_MAX) -> None:
    """What an attacker with many networks leaves behind."""
    digest = operations.signing_in.login_digest(login)
    SignInAttempt.objects.bulk_create(
        SignInAttempt(login_digest=digest, network=f"198.51.100.{number}", at=NOW) for number in range(times)
    )


def test_unknown_wrong_and_closed_cost_the_same_work(make_person: MakePerson) -> None:
    make_person("known")
    Person.objects.filter(pk=make_person("closed").pk).update(is_active=False)
    operations.register_person(login="without", name="无密码", password=None, actor="system:test", now=NOW)
    work = {}
    for login in ("nobody-here", "known", "closed", "without"):
        with (
            patch("argon2.low_level.hash_secret", wraps=low_level.hash_secret) as hashed,
            patch(
                "argon2.PasswordHasher.verify", autospec=True, side_effect=PasswordHasher.verify
            ) as verified,
            CaptureQueriesContext(
                connection,
            ) as asked,
            pytest.raises(errors.WrongCredentials),
        ):
            _try(login, PASSWORD if login == "closed" else "wrong")
        verbs = [
            one["sql"].split()[0] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))
        ]
        work[login] = (hashed.call_count + verified.call_count, verbs)
    assert work["nobody-here"][0] == 1
    assert work["nobody-here"] == work["known"] == work["closed"] == work["without"]


def test_a_spray_over_many_logins_closes_its_network_alone(make_person: MakePerson) -> None:
    make_person("neighbour")
    rows = [
        SignInAttempt(login_digest=f"{n:064}", network="203.0.113.5", at=NOW)
        for n in range(throttle.NETWORK_FAILURES_MAX)
    ]
    SignInAttempt.objects.bulk_create(rows)
    with pytest.raises(errors.TooManyAttempts):
        _try("neighbour", PASSWORD, address="203.0.113.5")
    assert _try("neighbour", PASSWORD, address="203.0.113.6").login == "neighbour"


def test_a_known_device_gets_in_from_a_network_that_is_closed(make_person: MakePerson) -> None:
    _knows(make_person("colleague"))
    SignInAttempt.objects.bulk_create(
        SignInAttempt(login_digest=f"{n:064}", network="203.0.113.5", at=NOW)
        for n in range(throttle.NETWORK_FAILURES_MAX)
    )
    with pytest.raises(errors.TooManyAttempts):
        _try("colleague", PASSWORD, address="203.0.113.5")
    assert _try("colleague", PASSWORD, address="203.0.113.5", device=DEVICE).login == "colleague"


def test_guessing_from_many_networks_slows_unknown_devices_only(make_person: MakePerson) -> None:
    _knows(make_person("victim"))
    make_person("bystander")
    _guess_from_everywhere("victim")
    with pytest.raises(errors.LoginGuarded) as refused:
        _try("victim", PASSWORD, address="10.9.9.9")
    assert refused.value.status == 429
    assert refused.value.facts["retry_after_s"] == throttle.EVERYWHERE_PAUSE.total_seconds()
    # Nobody is locked out: the known device at once, any other after its turn, other logins as ever.
    assert _try("victim", PASSWORD, address="10.9.9.9", device=DEVICE).login == "victim"
    assert _try("bystander", PASSWORD, address="10.9.9.9").login == "bystander"
    pause = throttle.EVERYWHERE_PAUSE.total_seconds()
    assert _try("victim", PASSWORD, address="10.9.9.9", seconds=pause).login == "victim"


def test_guessing_on_takes_turns_however_many_networks(make_person: MakePerson) -> None:
    make_person("victim")
    _guess_from_everywhere("victim")
    looked_at = 0
    for second in range(0, 300, 3):
        try:
            _try("victim", address=f"192.0.2.{second % 250}", seconds=second)
        except errors.WrongCredentials:
            looked_at += 1
        except errors.LoginGuarded:
            pass
    assert looked_at <= 300 / throttle.EVERYWHERE_PAUSE.total_seconds()


def test_guarding_tells_nothing_of_whether_a_login_exists(make_person: MakePerson) -> None:
    make_person("known")
    said = []
    for login in ("known", "nobody-here"):
        _guess_from_everywhere(login)
        with pytest.raises(errors.LoginGuarded) as refused:
            _try(login, address="10.9.9.9")
        said.append(refused.value.as_problem("zh"))
    assert said[0] == said[1]


def test_a_stolen_device_cookie_has_ten_guesses(make_person: MakePerson) -> None:
    _knows(make_person("victim"))
    for _ in range(throttle.DEVICE_FAILURES_MAX):
        with pytest.raises(errors.WrongCredentials):
            _try("victim", address="203.0.113.7", device=DEVICE)
    # From here on it counts as any device does: five more from one network.
    _guess_from_everywhere("victim")
    with pytest.raises(errors.LoginGuarded):
        _try("victim", PASSWORD, address="203.0.113.7", device=DEVICE)


def test_a_device_counts_for_its_own_login_only(make_person: MakePerson) -> None:
    _knows(make_person("attacker"))
    make_person("victim")
    _guess_from_everywhere("victim")
    with pytest.raises(errors.LoginGuarded):
        _try("victim", address="10.9.9.9", device=DEVICE)


def test_a_forgotten_device_is_a_stranger(make_person: MakePerson) -> None:
    person = make_person("victim")
    _knows(person)
    operations.forget_device(person_id=person.public_id, device=DEVICE, actor="system:test", now=NOW)
    _guess_from_everywhere("victim")
    with pytest.raises(errors.LoginGuarded):
        _try("victim", PASSWORD, address="10.9.9.9", device=DEVICE)


def test_old_attempts_are_forgotten(db: None) -> None:
    SignInAttempt.objects.create(login_digest="0" * 64, network="10.0.0.1", at=NOW - timedelta(days=2))
    SignInAttempt.objects.create(login_digest="0" * 64, network="10.0.0.1", at=NOW)
    operations.forget_attempts(NOW)
    assert SignInAttempt.objects.count() == 1
