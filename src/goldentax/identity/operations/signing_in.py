"""Prove who somebody is; attempts are counted so that nobody guesses for long."""

import math
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.utils.crypto import salted_hmac

from goldentax.identity import errors, queries
from goldentax.identity.models import Person, SignInAttempt
from goldentax.identity.operations import trail
from goldentax.identity.rules import logins, throttle
from goldentax.kernel import audit

ATTEMPTS_KEPT = timedelta(days=1)
"""Attempts older than this serve no rule; who signed in, and who was refused, stays in the audit trail."""


def sign_in(*, login: str, password: str, address: str, now: datetime, request_id: str = "") -> Person:
    """
    Prove who somebody is by login name and password; the caller starts the session.

    The attempt is counted before the password is looked at, and stays counted when the call is refused:
    tries in parallel cannot slip past the limit. So it must not run inside a caller's transaction.

    :param address: the network address it comes from.
    :raises TooManyAttempts: if it failed too often from there.
    :raises WrongCredentials: for an unknown login name, a wrong password and a closed account alike.
    """
    network = logins.network_of(address)
    person = prove(login=logins.normal_login(login), password=password, network=network, now=now)
    detail = {"network": network}
    trail.record(
        actor=trail.web(person),
        action="identity.person.sign-in",
        person=person,
        now=now,
        request_id=request_id,
        detail=detail,
    )
    return person


def note_sign_out(*, person_id: str | UUID, now: datetime) -> None:
    """Write down that a person ended their session."""
    person = queries.get_person(person_id)
    trail.record(actor=trail.web(person), action="identity.person.sign-out", person=person, now=now)


def prove(*, login: str, password: str, network: str, now: datetime) -> Person:
    """
    Give the person whose login name (in its normal form) and password these are, counting the attempt.

    :raises TooManyAttempts: if it failed too often from that network.
    :raises WrongCredentials: for an unknown login name, a wrong password and a closed account alike.
    """
    login_digest = salted_hmac("goldentax.identity.attempt", login, algorithm="sha256").hexdigest()
    attempt = SignInAttempt.objects.create(login_digest=login_digest, network=network, at=now)
    _throttle(attempt, now=now)
    person = Person.objects.filter(login=login).first()
    if person is None:
        # Hashing all the same: an answer that comes faster would tell that nobody has this login name.
        make_password(password)
        audit.record(
            actor="web:anonymous",
            action="identity.person.sign-in-refused",
            subject="person:unknown",
            now=now,
            detail={"network": network},
        )
        raise errors.WrongCredentials()
    if not person.check_password(password) or not person.is_active:
        detail = {"network": network}
        trail.record(
            actor="web:anonymous",
            action="identity.person.sign-in-refused",
            person=person,
            now=now,
            detail=detail,
        )
        raise errors.WrongCredentials()
    SignInAttempt.objects.filter(login_digest=login_digest, network=network).update(has_failed=False)
    SignInAttempt.objects.filter(at__lt=now - ATTEMPTS_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    return person


def _throttle(attempt: SignInAttempt, *, now: datetime) -> None:
    earlier = SignInAttempt.objects.filter(
        network=attempt.network, at__gt=now - throttle.WINDOW, has_failed=True, id__lt=attempt.pk
    )
    of_login = earlier.filter(login_digest=attempt.login_digest)
    login_failures, network_failures = of_login.count(), earlier.count()
    if not throttle.is_too_many(login_failures=login_failures, network_failures=network_failures):
        return
    # An attempt that was not looked at is no failure: it must not make the wait longer.
    attempt.delete()
    is_login = login_failures >= throttle.LOGIN_FAILURES_MAX
    oldest = (of_login if is_login else earlier).order_by("at").values_list("at", flat=True).first()
    wait = (oldest or now) + throttle.WINDOW - now
    wait_s = max(1, math.ceil(wait.total_seconds()))
    raise errors.TooManyAttempts(minutes=math.ceil(wait_s / 60), retry_after_s=wait_s)
