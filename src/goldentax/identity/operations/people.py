"""Register people, their passwords and their language."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import UserAttributeSimilarityValidator, validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from goldentax.identity import errors, queries
from goldentax.identity.models import Person
from goldentax.identity.operations import trail
from goldentax.identity.operations.signing_in import prove
from goldentax.identity.rules import logins
from goldentax.kernel.values.identifiers import is_valid_id_card

NAME_LENGTH_MAX = 80


@transaction.atomic
def register_person(
    *,
    login: str,
    name: str,
    password: str,
    actor: str,
    now: datetime,
    id_card_number: str = "",
    language: str = "zh",
    request_id: str = "",
) -> Person:
    """
    Register a person who can sign in with a login name and a password.

    :raises BadLogin: if the login name has the wrong form.
    :raises LoginTaken: if it belongs to somebody else.
    :raises WeakPassword: if the password is too easy to guess.
    :raises BadIdCard: if the identity card number fails its check character.
    """
    earlier = Person.objects.filter(request_id=request_id).first() if request_id else None
    if earlier:
        return earlier
    login = logins.normal_login(login)
    if not logins.is_valid_login(login):
        raise errors.BadLogin("login")
    if not name.strip() or len(name.strip()) > NAME_LENGTH_MAX:
        raise errors.NoName("name")
    if id_card_number and not is_valid_id_card(id_card_number):
        raise errors.BadIdCard("id_card_number")
    person = Person(
        login=login,
        name=name.strip(),
        id_card_number=id_card_number,
        language=language,
        created_at=now,
        request_id=request_id,
    )
    _check_password(password, person=person, field="password")
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise errors.LoginTaken("login", login=login) from error
    trail.record(
        actor=actor, action="identity.person.register", person=person, now=now, request_id=request_id
    )
    return person


@transaction.atomic
def set_password(
    *, person_id: str | UUID, password: str, actor: str, now: datetime, request_id: str = ""
) -> None:
    """
    Give a person a new password; every session they have elsewhere ends with it.

    :raises NoSuchPerson: if there is no such person.
    :raises WeakPassword: if the password is too easy to guess.
    """
    person = queries.get_person(person_id)
    _check_password(password, person=person, field="new_password")
    person.set_password(password)
    person.save(update_fields=["password"])
    trail.record(
        actor=actor, action="identity.person.set-password", person=person, now=now, request_id=request_id
    )


def change_password(
    *, person_id: str | UUID, current: str, new: str, address: str, actor: str, now: datetime
) -> None:
    """
    Change one's own password; the present one is asked for, and guessing it is throttled as signing in is.

    :raises WrongCredentials: if the present password is wrong.
    :raises TooManyAttempts: if it was wrong too often.
    :raises WeakPassword: if the new one is too easy to guess.
    """
    login = queries.get_person(person_id).login
    try:
        prove(login=login, password=current, network=logins.network_of(address), now=now)
    except errors.WrongCredentials:
        raise errors.WrongCredentials("current_password") from None
    set_password(person_id=person_id, password=new, actor=actor, now=now)


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


def _check_password(password: str, *, person: Person, field: str) -> None:
    try:
        validate_password(password, person)
        # Django's list of validators looks at attributes that a person here does not have.
        UserAttributeSimilarityValidator(user_attributes=("login", "name")).validate(password, person)
    except ValidationError as weak:
        with translation.override("zh-hans"):
            reason_zh = "；".join(str(message) for message in weak.messages)
        with translation.override("en"):
            reason_en = " ".join(str(message) for message in weak.messages)
        raise errors.WeakPassword(field, reason_zh=reason_zh, reason_en=reason_en) from weak
