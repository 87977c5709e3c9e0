"""Pages of second factors: an authenticator's code, a recovery code, one's password, a face seen by a provider."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from goldentax.identity.operations import factors
from goldentax.identity.operations.signing_in import prove as prove_by_password
from goldentax.identity.rules.factors import assurance
from goldentax.identity.web import flow
from goldentax.identity.web.factors.pictures import qr_svg
from goldentax.identity.web.factors.requests import context_of, door, finish, needed_person
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def authenticator(request: HttpRequest) -> HttpResponse:
    """Type a code of one's authenticator."""
    return _typed(request, key=assurance.TOTP)


@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    """Type a recovery code."""
    return _typed(request, key=assurance.RECOVERY)


@sensitive_post_parameters("password")
@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Type one's password, after a sign-in that began without it."""
    person, refusal = needed_person(request), None
    if request.method == "POST":
        try:
            prove_by_password(
                login=person.login,
                password=request.POST.get("password", ""),
                network=flow.network_of(request),
                device=flow.device_of(request),
                user_agent=request.headers.get("User-Agent", ""),
                now=clock.now(),
            )
            return finish(request, person=person, method=assurance.PASSWORD)
        except Refusal as refused:
            refusal = refused
    return door(request, "identity/factors/typed.html", {"key": assurance.PASSWORD}, refusal=refusal)


@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def face(request: HttpRequest) -> HttpResponse:
    """Be seen by the provider, or read that there is none."""
    person = needed_person(request)
    if request.method != "POST":
        return _face_page(request)
    try:
        factors.prove_by_face(person=person, context=context_of(request))
        return finish(request, person=person, method=assurance.FACE)
    except Refusal as refusal:
        return _face_page(request, refusal=refusal)


@never_cache
@access.open_to(access.PUBLIC)
@require_POST
def begin_face(request: HttpRequest) -> HttpResponse:
    """Begin a verification at the provider."""
    try:
        begun = factors.begin_face(person=needed_person(request), context=context_of(request))
    except Refusal as refusal:
        return _face_page(request, refusal=refusal)
    return _face_page(request, begun=begun)


def _typed(request: HttpRequest, *, key: str) -> HttpResponse:
    person = needed_person(request)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            proved = factors.prove(person, key, request.POST.get("code", ""), context_of(request))
            return finish(request, person=person, method=proved.method)
        except Refusal as refused:
            refusal = refused
    return door(request, "identity/factors/typed.html", {"key": key}, refusal=refusal)


def _face_page(
    request: HttpRequest, *, begun: factors.FaceSession | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    language, provider = language_of(request), factors.find_face_provider()
    label = Text("人脸核验二维码", "QR code of the face verification").in_language(language)
    return door(
        request,
        "identity/factors/face.html",
        {
            "provider": provider.label.in_language(language) if provider else "",
            "begun": begun,
            "qr": qr_svg(begun.url, label=label) if begun else "",
        },
        refusal=refusal,
    )
