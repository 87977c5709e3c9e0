"""项目信息: the goods and services a taxpayer keeps, each with its tax classification code."""

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

_TEXTS = ("name", "tax_code", "specification", "unit", "unit_price", "rate", "preference")

RATES = (
    ("0.13", "13%"),
    ("0.09", "9%"),
    ("0.06", "6%"),
    ("0.05", "5%"),
    ("0.03", "3%"),
    ("0.015", "1.5%"),
    ("0.01", "1%"),
    ("0", "0%"),
)
"""Rates and levy rates people choose from; which of them fits is asked when the invoice is issued."""

PREFERENCES = (("", "—"), ("01", "简易征收"), ("03", "免税"), ("04", "不征税"))


@access.open_to(access.TAXPAYER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """One's own goods and services, searched and paged."""
    actor, text = access.actor_of(request), request.GET.get("q", "").strip()[:100]
    cursor = request.GET.get("cursor", "")
    page = registry.list_goods(owner_tax_id=actor.taxpayer_id, text=text, cursor=cursor)
    context = {
        "page": page,
        "text": text,
        "next_url": asking.next_url(text, page.next_cursor),
        "first_url": asking.first_url(text, cursor),
        "may_change": access.ISSUER in actor.roles,
        "tab": "goods",
    }
    return render(request, "registry/goods.html", context)


@access.open_to(access.ISSUER)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The form of a new item."""
    if request.method == "GET":
        taxpayer = registry.get_taxpayer(tax_id=access.actor_of(request).taxpayer_id)
        rate = registry.usual_rate(kind=taxpayer.kind, on=clock.today())
        return _form(request, values={"rate": rate}, public_id=None)
    return _save(request, public_id=None)


@access.open_to(access.ISSUER)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The form of an item that is there."""
    if request.method == "POST":
        return _save(request, public_id=public_id)
    good = registry.get_good(owner_tax_id=access.actor_of(request).taxpayer_id, public_id=public_id)
    values = {name: getattr(good, name) for name in (*_TEXTS, "price_includes_tax")}
    return _form(request, values=values, public_id=public_id)


@access.open_to(access.ISSUER)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Ask, and then take an item off the list."""
    actor = access.actor_of(request)
    if request.method == "GET":
        good = registry.get_good(owner_tax_id=actor.taxpayer_id, public_id=public_id)
        context = {
            "name": good.name,
            "request_id": asking.new_request_id(),
            "back": reverse("registry:goods"),
        }
        return render(request, "registry/remove.html", context)
    registry.remove_good(
        owner_tax_id=actor.taxpayer_id,
        public_id=public_id,
        actor=actor.label,
        request_id=asking.request_id_of(request),
        now=clock.now(),
    )
    asking.say_done(request, "项目已删除", "The item was removed")
    return HttpResponseRedirect(reverse("registry:goods"))


@access.open_to(access.ISSUER)
@require_GET
def find_codes(request: HttpRequest) -> HttpResponse:
    """The tax codes that fit what is being typed, as a piece of the form."""
    found = registry.search_tax_codes(text=request.GET.get("code_text", "")[:60], on=clock.today())
    return render(request, "registry/parts/codes.html", {"codes": found})


def _save(request: HttpRequest, *, public_id: uuid.UUID | None) -> HttpResponse:
    actor = access.actor_of(request)
    texts = asking.values_of(request, _TEXTS)
    # A code picked from the search stands before what is written in the field.
    texts["tax_code"] = asking.values_of(request, ("picked_code",))["picked_code"] or texts["tax_code"]
    values: dict[str, Any] = {
        **texts,
        "price_includes_tax": request.POST.get("price_includes_tax") == "on",
    }
    if "find" in request.POST:
        return _form(request, values=values, public_id=public_id)
    try:
        registry.save_good(
            owner_tax_id=actor.taxpayer_id,
            entry=registry.GoodEntry(**values),
            public_id=public_id,
            actor=actor.label,
            request_id=asking.request_id_of(request),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _form(request, values=values, public_id=public_id, refusal=refusal)
    asking.say_done(request, "项目信息已保存", "The item was saved")
    return HttpResponseRedirect(reverse("registry:goods"))


def _form(
    request: HttpRequest,
    *,
    values: dict[str, object],
    public_id: uuid.UUID | None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    wanted = request.POST.get("code_text", "")[:60]
    rates = list(RATES)
    if values.get("rate") and values["rate"] not in dict(RATES):
        rates.append((str(values["rate"]), str(values["rate"])))
    context = {
        "values": values,
        "public_id": public_id,
        "request_id": asking.new_request_id(),
        "errors": asking.errors_of(request, refusal) if refusal else [],
        "rates": rates,
        "preferences": PREFERENCES,
        "code_text": wanted,
        "codes": registry.search_tax_codes(text=wanted, on=clock.today()),
        "has_searched": bool(wanted),
    }
    return render(request, "registry/good_form.html", context, status=refusal.status if refusal else 200)
