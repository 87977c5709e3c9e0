"""Names of people, for the rooms below that know them by their public ids only."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from goldentax.authority.api import PersonCard
from goldentax.identity.models import Person
from goldentax.identity.rules import logins


class Directory:
    """What people are called: the directory of authority and that of oversight in one."""

    def cards(self, person_ids: Collection[str]) -> dict[str, PersonCard]:
        """The cards of people by their public ids; who is not known is left out. One statement."""
        known = Person.objects.filter(public_id__in=[one for one in person_ids if _is_id(one)])
        return {one.person_id: one for one in map(_card, known)}

    def names_of(self, person_ids: frozenset[str]) -> dict[str, str]:
        """The names of those who are known, by public id."""
        return {key: card.name for key, card in self.cards(person_ids).items()}

    def by_login(self, login: str) -> PersonCard | None:
        """The one person with this login name, in whatever form it is typed."""
        person = Person.objects.filter(login=logins.normal_login(login)).first()
        return _card(person) if person else None

    def find(self, text: str) -> str:
        """The public id of the person with this login name; "" where there is none."""
        card = self.by_login(text)
        return card.person_id if card else ""

    def search(self, *, text: str, among: Collection[str], limit: int) -> list[PersonCard]:
        """Those of some people whose name or login contains a text, by name."""
        found = Person.objects.filter(
            Q(name__contains=text) | Q(login__contains=logins.normal_login(text)),
            public_id__in=[one for one in among if _is_id(one)],
        )
        return [_card(one) for one in found.order_by("name", "login")[:limit]]


def _card(person: Person) -> PersonCard:
    return PersonCard(person_id=str(person.public_id), name=person.name, login=person.login)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
