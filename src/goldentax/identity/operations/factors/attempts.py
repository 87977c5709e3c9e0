"""Count tries of a person's factor, so that nobody guesses for long."""

import math
from datetime import date, datetime, timedelta

from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.models.factors import FactorAttempt
from goldentax.identity.rules.factors.codes import wait_s
from goldentax.identity.rules.factors.context import Context
from goldentax.kernel import lawbook

WINDOW = timedelta(minutes=15)
DAY = timedelta(days=1)


def count_try(*, person: Person, method: str, context: Context) -> FactorAttempt:
    """
    Count one try before it is looked at; it stays counted when the caller refuses, unless `forgive` is called.

    Tries in parallel cannot slip past the limit, so this must not run inside a caller's transaction. The limit of a
    day holds for all networks together and for this factor only: who is after the first factor of somebody can close
    none of the others.

    :raises TooManyFactorTries: if the factor failed too often.
    """
    attempt = FactorAttempt.objects.create(
        person=person, method=method, network=context.network, at=context.now
    )
    earlier = FactorAttempt.objects.filter(person=person, method=method, has_failed=True, id__lt=attempt.pk)
    earlier = earlier.filter(at__gt=context.now - DAY)
    rows = list(earlier.values_list("network", "at"))
    day = context.now.date()
    near = [at for network, at in rows if network == context.network]
    wait = max(
        _wait(near, now=context.now, window=WINDOW, fact="factor_failures_max", day=day),
        _wait([at for _, at in rows], now=context.now, window=DAY, fact="factor_failures_day_max", day=day),
    )
    if wait:
        # A try that was not looked at is no failure: it must not make the wait longer.
        attempt.delete()
        raise errors.TooManyFactorTries(minutes=math.ceil(wait / 60), retry_after_s=wait)
    return attempt


def forgive(attempt: FactorAttempt) -> None:
    """The try was right: it and the failures before it from the same network count no longer."""
    FactorAttempt.objects.filter(
        person=attempt.person_id, method=attempt.method, network=attempt.network, id__lte=attempt.pk
    ).update(has_failed=False)


def forget_old_tries(now: datetime) -> int:
    """Delete tries that serve no rule any more."""
    return FactorAttempt.objects.filter(at__lt=now - 2 * DAY).delete()[0]


def _wait(made_at: list[datetime], *, now: datetime, window: timedelta, fact: str, day: date) -> int:
    allowed = lawbook.parameter(f"identity/{fact}", on=day)
    return wait_s(made_at=made_at, now=now, window=window, allowed=allowed)
