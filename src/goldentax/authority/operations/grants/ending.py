"""What is in force ends: one grant, or all of somebody who leaves."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from goldentax.authority.models import Grant
from goldentax.authority.operations import requests
from goldentax.authority.operations.grants import checks, keeping
from goldentax.authority.queries import grants as views
from goldentax.authority.rules.grants import ACTIVE
from goldentax.authority.rules.values import GrantView
from goldentax.kernel.access import Actor

END = "authority.grant.end"


@transaction.atomic
def end_grant(
    *, grant_id: str | UUID, actor: Actor, now: datetime, request_id: str, note: str = ""
) -> GrantView:
    """
    End a grant at this moment; what could be done with it until now stays told.

    :raises errors.NotAllowed: if the actor may not end grants of that office.
    :raises errors.WrongState: if it is not in force.
    """
    asked, grant, first = keeping.begin_step(
        "end", grant_id=grant_id, actor=actor, note=note, request_id=request_id, state=ACTIVE
    )
    if first is not None:
        return first
    checks.refuse_not_allowed(actor, function=END, office=grant.office_code, now=now)
    keeping.end_each([grant], actor=actor.label, now=now, note=note, request_id=request_id, asked=asked)
    return views.as_view(grant)


@transaction.atomic
def end_all_of_person(*, person_id: str | UUID, actor: str, now: datetime, note: str = "") -> int:
    """
    End everything a person holds in offices, when they leave; tells how many. Twice changes nothing.

    It is the system's own step: who calls it has asked whether the actor may.
    """
    person = keeping.person_of(person_id)
    requests.wait_for(f"person:{person}")
    grants = list(Grant.objects.select_for_update().filter(person_id=person, state=ACTIVE).order_by("id"))
    if grants:
        keeping.end_each(grants, actor=actor, now=now, note=note)
    return len(grants)
