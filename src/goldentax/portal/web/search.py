"""Search over everything: each module looks among its own things, and shows only what the actor may see."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from goldentax.kernel import access, registry
from goldentax.kernel.language import language_of

HITS_OF_EACH = 8
"""Enough to see whether the right one is there; who wants all goes to the module's own list."""
TEXT_LENGTH_MAX = 100


@access.open_to(access.PUBLIC)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search page."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:TEXT_LENGTH_MAX]
    actor = access.actor_of(request)
    language = language_of(request)
    providers = registry.search_providers_for(actor.roles)
    groups: list[dict[str, Any]] = []
    for provider in providers if text else ():
        hits = provider.find(actor=actor, text=text, limit=HITS_OF_EACH)
        if hits:
            groups.append({"label": provider.label.in_language(language), "hits": hits})
    return render(
        request,
        "portal/search.html",
        {
            "text": text,
            "groups": groups,
            "count": sum(len(group["hits"]) for group in groups),
            "kinds": [provider.label.in_language(language) for provider in providers],
        },
    )
