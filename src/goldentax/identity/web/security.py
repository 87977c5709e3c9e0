"""Pages of one's own security: sessions, devices, what happened, what to do next."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from goldentax.identity import operations, queries
from goldentax.identity.models import UserSession
from goldentax.identity.operations import factors
from goldentax.identity.rules import safety, sessions
from goldentax.identity.web.events import event_rows
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.text import Text
from goldentax.oversight import api as oversight

EVENTS_SHOWN = 20
UNUSED_LONG = timedelta(days=90)
"""A token that no program used for a quarter is one that somebody forgot."""


@never_cache
@access.open_to(access.PERSON)
@require_safe
def centre(request: HttpRequest) -> HttpResponse:
    """The security centre."""
    session = queries.session_of(request)
    assert session is not None
    person, language = session.person, language_of(request)
    held = factors.list_factors(person)
    events = oversight.list_own_events(str(person.public_id), limit=EVENTS_SHOWN)
    return render(
        request,
        "identity/security.html",
        {
            **overview(request, session=session),
            "person": person,
            "factors": [{"factor": one, "label": one.label.in_language(language)} for one in held],
            "is_officer": queries.is_officer(person=person, on=clock.today()),
            "devices": _devices(session),
            "events": event_rows(events, language=language),
        },
    )


def overview(request: HttpRequest, *, session: UserSession | None) -> dict[str, Any]:
    """How safe the account is and what to do next; for the account page too."""
    assert session is not None
    person, now = session.person, clock.now()
    held = factors.list_factors(person)
    tokens = [
        token
        for token in queries.list_tokens(person_id=person.public_id)
        if token.revoked_at is None and token.expires_at > now
    ]
    found = safety.steps(
        safety.Holdings(
            password_changed_at=person.password_changed_at,
            has_password=person.has_usable_password(),
            has_second_factor=factors.has_second_factor(person),
            has_passkey=any(one.key == "passkey" for one in held),
            recovery_codes=next((one.left for one in held if one.key == "recovery"), 0),
            is_asked_always=person.second_factor_always,
            tokens_without_use=sum(
                now - (one.last_used_at or one.created_at) > UNUSED_LONG for one in tokens
            ),
        ),
        now=now,
    )
    language = language_of(request)
    return {
        "safety_score": safety.score(found),
        "steps": [
            {
                "label": one.label.in_language(language),
                "worth": one.worth,
                "is_done": one.is_done,
                "url": reverse(f"identity:{one.url_name}"),
            }
            for one in found
        ],
        "open_sessions": len(queries.list_sessions(person_id=person.public_id)),
        "valid_tokens": len(tokens),
    }


@never_cache
@access.open_to(access.PERSON)
@require_safe
def list_sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in."""
    session = queries.session_of(request)
    assert session is not None
    found = queries.list_sessions(person_id=session.person.public_id)
    rows = session_rows(found, held=session, language=language_of(request))
    return render(request, "identity/sessions.html", {"sessions": rows, "others": len(rows) - 1})


@access.open_to(access.PERSON)
@require_POST
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """End one of one's own sessions; the present one is ended by signing out."""
    actor = access.actor_of(request)
    is_this = str(session_id) == actor.session_id
    operations.end_session(
        session_id=session_id,
        reason=sessions.SIGNED_OUT if is_this else sessions.ELSEWHERE,
        actor=actor.label,
        person_id=actor.person_id,
        now=clock.now(),
    )
    said = Text("该会话已结束。", "That session is over.")
    messages.success(request, said.in_language(language_of(request)))
    return HttpResponseRedirect(reverse("identity:sessions"))


@access.open_to(access.PERSON)
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End every session but this one."""
    actor = access.actor_of(request)
    ended = operations.end_all_sessions(
        person_id=actor.person_id,
        reason=sessions.ELSEWHERE,
        actor=actor.label,
        but=actor.session_id,
        now=clock.now(),
    )
    said = Text("已结束其他 {n} 个会话。", "{n} other sessions are over.").format(n=ended)
    messages.success(request, said.in_language(language_of(request)))
    return HttpResponseRedirect(reverse("identity:sessions"))


@access.open_to(access.PERSON)
@require_POST
def forget_device(request: HttpRequest) -> HttpResponse:
    """Know one of one's devices no longer; where it is this one, that is signing out."""
    actor = access.actor_of(request)
    device = request.POST.get("device", "")
    operations.forget_device(
        person_id=actor.person_id,
        device=device,
        actor=actor.label,
        now=clock.now(),
    )
    said = Text("设备已移除，其上的登录已结束。", "The device is forgotten, and signed out.")
    messages.success(request, said.in_language(language_of(request)))
    return HttpResponseRedirect(reverse("identity:security"))


@access.open_to(access.PERSON)
@require_POST
def choose_second_factor(request: HttpRequest) -> HttpResponse:
    """Be asked for the second factor always, or only where something is unusual; less needs a second factor."""
    actor = access.actor_of(request)
    is_always = request.POST.get("second_factor") == "always"
    if not is_always and actor.assurance < access.TWO_FACTORS:
        raise access.StepUpNeeded(level=access.TWO_FACTORS)
    operations.choose_second_factor(
        person_id=actor.person_id, is_always=is_always, actor=actor.label, now=clock.now()
    )
    said = Text("已保存。", "Saved.")
    messages.success(request, said.in_language(language_of(request)))
    return HttpResponseRedirect(reverse("identity:security"))


def session_rows(
    found: list[UserSession], *, held: UserSession | None, language: str
) -> list[dict[str, Any]]:
    """Sessions as a page shows them."""
    return [
        {
            "session": one,
            "is_this": held is not None and one.pk == held.pk,
            "device": one.user_agent or Text("未知设备", "Unknown device").in_language(language),
            "reason": sessions.END_REASONS[one.end_reason].in_language(language) if one.end_reason else "",
            "methods": one.methods,
        }
        for one in found
    ]


def _devices(session: UserSession) -> list[dict[str, Any]]:
    return [
        {"device": one, "is_this": one.digest == session.device_digest}
        for one in queries.list_known_devices(person_id=session.person.public_id)
    ]
