"""
Believable records for a local source, worked out from taxpayers and people that a world has.

A few records are made to be trouble: each says in its key what it shows. Everything is invented.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from goldentax.subjects.rules import credentials, sources
from goldentax.subjects.rules.views import SourceRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCompany:
    """A company as a world knows it."""

    tax_id: str
    name: str
    representative: str = ""
    representative_id_card: str = ""
    address: str = ""
    division: str = ""
    economic_type: str = ""
    industry: str = ""
    established: str = ""  # ISO day
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """A person as a world knows them."""

    name: str
    id_card: str


def records_of(*, companies: Iterable[KnownCompany], people: Iterable[KnownPerson]) -> list[SourceRecord]:
    """The records that agree with a world: every company and person in it is found, with the name it has there."""
    found = [company_record(one) for one in companies if credentials.is_valid(kind="uscc", number=one.tax_id)]
    found += [
        person_record(one) for one in people if credentials.is_valid(kind="id_card", number=one.id_card)
    ]
    return found


def company_record(company: KnownCompany, *, is_slow: bool = False) -> SourceRecord:
    """One company at the market regulator."""
    facts = {
        "name": company.name,
        "representative_name": company.representative,
        "representative_id_card": company.representative_id_card,
        "status": "cancelled" if company.is_cancelled else sources.OPEN,
        "address": company.address,
        "division": company.division,
        "economic_type": company.economic_type,
        "industry": company.industry,
        "established": company.established,
    }
    kept = {name: value for name, value in facts.items() if value}
    return SourceRecord(source=sources.MARKET_REGULATOR, number=company.tax_id, facts=kept, is_slow=is_slow)


def person_record(person: KnownPerson, *, is_slow: bool = False) -> SourceRecord:
    """One person at public security."""
    return SourceRecord(
        source=sources.PUBLIC_SECURITY, number=person.id_card, facts={"name": person.name}, is_slow=is_slow
    )
