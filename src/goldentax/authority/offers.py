"""What authority offers: the decision whether an actor has a function; menu, home card and quick action of officers."""

from typing import Any

from django.http import HttpRequest

from goldentax.authority import api as authority
from goldentax.authority.queries import listing, reach
from goldentax.kernel import access, clock, registry
from goldentax.kernel.text import Text
from goldentax.oversight import api as oversight

APPROVE = "authority.grant.approve"


def decide(*, actor: access.Actor, function: str) -> bool:
    """Tell whether an actor has a function somewhere; the door asks for the level of assurance besides."""
    return authority.has_function(actor=actor, function=function, at=clock.now())


def watch(*, actor: access.Actor, function: str) -> None:
    """
    Let oversight judge every use of a sensitive function before it happens, wherever its door stands.

    :raises oversight.UseBlocked: if it is judged too risky.
    :raises access.StepUpNeeded: if a second factor is asked and the actor has shown none.
    """
    now = clock.now()
    if authority.assurance_needed(function=function, on=now.date()) < access.TWO_FACTORS:
        return
    oversight.assess_privileged(
        oversight.UseFacts(
            person_id=actor.person_id,
            function=function,
            at=now,
            assurance=actor.assurance,
            is_officer=access.OFFICER in actor.roles,
            network=actor.network,
        )
    )


access.decided_by(decide)
access.watched_by(watch)


def _waiting(request: HttpRequest) -> dict[str, Any]:
    actor = access.actor_of(request)
    if not access.may(actor, APPROVE):
        return {}
    offices = reach.offices_within(actor=actor, function=APPROVE, at=clock.now())
    count = listing.count_waiting(offices={one.code for one in offices}, not_by=actor.person_id)
    return {"waiting_count": count} if count else {}


registry.menu_entry(
    key="authority.offices",
    label=Text("机构岗位", "Offices & posts"),
    url="/offices/",
    icon="building-bank",
    order=20,
    roles=(access.OFFICER,),
    function="authority.office.read",
)
registry.menu_entry(
    key="authority.approvals",
    label=Text("审批", "Approvals"),
    url="/approvals/",
    icon="checks",
    order=25,
    roles=(access.OFFICER,),
    function=APPROVE,
)
registry.home_card(
    key="authority.waiting",
    order=10,
    roles=(access.OFFICER,),
    template="authority/parts/waiting_card.html",
    context=_waiting,
    zone="today",
)
registry.quick_action(
    key="authority.mine",
    label=Text("我的功能", "My functions"),
    hint=Text("岗位、任期、可办理的功能", "Posts, terms, what you may do"),
    url="/my-functions",
    icon="apps",
    order=20,
    roles=(access.OFFICER,),
)
