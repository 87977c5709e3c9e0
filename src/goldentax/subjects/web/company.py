"""Pages of a company's people: who acts for it until when, invitations, and their history."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.subjects import api as subjects
from goldentax.subjects.errors import UnknownRelationId
from goldentax.subjects.operations import people as operations
from goldentax.subjects.queries import people
from goldentax.subjects.web import asking

_FIELDS = ("duty", "valid_from", "valid_to", "name", "tail", "login")
_USUAL_DUTY = "03"
_STATE_TONES = {people.CURRENT: "done", people.COMING: "act", people.ENDED: "plain"}


@never_cache
@access.open_to(access.TAXPAYER)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Everybody who acts, acted or will act for the company, and its invitations."""
    actor, now = access.actor_of(request), clock.now()
    members = people.list_people(tax_id=actor.taxpayer_id, giver_id=actor.person_id, on=now.date())
    givable = _givable(request)
    context = {
        "current": [one for one in members if one.state != people.ENDED],
        "ended": [one for one in members if one.state == people.ENDED],
        "tones": _STATE_TONES,
        "may_invite": bool(givable),
        "invitations": people.list_invitations(tax_id=actor.taxpayer_id, now=now) if givable else [],
    }
    return asking.page(request, "subjects/people.html", context)


@never_cache
@access.open_to(access.TAXPAYER)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the code is shown once, here."""
    actor, now = access.actor_of(request), clock.now()
    values = asking.values_of(request, _FIELDS)
    if request.method != "POST":
        values |= {"valid_from": now.date().isoformat(), "duty": _USUAL_DUTY}
        return _invite_page(request, values)
    try:
        valid_from = asking.day_of(values["valid_from"], field="valid_from")
        valid_to = asking.day_of(values["valid_to"], field="valid_to")
        code, invitation = operations.invite(
            company=asking.company_of(request),
            wish=subjects.Wish(**(values | {"valid_from": valid_from, "valid_to": valid_to})),  # type: ignore[arg-type]
            giver_id=actor.person_id,
            actor=actor.label,
            now=now,
            request_id=asking.request_id_of(request),
        )
    except Refusal as refusal:
        return _invite_page(request, values, refusal=refusal)
    # The code stands in no address: it would lie in the history of browsers and in the logs of proxies.
    context = {
        "code": code,
        "invitation": people.invitation_view(invitation, now=now),
        "address": request.build_absolute_uri(reverse("subjects:invitations")),
    }
    return asking.page(request, "subjects/invited.html", context)


@never_cache
@access.open_to(access.TAXPAYER)
@require_safe
def member(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """One duty of somebody: its term, and the forms that end or extend it."""
    return _member_page(request, membership_id)


@access.open_to(access.TAXPAYER)
@require_POST
def end(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """End somebody's duty today, or on a day."""
    actor, now = access.actor_of(request), clock.now()
    try:
        text = request.POST.get("valid_to", "")
        day = now.date() if request.POST.get("at_once") else asking.day_of(text, field="valid_to")
        subjects.end_duty(
            tax_id=actor.taxpayer_id,
            membership_id=membership_id,
            valid_to=day,
            giver_id=actor.person_id,
            actor=actor.label,
            now=now,
        )
    except Refusal as refusal:
        return _member_page(request, membership_id, refusal=refusal)
    asking.say(request, f"已终止：自 {day} 起不再有效。", f"Ended: it no longer holds from {day} on.")
    return HttpResponseRedirect(reverse("subjects:people"))


@access.open_to(access.TAXPAYER)
@require_POST
def extend(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Give somebody's duty again from the day it ends."""
    actor, now = access.actor_of(request), clock.now()
    try:
        day = asking.day_of(request.POST.get("valid_to", ""), field="valid_to")
        subjects.extend_duty(
            company=asking.company_of(request),
            membership_id=membership_id,
            valid_to=day,
            giver_id=actor.person_id,
            actor=actor.label,
            now=now,
            request_id=asking.request_id_of(request),
        )
    except Refusal as refusal:
        return _member_page(request, membership_id, refusal=refusal)
    asking.say(request, f"已延长至 {day}（当天不再有效）。", f"Extended until {day}, that day not included.")
    return HttpResponseRedirect(reverse("subjects:people"))


@access.open_to(access.TAXPAYER)
@require_POST
def withdraw(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    actor = access.actor_of(request)
    try:
        subjects.withdraw_invitation(
            tax_id=actor.taxpayer_id,
            invitation_id=invitation_id,
            giver_id=actor.person_id,
            actor=actor.label,
            now=clock.now(),
        )
    except Refusal as refusal:
        asking.refuse(request, refusal)
    else:
        asking.say(request, "邀请已撤回。", "The invitation is withdrawn.")
    return HttpResponseRedirect(reverse("subjects:people") + "#invitations")


def _givable(request: HttpRequest) -> list[tuple[str, Any, Any]]:
    actor, today = access.actor_of(request), clock.today()
    held = operations.duties_held(tax_id=actor.taxpayer_id, person_id=actor.person_id, on=today)
    return people.givable_duties(held=held, on=today)


def _invite_page(
    request: HttpRequest, values: dict[str, str], *, refusal: Refusal | None = None
) -> HttpResponse:
    language = language_of(request)
    givable = _givable(request)
    context = {
        "values": values,
        "duties": [(duty, f"{duty} {name.in_language(language)}") for duty, name, _ in givable],
        "may_invite": bool(givable),
        "latest": [(name, latest) for _, name, latest in givable],
        "today": clock.today().isoformat(),
    }
    return asking.page(request, "subjects/invite.html", context, refusal=refusal)


def _member_page(
    request: HttpRequest, membership_id: UUID, *, refusal: Refusal | None = None
) -> HttpResponse:
    actor, today = access.actor_of(request), clock.today()
    members = people.list_people(tax_id=actor.taxpayer_id, giver_id=actor.person_id, on=today)
    found = next((one for one in members if one.membership_id == membership_id), None)
    if found is None:
        raise UnknownRelationId("membership_id")
    context = {
        "member": found,
        "tone": _STATE_TONES[found.state],
        "history": [one for one in members if one.person_id == found.person_id],
        "tones": _STATE_TONES,
        "today": today.isoformat(),
    }
    return asking.page(request, "subjects/member.html", context, refusal=refusal)
