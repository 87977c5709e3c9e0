"""What the pages of factors share: whose proof it is, what for, from where, and what follows it."""

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from goldentax.identity import queries
from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.operations import factors
from goldentax.identity.rules.factors import assurance
from goldentax.identity.web import flow
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings

BINDING = "identity_factor_binding"
"""What a session keeps to tell its browser from others: what was asked of one is answered by it alone."""


def origin_of(request: HttpRequest) -> str:
    """The site as the browser sees it: the public address of the settings, or else the one that was asked."""
    public = urlsplit(settings().public_url)
    if public.scheme and public.netloc:
        return f"{public.scheme}://{public.netloc}"
    return f"{request.scheme}://{request.get_host()}"


def purpose_of(request: HttpRequest) -> str:
    """What a proof is for: to prove more of who is signed in, to finish a sign-in, or to begin one."""
    if access.actor_of(request).is_signed_in:
        return factors.STEP_UP
    return factors.SECOND if flow.pending_person(request) is not None else factors.SIGN_IN


def context_of(request: HttpRequest, *, purpose: str = "") -> factors.Context:
    """Where a proof comes from."""
    if BINDING not in request.session:
        request.session[BINDING] = token_urlsafe(32)
    return factors.Context(
        now=clock.now(),
        network=flow.network_of(request),
        binding=request.session[BINDING],
        purpose=purpose or purpose_of(request),
        origin=origin_of(request),
        user_agent=request.headers.get("User-Agent", ""),
        language=language_of(request),
    )


def known_person(request: HttpRequest) -> Person | None:
    """Who is to prove more: the person signed in, or the one whose sign-in waits; nobody at a first factor."""
    if access.actor_of(request).is_signed_in:
        return queries.get_person(access.actor_of(request).person_id)
    return flow.pending_person(request)


def used_methods(request: HttpRequest) -> tuple[str, ...]:
    """What was shown so far, by whoever is signed in or signing in."""
    session = queries.session_of(request)
    if session is not None:
        return tuple(session.methods[:1])
    pending = request.session.get(flow.PENDING) if flow.pending_person(request) is not None else None
    return tuple(pending["methods"]) if pending else ()


def needed_person(request: HttpRequest) -> Person:
    """
    Who is to prove more.

    :raises SignInNeeded: if nobody is known yet: this factor begins no sign-in.
    """
    person = known_person(request)
    if person is None:
        raise access.SignInNeeded()
    return person


def finish(request: HttpRequest, *, person: Person, method: str, level: int = 0) -> HttpResponse:
    """
    Go on after a proof: begin the sign-in, finish it, or raise the session's assurance.

    :param level: of a first factor that is as sure as something else was; by its method where it is left out.
    :raises NotThisPerson: if somebody else is signed in, or signing in.
    :raises FactorNotOffered: if the method adds nothing to what was shown.
    """
    known, on = known_person(request), clock.today()
    if known is not None and known.pk != person.pk:
        raise errors.NotThisPerson()
    if access.actor_of(request).is_signed_in:
        session = queries.session_of(request)
        assert session is not None, "who is signed in has a session"
        raised = assurance.raised_level(
            first=session.methods[0], base=session.assurance, method=method, on=on
        )
        if raised <= session.assurance and raised < access.STRONG:
            raise errors.FactorNotOffered()
        return flow.raise_assurance(request, method=method, assurance=raised)
    if known is not None:
        used = used_methods(request)
        if assurance.level_of((*used, method), on=on) <= assurance.level_of(used, on=on):
            # The same number again, or another thing in the same pocket, is no second factor.
            raise errors.FactorNotOffered()
        return flow.complete_second_factor(request, method=method)
    level = level or assurance.level_of((method,), on=on)
    return flow.begin_session(request, person=person, methods=(method,), assurance=level)


def door(
    request: HttpRequest,
    template: str,
    values: Mapping[str, Any],
    *,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """A page on which somebody proves who they are, with what went wrong where something did."""
    purpose = purpose_of(request)
    others = {factors.STEP_UP: "identity:step-up", factors.SECOND: "identity:second-factor"}
    wish = flow.safe_next(request, default="")
    response = render(
        request,
        template,
        {
            "purpose": purpose,
            "others_url": reverse(others[purpose]) if purpose in others else "",
            "next": wish,
            "errors": [one.as_error(language_of(request)) for one in refusal.each()] if refusal else [],
            **values,
        },
        status=refusal.status if refusal else 200,
    )
    if refusal and "retry_after_s" in refusal.facts:
        response.headers["Retry-After"] = str(refusal.facts["retry_after_s"])
    return response
