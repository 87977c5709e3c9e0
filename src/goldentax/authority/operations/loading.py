"""
Bring a generated world into the tables, for load tests in a demo world.

It asks no approver and checks no rule, so it is refused wherever a world is not a demo. The database's own constraints
hold here as everywhere.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time

from django.db import connection, transaction

from goldentax.authority import errors, store
from goldentax.authority.models import Office
from goldentax.authority.operations import offices as office_operations
from goldentax.authority.operations.grants import scope_key
from goldentax.authority.rules.generating import GeneratedGrant
from goldentax.authority.rules.grants import ACTIVE, Scope
from goldentax.authority.rules.offices import OfficeView
from goldentax.kernel import audit
from goldentax.kernel.clock import CHINA
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.settings import settings


@transaction.atomic
def load_generated(
    *, offices: Sequence[OfficeView], grants: Iterable[GeneratedGrant], actor: str, now: datetime
) -> int:
    """
    Add generated offices and grants, and tell how many grants.

    :raises errors.DemoOnly: if this is no demo world.
    """
    if not settings().demo:
        raise errors.DemoOnly()
    # The headquarters is in every world, by its own name.
    there = set(Office.objects.values_list("code", flat=True))
    fresh = [one for one in offices if one.code not in there]
    office_operations.add_offices(offices=fresh, actor=actor, now=now)
    revision = store.touch()
    count = 0
    with connection.cursor() as cursor, cursor.copy(store.sql("load_grants")) as copy:
        for one in grants:
            begins = datetime.combine(one.valid_from, time(), tzinfo=CHINA)
            scope = Scope(
                office=one.office_code, taxpayers=frozenset(one.taxpayers), fields=frozenset(one.fields)
            )
            copy.write_row(
                (
                    new_public_id(),
                    one.person_id,
                    one.kind,
                    one.code,
                    "",
                    one.office_code,
                    list(one.taxpayers),
                    list(one.fields),
                    scope_key(scope),
                    one.valid_from,
                    one.valid_to,
                    ACTIVE,
                    "",
                    "",
                    begins,
                    begins,
                    begins,
                    "",
                    revision,
                )
            )
            count += 1
    audit.record(
        actor=actor,
        action="authority.world.load",
        subject="grants",
        now=now,
        category=audit.PRIVILEGED,
        detail={"offices": len(fresh), "grants": count},
    )
    return count
