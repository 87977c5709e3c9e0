"""Duties for taxpayers, as authority counts them among what a person holds."""

from collections.abc import Iterable

from goldentax.authority import api as authority
from goldentax.identity.models import Membership, MembershipVersion


class Memberships:
    """The source of holdings that stand in identity: one for each membership, past ones too."""

    key = "identity.memberships"

    def of_person(self, person_id: str) -> list[authority.Holding]:
        """Everything a person could, can or will do for taxpayers."""
        return _as_holdings(Membership.objects.filter(person__public_id=person_id))

    def over_taxpayer(self, tax_id: str) -> list[authority.Holding]:
        """Everybody who could, can or will act for a taxpayer."""
        return _as_holdings(Membership.objects.filter(tax_id=tax_id))

    def version(self) -> int:
        """Grows with every membership that is granted or ended."""
        return MembershipVersion.objects.values_list("number", flat=True).first() or 0


def _as_holdings(memberships: Iterable[Membership]) -> list[authority.Holding]:
    rows = memberships.select_related("person").order_by("id")  # type: ignore[attr-defined]
    return [
        authority.Holding(
            person_id=str(row.person.public_id),
            via="duty",
            code=row.duty,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            granted_at=row.granted_at,
            ended_at=row.ended_at,
            taxpayers=frozenset({row.tax_id}),
            reference=str(row.public_id),
            source=Memberships.key,
        )
        for row in rows
    ]
