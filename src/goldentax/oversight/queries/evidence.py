"""Gather what a judgement rests on: one question to the database for a sign-in, a few indexed ones for a use."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from goldentax.kernel.crypto.sm import sm3
from goldentax.oversight import store
from goldentax.oversight.models import FunctionUse, LookHour, PeerMeasure
from goldentax.oversight.rules.facts import LookFacts, SignInFacts, UseFacts
from goldentax.oversight.rules.habits import HOURS
from goldentax.oversight.rules.law import Law
from goldentax.oversight.rules.scoring import SignInEvidence, UseEvidence

OWN_HOURS_MAX = 200
"""The newest hours with looks: a month of counter work; the median of more would hardly move."""
PEERS_MIN = 5
"""With fewer colleagues than this their median says nothing."""


def device_hash(secret: str) -> str:
    """How a device is named in the tables: the SM3 of its secret, or "" where it has none."""
    return sm3(secret.encode()).hex() if secret else ""


def sign_in_evidence(facts: SignInFacts, *, law: Law) -> SignInEvidence:
    """The person's habits, and what else goes on at this network and with this login name."""
    values: dict[str, Any] = {
        "person_id": facts.person_id,
        "login_digest": facts.login_digest,
        "network": facts.network,
        "device": device_hash(facts.device_id),
        "at": facts.at,
        "habit_from": facts.at - timedelta(days=law.habit_days),
        "spray_from": facts.at - timedelta(minutes=law.spray_minutes),
        "stuff_from": facts.at - timedelta(minutes=law.stuff_minutes),
        "spray_max": law.spray_logins_min * 50,
        "zone": str(facts.at.tzinfo),
    }
    with connection.cursor() as cursor:
        cursor.execute(store.sql("sign_in_evidence"), values)
        row = cursor.fetchone()
    is_device_known, is_network_known, last_network, last_at, hours, logins, networks = row
    counts = [0] * HOURS
    for hour, count in hours or ():
        counts[hour] = count
    return SignInEvidence(
        at=facts.at,
        network=facts.network,
        is_officer=facts.is_officer,
        sign_ins=sum(counts),
        is_device_known=is_device_known,
        is_network_known=is_network_known,
        last_network=last_network or "",
        last_at=last_at.astimezone(facts.at.tzinfo) if last_at else None,
        hours=tuple(counts),
        network_failed_logins=logins,
        login_failed_networks=networks,
    )


def look_evidence(facts: LookFacts, *, looks: int, hour: datetime) -> UseEvidence:
    """The looker's own hours and their colleagues', and whether they hold the power only since now."""
    own = LookHour.objects.filter(person_id=facts.person_id, hour__lt=hour).order_by("-hour")
    peers = PeerMeasure.objects.order_by("-at").first()
    enough = peers is not None and peers.people >= PEERS_MIN
    return UseEvidence(
        at=facts.at,
        is_officer=facts.is_officer,
        looks=looks,
        own_hours=tuple(own.values_list("looks", flat=True)[:OWN_HOURS_MAX]),
        peers_median=peers.median if peers and enough else None,
        peers_spread=peers.spread if peers and enough else Decimal(0),
        function=facts.function,
        granted_at=_newest_grant(facts.person_id, at=facts.at),
    )


def use_evidence(facts: UseFacts) -> UseEvidence:
    """Whether the person has ever used the function, and whether they hold the power only since now."""
    known = FunctionUse.objects.filter(person_id=facts.person_id, function=facts.function)
    return UseEvidence(
        at=facts.at,
        is_officer=facts.is_officer,
        function=facts.function,
        is_first_use=not known.exists(),
        granted_at=_newest_grant(facts.person_id, at=facts.at),
    )


def _newest_grant(person_id: str, *, at: datetime) -> datetime | None:
    """When the person was last given anything, within a day; ends, requests and refusals give nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            store.sql("newest_grant"), {"person_id": person_id, "since": at - timedelta(days=1), "at": at}
        )
        found: datetime | None = cursor.fetchone()[0]
        return found
