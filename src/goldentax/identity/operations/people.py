"""Register people, close and reopen their accounts, keep their choices."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from goldentax.identity import errors, queries
from goldentax.identity.models import Person
from goldentax.identity.operations import trail
from goldentax.identity.operations.passwords import check_strength, keep_password
from goldentax.identity.operations.sessions import end_all_sessions
from goldentax.identity.rules import logins, sessions
from goldentax.kernel import audit
from goldentax.kernel.values.identifiers import is_valid_id_card

NAME_LENGTH_MAX = 80
PURPOSE_LENGTH_MIN, PURPOSE_LENGTH_MAX = 4, 200
"""“Case 12” says something, “x” does not; the rest is read by whoever checks the looks."""


@transaction.atomic
def register_person(
    *,
    login: str,
    name: str,
    password: str | None,
    actor: str,
    now: datetime,
    id_card_number: str = "",
    language: str = "zh",
    request_id: str = "",
) -> Person:
    """
    Register a person who can sign in with a login name and a password.

    :param password: with None, the person has none until they set one with an activation code.
    :raises BadLogin: if the login name has the wrong form.
    :raises LoginTaken: if it belongs to somebody else.
    :raises WeakPassword: if the password is too easy to guess.
    :raises BadIdCard: if the identity card number fails its check character.
    :raises IdCardTaken: if another account has the identity card number.
    """
    earlier = Person.objects.filter(request_id=request_id).first() if request_id else None
    if earlier:
        return earlier
    login = logins.normal_login(login)
    if not logins.is_valid_login(login):
        raise errors.BadLogin("login")
    if not name.strip() or len(name.strip()) > NAME_LENGTH_MAX:
        raise errors.NoName("name")
    id_card_number = logins.normal_id_card(id_card_number)
    if id_card_number and not is_valid_id_card(id_card_number):
        raise errors.BadIdCard("id_card_number")
    person = Person(
        login=login,
        name=name.strip(),
        id_card_number=id_card_number,
        id_card_index=queries.id_card_index(id_card_number),
        language=language,
        created_at=now,
        request_id=request_id,
    )
    if password is not None:
        check_strength(password, person=person, field="password", on=now.date())
    keep_password(person, password=password, now=now)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        if "identity_person_id_card" in str(error):
            raise errors.IdCardTaken("id_card_number") from error
        raise errors.LoginTaken("login", login=login) from error
    trail.record(
        actor=actor, action="identity.person.register", person=person, now=now, request_id=request_id
    )
    return person


@transaction.atomic
def close_person(*, person_id: str | UUID, actor: str, now: datetime, request_id: str = "") -> Person:
    """
    Close an account: nothing opens it, every session ends, its tokens are refused. A closed one stays closed.

    :raises NoSuchPerson: if there is no such person.
    """
    person = _locked(person_id)
    if not person.is_active:
        return person
    person.is_active = False
    person.save(update_fields=["is_active"])
    trail.record(
        actor=actor,
        action="identity.person.close",
        person=person,
        now=now,
        request_id=request_id,
        category=audit.PRIVILEGED,
    )
    end_all_sessions(
        person_id=person.public_id, reason=sessions.CLOSED, actor=actor, now=now, request_id=request_id
    )
    queries.forget_proven_tokens()
    return person


@transaction.atomic
def reopen_person(*, person_id: str | UUID, actor: str, now: datetime, request_id: str = "") -> Person:
    """
    Open a closed account again, with the password and factors it had.

    :raises NoSuchPerson: if there is no such person.
    """
    person = _locked(person_id)
    if person.is_active:
        return person
    person.is_active = True
    person.save(update_fields=["is_active"])
    trail.record(
        actor=actor,
        action="identity.person.reopen",
        person=person,
        now=now,
        request_id=request_id,
        category=audit.PRIVILEGED,
    )
    return person


def checked_purpose(typed: str) -> str:
    """
    What an officer says they look at sealed data for, in its one form.

    :raises NoPurpose: if it says nothing.
    """
    purpose = " ".join(typed.split())
    if not PURPOSE_LENGTH_MIN <= len(purpose) <= PURPOSE_LENGTH_MAX:
        raise errors.NoPurpose("purpose", length_min=PURPOSE_LENGTH_MIN)
    return purpose


@transaction.atomic
def set_language(*, person_id: str | UUID, language: str, actor: str, now: datetime) -> None:
    """Remember in which language a person reads: ``zh`` or ``en``."""
    person = queries.get_person(person_id)
    if person.language == language:
        return
    person.language = language
    person.save(update_fields=["language"])
    trail.record(
        actor=actor,
        action="identity.person.set-language",
        person=person,
        now=now,
        detail={"language": language},
    )


@transaction.atomic
def choose_second_factor(*, person_id: str | UUID, is_always: bool, actor: str, now: datetime) -> None:
    """
    Ask for the person's second factor at every sign-in, or only where the risk asks for it.

    :raises OfficersAlways: if an officer would be asked less.
    """
    person = queries.get_person(person_id)
    if person.second_factor_always == is_always:
        return
    if not is_always and queries.is_officer(person=person, on=now.date()):
        raise errors.OfficersAlways("second_factor")
    person.second_factor_always = is_always
    person.save(update_fields=["second_factor_always"])
    trail.record(
        actor=actor,
        action="identity.person.choose-second-factor",
        person=person,
        now=now,
        detail={"always": is_always},
        category=audit.SIGN_IN,
    )


@transaction.atomic
def take_identity(*, person_id: str | UUID, key: str, actor: str, now: datetime) -> None:
    """
    Let a person act in another identity: a tax id, ``office:<code>``, or "" for themselves.

    It is remembered for their next sign-in. What it opens is asked anew at every request.

    :raises NotYourIdentity: if the person may not take it today.
    """
    person = queries.get_person(person_id)
    if key and key not in {one.key for one in queries.list_identities(person=person, on=now.date())}:
        raise errors.NotYourIdentity("identity")
    person.acting_for = key
    person.save(update_fields=["acting_for"])
    trail.record(
        actor=actor, action="identity.person.take-identity", person=person, now=now, detail={"identity": key}
    )


def _locked(person_id: str | UUID) -> Person:
    queries.get_person(person_id)
    return Person.objects.select_for_update().get(public_id=person_id)
