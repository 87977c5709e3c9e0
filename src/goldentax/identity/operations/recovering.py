"""
Prove oneself without the password, to set a new one (找回密码).

Whatever recovers an account is as good as the account. So officers, who see other people's data, do not recover theirs
this way: a colleague sees them and hands over an activation code, or they sign in by passkey or certificate.
"""

from datetime import date

from goldentax.identity import errors, queries, store
from goldentax.identity.errors import factors as factor_errors
from goldentax.identity.models import Person
from goldentax.identity.operations import factors
from goldentax.identity.operations.signing_in import count_attempt
from goldentax.identity.rules import logins

TYPED = ("totp", "recovery")
"""Ways that are proved by a login name and something typed; a code by SMS is proved by the number alone."""


def recover(*, login: str, key: str, answer: str, context: factors.Context, device: str = "") -> Person:
    """
    Tell whose account it is that somebody proves by an authenticator's or a recovery code.

    Counted as attempts to sign in are, so it must not run inside a caller's transaction. The caller takes care that
    every answer takes the same time.

    :raises TooManyAttempts: if it failed too often from there.
    :raises LoginGuarded: if many networks try at this login name, and nobody signed in as it from this device.
    :raises NotRecovered: for an unknown login, a wrong code, a missing way, an officer, a closed account alike.
    """
    login = logins.normal_login(login)
    attempt = count_attempt(login=login, network=context.network, device=device, now=context.now)
    person = Person.objects.filter(login=login, is_active=True).first()
    if person is None or key not in TYPED:
        raise errors.NotRecovered()
    if queries.is_officer(person=person, on=context.now.date()):
        raise errors.NotRecovered()
    try:
        factors.prove(person, key, answer, context)
    except (
        factor_errors.WrongCode,
        factor_errors.TooManyFactorTries,
        factor_errors.FactorNotOffered,
    ) as error:
        raise errors.NotRecovered() from error
    store.forgive(attempt)
    return person


def check_number_suffices(person: Person, *, on: date) -> None:
    """
    Refuse a new password by SMS alone where more is to be had: numbers are taken over by talking to a shop.

    Told only to who proved to hold the number.

    :raises NotRecovered: for officers, and for who has an authenticator or a passkey.
    """
    has_more = any(one.key in ("totp", "passkey") for one in factors.list_factors(person))
    if has_more or queries.is_officer(person=person, on=on):
        raise errors.NotRecovered("code")
