"""Pages of one's own account: whom I may act for, my tokens, my password."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goldentax.identity import operations, queries
from goldentax.identity.errors import PasswordsDiffer
from goldentax.identity.models import ApiToken, Person
from goldentax.identity.rules import duties
from goldentax.identity.web import flow, security
from goldentax.kernel import access, clock
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

DAYS_OFFERED = (7, 30, 90, 366)


@never_cache
@access.open_to(access.PERSON)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The account page."""
    return _account_page(request)


@never_cache
@access.open_to(access.PERSON)
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show its text, this once."""
    actor = access.actor_of(request)
    days, key = request.POST.get("days", ""), request.POST.get("tax_id", "")
    is_office = key.startswith(queries.OFFICE_PREFIX)
    if is_office and actor.assurance < access.TWO_FACTORS:
        # Months of an officer's reach are not given away for a password.
        raise access.StepUpNeeded(level=access.TWO_FACTORS)
    try:
        text, token = operations.issue_token(
            person_id=actor.person_id,
            tax_id="" if is_office else key,
            office_code=key.removeprefix(queries.OFFICE_PREFIX) if is_office else "",
            label=request.POST.get("label", ""),
            scopes=request.POST.getlist("scopes"),
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0,
            actor=actor.label,
            now=clock.now(),
            request_id=request.POST.get("request_id", "")[:64],
        )
    except Refusal as refusal:
        return _account_page(request, refusal=refusal)
    return render(
        request,
        "identity/token_made.html",
        {"text": text, "token": token, "base": request.build_absolute_uri("/")},
    )


@access.open_to(access.PERSON)
@require_POST
def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Revoke one of one's own tokens."""
    actor = access.actor_of(request)
    token = operations.revoke_token(
        person_id=actor.person_id, token_id=token_id, actor=actor.label, now=clock.now()
    )
    said = Text("令牌“{label}”已撤销。", "The token “{label}” is revoked.").format(label=token.label)
    messages.success(request, said.in_language(language_of(request)))
    return HttpResponseRedirect(reverse("identity:account") + "#tokens")


@sensitive_post_parameters()
@never_cache
@access.open_to(access.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    errors: list[dict[str, Any]] = []
    status = 200
    if request.method == "POST":
        try:
            _change_password(request)
        except Refusal as refusal:
            # Who is signed in already is not asked to sign in: a wrong present password is a wrong field.
            status = 422 if refusal.status == 401 else refusal.status
            errors = [one.as_error(language_of(request)) for one in refusal.each()]
        else:
            said = Text(
                "密码已修改，其他设备上的登录已全部退出。接口令牌继续有效，请检查是否需要撤销。",
                "Your password is changed; you are signed out everywhere else. API tokens go on: see whether any"
                " should not.",
            )
            messages.success(request, said.in_language(language_of(request)))
            return HttpResponseRedirect(reverse("identity:account"))
    person, today = queries.get_person(access.actor_of(request).person_id), clock.today()
    is_officer = queries.is_officer(person=person, on=today)
    context = {
        "errors": errors,
        "asks_current": _asks_current(request, person),
        "length_min": operations.length_min(is_officer=is_officer, on=today),
    }
    return render(request, "identity/password.html", context, status=status)


def _asks_current(request: HttpRequest, person: Person) -> bool:
    """Whether the present password is asked: not of who has none, and not of who just showed something stronger."""
    return person.has_usable_password() and access.actor_of(request).assurance < access.STRONG


def _change_password(request: HttpRequest) -> None:
    actor, session = access.actor_of(request), queries.session_of(request)
    assert session is not None
    new, now = request.POST.get("new_password", ""), clock.now()
    if new != request.POST.get("new_password_again", ""):
        raise PasswordsDiffer("new_password_again")
    if _asks_current(request, session.person):
        operations.change_password(
            person_id=actor.person_id,
            current=request.POST.get("current_password", ""),
            new=new,
            address=request.META.get("REMOTE_ADDR", ""),
            device=flow.device_of(request),
            actor=actor.label,
            but_session=session.public_id,
            now=now,
        )
    else:
        operations.set_password(
            person_id=actor.person_id, password=new, actor=actor.label, but_session=session.public_id, now=now
        )
    session.person.refresh_from_db()
    request.session[HASH_SESSION_KEY] = session.person.get_session_auth_hash()
    flow.change_key(request, session)


def _account_page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    assert isinstance(request.user, Person)
    language, now = language_of(request), clock.now()
    identities = queries.list_identities(person=request.user, on=now.date())
    return render(
        request,
        "identity/account.html",
        {
            "person": request.user,
            "memberships": [
                {"row": row, "duty": duties.duty_name(row.duty, language), "state": _state(row, now)}
                for row in queries.list_memberships(person_id=request.user.public_id)
            ],
            "tokens": [
                _token_row(token, now=now, language=language)
                for token in queries.list_tokens(person_id=request.user.public_id)
            ],
            "identities": [(one.key, _named(one)) for one in identities],
            "held": access.actor_of(request).acting_for,
            "days_offered": [
                (str(n), Text("{n} 天", "{n} days").format(n=n).in_language(language)) for n in DAYS_OFFERED
            ],
            "scopes": [
                (code, text.in_language(language))
                for is_office in (False, True)
                if any(one.is_office == is_office for one in identities)
                for code, text in duties.scopes_for(is_office=is_office).items()
            ],
            # What most programs are for is ticked; to let people in or read the trail is somebody's own decision.
            "chosen_scopes": request.POST.getlist("scopes") or duties.USUAL_SCOPES,
            "chosen": request.POST,
            "request_id": str(new_public_id()),
            **security.overview(request, session=queries.session_of(request)),
            "errors": [one.as_error(language) for one in refusal.each()] if refusal else [],
        },
        status=refusal.status if refusal else 200,
    )


def _named(identity: queries.Identity) -> str:
    return f"{identity.name}（{identity.tax_id or identity.title}）"


def _state(row: Any, now: datetime) -> str:
    if row.valid_from > now.date():
        return "future"
    return "valid" if row.valid_to is None or row.valid_to > now.date() else "ended"


def _token_row(token: ApiToken, *, now: datetime, language: str) -> dict[str, Any]:
    state = "revoked" if token.revoked_at else "expired" if token.expires_at <= now else "valid"
    return {
        "token": token,
        "state": state,
        "may": [duties.SCOPES[one].in_language(language) for one in token.scopes],
    }
