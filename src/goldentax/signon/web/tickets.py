"""
The ticket of a request: what the client asked, when, and which steps were shown, signed so that nobody changes it.

It travels through the sign-in and back in the address, so nothing is stored for people who never come back. A
request is answered once: its ticket's id is unique among grants.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.core import signing

from goldentax.kernel.clock import CHINA
from goldentax.signon import errors

LIVES = timedelta(minutes=15)
"""Time to sign in with a second factor, slowly."""

_SALT = "signon.ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One request on its way."""

    id: str
    began_at: datetime
    values: dict[str, str]
    done: frozenset[str] = field(default_factory=frozenset)
    bound_to: str = ""  # whom a page was shown to: person, session, identity

    def after(self, step: str, *, bound_to: str = "") -> "Ticket":
        """The ticket once a step was shown."""
        return replace(self, done=self.done | {step}, bound_to=bound_to)

    def written(self) -> str:
        """The ticket as text."""
        return signing.dumps(
            [self.id, int(self.began_at.timestamp()), self.values, sorted(self.done), self.bound_to],
            salt=_SALT,
            compress=True,
        )


def new_ticket(*, values: dict[str, str], now: datetime) -> Ticket:
    """The ticket of a request that arrives now."""
    return Ticket(id=secrets.token_urlsafe(24), began_at=now, values=values)


def read_ticket(text: str, *, now: datetime) -> Ticket:
    """
    Read a ticket that we wrote.

    :raises StaleRequest: if we did not, or too long ago.
    """
    try:
        id_, began, values, done, bound_to = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise errors.StaleRequest() from error
    began_at = datetime.fromtimestamp(began, tz=CHINA)
    if now - began_at > LIVES:
        raise errors.StaleRequest()
    return Ticket(id=id_, began_at=began_at, values=values, done=frozenset(done), bound_to=bound_to)
