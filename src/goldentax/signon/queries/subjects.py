"""Who a person is to a client: an identifier that only its sector knows, and the claims it was granted."""

from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from goldentax.identity import api as identity
from goldentax.kernel.crypto import fields
from goldentax.signon.models import Client
from goldentax.signon.rules.encoding import base64url
from goldentax.signon.rules.scopes import Facts

PURPOSE = "signon.subject"

Person = Any
"""A person as `identity.get_person` gives one; their class is identity's own."""


def subject_of(*, client: Client, person_id: UUID | str) -> str:
    """
    How a client knows a person (``sub``).

    Portals of ours know the public id. Everybody else gets a keyed hash of sector and person (OpenID Connect Core 1.0
    §8.1), so that two outside systems cannot lay their lists of people side by side.
    """
    if client.is_ours:
        return str(person_id)
    return _pairwise(client.sector, str(person_id))


def find_person(person_id: UUID | str) -> Person | None:
    """The person, unless there is none or their account is closed."""
    try:
        person = identity.get_person(person_id)
    except identity.NoSuchPerson:
        return None
    return person if person.is_active else None


def facts_of(*, person: Person, acting_for: str, on: date) -> Facts:
    """What is true of a person on a day in one identity; nothing of that identity once they have lost it."""
    held = next(
        (one for one in identity.list_identities(person=person, on=on) if one.key == acting_for), None
    )
    taxpayer = held if held and not held.is_office else None
    office = held if held and held.is_office else None
    return Facts(
        name=person.name,
        language=person.language,
        phone=identity.mobile_number_of(person.public_id),
        tax_id=taxpayer.tax_id if taxpayer else "",
        taxpayer_name=taxpayer.name if taxpayer else "",
        duties=tuple((code, identity.DUTIES[code].in_language(person.language)) for code in taxpayer.duties)
        if taxpayer
        else (),
        office_code=acting_for.partition(":")[2] if office else "",
        office_name=office.name if office else "",
        posts=(office.title,) if office and office.title else (),
    )


# The key of a blind index is never rotated, so the answer never changes.
@lru_cache(maxsize=4096)
def _pairwise(sector: str, person_id: str) -> str:
    return base64url(bytes.fromhex(fields.blind_index(f"{sector}|{person_id}", PURPOSE)))
