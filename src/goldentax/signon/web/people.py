"""Who sits in front of the browser, as their web session says."""

from django.contrib.auth import logout
from django.http import HttpRequest

from goldentax.identity import api as identity
from goldentax.kernel import access, clock
from goldentax.signon.operations import Asker

SINGLE_SIGN_OUT = "single-sign-out"
"""Why identity is told a session ends that is ended from here."""


def asker_of(request: HttpRequest) -> Asker | None:
    """The person of the request; nobody where nobody is signed in."""
    actor, session = access.actor_of(request), identity.session_of(request)
    if session is None or not actor.is_signed_in:
        return None
    return Asker(
        person_id=actor.person_id,
        session_id=str(session.public_id),
        acting_for=actor.acting_for,
        signed_in_at=session.started_at,
        assurance=actor.assurance,
        methods=tuple(session.methods),
        label=actor.label,
    )


def sign_out(request: HttpRequest, asker: Asker) -> None:
    """End the web session of a person, and with it what hangs on it everywhere."""
    identity.end_session(
        session_id=asker.session_id, reason=SINGLE_SIGN_OUT, actor=asker.label, now=clock.now()
    )
    logout(request)
