"""
What people are called. Oversight knows them by their public ids; the room that knows their names registers here.
"""

from collections.abc import Iterable
from typing import Protocol


class People(Protocol):
    """Who knows people by name."""

    def names_of(self, person_ids: frozenset[str]) -> dict[str, str]:
        """The names of those it knows, by public id; at most a page of them is asked for."""

    def find(self, text: str) -> str:
        """The public id of the person with this login name or id; "" where there is none."""


_people: list[People] = []


def people_known_by(people: People) -> None:
    """Let this tell names; the last one registered does."""
    _people[:] = [people]


def names_of(person_ids: Iterable[str]) -> dict[str, str]:
    """Names by public id, as far as anybody knows them."""
    wanted = frozenset(one for one in person_ids if one)
    return _people[0].names_of(wanted) if _people and wanted else {}


def find_person(text: str) -> str:
    """The public id that a text means: a login name where somebody has it, else the text itself."""
    return (_people[0].find(text) if _people and text else "") or text
