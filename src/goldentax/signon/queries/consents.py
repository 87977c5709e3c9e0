"""What people agreed to."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from goldentax.signon.models import Client, Consent

LISTED_MAX = 200
"""Consents shown at once: those of one person, or of one company's people."""


@dataclass(frozen=True, slots=True)
class AppRow:
    """One client that holds a consent, as the page of connected apps shows it."""

    consent: Consent
    is_mine: bool


def covers(*, client: Client, person_id: UUID | str, acting_for: str, scopes: Collection[str]) -> bool:
    """Whether a person agreed to all of these scopes before, in this identity."""
    held = Consent.objects.filter(
        client=client, person_id=person_id, acting_for=acting_for, withdrawn_at__isnull=True
    ).first()
    return held is not None and set(scopes) <= set(held.scopes)


def list_apps(*, person_id: UUID | str, administers: str) -> list[AppRow]:
    """
    Every consent a person may withdraw: their own, and those given in the name of a taxpayer they administer.

    :param administers: the tax id, "" for none.
    """
    found = Consent.objects.filter(withdrawn_at__isnull=True).select_related("client")
    mine = found.filter(person_id=person_id)
    rows = list((mine | found.filter(acting_for=administers)) if administers else mine)
    rows.sort(key=lambda row: (row.given_at, row.pk), reverse=True)
    return [AppRow(row, str(row.person_id) == str(person_id)) for row in rows[:LISTED_MAX]]
