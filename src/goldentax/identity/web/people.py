"""Pages by which officers help people with their accounts: find, look, end sessions, reset, close."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goldentax.authority import api as authority
from goldentax.identity import operations, queries
from goldentax.identity.errors import NotYourself
from goldentax.identity.models import Person
from goldentax.identity.operations import factors
from goldentax.identity.rules import duties, sessions
from goldentax.identity.web.events import event_rows
from goldentax.identity.web.security import session_rows
from goldentax.kernel import access, clock
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.oversight import api as oversight

READ, UNMASK, RESET, CLOSE, END = (
    "identity.person.read",
    "identity.person.unmask",
    "identity.person.reset",
    "identity.person.close",
    "identity.session.end",
)
"""The functions of the catalogue that these pages are."""

EVENTS_SHOWN = 20


@never_cache
@access.open_to(access.OFFICER, function=READ)
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """
    Look for people by name, login name or whole identity card number.

    The search comes by POST where it holds a number: what is typed must not stay in addresses and their logs.
    """
    text = (request.POST.get("q") or request.GET.get("q") or "").strip()[:64]
    found = queries.search_people(text=text) if text else []
    rows = [{"person": one, "masked": one.masked_id_card} for one in found]
    return render(
        request,
        "identity/people.html",
        {"q": text, "found": rows, "is_cut": len(rows) == queries.PEOPLE_PAGE_SIZE},
    )


@never_cache
@access.open_to(access.OFFICER, function=READ)
@require_safe
def show(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """One person: account, sessions, factors, duties, posts, events."""
    return _person_page(request, queries.get_person(person_id))


@never_cache
@access.open_to(access.OFFICER, function=UNMASK, assurance=access.TWO_FACTORS)
@require_POST
def unmask(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show a person's whole identity card number once, to somebody who says what for."""
    actor, person = access.actor_of(request), queries.get_person(person_id)
    try:
        purpose = operations.checked_purpose(request.POST.get("purpose", ""))
    except Refusal as refusal:
        return _person_page(request, person, refusal=refusal)
    oversight.assess_look(
        oversight.LookFacts(
            person_id=actor.person_id,
            subject=f"person:{person.public_id}",
            fields=("id_card_number",),
            purpose=purpose,
            at=clock.now(),
            actor=actor.label,
            function=UNMASK,
            assurance=actor.assurance,
            network=actor.network,
        )
    )
    return _person_page(request, person, unmasked=person.id_card_number or "—")


@access.open_to(access.OFFICER, function=END, assurance=access.TWO_FACTORS)
@require_POST
def end_sessions(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """End one session of a person, or all of them."""
    actor, now = access.actor_of(request), clock.now()
    one = request.POST.get("session", "")
    if one:
        operations.end_session(
            session_id=one, person_id=person_id, reason=sessions.OFFICER, actor=actor.label, now=now
        )
    else:
        operations.end_all_sessions(person_id=person_id, reason=sessions.OFFICER, actor=actor.label, now=now)
    return _back(request, person_id, Text("会话已结束。", "The session is over."))


@never_cache
@access.open_to(access.OFFICER, function=RESET, assurance=access.TWO_FACTORS)
@require_POST
def reset(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Make an activation code and show it, this once."""
    actor, person = access.actor_of(request), queries.get_person(person_id)
    try:
        _refuse_oneself(actor, person)
        text, code = operations.issue_activation_code(
            person_id=person.public_id,
            actor=actor.label,
            now=clock.now(),
            request_id=request.POST.get("request_id", "")[:64],
        )
    except Refusal as refusal:
        return _person_page(request, person, refusal=refusal)
    return render(request, "identity/activation_made.html", {"person": person, "text": text, "code": code})


@access.open_to(access.OFFICER, function=CLOSE, assurance=access.TWO_FACTORS)
@require_POST
def close(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Close an account, or open it again."""
    actor, person, now = access.actor_of(request), queries.get_person(person_id), clock.now()
    try:
        _refuse_oneself(actor, person)
    except Refusal as refusal:
        return _person_page(request, person, refusal=refusal)
    if request.POST.get("open") == "yes":
        operations.reopen_person(person_id=person.public_id, actor=actor.label, now=now)
        return _back(request, person_id, Text("账户已启用。", "The account is open again."))
    operations.close_person(person_id=person.public_id, actor=actor.label, now=now)
    return _back(
        request,
        person_id,
        Text("账户已停用，全部会话已结束。", "The account is closed, and signed out everywhere."),
    )


def _refuse_oneself(actor: access.Actor, person: Person) -> None:
    if actor.person_id == str(person.public_id):
        raise NotYourself()


def _back(request: HttpRequest, person_id: UUID, said: Text) -> HttpResponse:
    messages.success(request, said.in_language(language_of(request)))
    return HttpResponseRedirect(reverse("identity:person", args=[person_id]))


def _person_page(
    request: HttpRequest, person: Person, *, refusal: Refusal | None = None, unmasked: str = ""
) -> HttpResponse:
    language, actor, today = language_of(request), access.actor_of(request), clock.today()
    person_id = str(person.public_id)
    found = queries.list_sessions(person_id=person_id)
    return render(
        request,
        "identity/person.html",
        {
            "person": person,
            "unmasked": unmasked,
            "sessions": session_rows(found, held=queries.session_of(request), language=language),
            "factors": [
                {"factor": one, "label": one.label.in_language(language)}
                for one in factors.list_factors(person)
            ],
            "memberships": [
                {"row": row, "duty": duties.duty_name(row.duty, language)}
                for row in queries.list_memberships(person_id=person_id)
            ],
            "posts": [
                _post(one, language) for one in authority.list_appointments(person_id=person_id, on=today)
            ],
            "events": event_rows(oversight.list_own_events(person_id, limit=EVENTS_SHOWN), language=language),
            "may": {
                "unmask": access.may(actor, UNMASK),
                "reset": access.may(actor, RESET),
                "close": access.may(actor, CLOSE),
                "end": access.may(actor, END),
            },
            "request_id": str(new_public_id()),
            "errors": [one.as_error(language) for one in refusal.each()] if refusal else [],
        },
        status=refusal.status if refusal else 200,
    )


def _post(one: authority.Appointment, language: str) -> dict[str, Any]:
    return {
        "office": one.office_name or one.office_code,
        "title": one.title or one.post_name.in_language(language),
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
    }
