"""Answers to programs in the form of RFC 6749 §5: JSON, never kept, errors by the standard's words and our code."""

import functools
from collections.abc import Callable
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from goldentax.kernel.refusals import Refusal
from goldentax.signon import errors

View = Callable[..., HttpResponse]


def as_json(found: object, *, status: int = 200) -> HttpResponse:
    """One JSON answer that no cache keeps."""
    return HttpResponse(
        msgspec.json.encode(found),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
    )


def speaks_json(view: View) -> View:
    """Answer the refusals of a view as RFC 6749 §5.2 says; bugs go on to the edge."""

    @functools.wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except errors.ProtocolRefusal as refusal:
            return refused(refusal, is_basic="Authorization" in request.headers)

    return answered


def refused(refusal: errors.ProtocolRefusal, *, is_basic: bool = False) -> HttpResponse:
    """A refusal for a program; the description is English, because the standard allows ASCII only."""
    answer = as_json(
        {
            "error": refusal.oauth,
            "error_description": description(refusal),
            "code": refusal.code,
        },
        status=refusal.status,
    )
    if isinstance(refusal, errors.BadAccessToken | errors.InsufficientScope):
        answer.headers["WWW-Authenticate"] = f'Bearer realm="goldentax", error="{refusal.oauth}"'
    elif refusal.status == 401 and is_basic:
        answer.headers["WWW-Authenticate"] = 'Basic realm="goldentax"'
    return answer


def description(refusal: Refusal) -> str:
    """What is wrong, in the characters of RFC 6749 §5.2."""
    text = refusal.message("en").encode("ascii", "replace").decode("ascii")
    return text.replace('"', "'").replace("\\", "/")


def form_of(request: HttpRequest) -> dict[str, str]:
    """
    The parameters of a form, each once.

    :raises BadTokenRequest: if one is doubled (RFC 6749 §3.2), or the body is no form.
    """
    if request.content_type != "application/x-www-form-urlencoded":
        raise errors.BadTokenRequest("body", name="Content-Type", reason="application/x-www-form-urlencoded")
    found = {}
    for name, values in request.POST.lists():
        if len(values) != 1:
            raise errors.BadTokenRequest(name[:40], name=name[:40], reason="doubled")
        found[str(name)] = str(values[0])
    return found
