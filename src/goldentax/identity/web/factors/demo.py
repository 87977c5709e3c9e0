"""A page of demo worlds only: the messages that the built-in provider kept instead of sending them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from goldentax.identity.operations import factors
from goldentax.identity.rules.factors.codes import masked_mobile
from goldentax.kernel import access
from goldentax.kernel.settings import settings


@never_cache
@access.open_to(access.PUBLIC)
@require_safe
def sms_outbox(request: HttpRequest) -> HttpResponse:
    """The newest messages, with their codes: all data of a demo world is invented, and its numbers are masked too."""
    if not settings().demo:
        raise Http404
    rows = [
        {"at": one.at, "number": masked_mobile(one.number), "text": one.text} for one in factors.list_outbox()
    ]
    return render(request, "identity/factors/sms_outbox.html", {"messages_kept": rows})
