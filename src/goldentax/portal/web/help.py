"""Help: what people ask most, the words of the bureau, what a refusal's code means."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from goldentax.kernel import access
from goldentax.kernel import refusals as kernel_refusals
from goldentax.kernel.language import language_of
from goldentax.portal import queries
from goldentax.portal.rules import guides


@access.open_to(access.PUBLIC)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The first page of help."""
    language = language_of(request)
    topics = [
        {
            "title": one.title.in_language(language),
            "steps": [step.in_language(language) for step in one.steps],
        }
        for one in guides.GUIDES
    ]
    keys = [(key, words.in_language(language)) for key, words in guides.KEYS]
    return render(request, "portal/help.html", {"topics": topics, "keys": keys})


@access.open_to(access.PUBLIC)
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """The words of the bureau."""
    language = language_of(request)
    terms = [
        {
            "zh": one.name.zh,
            "en": one.name.en,
            "meaning": one.meaning.in_language(language),
            "anchor": one.anchor,
        }
        for one in guides.TERMS
    ]
    return render(request, "portal/glossary.html", {"terms": terms})


@access.open_to(access.PUBLIC)
@require_safe
def refusals(request: HttpRequest) -> HttpResponse:
    """What a refusal's code means; all of them where none is asked for."""
    asked = request.GET.get("code", "").replace("\0", "").strip().upper()[:20]
    language = language_of(request)
    found = queries.list_refusals(beginning=asked, language=language)
    total = len(kernel_refusals.registered_refusals())
    return render(request, "portal/refusals.html", {"asked": asked, "found": found, "total": total})
