"""Delete what serves no rule any more; what happened stays in the audit trail."""

from datetime import datetime, timedelta

from goldentax.signon.models import AccessToken, Grant, LogoutNotice, UsedAssertion
from goldentax.signon.rules import notices

ACCESS_KEPT = timedelta(days=1)
GRANTS_KEPT = timedelta(days=30)
"""A used refresh token is kept as long as its grant, so that a stolen one is still recognised when it comes late."""


def tidy(now: datetime) -> int:
    """Delete old tokens, grants, assertions and notices; how many rows."""
    old = (
        UsedAssertion.objects.filter(ends_at__lt=now),
        AccessToken.objects.filter(expires_at__lt=now - ACCESS_KEPT),
        Grant.objects.filter(ends_at__lt=now - GRANTS_KEPT),
        LogoutNotice.objects.filter(created_at__lt=now - notices.KEPT, next_try_at__isnull=True),
    )
    return sum(found.delete()[0] for found in old)
