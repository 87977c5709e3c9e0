"""Pages of one's own factors: see, add and remove them."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goldentax.identity import queries
from goldentax.identity.models import Person
from goldentax.identity.operations import factors
from goldentax.identity.rules.factors import totp
from goldentax.identity.rules.factors.challenges import rp_id_of
from goldentax.identity.web.factors.passkeys import as_json
from goldentax.identity.web.factors.pictures import qr_svg
from goldentax.identity.web.factors.requests import context_of, origin_of
from goldentax.kernel import access, clock
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text

ASKED = "identity_mobile_asked"  # the masked number a code was sent to


@never_cache
@access.open_to(access.PERSON)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Every factor one has, and what may be added."""
    person = _person(request)
    held = factors.list_factors(person)
    language = language_of(request)
    return render(
        request,
        "identity/factors/list.html",
        {
            "factors": [{"factor": one, "label": one.label.in_language(language)} for one in held],
            "has": {one.key for one in held},
            "has_second": factors.has_second_factor(person),
            "must_have_two": factors.must_have_two(person=person, on=clock.today()),
            "has_sms": factors.find_sms_provider() is not None,
            "has_face": factors.find_face_provider() is not None,
            "request_id": str(new_public_id()),
        },
    )


@access.open_to(access.PERSON)
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Remove one of one's own factors."""
    actor = access.actor_of(request)
    factors.remove_factor(
        person_id=actor.person_id,
        key=request.POST.get("key", ""),
        factor_id=request.POST.get("factor_id", "")[:36],
        level=actor.assurance,
        actor=actor.label,
        now=clock.now(),
    )
    return _back(request, Text("已移除。", "Removed."))


@never_cache
@access.open_to(access.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def authenticator(request: HttpRequest) -> HttpResponse:
    """Scan a QR code with an authenticator app, and type its first code."""
    actor, context = access.actor_of(request), context_of(request, purpose=factors.ENROL)
    person = _person(request)
    factors.hold_level(person=person, assurance=actor.assurance)
    refusal: Refusal | None = None
    try:
        if request.method == "POST" and "code" in request.POST:
            factors.confirm_authenticator(
                person_id=actor.person_id,
                code=request.POST["code"],
                level=actor.assurance,
                actor=actor.label,
                context=context,
            )
            return _back(request, Text("验证器已设置。", "Your authenticator is set up."))
        if request.method == "POST":
            factors.begin_authenticator(
                person_id=actor.person_id, level=actor.assurance, actor=actor.label, context=context
            )
            return HttpResponseRedirect(reverse("identity:factor-authenticator"))
    except Refusal as refused:
        refusal = refused
    waiting = factors.waiting_authenticator(person=person, context=context)
    label = Text("验证器二维码", "QR code for the authenticator").in_language(language_of(request))
    values = {
        "qr": qr_svg(waiting.uri, label=label) if waiting else "",
        "secret": waiting.secret if waiting else "",
        "readable": totp.readable(waiting.secret) if waiting else "",
    }
    return _page(request, "authenticator", values, refusal=refusal)


@never_cache
@access.open_to(access.PERSON)
@require_POST
def recovery(request: HttpRequest) -> HttpResponse:
    """Make recovery codes and show them, this once."""
    actor = access.actor_of(request)
    codes = factors.make_recovery_codes(
        person_id=actor.person_id,
        level=actor.assurance,
        actor=actor.label,
        now=clock.now(),
        request_id=request.POST.get("request_id", "")[:64],
    )
    return _page(request, "recovery_made", {"codes": codes, "text": "\n".join(codes)})


@never_cache
@access.open_to(access.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """Let the browser make a passkey, and name it."""
    actor, refusal = access.actor_of(request), None
    factors.hold_level(person=_person(request), assurance=actor.assurance)
    if request.method == "POST":
        try:
            factors.add_passkey(
                person_id=actor.person_id,
                name=request.POST.get("name", ""),
                credential=request.POST.get("credential", ""),
                level=actor.assurance,
                actor=actor.label,
                context=context_of(request, purpose=factors.ENROL),
            )
            return _back(request, Text("通行密钥已登记。", "Your passkey is enrolled."))
        except Refusal as refused:
            refusal = refused
    values = {"is_possible": bool(rp_id_of(origin_of(request))), "name": request.POST.get("name", "")}
    return _page(request, "passkey_new", values, refusal=refusal)


@never_cache
@access.open_to(access.PERSON)
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser asks the device that makes a passkey."""
    actor, context = access.actor_of(request), context_of(request, purpose=factors.ENROL)
    return as_json(
        request,
        lambda: factors.begin_passkey(person_id=actor.person_id, level=actor.assurance, context=context),
    )


@never_cache
@access.open_to(access.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def mobile(request: HttpRequest) -> HttpResponse:
    """Type a number, then the code that was sent to it."""
    actor, context = access.actor_of(request), context_of(request, purpose=factors.ENROL)
    person = _person(request)
    factors.hold_level(person=person, assurance=actor.assurance)
    refusal: Refusal | None = None
    try:
        if request.method == "POST" and "code" in request.POST:
            factors.add_mobile(
                person_id=actor.person_id,
                code=request.POST["code"],
                level=actor.assurance,
                actor=actor.label,
                context=context,
            )
            request.session.pop(ASKED, None)
            return _back(request, Text("手机号已绑定。", "Your number is registered."))
        if request.method == "POST":
            request.session[ASKED] = factors.ask_sms_code(
                mobile=request.POST.get("mobile", ""), context=context, person=person
            )
            return HttpResponseRedirect(reverse("identity:factor-mobile") + "?step=code")
    except Refusal as refused:
        refusal = refused
    is_answering = request.GET.get("step") == "code" or "code" in request.POST
    provider = factors.find_sms_provider()
    values = {
        "asked": request.session.get(ASKED, "") if is_answering else "",
        "mobile": request.POST.get("mobile", ""),
        "is_outbox": settings().demo and provider is not None and provider.is_local,
    }
    return _page(request, "mobile_new", values, refusal=refusal)


def _page(
    request: HttpRequest, name: str, values: Mapping[str, object], *, refusal: Refusal | None = None
) -> HttpResponse:
    language = language_of(request)
    errors = [one.as_error(language) for one in refusal.each()] if refusal else []
    # Who is signed in already is not asked to sign in: a wrong code is a wrong field.
    status = 200 if refusal is None else 422 if refusal.status == 401 else refusal.status
    response = render(request, f"identity/factors/{name}.html", {"errors": errors, **values}, status=status)
    if refusal and "retry_after_s" in refusal.facts:
        response.headers["Retry-After"] = str(refusal.facts["retry_after_s"])
    return response


def _back(request: HttpRequest, said: Text) -> HttpResponse:
    messages.success(request, said.in_language(language_of(request)))
    return HttpResponseRedirect(reverse("identity:factors"))


def _person(request: HttpRequest) -> Person:
    return queries.get_person(access.actor_of(request).person_id)
