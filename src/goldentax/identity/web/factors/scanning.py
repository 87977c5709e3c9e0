"""Pages: a desk shows a code to scan; the phone that scans it lets the desk in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goldentax.identity import queries
from goldentax.identity.errors import factors as errors
from goldentax.identity.operations import factors
from goldentax.identity.rules.factors import assurance
from goldentax.identity.web import flow
from goldentax.identity.web.factors.pictures import qr_svg
from goldentax.identity.web.factors.requests import context_of, door, finish, origin_of
from goldentax.kernel import access
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


@never_cache
@access.open_to(access.PUBLIC)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The desk's page: a QR code and two digits. Loaded again, it shows new ones."""
    if access.actor_of(request).is_signed_in:
        return HttpResponseRedirect(flow.safe_next(request))
    try:
        shown = factors.make_ticket(context=context_of(request, purpose=factors.SIGN_IN))
    except Refusal as refusal:
        return door(request, "identity/factors/scan.html", {"state": "over"}, refusal=refusal)
    url = origin_of(request) + reverse("identity:scan", args=[shown.ticket])
    label = Text("登录二维码", "QR code to sign in").in_language(language_of(request))
    return door(
        request,
        "identity/factors/scan.html",
        {
            "qr": qr_svg(url, label=label),
            "url": url,
            "match_number": shown.match_number,
            "expires_at": shown.expires_at,
            "state": "waiting",
        },
    )


@never_cache
@access.open_to(access.PUBLIC)
@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """How the desk's ticket stands, for the page that asks every two seconds."""
    found = factors.state_of_ticket(context=context_of(request, purpose=factors.SIGN_IN))
    wish = flow.safe_next(request, default="")
    return render(request, "identity/factors/parts/scan_state.html", {"state": found, "next": wish})


@never_cache
@access.open_to(access.PUBLIC)
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Sign the desk in, once the phone has said yes."""
    try:
        taken = factors.take_ticket(context=context_of(request, purpose=factors.SIGN_IN))
        response = finish(request, person=taken.person, method=assurance.SCAN, level=taken.assurance)
    except Refusal as refusal:
        return door(request, "identity/factors/scan.html", {"state": "over"}, refusal=refusal)
    if request.headers.get("HX-Request"):
        # A script that followed the redirect itself would put the next page into a corner of this one.
        response.status_code = 200
        response.headers["HX-Redirect"] = response.headers["Location"]
        del response.headers["Location"]
    return response


@never_cache
@access.open_to(access.PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest, ticket: str) -> HttpResponse:
    """The phone's page: who asks, and the number to compare."""
    actor = access.actor_of(request)
    person, context = queries.get_person(actor.person_id), context_of(request, purpose=factors.SIGN_IN)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            if request.POST.get("answer") == "no":
                factors.refuse_ticket(ticket=ticket, person=person, actor=actor.label, context=context)
                said = Text("已拒绝，电脑端没有登录。", "Refused: the desk was not signed in.")
            else:
                factors.confirm_ticket(
                    ticket=ticket,
                    match_number=request.POST.get("match_number", ""),
                    actor=actor,
                    person=person,
                    context=context,
                )
                said = Text("已确认，电脑端正在登录。", "Confirmed: the desk is being signed in.")
            messages.success(request, said.in_language(language_of(request)))
            return HttpResponseRedirect("/")
        except errors.WrongMatchNumber as wrong:
            refusal = wrong
    asked = factors.open_ticket(ticket=ticket, person=person, context=context)
    return render(
        request,
        "identity/factors/scan_phone.html",
        {
            "asked": asked,
            "browser": asked.browser.in_language(language_of(request)),
            "person": person,
            "errors": [refusal.as_error(language_of(request))] if refusal else [],
        },
        status=refusal.status if refusal else 200,
    )
