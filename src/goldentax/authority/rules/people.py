"""
How authority comes to know names: it keeps public ids only, and asks whoever keeps people.

Identity stands above authority and registers a directory here; without one, people are shown by their ids.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """What a page shows of a person (人员)."""

    person_id: str
    name: str
    login: str = ""


class PeopleDirectory(Protocol):
    """Where people are kept."""

    def cards(self, person_ids: Collection[str]) -> Mapping[str, PersonCard]:
        """The cards of people by their public ids; who is not known is left out."""
        ...

    def by_login(self, login: str) -> PersonCard | None:
        """The one person with this login name, in whatever form it is typed."""
        ...

    def search(self, *, text: str, among: Collection[str], limit: int) -> list[PersonCard]:
        """Those of some people whose name or login contains a text, by name."""
        ...
