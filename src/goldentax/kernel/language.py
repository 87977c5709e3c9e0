"""
The language of an answer: Chinese unless asked otherwise.

Asked by ``?lang=en`` (which also sets the cookie), by the cookie, or, in the API, by ``Accept-Language``.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

COOKIE = "goldentax_language"
_COOKIE_AGE_S = 365 * 24 * 3600


def language_of(request: HttpRequest) -> str:
    """``zh`` or ``en``, for :class:`goldentax.kernel.text.Text` and refusals."""
    return "en" if getattr(request, "LANGUAGE_CODE", "zh-hans").startswith("en") else "zh"


class LanguageMiddleware:
    """Finds the language of each request and lets Django's own words follow it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang", "")
        wish = asked or request.COOKIES.get(COOKIE, "")
        if not wish and request.path.startswith("/api/"):
            wish = request.headers.get("Accept-Language", "")
        tag = "en" if wish.lower().startswith("en") else "zh-hans"
        request.LANGUAGE_CODE = tag
        with translation.override(tag):
            response = self.get_response(request)
        response.headers["Content-Language"] = "en" if tag == "en" else "zh-CN"
        if asked:
            response.set_cookie(COOKIE, "en" if tag == "en" else "zh", max_age=_COOKIE_AGE_S, samesite="Lax")
        return response
