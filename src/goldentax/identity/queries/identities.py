"""Whom people may act for today."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from goldentax.authority import api as authority
from goldentax.identity.models import Membership, Person, valid_on
from goldentax.identity.rules import duties, logins
from goldentax.kernel import access

OFFICE_PREFIX = "office:"
"""Begins the key of an officer's identity; every other key is a tax id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One identity (办税身份) a person may take today: a taxpayer they act for, or a post in an office."""

    key: str  # a tax id, or office:<code>
    name: str
    duties: tuple[str, ...] = ()
    tax_id: str = ""
    taxpayer_public_id: str = ""
    title: str = ""  # of an officer
    until: date | None = None  # the first day without it, where that is known

    @property
    def is_office(self) -> bool:
        return self.key.startswith(OFFICE_PREFIX)


def list_memberships(*, person_id: str | UUID, on: date | None = None) -> list[Membership]:
    """A person's memberships, the newest first; with ``on``, only those that hold on that day."""
    found = Membership.objects.filter(person__public_id=person_id)
    if on is not None:
        found = found.filter(valid_on(on))
    return list(found.order_by("-valid_from", "tax_id", "duty"))


def list_members(*, tax_id: str, on: date | None = None) -> list[Membership]:
    """Everybody's memberships for a taxpayer with their people, by name; with ``on``, only those of that day."""
    found = Membership.objects.filter(tax_id=tax_id).select_related("person")
    if on is not None:
        found = found.filter(valid_on(on))
    return list(found.order_by("person__name", "duty", "-valid_from"))


def list_identities(*, person: Person, on: date) -> list[Identity]:
    """Every identity a person may take on a day: taxpayers by name, then offices."""
    by_tax_id: dict[str, list[Membership]] = {}
    for membership in Membership.objects.filter(valid_on(on), person=person).order_by("duty"):
        by_tax_id.setdefault(membership.tax_id, []).append(membership)
    found = sorted((_of_taxpayer(rows) for rows in by_tax_id.values()), key=lambda one: (one.name, one.key))
    return found + _offices_of(authority.list_appointments(person_id=str(person.public_id), on=on))


def actor_of_person(*, person: Person, acting_for: str, on: date, language: str) -> access.Actor:
    """
    The actor of somebody signed in who acts for ``acting_for``: a tax id, ``office:<code>``, or nobody.

    Asked at every request: a membership that has ended opens nothing, whatever the session remembers.
    """
    who = access.Actor(
        person_id=str(person.public_id),
        person_name=person.name,
        person_login=person.login,
        roles=frozenset({access.PUBLIC, access.PERSON}),
        language=language,
    )
    if acting_for.startswith(OFFICE_PREFIX):
        office = acting_for.removeprefix(OFFICE_PREFIX)
        posts = authority.list_appointments(person_id=str(person.public_id), on=on)
        held = next((one for one in posts if one.office_code == office), None)
        if held:
            return replace(
                who,
                roles=who.roles | {access.OFFICER},
                office_code=office,
                office_name=held.office_name,
            )
    elif acting_for:
        rows = list(Membership.objects.filter(person=person, tax_id=acting_for).filter(valid_on(on)))
        if rows:
            return replace(
                who,
                roles=duties.roles_for_taxpayer(frozenset(row.duty for row in rows)),
                duties=frozenset(row.duty for row in rows),
                taxpayer_id=acting_for,
                taxpayer_name=_name_of(rows),
                taxpayer_public_id=str(rows[0].taxpayer_public_id),
            )
    return who


def has_post(*, person_id: str | UUID, office_code: str, on: date) -> bool:
    """Whether somebody holds a post in an office on a day."""
    posts = authority.list_appointments(person_id=str(person_id), on=on)
    return any(one.office_code == office_code for one in posts)


def find_issuing_membership(*, on: date, login: str = "", tax_id: str = "") -> Membership | None:
    """The first membership that may issue on a day, of that person and taxpayer where they are named."""
    found = Membership.objects.filter(duty__in=duties.ISSUING_DUTIES, person__is_active=True).filter(
        valid_on(on)
    )
    if login:
        found = found.filter(person__login=logins.normal_login(login))
    if tax_id:
        found = found.filter(tax_id=tax_id)
    return found.select_related("person").order_by("id").first()


def _name_of(rows: list[Membership]) -> str:
    return next((row.taxpayer_name for row in rows if row.taxpayer_name), "")


def _of_taxpayer(rows: list[Membership]) -> Identity:
    ends = [row.valid_to for row in rows]
    return Identity(
        key=rows[0].tax_id,
        name=_name_of(rows) or rows[0].tax_id,
        duties=tuple(row.duty for row in rows),
        tax_id=rows[0].tax_id,
        taxpayer_public_id=str(rows[0].taxpayer_public_id),
        until=None if None in ends else max(end for end in ends if end),
    )


def _offices_of(appointments: list[authority.Appointment]) -> list[Identity]:
    """One identity for each office; somebody with two posts there holds both at once."""
    by_office: dict[str, list[authority.Appointment]] = {}
    for one in appointments:
        by_office.setdefault(one.office_code, []).append(one)
    return [_of_office(posts) for posts in by_office.values()]


def _of_office(posts: list[authority.Appointment]) -> Identity:
    ends = [one.valid_to for one in posts]
    return Identity(
        key=f"{OFFICE_PREFIX}{posts[0].office_code}",
        name=posts[0].office_name or posts[0].office_code,
        title="、".join(one.title or one.post_name.zh for one in posts),
        until=None if None in ends else max(end for end in ends if end),
    )
