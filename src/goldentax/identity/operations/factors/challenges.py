"""Ask something of a key, a certificate or a provider; the answer counts once, in the browser that was asked."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError

from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.models.factors import FactorChallenge
from goldentax.identity.rules.factors.codes import wait_s
from goldentax.identity.rules.factors.context import Context
from goldentax.kernel import lawbook

MINUTE = timedelta(minutes=1)


def expiry(*, context: Context, fact: str = "challenge_seconds") -> datetime:
    """When what is asked now is no longer good."""
    return context.now + timedelta(seconds=lawbook.parameter(f"identity/{fact}", on=context.now.date()))


def ask(
    *, method: str, asked: str, context: Context, expires_at: datetime, person: Person | None = None
) -> FactorChallenge:
    """
    Note what is asked of whom, by which browser, for what.

    :raises TooManyChallenges: if too much was asked from one network within a minute.
    """
    hold_flood(
        list(
            FactorChallenge.objects.filter(
                network=context.network, created_at__gt=context.now - MINUTE
            ).values_list("created_at", flat=True)
        ),
        context=context,
    )
    return FactorChallenge.objects.create(
        method=method,
        purpose=context.purpose,
        binding_digest=context.binding_digest,
        person=person,
        asked=asked,
        network=context.network,
        created_at=context.now,
        expires_at=expires_at,
    )


def hold_flood(made_at: list[datetime], *, context: Context) -> None:
    """
    Refuse more than a network may ask for in a minute.

    :raises TooManyChallenges: if it asked for more.
    """
    allowed = lawbook.parameter("identity/challenges_per_network_minute_max", on=context.now.date())
    wait = wait_s(made_at=made_at, now=context.now, window=MINUTE, allowed=allowed)
    if wait:
        raise errors.TooManyChallenges(seconds=wait, retry_after_s=wait)


def take(
    *,
    method: str,
    context: Context,
    person: Person | None = None,
    challenge_id: str | UUID = "",
    asked: str = "",
) -> FactorChallenge:
    """
    Take the challenge that an answer is about, and use it up: whatever comes of the answer, there is no second try.

    :param person: whom it was made for; None where nobody was known when it was made.
    :raises ChallengeOver: if it is unknown, of another browser, purpose or person, too old, or used.
    """
    found = FactorChallenge.objects.filter(
        method=method,
        purpose=context.purpose,
        binding_digest=context.binding_digest,
        person=person,
        used_at__isnull=True,
        expires_at__gt=context.now,
    )
    try:
        found = found.filter(public_id=challenge_id) if challenge_id else found.filter(asked=asked)
        challenge = found.first()
    except ValidationError:
        challenge = None
    # Of two answers at the same moment, one changes the row.
    if challenge is None or not found.filter(pk=challenge.pk).update(used_at=context.now):
        raise errors.ChallengeOver()
    return challenge


def forget_old_challenges(now: datetime) -> int:
    """Delete challenges that nobody can answer any more."""
    return FactorChallenge.objects.filter(expires_at__lt=now - timedelta(days=2)).delete()[0]
