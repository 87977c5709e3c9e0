"""What a person likes: light or dark, Chinese or English."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from goldentax.identity import operations
from goldentax.identity.web.flow import safe_next
from goldentax.kernel import access, clock
from goldentax.kernel.frame import THEME_COOKIE, THEMES
from goldentax.kernel.language import COOKIE as LANGUAGE_COOKIE

COOKIE_AGE_S = 365 * 24 * 3600


@access.open_to(access.PUBLIC)
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember a choice in a cookie, the language of somebody who is signed in with the person too."""
    response = HttpResponseRedirect(safe_next(request))
    theme, language = request.POST.get("theme", ""), request.POST.get("language", "")
    if theme in THEMES:
        response.set_cookie(THEME_COOKIE, theme, max_age=COOKIE_AGE_S, samesite="Lax")
    elif theme == "auto":
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    if language in ("zh", "en"):
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=COOKIE_AGE_S, samesite="Lax")
        actor = access.actor_of(request)
        if actor.is_signed_in:
            operations.set_language(
                person_id=actor.person_id, language=language, actor=actor.label, now=clock.now()
            )
    return response
