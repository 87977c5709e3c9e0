"""客户信息: the customers a taxpayer keeps; list, search, add, change, remove."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from goldentax.kernel import access, clock
from goldentax.kernel.refusals import Refusal
from goldentax.registry import api as registry
from goldentax.registry.web import asking

_TEXTS = ("name", "tax_id", "address", "phone", "bank_name", "bank_account")
_CHECKS = ("is_person", "is_favourite")


@access.open_to(access.TAXPAYER)
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """The catalogue opens with the customers."""
    return HttpResponseRedirect(reverse("registry:customers"))


@access.open_to(access.TAXPAYER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """One's own customers, searched and paged."""
    actor, text = access.actor_of(request), request.GET.get("q", "").strip()[:100]
    page = registry.list_customers(
        owner_tax_id=actor.taxpayer_id, text=text, cursor=request.GET.get("cursor", "")
    )
    context = {
        "page": page,
        "text": text,
        "next_url": asking.next_url(text, page.next_cursor),
        "first_url": asking.first_url(text, request.GET.get("cursor", "")),
        "may_change": access.ISSUER in actor.roles,
        "tab": "customers",
    }
    return render(request, "registry/customers.html", context)


@access.open_to(access.ISSUER)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The form of a new customer."""
    if request.method == "GET":
        return _form(request, values={}, public_id=None)
    return _save(request, public_id=None)


@access.open_to(access.ISSUER)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The form of a customer that is there."""
    if request.method == "POST":
        return _save(request, public_id=public_id)
    customer = registry.get_customer(owner_tax_id=access.actor_of(request).taxpayer_id, public_id=public_id)
    values = {name: getattr(customer, name) for name in (*_TEXTS, *_CHECKS)}
    return _form(request, values=values, public_id=public_id)


@access.open_to(access.ISSUER)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Ask, and then take a customer off the list."""
    actor = access.actor_of(request)
    if request.method == "GET":
        customer = registry.get_customer(owner_tax_id=actor.taxpayer_id, public_id=public_id)
        context = {
            "name": customer.name,
            "request_id": asking.new_request_id(),
            "back": reverse("registry:customers"),
        }
        return render(request, "registry/remove.html", context)
    registry.remove_customer(
        owner_tax_id=actor.taxpayer_id,
        public_id=public_id,
        actor=actor.label,
        request_id=asking.request_id_of(request),
        now=clock.now(),
    )
    asking.say_done(request, "客户已删除", "The customer was removed")
    return HttpResponseRedirect(reverse("registry:customers"))


def _save(request: HttpRequest, *, public_id: uuid.UUID | None) -> HttpResponse:
    actor = access.actor_of(request)
    texts = asking.values_of(request, _TEXTS)
    checks = {name: request.POST.get(name) == "on" for name in _CHECKS}
    values: dict[str, Any] = {**texts, **checks}
    try:
        registry.save_customer(
            owner_tax_id=actor.taxpayer_id,
            entry=registry.CustomerEntry(**values),
            public_id=public_id,
            actor=actor.label,
            request_id=asking.request_id_of(request),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _form(request, values=values, public_id=public_id, refusal=refusal)
    asking.say_done(request, "客户信息已保存", "The customer was saved")
    return HttpResponseRedirect(reverse("registry:customers"))


def _form(
    request: HttpRequest,
    *,
    values: dict[str, object],
    public_id: uuid.UUID | None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    context = {
        "values": values,
        "public_id": public_id,
        "request_id": asking.new_request_id(),
        "errors": asking.errors_of(request, refusal) if refusal else [],
    }
    return render(request, "registry/customer_form.html", context, status=refusal.status if refusal else 200)
