"""Duties for taxpayers, as authority counts them among what a person holds."""

from datetime import timedelta
from typing import TYPE_CHECKING

from goldentax.authority import api as authority
from goldentax.identity.models import Membership, MembershipVersion
from goldentax.kernel.clock import CHINA

if TYPE_CHECKING:
    from django.db.models import QuerySet


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


def _as_holdings(memberships: "QuerySet[Membership]") -> list[authority.Holding]:
    return [_as_holding(row) for row in memberships.select_related("person").order_by("id")]


def _as_holding(row: Membership) -> authority.Holding:
    valid_to, ended_at = row.valid_to, row.ended_at
    if valid_to and ended_at:
        day = ended_at.astimezone(CHINA).date()
        # Ended on its last day, it held until that moment; ended ahead of time, it holds until its last day is over.
        valid_to, ended_at = (day + timedelta(days=1), ended_at) if valid_to <= day else (valid_to, None)
    return authority.Holding(
        person_id=str(row.person.public_id),
        via="duty",
        code=row.duty,
        valid_from=row.valid_from,
        valid_to=valid_to,
        granted_at=row.granted_at,
        ended_at=ended_at,
        taxpayers=frozenset({row.tax_id}),
        reference=str(row.public_id),
        source=Memberships.key,
    )
