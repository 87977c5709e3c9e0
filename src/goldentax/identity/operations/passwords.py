"""Set, change and check passwords (密码)."""

import functools
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.db import transaction

from goldentax.identity import errors, queries
from goldentax.identity.models import EarlierPassword, Person
from goldentax.identity.operations import trail
from goldentax.identity.operations.sessions import end_all_sessions
from goldentax.identity.operations.signing_in import prove
from goldentax.identity.rules import logins, passwords, sessions
from goldentax.kernel import lawbook
from goldentax.kernel.text import Text


@transaction.atomic
def set_password(
    *,
    person_id: str | UUID,
    password: str,
    actor: str,
    now: datetime,
    but_session: str | UUID | None = None,
    request_id: str = "",
) -> None:
    """
    Give a person a new password; every session they have ends with it, their tokens stay.

    :param but_session: the public id of a session that goes on: the one in which they changed it.
    :raises NoSuchPerson: if there is no such person.
    :raises WeakPassword: if the password is too easy to guess.
    :raises PasswordUsedBefore: if it is one of the last they had.
    """
    queries.get_person(person_id)
    person = Person.objects.select_for_update().get(public_id=person_id)
    before = person.password
    check_strength(password, person=person, field="new_password", on=now.date())
    _check_history(password, person=person, on=now.date())
    keep_password(person, password=password, now=now)
    person.save(update_fields=["password", "password_changed_at", "password_fits_officers"])
    if before and not before.startswith("!"):
        EarlierPassword.objects.create(person=person, password=before, ended_at=now)
        _forget_earlier(person, on=now.date())
    trail.record(
        actor=actor, action="identity.person.set-password", person=person, now=now, request_id=request_id
    )
    end_all_sessions(
        person_id=person.public_id,
        reason=sessions.PASSWORD,
        actor=actor,
        but=but_session,
        now=now,
        request_id=request_id,
    )


def change_password(
    *,
    person_id: str | UUID,
    current: str,
    new: str,
    address: str,
    actor: str,
    now: datetime,
    device: str = "",
    but_session: str | UUID | None = None,
) -> None:
    """
    Change one's own password; the present one is asked for, and guessing it is throttled as signing in is.

    :raises WrongCredentials: if the present password is wrong.
    :raises TooManyAttempts: if it was wrong too often.
    :raises WeakPassword: if the new one is too easy to guess.
    :raises PasswordUsedBefore: if it is one of the last they had.
    """
    login = queries.get_person(person_id).login
    try:
        prove(login=login, password=current, network=logins.network_of(address), device=device, now=now)
    except errors.WrongCredentials:
        raise errors.WrongCredentials("current_password") from None
    set_password(person_id=person_id, password=new, actor=actor, but_session=but_session, now=now)


def keep_password(person: Person, *, password: str | None, now: datetime) -> None:
    """Put the hash of a password that was checked into a person, unsaved; with None, none opens the account."""
    normal = passwords.normal_password(password) if password is not None else None
    person.set_password(normal)
    person.password_changed_at = now
    person.password_fits_officers = normal is not None and len(normal) >= length_min(
        is_officer=True, on=now.date()
    )


def check_strength(password: str, *, person: Person, field: str, on: date) -> None:
    """
    Hold a password against what guessers try, and what they may know of the person.

    :raises WeakPassword: if it is too easy to guess.
    """
    is_officer = person.pk is not None and queries.is_officer(person=person, on=on)
    limits = passwords.Limits(
        length_min=length_min(is_officer=is_officer, on=on),
        length_max=lawbook.parameter("identity/password_length_max", on=on),
        rest_min=lawbook.parameter("identity/password_rest_min", on=on),
    )
    reasons = passwords.why_weak(
        passwords.normal_password(password), known=_known(person), limits=limits, is_common=_is_common
    )
    if reasons:
        said = Text("；".join(one.zh for one in reasons), "; ".join(one.en for one in reasons))
        raise errors.WeakPassword(field, reason=said, length_min=limits.length_min)


def length_min(*, is_officer: bool, on: date) -> int:
    """How long a password must be, in characters."""
    name = "password_length_min_officer" if is_officer else "password_length_min"
    length: int = lawbook.parameter(f"identity/{name}", on=on)
    return length


def _known(person: Person) -> list[str]:
    """What somebody who guesses at this person's password may know of them."""
    known = [person.login, person.name, person.id_card_number]
    if person.pk is not None:
        for row in queries.list_memberships(person_id=person.public_id):
            known += [row.tax_id, row.taxpayer_name]
    return [one for one in known if one]


@functools.cache
def _common_passwords() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def _is_common(folded: str) -> bool:
    return folded in _common_passwords()


def _check_history(password: str, *, person: Person, on: date) -> None:
    kept = lawbook.parameter("identity/password_history", on=on)
    hashes = [person.password] if person.has_usable_password() else []
    earlier = EarlierPassword.objects.filter(person=person).order_by("-ended_at", "-id")
    hashes += earlier.values_list("password", flat=True)[: max(0, kept - len(hashes))]
    normal = passwords.normal_password(password)
    if any(check_password(normal, one) for one in hashes):
        raise errors.PasswordUsedBefore("new_password", count=kept)


def _forget_earlier(person: Person, *, on: date) -> None:
    kept = lawbook.parameter("identity/password_history", on=on)
    earlier = EarlierPassword.objects.filter(person=person).order_by("-ended_at", "-id")
    old = list(earlier.values_list("pk", flat=True)[kept:])
    EarlierPassword.objects.filter(pk__in=old).delete()
