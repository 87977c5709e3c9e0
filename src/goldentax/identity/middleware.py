"""
Finds out who asks: on the API by the bearer token alone, elsewhere by the session alone.

A cookie never opens the API, so no other site can use it through a person's browser; a token never opens
a page.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from goldentax.identity import operations, queries
from goldentax.identity.errors import UnknownToken
from goldentax.identity.models import UserSession
from goldentax.identity.rules import logins, sessions
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal

SECRET, IS_OVER = "identity_session", "session_over"
"""What Django's session keeps: the secret of ours while somebody is signed in, and why it ended afterwards."""


class ActorMiddleware:
    """Sets ``request.actor``; a token that opens nothing is refused here, never taken for nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = clock.now()
        if not request.path.startswith("/api/"):
            request.actor = _actor_of_session(request, now=now)  # type: ignore[attr-defined]
            return self.get_response(request)
        try:
            request.actor = _actor_of_token(request, now=now)  # type: ignore[attr-defined]
        except Refusal as refusal:
            return _problem(refusal, language=language_of(request))
        return self.get_response(request)


def _actor_of_token(request: HttpRequest, *, now: datetime) -> access.Actor:
    header = request.headers.get("Authorization", "")
    language, network = language_of(request), _network_of(request)
    if not header:
        return access.Actor(channel="api", language=language, network=network)
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer":
        raise UnknownToken()
    resolve = queries.foreign_resolver(text.strip())
    if resolve is not None:
        return replace(resolve(text=text.strip(), now=now, language=language), network=network)
    holder = queries.find_proven_token_holder(text=text.strip(), now=now, language=language)
    if holder.is_note_due:
        operations.note_token_use(token_id=holder.token_id, now=now)
    return replace(holder.actor, network=network)


def _actor_of_session(request: HttpRequest, *, now: datetime) -> access.Actor:
    nobody = access.Actor(language=language_of(request), network=_network_of(request))
    secret = request.session.get(SECRET)
    if not secret:
        # Said here, so that no page asks the database who nobody is.
        request.user = AnonymousUser()
        return nobody
    session = queries.find_session(secret=secret)
    why = _why_over(request, session, now=now)
    if why or session is None:
        if session is not None and session.ended_at is None:
            operations.end_session(session_id=session.public_id, reason=why, actor="system:identity", now=now)
        request.session.flush()
        request.session[IS_OVER] = why
        request.user = AnonymousUser()
        return nobody
    request.user = session.person
    request.user_session = session  # type: ignore[attr-defined]
    if now - session.seen_at >= sessions.NOTE_AFTER:
        operations.note_session_use(session=session, now=now)
    actor = queries.actor_of_person(
        person=session.person, acting_for=session.acting_for, on=now.date(), language=nobody.language
    )
    return replace(
        actor,
        assurance=operations.present_assurance(session, now=now),
        session_id=str(session.public_id),
        network=nobody.network,
    )


def _why_over(request: HttpRequest, session: UserSession | None, *, now: datetime) -> str:
    """Why the session that a request came with opens nothing; "" where it does."""
    if session is None:
        return sessions.SIGNED_OUT
    if session.ended_at is not None:
        return session.end_reason
    if not session.person.is_active:
        return sessions.CLOSED
    # Ending the others is part of changing a password; this holds where somebody changed the table by hand.
    held, kept = request.session.get(HASH_SESSION_KEY, ""), session.person.get_session_auth_hash()
    if not constant_time_compare(held, kept):
        return sessions.PASSWORD
    return sessions.why_over(started_at=session.started_at, seen_at=session.seen_at, now=now)


def _network_of(request: HttpRequest) -> str:
    return logins.network_of(request.META.get("REMOTE_ADDR", ""))


def _problem(refusal: Refusal, *, language: str) -> HttpResponse:
    return HttpResponse(
        msgspec.json.encode(refusal.as_problem(language)),
        status=refusal.status,
        content_type="application/problem+json; charset=utf-8",
        headers={"WWW-Authenticate": 'Bearer realm="goldentax", error="invalid_token"'},
    )
