"""Names of people, from the directory that identity registered."""

from collections.abc import Collection, Mapping
from uuid import UUID

from goldentax.authority.rules.people import PeopleDirectory, PersonCard

SEARCHED_MAX = 20_000
"""People among whom a name is looked for at once: the officers of a large province."""

_directories: list[PeopleDirectory] = []


def register_people(directory: PeopleDirectory) -> None:
    """Let this directory tell names; the last one registered does."""
    _directories[:] = [directory]


def person_cards(person_ids: Collection[str]) -> Mapping[str, PersonCard]:
    """A card for each of the people, in which the id stands for a name that nobody knows."""
    wanted = {one for one in person_ids if one}
    known = _directories[0].cards(wanted) if _directories and wanted else {}
    return {one: known.get(one) or PersonCard(person_id=one, name=one) for one in wanted}


def person_card(person_id: str) -> PersonCard:
    """One card."""
    return person_cards([person_id])[person_id]


def find_person_card(*, text: str) -> PersonCard | None:
    """The person with this login name or public id."""
    text = text.replace("\x00", "").strip()
    if not text or not _directories:
        return None
    if is_id(text):
        return _directories[0].cards([str(UUID(text))]).get(str(UUID(text)))
    return _directories[0].by_login(text)


def search_person_cards(*, text: str, among: Collection[str], limit: int) -> list[PersonCard]:
    """Those of some people whose name or login contains a text."""
    text = text.replace("\x00", "").strip()
    if not text or not _directories or not among:
        return []
    return _directories[0].search(text=text, among=list(among)[:SEARCHED_MAX], limit=limit)


def is_id(text: str) -> bool:
    """Tell whether a text can be a public id."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
