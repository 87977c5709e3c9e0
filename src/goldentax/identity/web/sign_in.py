"""Pages: sign in, sign out, act for somebody else."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from goldentax.identity import operations, queries
from goldentax.identity.errors import SessionOver
from goldentax.identity.middleware import ACTING_FOR, IS_OVER, SEEN_AT, SIGNED_IN_AT
from goldentax.identity.models import Person
from goldentax.identity.rules import duties
from goldentax.kernel import access, clock
from goldentax.kernel.language import COOKIE as LANGUAGE_COOKIE
from goldentax.kernel.language import language_of
from goldentax.kernel.node import this_node
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text

DEMO_ACCOUNTS_FILE = (
    "demo-accounts.json"  # in the world's home; the runtime's table of the start reads it too
)


def safe_next(request: HttpRequest, *, default: str = "/") -> str:
    """Where to go afterwards: the wished address if it lies on this site, else the default."""
    wish = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wish, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wish if is_ours and wish.startswith("/") else default


@sensitive_post_parameters("password")
@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page."""
    if request.method != "POST":
        if access.actor_of(request).is_signed_in:
            return HttpResponseRedirect(safe_next(request))
        was_over = request.session.pop(IS_OVER, False)
        return _sign_in_page(request, refusal=SessionOver() if was_over else None, was_over=was_over)
    try:
        person = operations.sign_in(
            login=request.POST.get("login", ""),
            password=request.POST.get("password", ""),
            address=request.META.get("REMOTE_ADDR", ""),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _sign_in_page(request, refusal=refusal)
    return _begin(request, person)


def _begin(request: HttpRequest, person: Person) -> HttpResponse:
    now = clock.now()
    # Starting a session gives it a new key: one that somebody planted before the sign-in opens nothing.
    start_session(request, person, backend="django.contrib.auth.backends.ModelBackend")
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = int(now.timestamp())
    identities = queries.list_identities(person=person, on=now.date())
    wish = safe_next(request)
    keys = [one.key for one in identities]
    if len(keys) == 1 or person.acting_for in keys:
        request.session[ACTING_FOR] = person.acting_for if person.acting_for in keys else keys[0]
    elif keys:
        wish = f"{reverse('identity:switch')}?{urlencode({'next': wish})}"
    response = HttpResponseRedirect(wish)
    if LANGUAGE_COOKIE not in request.COOKIES:
        response.set_cookie(LANGUAGE_COOKIE, person.language, max_age=365 * 24 * 3600, samesite="Lax")
    return response


def _sign_in_page(
    request: HttpRequest, *, refusal: Refusal | None = None, was_over: bool = False
) -> HttpResponse:
    language = language_of(request)
    accounts = []
    if settings().demo:
        accounts = queries.list_demo_accounts(
            path=settings().home / DEMO_ACCOUNTS_FILE, node=this_node().code
        )
    response = render(
        request,
        "identity/sign_in.html",
        {
            "login": request.POST.get("login", "") if not was_over else "",
            "next": safe_next(request, default=""),
            "errors": [one.as_error(language) for one in refusal.each()] if refusal else [],
            "was_over": was_over,
            "demo_accounts": [(one, Text(one.who_zh, one.who_en).in_language(language)) for one in accounts],
        },
        status=refusal.status if refusal and not was_over else 200,
    )
    if refusal and "retry_after_s" in refusal.facts:
        response.headers["Retry-After"] = str(refusal.facts["retry_after_s"])
    return response


@access.open_to(access.PUBLIC)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; harmless when there is none."""
    actor = access.actor_of(request)
    if actor.is_signed_in:
        operations.note_sign_out(person_id=actor.person_id, now=clock.now())
    end_session(request)
    messages.success(
        request, Text("您已退出登录。", "You have signed out.").in_language(language_of(request))
    )
    return HttpResponseRedirect("/")


@never_cache
@access.open_to(access.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Choose for whom to act."""
    assert isinstance(request.user, Person)
    language = language_of(request)
    identities = queries.list_identities(person=request.user, on=clock.today())
    if request.method == "POST":
        wish = request.POST.get("identity", "")
        actor = access.actor_of(request)
        operations.take_identity(person_id=actor.person_id, key=wish, actor=actor.label, now=clock.now())
        request.session[ACTING_FOR] = wish
        request.session.cycle_key()
        name = next((one.name for one in identities if one.key == wish), request.user.name)
        said = Text("现以“{name}”的身份办税。", "You now act as {name}.").format(name=name)
        messages.success(request, said.in_language(language))
        return HttpResponseRedirect(safe_next(request))
    return render(request, "identity/switch.html", _switch_context(request, identities, language))


def _switch_context(
    request: HttpRequest, identities: list[queries.Identity], language: str
) -> dict[str, Any]:
    held = request.session.get(ACTING_FOR, "")
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
        "next": safe_next(request, default=""),
    }
