"""登记信息: one's own registration, and the particulars one may change oneself (变更登记)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from goldentax.kernel import access, clock
from goldentax.kernel.refusals import Refusal
from goldentax.registry import api as registry
from goldentax.registry.web import asking

_FIELDS = ("address", "phone", "bank_name", "bank_account")


@access.open_to(access.TAXPAYER)
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The registration of the taxpayer acted for."""
    tax_id = access.actor_of(request).taxpayer_id
    taxpayer = registry.get_taxpayer(tax_id=tax_id)
    context = {
        "taxpayer": taxpayer,
        "tone": "done" if taxpayer.is_normal else "wrong",
        "tax_kinds": registry.list_tax_kinds(tax_id=tax_id),
        "kind_spans": registry.list_kind_spans(tax_id=tax_id),
        "may_change": access.ISSUER in access.actor_of(request).roles,
    }
    return render(request, "registry/taxpayer.html", context)


@access.open_to(access.ISSUER)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """The form that changes address, telephone and bank."""
    actor = access.actor_of(request)
    if request.method == "GET":
        taxpayer = registry.get_taxpayer(tax_id=actor.taxpayer_id)
        values = {name: getattr(taxpayer, name) for name in _FIELDS}
        context = {"values": values, "request_id": asking.new_request_id()}
        return render(request, "registry/taxpayer_change.html", context)
    values, request_id = asking.values_of(request, _FIELDS), asking.request_id_of(request)
    try:
        registry.change_taxpayer(
            tax_id=actor.taxpayer_id,
            changes=registry.Changes(**values),
            actor=actor.label,
            request_id=request_id,
            now=clock.now(),
        )
    except Refusal as refusal:
        refused: dict[str, object] = {
            "values": values,
            "request_id": asking.new_request_id(),
            "errors": asking.errors_of(request, refusal),
        }
        return render(request, "registry/taxpayer_change.html", refused, status=refusal.status)
    asking.say_done(request, "登记信息已变更", "Your registration was changed")
    return HttpResponseRedirect(reverse("registry:taxpayer"))
