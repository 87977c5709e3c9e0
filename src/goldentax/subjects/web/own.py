"""Pages of one's own relations: invitations to accept, and for whom one acts."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goldentax.kernel import access, clock
from goldentax.kernel.refusals import Refusal
from goldentax.subjects import api as subjects
from goldentax.subjects.operations.people import decline_invitation
from goldentax.subjects.queries import people
from goldentax.subjects.web import asking

_TONES = {people.CURRENT: "done", people.COMING: "act", people.ENDED: "plain"}


@never_cache
@access.open_to(access.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """Accept an invitation by its code, or one that was addressed to one's login name."""
    if request.method != "POST":
        return _invitations_page(request)
    actor = access.actor_of(request)
    try:
        relation = subjects.accept_invitation(
            person_id=actor.person_id,
            code=request.POST.get("code", "")[:40],
            invitation_id=_uuid_text(request.POST.get("invitation_id", "")),
            actor=actor.label,
            now=clock.now(),
        )
    except Refusal as refusal:
        return _invitations_page(request, refusal=refusal)
    name = relation.to_subject.name
    asking.say(
        request,
        f"已接受邀请，您可以为“{name}”办税，至 {relation.valid_to}（当天不再有效）。请切换身份后办理。",
        f"Accepted: you may act for “{name}” until {relation.valid_to}, that day not included. Switch your identity.",
    )
    return HttpResponseRedirect(reverse("subjects:own-relations"))


@access.open_to(access.PERSON)
@require_POST
def decline(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Decline an invitation that was addressed to one's login name."""
    actor = access.actor_of(request)
    try:
        decline_invitation(
            person_id=actor.person_id, invitation_id=invitation_id, actor=actor.label, now=clock.now()
        )
    except Refusal as refusal:
        return _invitations_page(request, refusal=refusal)
    asking.say(request, "已谢绝邀请。", "The invitation is declined.")
    return HttpResponseRedirect(reverse("subjects:invitations"))


@never_cache
@access.open_to(access.PERSON)
@require_safe
def relations(request: HttpRequest) -> HttpResponse:
    """For whom one acts, and as what one is on record."""
    return _relations_page(request)


@access.open_to(access.PERSON)
@require_POST
def lay_down(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Lay down a duty of one's own, at once."""
    actor, now = access.actor_of(request), clock.now()
    try:
        subjects.end_duty(
            tax_id=request.POST.get("tax_id", "")[:20],
            membership_id=membership_id,
            valid_to=now.date(),
            giver_id=actor.person_id,
            actor=actor.label,
            now=now,
        )
    except Refusal as refusal:
        return _relations_page(request, refusal=refusal)
    asking.say(request, "您已卸任，自即刻起不再有效。", "You have laid it down; it no longer holds.")
    return HttpResponseRedirect(reverse("subjects:own-relations"))


def _uuid_text(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _invitations_page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    actor = access.actor_of(request)
    waiting = people.list_invitations_for(login=actor.person_login, now=clock.now())
    return asking.page(request, "subjects/invitations.html", {"waiting": waiting}, refusal=refusal)


def _relations_page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    actor = access.actor_of(request)
    context = {
        "subject": subjects.find_subject_of_person(person_id=actor.person_id),
        "rows": people.list_own(person_id=actor.person_id, on=clock.today()),
        "tones": _TONES,
    }
    return asking.page(request, "subjects/own_relations.html", context, refusal=refusal)
