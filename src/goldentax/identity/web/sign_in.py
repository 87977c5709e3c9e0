"""Pages: sign in, finish a sign-in, prove more, sign out, act for somebody else."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goldentax.identity import operations, queries
from goldentax.identity.errors import NotPending, PasswordsDiffer, SessionEnded, SessionOver
from goldentax.identity.middleware import IS_OVER
from goldentax.identity.models import Person
from goldentax.identity.operations import factors
from goldentax.identity.rules import assurance as levels
from goldentax.identity.rules import duties, logins, sessions
from goldentax.identity.web import flow
from goldentax.identity.web.factors.requests import used_methods
from goldentax.identity.web.flow import safe_next
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.node import this_node
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text

DEMO_ACCOUNTS_FILE = (
    "demo-accounts.json"  # in the world's home; the runtime's table of the start reads it too
)
_BY_ITSELF = ("", sessions.SIGNED_OUT, sessions.IDLE, sessions.AGE)
"""Ends of a session that nobody else brought about."""


@sensitive_post_parameters("password")
@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page."""
    if request.method != "POST":
        if access.actor_of(request).is_signed_in:
            return HttpResponseRedirect(safe_next(request))
        over = _why_over(request)
        return _sign_in_page(request, refusal=over, was_over=over is not None, login=_hinted_login(request))
    try:
        person = operations.sign_in(
            login=request.POST.get("login", ""),
            password=request.POST.get("password", ""),
            address=request.META.get("REMOTE_ADDR", ""),
            device=flow.device_of(request),
            user_agent=request.headers.get("User-Agent", ""),
            now=clock.now(),
        )
        return flow.begin_session(request, person=person, methods=("password",), assurance=levels.ONE_FACTOR)
    except Refusal as refusal:
        return _sign_in_page(request, refusal=refusal)


def _why_over(request: HttpRequest) -> Refusal | None:
    """Why somebody who comes to this page is not signed in any more, said once."""
    if IS_OVER not in request.session:
        return None
    why = request.session.pop(IS_OVER)
    return SessionOver() if why in _BY_ITSELF else SessionEnded(reason=sessions.END_REASONS[why])


def _hinted_login(request: HttpRequest) -> str:
    """
    The login name an address proposes (a client's ``login_hint``); "" for what can be none.

    It only fills the field: nothing is looked up, nothing is said about it, and no sentence of a stranger's fits in.
    """
    login = logins.normal_login(request.GET.get("login", ""))
    return login if logins.is_valid_login(login) else ""


def _sign_in_page(
    request: HttpRequest, *, refusal: Refusal | None = None, was_over: bool = False, login: str = ""
) -> HttpResponse:
    language = language_of(request)
    accounts = []
    if settings().demo:
        accounts = queries.list_demo_accounts(
            path=settings().home / DEMO_ACCOUNTS_FILE, node=this_node().code
        )
    wish = safe_next(request, default="")
    response = render(
        request,
        "identity/sign_in.html",
        {
            "login": request.POST.get("login", "") or login,
            "next": wish,
            "next_query": f"?{urlencode({'next': wish})}" if wish else "",
            "errors": _errors(request, refusal),
            "was_over": was_over,
            "demo_accounts": [(one, Text(one.who_zh, one.who_en).in_language(language)) for one in accounts],
        },
        status=refusal.status if refusal and not was_over else 200,
    )
    if refusal and "retry_after_s" in refusal.facts:
        response.headers["Retry-After"] = str(refusal.facts["retry_after_s"])
    return response


@never_cache
@access.open_to(access.PUBLIC)
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """The ways to finish a sign-in that waits for a second factor."""
    person = flow.pending_person(request)
    if person is None:
        return _begin_again(request)
    choices = [
        one for one in factors.offered_to(person, clock.now(), used=used_methods(request)) if one.is_ready
    ]
    return render(request, "identity/second_factor.html", {"choices": _choices(request, choices)})


@never_cache
@access.open_to(access.PERSON)
@require_safe
def step_up(request: HttpRequest) -> HttpResponse:
    """The ways in which somebody signed in may prove more, because what they want to do asks for it."""
    session = queries.session_of(request)
    assert session is not None
    wish = safe_next(request, default="")
    if wish:
        request.session[flow.STEP_UP_NEXT] = wish
    asked = request.GET.get("level", "")
    level = int(asked) if asked in ("2", "3") else levels.TWO_FACTORS
    now = clock.now()
    if operations.present_assurance(session, now=now) >= level:
        return HttpResponseRedirect(wish or "/")
    offered = factors.offered_to(session.person, now, used=session.methods[:1])
    found = [one for one in offered if one.assurance >= level]
    return render(
        request,
        "identity/step_up.html",
        {
            "level": level,
            "has_none": not factors.has_second_factor(session.person),
            "choices": _choices(request, [one for one in found if one.is_ready]),
            # Recovery codes stand in for another factor; they are not the first that somebody sets up.
            "missing": _choices(
                request, [one for one in found if not one.is_ready and one.key != "recovery"]
            ),
            "next": wish,
            "minutes": int(levels.step_up_lasts(now.date()).total_seconds() // 60),
        },
    )


@sensitive_post_parameters()
@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """Set a new password before the session starts: the old one is lost, too old, or too short for an officer."""
    person = flow.person_without_password(request)
    if person is None:
        return _begin_again(request)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            _set_new_password(request, person)
        except Refusal as one:
            refusal = one
        else:
            said = Text("新密码已生效。", "Your new password holds from now on.")
            messages.success(request, said.in_language(language_of(request)))
            return flow.complete_new_password(request)
    today = clock.today()
    is_officer = queries.is_officer(person=person, on=today)
    return render(
        request,
        "identity/new_password.html",
        {
            "errors": _errors(request, refusal),
            "login": person.login,
            "is_recovery": flow.is_recovery(request),
            "length_min": operations.length_min(is_officer=is_officer, on=today),
        },
        status=refusal.status if refusal else 200,
    )


def _set_new_password(request: HttpRequest, person: Person) -> None:
    new = request.POST.get("new_password", "")
    if new != request.POST.get("new_password_again", ""):
        raise PasswordsDiffer("new_password_again")
    operations.set_password(
        person_id=person.public_id, password=new, actor=f"web:{person.public_id}", now=clock.now()
    )


@access.open_to(access.PUBLIC)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; harmless when there is none."""
    actor = access.actor_of(request)
    if actor.is_signed_in:
        operations.end_session(
            session_id=actor.session_id, reason=sessions.SIGNED_OUT, actor=actor.label, now=clock.now()
        )
    request.session.flush()
    messages.success(
        request, Text("您已退出登录。", "You have signed out.").in_language(language_of(request))
    )
    return HttpResponseRedirect("/")


@never_cache
@access.open_to(access.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Choose for whom to act."""
    session = queries.session_of(request)
    assert session is not None
    language = language_of(request)
    identities = queries.list_identities(person=session.person, on=clock.today())
    if request.method == "POST":
        wish = request.POST.get("identity", "")
        actor = access.actor_of(request)
        operations.take_identity(person_id=actor.person_id, key=wish, actor=actor.label, now=clock.now())
        operations.take_session_identity(session=session, key=wish)
        flow.change_key(request, session)
        name = next((one.name for one in identities if one.key == wish), session.person.name)
        said = Text("现以“{name}”的身份办税。", "You now act as {name}.").format(name=name)
        messages.success(request, said.in_language(language))
        return HttpResponseRedirect(safe_next(request))
    context = _switch_context(identities, held=session.acting_for, language=language)
    return render(request, "identity/switch.html", context | {"next": safe_next(request, default="")})


def _switch_context(identities: list[queries.Identity], *, held: str, language: str) -> dict[str, Any]:
    return {
        "identities": [
            {
                "key": one.key,
                "name": one.name,
                "tax_id": one.tax_id,
                "is_office": one.is_office,
                "words": one.title or "、".join(duties.duty_name(duty, language) for duty in one.duties),
                "until": one.until,
                "is_held": one.key == held,
            }
            for one in identities
        ],
        "is_self": held not in {one.key for one in identities},
    }


def _choices(request: HttpRequest, found: list[factors.FactorChoice]) -> list[dict[str, Any]]:
    language = language_of(request)
    return [
        {
            "key": one.key,
            "url": one.url,
            "label": one.label.in_language(language),
            "hint": one.hint.in_language(language),
            "level": one.assurance,
        }
        for one in found
    ]


def _begin_again(request: HttpRequest) -> HttpResponse:
    """Nothing waits here, or no longer: back to the beginning."""
    if access.actor_of(request).is_signed_in:
        return HttpResponseRedirect("/")
    return _sign_in_page(request, refusal=NotPending())


def _errors(request: HttpRequest, refusal: Refusal | None) -> list[dict[str, Any]]:
    return [one.as_error(language_of(request)) for one in refusal.each()] if refusal else []
