"""
Codes by which a person sets a new password when the old one is lost (激活码): an officer who saw the identity card
hands one over.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from goldentax.identity import errors, queries, store
from goldentax.identity.models import ActivationCode, Person
from goldentax.identity.operations import trail
from goldentax.identity.operations.passwords import set_password
from goldentax.identity.operations.signing_in import count_attempt
from goldentax.identity.rules import activation, logins
from goldentax.kernel import audit, lawbook


@transaction.atomic
def issue_activation_code(
    *, person_id: str | UUID, actor: str, now: datetime, request_id: str = ""
) -> tuple[str, ActivationCode]:
    """
    Make a code with which a person sets a new password; its text is given here, this once. It ends earlier ones.

    The present password stays good until then: whoever made a code by mistake locked nobody out.

    :raises NoSuchPerson: if there is no such person.
    :raises CodeAlreadyShown: if this request already made one.
    """
    if request_id and ActivationCode.objects.filter(request_id=request_id).exists():
        raise errors.CodeAlreadyShown()
    queries.get_person(person_id)
    person = Person.objects.select_for_update().get(public_id=person_id)
    ActivationCode.objects.filter(person=person, ended_at__isnull=True).update(ended_at=now)
    text = activation.new_code()
    hours = lawbook.parameter("identity/activation_code_hours", on=now.date())
    code = ActivationCode.objects.create(
        person=person,
        digest=activation.digest(text),
        issued_at=now,
        issued_by=actor[:120],
        expires_at=now + timedelta(hours=hours),
        request_id=request_id,
    )
    trail.record(
        actor=actor,
        action="identity.person.reset",
        person=person,
        now=now,
        request_id=request_id,
        category=audit.PRIVILEGED,
        detail={"code": str(code.public_id), "expires_at": code.expires_at.isoformat()},
    )
    return text, code


def activate(*, login: str, code: str, new: str, address: str, now: datetime, device: str = "") -> Person:
    """
    Set a new password with an activation code, which is used up; every session ends.

    Guessing codes is throttled as guessing passwords is, so this must not run inside a caller's transaction.

    :raises WrongActivation: for an unknown login, a wrong, used or old code, and a closed account alike.
    :raises TooManyAttempts: if it failed too often from there.
    :raises WeakPassword: if the new password is too easy to guess.
    :raises PasswordUsedBefore: if it is one of the last they had.
    """
    attempt = count_attempt(
        login=logins.normal_login(login), network=logins.network_of(address), device=device, now=now
    )
    try:
        person = _use_up(login=logins.normal_login(login), code=code, new=new, now=now)
    except (errors.WeakPassword, errors.PasswordUsedBefore):
        store.forgive(attempt)  # the code was right
        raise
    store.forgive(attempt)
    return person


@transaction.atomic
def _use_up(*, login: str, code: str, new: str, now: datetime) -> Person:
    found = ActivationCode.objects.select_for_update(of=("self",)).select_related("person")
    row = found.filter(
        digest=activation.digest(code),
        person__login=login,
        person__is_active=True,
        ended_at__isnull=True,
        expires_at__gt=now,
    ).first()
    if row is None:
        raise errors.WrongActivation("code")
    set_password(person_id=row.person.public_id, password=new, actor=trail.web(row.person), now=now)
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    return Person.objects.get(pk=row.person.pk)  # with the new password, to which a session is bound
