"""Pages: sign in, or prove more, by a code sent to one's phone."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from goldentax.identity.operations import factors
from goldentax.identity.rules.factors import assurance
from goldentax.identity.web import flow
from goldentax.identity.web.factors.requests import context_of, door, finish, known_person
from goldentax.kernel import access
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings

ASKED = "identity_sms_asked"
"""What the session keeps between asking and answering: the number as it may be shown, and what it was asked for."""


@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """Type the code; or, before one was asked for, the number."""
    if request.method != "POST":
        return _page(request)
    try:
        answered = factors.answer_sms_code(code=request.POST.get("code", ""), context=context_of(request))
        assert answered.person is not None, "only a number to enrol is nobody's"
        response = finish(request, person=answered.person, method=assurance.SMS)
    except Refusal as refusal:
        return _page(request, refusal=refusal)
    request.session.pop(ASKED, None)
    return response


@never_cache
@access.open_to(access.PUBLIC)
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send a code. Nothing of the answer tells whether the number is known."""
    context, person = context_of(request), known_person(request)
    typed = request.POST.get("mobile", "")
    if "again" in request.POST:
        # The whole number stays sealed in the table: neither the page nor the session repeats it.
        typed = factors.number_asked_last(context=context)
    try:
        if person is not None:
            masked = factors.ask_own_sms_code(person=person, context=context)
        else:
            masked = factors.ask_sms_code(mobile=typed, context=context)
    except Refusal as refusal:
        return _page(request, refusal=refusal)
    request.session[ASKED] = {"masked": masked, "purpose": context.purpose}
    wish = flow.safe_next(request, default="")
    query = {"step": "code"} | ({"next": wish} if wish else {})
    return HttpResponseRedirect(f"{reverse('identity:sign-in-sms')}?{urlencode(query)}")


def _page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    person = known_person(request)
    asked = request.session.get(ASKED)
    is_answering = request.GET.get("step") == "code" or "code" in request.POST
    context = context_of(request)
    if asked is not None and (not is_answering or asked["purpose"] != context.purpose):
        asked = None
    own = (
        next((one.name for one in factors.list_factors(person) if one.key == factors.MOBILE), "")
        if person
        else ""
    )
    provider = factors.find_sms_provider()
    return door(
        request,
        "identity/factors/sms.html",
        {
            "asked": asked,
            "is_known": person is not None,
            "own": own,
            "mobile": request.POST.get("mobile", ""),
            "is_offered": provider is not None,
            "is_outbox": settings().demo and provider is not None and provider.is_local,
        },
        refusal=refusal,
    )
