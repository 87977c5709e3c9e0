"""
Finds out who asks: on the API by the bearer token alone, elsewhere by the session alone.

A cookie never opens the API, so no other site can use it through a person's browser; a token never opens
a page.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from goldentax.identity import operations, queries
from goldentax.identity.errors import UnknownToken
from goldentax.identity.models import Person
from goldentax.identity.rules import sessions
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal

ACTING_FOR, SIGNED_IN_AT, SEEN_AT, IS_OVER = "acting_for", "signed_in_at", "seen_at", "session_over"
"""What a session keeps besides the person."""


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
    language = language_of(request)
    if not header:
        return access.Actor(channel="api", language=language)
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer":
        raise UnknownToken()
    holder = queries.find_token_holder(text=text.strip(), now=now, language=language)
    if holder.is_note_due:
        operations.note_token_use(token_id=holder.token_id, now=now)
    return holder.actor


def _actor_of_session(request: HttpRequest, *, now: datetime) -> access.Actor:
    language = language_of(request)
    person = request.user
    if not isinstance(person, Person):
        return access.Actor(language=language)
    session = request.session
    seen_at = datetime.fromtimestamp(session.get(SEEN_AT, 0), tz=clock.CHINA)
    signed_in_at = datetime.fromtimestamp(session.get(SIGNED_IN_AT, 0), tz=clock.CHINA)
    if sessions.is_over(signed_in_at=signed_in_at, seen_at=seen_at, now=now):
        logout(request)
        request.session[IS_OVER] = True
        return access.Actor(language=language)
    if now - seen_at >= sessions.NOTE_AFTER:
        session[SEEN_AT] = int(now.timestamp())
    return queries.actor_of_person(
        person=person, acting_for=session.get(ACTING_FOR, ""), on=now.date(), language=language
    )


def _problem(refusal: Refusal, *, language: str) -> HttpResponse:
    return HttpResponse(
        msgspec.json.encode(refusal.as_problem(language)),
        status=refusal.status,
        content_type="application/problem+json; charset=utf-8",
        headers={"WWW-Authenticate": 'Bearer realm="goldentax", error="invalid_token"'},
    )
