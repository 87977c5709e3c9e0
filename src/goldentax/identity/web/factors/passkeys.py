"""Pages: sign in, or prove more, by a passkey."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from goldentax.identity.operations import factors
from goldentax.identity.rules.factors.challenges import rp_id_of
from goldentax.identity.web.factors.requests import context_of, door, finish, known_person, origin_of
from goldentax.kernel import access
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal


def as_json(request: HttpRequest, make: Callable[[], str]) -> HttpResponse:
    """Answer a script with options, or with a refusal as problem details (RFC 9457)."""
    try:
        return HttpResponse(make(), content_type="application/json")
    except Refusal as refusal:
        return JsonResponse(
            refusal.as_problem(language_of(request)),
            status=refusal.status,
            content_type="application/problem+json",
            json_dumps_params={"ensure_ascii": False},
        )


@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """Show a passkey."""
    if request.method != "POST":
        return _page(request)
    try:
        proof = factors.prove_by_passkey(
            credential=request.POST.get("credential", ""),
            context=context_of(request),
            person=known_person(request),
        )
        return finish(request, person=proof.person, method=proof.method)
    except Refusal as refusal:
        return _page(request, refusal=refusal)


@never_cache
@access.open_to(access.PUBLIC)
@require_POST
def options(request: HttpRequest) -> HttpResponse:
    """What the browser asks the device."""
    context, person = context_of(request), known_person(request)
    return as_json(request, lambda: factors.ask_passkey(context=context, person=person))


def _page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    values = {"is_possible": bool(rp_id_of(origin_of(request)))}
    return door(request, "identity/factors/passkey.html", values, refusal=refusal)
