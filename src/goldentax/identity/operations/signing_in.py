"""Prove who somebody is by a password; attempts are counted so that nobody guesses for long."""

import math
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.utils.crypto import salted_hmac

from goldentax.identity import errors, queries, store
from goldentax.identity.models import Person, SignInAttempt
from goldentax.identity.operations import trail
from goldentax.identity.rules import devices, logins, passwords, throttle
from goldentax.kernel import audit
from goldentax.oversight import api as oversight

ATTEMPTS_KEPT = timedelta(days=1)
"""Attempts older than this serve no rule; who signed in, and who was refused, stays in the audit trail."""


def sign_in(
    *, login: str, password: str, address: str, now: datetime, device: str = "", user_agent: str = ""
) -> Person:
    """
    Prove who somebody is by login name and password; whether they are let in is asked of `admit`.

    The attempt is counted before the password is looked at, and stays counted when the call is refused:
    tries in parallel cannot slip past the limit. So it must not run inside a caller's transaction.

    :param address: the network address it comes from.
    :param device: the digest of the device's cookie.
    :raises TooManyAttempts: if it failed too often from there.
    :raises LoginGuarded: if many networks guess at this login name, and nobody signed in as it from this device.
    :raises WrongCredentials: for an unknown login name, a wrong password and a closed account alike.
    """
    return prove(
        login=logins.normal_login(login),
        password=password,
        network=logins.network_of(address),
        device=device,
        user_agent=user_agent,
        now=now,
    )


def prove(
    *, login: str, password: str, network: str, now: datetime, device: str = "", user_agent: str = ""
) -> Person:
    """
    Give the person whose login name (in its normal form) and password these are, counting the attempt.

    :raises TooManyAttempts: if it failed too often from that network.
    :raises LoginGuarded: if many networks guess at this login name, and this device is unknown.
    :raises WrongCredentials: for an unknown login name, a wrong password and a closed account alike.
    """
    attempt = count_attempt(login=login, network=network, device=device, now=now)
    person = Person.objects.filter(login=login).first()
    typed = passwords.normal_password(password)
    if person is None or not person.has_usable_password():
        # Hashing all the same: an answer that comes faster would tell that nobody has this login name.
        make_password(typed)
        is_right = False
    else:
        is_right = person.check_password(typed)
    if person is None or not is_right or not person.is_active:
        _refuse(person, attempt=attempt, device=device, user_agent=user_agent, now=now)
        raise errors.WrongCredentials()
    store.forgive(attempt)
    return person


def count_attempt(*, login: str, network: str, device: str, now: datetime) -> store.Attempt:
    """
    Count an attempt at a login name (in its normal form) before it is looked at.

    :raises TooManyAttempts: if it failed too often from that network.
    :raises LoginGuarded: if many networks guess at this login name, and this device is unknown.
    """
    is_known = queries.is_known_device(login=login, device=device)
    attempt = store.add_attempt(
        login_digest=login_digest(login), network=network, device_digest=device if is_known else "", at=now
    )
    failures = store.failures_before(attempt)
    if throttle.is_apart(failures, is_known=is_known):
        return attempt
    wait = throttle.wait_of_network(failures, now=now)
    guard = None if wait else throttle.wait_of_login(failures, now=now)
    if wait is None and guard is None:
        return attempt
    # An attempt that was not looked at is no failure: it must not make the wait longer.
    SignInAttempt.objects.filter(pk=attempt.pk).delete()
    wait_s = max(1, math.ceil((wait or guard or timedelta()).total_seconds()))
    if wait is not None:
        raise errors.TooManyAttempts(minutes=math.ceil(wait_s / 60), retry_after_s=wait_s)
    raise errors.LoginGuarded(seconds=wait_s, retry_after_s=wait_s)


def login_digest(login: str) -> str:
    """What is kept of a login name that was typed: people type passwords there."""
    return salted_hmac("goldentax.identity.attempt", login, algorithm="sha256").hexdigest()


def forget_attempts(now: datetime) -> int:
    """Delete attempts and browser sessions that serve no rule any more; how many."""
    attempts, _ = SignInAttempt.objects.filter(at__lt=now - ATTEMPTS_KEPT).delete()
    stale, _ = Session.objects.filter(expire_date__lt=now).delete()
    return attempts + stale


def _refuse(
    person: Person | None, *, attempt: store.Attempt, device: str, user_agent: str, now: datetime
) -> None:
    """Leave the same traces of a refusal, whether there is such a person or not."""
    audit.record(
        actor="web:anonymous",
        action="identity.person.sign-in-refused",
        subject=trail.subject(person) if person else "person:unknown",
        now=now,
        category=audit.SIGN_IN,
        detail={"network": attempt.network, "device": device[:12]},
    )
    facts = oversight.SignInFacts(
        person_id=str(person.public_id) if person else "",
        login_digest=attempt.login_digest,
        network=attempt.network,
        device_id=device,
        user_agent=devices.summary_of(user_agent),
        at=now,
        method="password",
    )
    oversight.note_sign_in(facts, succeeded=False)
