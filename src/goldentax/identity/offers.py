"""What identity offers to the halls: what of one's duties and tokens ends soon."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from goldentax.identity import queries
from goldentax.kernel import access, clock, registry
from goldentax.kernel.text import Text

SOON = timedelta(days=14)
"""A duty or token that ends within two weeks is worth a line on the home page: time enough to ask for another."""


def _ending_soon(request: HttpRequest) -> dict[str, Any]:
    actor, now = access.actor_of(request), clock.now()
    ending = [
        row
        for row in queries.list_memberships(person_id=actor.person_id, on=now.date())
        if row.valid_to and row.valid_to <= now.date() + SOON
    ]
    tokens = [
        token
        for token in queries.list_tokens(person_id=actor.person_id)
        if token.revoked_at is None and now < token.expires_at <= now + SOON
    ]
    return {"ending": ending, "tokens": tokens} if ending or tokens else {}


registry.home_card(
    key="identity.ending",
    order=80,
    roles=(access.PERSON,),
    template="identity/parts/ending_card.html",
    context=_ending_soon,
    zone="today",
)
registry.quick_action(
    key="identity.tokens",
    label=Text("接口令牌", "API tokens"),
    hint=Text("让您的 ERP 或程序直接开票", "Let your ERP or program issue for you"),
    url="/account#tokens",
    icon="key",
    order=90,
    roles=(access.TAXPAYER,),
)
