"""What identity offers to the halls: what ends soon, ways to people and security, and its work in the background."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from goldentax.authority import api as authority
from goldentax.identity import operations, queries
from goldentax.kernel import access, clock, registry
from goldentax.kernel.text import Text
from goldentax.oversight import api as oversight

authority.register_source(queries.Memberships())
authority.register_people(queries.Directory())
oversight.people_known_by(queries.Directory())

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


def _find_people(*, actor: Any, text: str, limit: int) -> list[registry.Hit]:
    """People for officers who may look at them; by the beginning of a name, or a login name."""
    # Not by an identity card number: the search over everything keeps what was typed in addresses.
    if not access.may(actor, "identity.person.read") or queries.id_card_of(text):
        return []
    return [
        registry.Hit(title=one.name, url=f"/people/{one.public_id}", sub=one.login)
        for one in queries.search_people(text=text)[:limit]
    ]


def _tidy(now: datetime) -> int:
    return operations.forget_attempts(now) + operations.forget_old_sessions(now)


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
registry.quick_action(
    key="identity.security",
    label=Text("安全中心", "Security"),
    hint=Text("验证方式、会话、设备和安全事件", "Factors, sessions, devices and what happened"),
    url="/account/security",
    icon="shield-check",
    order=91,
    roles=(access.PERSON,),
)
registry.search_provider(
    key="identity.people",
    label=Text("人员", "People"),
    roles=(access.OFFICER,),
    find=_find_people,
    order=60,
)
registry.job(
    key="identity.sessions.end",
    label=Text("结束过期会话", "End sessions that are over"),
    every_s=60,
    run=operations.end_stale_sessions,
)
registry.job(
    key="identity.tidy",
    label=Text("清理登录尝试与旧会话", "Delete old attempts and sessions"),
    every_s=3600,
    run=_tidy,
)
