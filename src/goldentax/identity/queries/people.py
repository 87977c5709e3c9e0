"""Reads of people."""

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q

from goldentax.authority import api as authority
from goldentax.identity import errors, store
from goldentax.identity.models import Person
from goldentax.identity.models.factors import MobileNumber
from goldentax.identity.rules import logins
from goldentax.kernel.crypto.fields import blind_index
from goldentax.kernel.values.identifiers import is_valid_id_card

PEOPLE_PAGE_SIZE = 50
"""Found people shown at once; whoever looks for one of more types more of the name."""


def get_person(person_id: str | UUID) -> Person:
    """
    Give a person by public id.

    :raises NoSuchPerson: if there is none.
    """
    try:
        person = Person.objects.filter(public_id=person_id).first()
    except ValidationError:
        person = None
    if person is None:
        raise errors.NoSuchPerson("person_id")
    return person


def find_person(*, login: str) -> Person | None:
    """Find a person by login name, in whatever form it is typed."""
    return Person.objects.filter(login=logins.normal_login(login)).first()


def id_card_index(number: str) -> str:
    """By what a sealed identity card number is found: the same for the same number, "" for none."""
    return blind_index(number, "identity_person.id_card_number") if number else ""


def is_officer(*, person: Person, on: date) -> bool:
    """Whether a person holds a post in a tax office on a day."""
    return bool(authority.list_appointments(person_id=str(person.public_id), on=on))


def has_second_factor(person: Person) -> bool:
    """Whether a person has anything that may be asked for besides a password. One statement."""
    return store.has_second_factor(person.pk)


def mobile_number_of(person_id: str | UUID) -> str:
    """The mobile number a person proved to hold, 11 digits; "" for none. Whoever shows it whole records the look."""
    held = MobileNumber.objects.filter(person__public_id=person_id, removed_at__isnull=True).first()
    return held.number if held else ""


def id_card_of(text: str) -> str:
    """The identity card number that a text is, in its one form; "" where it is none."""
    number = logins.normal_id_card(text)
    return number if is_valid_id_card(number) else ""


def search_people(*, text: str) -> list[Person]:
    """
    People whose name begins with a text, whose login name it is, or whose identity card number it is, whole.

    A part of a number finds nobody: otherwise numbers could be guessed digit by digit.
    """
    number = id_card_of(text)
    if number:
        found = Person.objects.filter(id_card_index=id_card_index(number))
    else:
        found = Person.objects.filter(Q(name__startswith=text) | Q(login=logins.normal_login(text)))
    return list(found.defer(None).order_by("name", "login")[:PEOPLE_PAGE_SIZE])
