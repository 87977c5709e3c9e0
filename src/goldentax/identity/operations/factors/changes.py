"""What every change of somebody's factors must pass, and how it is written down."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from goldentax.identity import queries
from goldentax.identity.models import Person
from goldentax.identity.models.factors import Authenticator, MobileNumber, Passkey
from goldentax.identity.operations import trail
from goldentax.kernel import access, audit, lawbook

LEVEL_TO_CHANGE = access.TWO_FACTORS
"""Who has a second factor shows it before factors change: a stolen password must not bring a factor of its own."""


def open_for_change(*, person_id: str | UUID, assurance: int) -> Person:
    """
    The person, locked until the transaction ends, so that two changes at once cannot both count the other's factor.

    :param assurance: the level of the session that asks.
    :raises StepUpNeeded: if the person has a second factor and has not shown it.
    :raises NoSuchPerson: if there is none.
    """
    person = Person.objects.select_for_update().get(pk=queries.get_person(person_id).pk)
    hold_level(person=person, assurance=assurance)
    return person


def hold_level(*, person: Person, assurance: int) -> None:
    """
    Refuse a change to who has a second factor and has not shown it.

    :raises StepUpNeeded: if so.
    """
    if assurance < LEVEL_TO_CHANGE and count_second_factors(person):
        raise access.StepUpNeeded(level=LEVEL_TO_CHANGE)


def count_second_factors(person: Person) -> int:
    """How many second factors a person has; recovery codes stand in for one and are none themselves."""
    here = {"person": person, "removed_at__isnull": True}
    return (
        Authenticator.objects.filter(**here, confirmed_at__isnull=False).count()
        + Passkey.objects.filter(**here).count()
        + MobileNumber.objects.filter(**here).count()
    )


def must_have_two(*, person: Person, on: date) -> bool:
    """Whether a person has to keep a second factor: officers do, where the lawbook says so."""
    if not lawbook.parameter("identity/officers_need_two_factors", on=on):
        return False
    return queries.is_officer(person=person, on=on)


def note(
    *,
    actor: str,
    action: str,
    person: Person,
    now: datetime,
    category: str = audit.PRIVILEGED,
    request_id: str = "",
    detail: Mapping[str, object] | None = None,
) -> None:
    """Write one audit row; call it inside the transaction that does the thing."""
    audit.record(
        actor=actor,
        action=f"identity.factor.{action}",
        subject=f"person:{person.public_id}",
        now=now,
        category=category,
        request_id=request_id,
        detail=dict(detail or {}),
    )


def note_proof(*, person: Person, method: str, network: str, now: datetime, succeeded: bool) -> None:
    """Write down that a person proved themselves by a factor, or failed to."""
    note(
        actor=trail.web(person) if succeeded else "web:anonymous",
        action="prove" if succeeded else "refuse",
        person=person,
        now=now,
        category=audit.SIGN_IN,
        detail={"method": method, "network": network},
    )
