"""What the pages of subjects share: reading forms, days and files, saying what was done."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from goldentax.kernel import access
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.subjects import api as subjects
from goldentax.subjects.errors import BadTerm

_VALUE_LENGTH_MAX = 300


def values_of(request: HttpRequest, names: Iterable[str]) -> dict[str, str]:
    """What a form sent for these names, tidied and never longer than any field."""
    return {
        name: request.POST.get(name, "").replace("\x00", "").strip()[:_VALUE_LENGTH_MAX] for name in names
    }


def day_of(text: str, *, field: str) -> date:
    """
    A day as a form sends it.

    :raises BadTerm: if it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadTerm(field) from None


def request_id_of(request: HttpRequest) -> str:
    """The request id the form carried, or a new one; a form sent twice does its work once."""
    return request.POST.get("request_id", "")[:64] or new_request_id()


def new_request_id() -> str:
    """A new request id for a form."""
    return f"web-{new_public_id()}"


def errors_of(request: HttpRequest, refusal: Refusal) -> list[dict[str, Any]]:
    """A refusal as the frame's error summary takes it."""
    return [one.as_error(language_of(request)) for one in refusal.each()]


def say(request: HttpRequest, zh: str, en: str) -> None:
    """Tell the person on the next page what was done."""
    messages.success(request, Text(zh, en).in_language(language_of(request)))


def refuse(request: HttpRequest, refusal: Refusal) -> None:
    """Tell the person on the next page why it was not done."""
    language = language_of(request)
    text = (
        f"{refusal.message(language)}{Text('。', '. ').in_language(language)}{refusal.way_out_text(language)}"
    )
    messages.error(request, f"{text} ({refusal.code})")


def company_of(request: HttpRequest) -> subjects.Company:
    """The taxpayer the actor acts for."""
    actor = access.actor_of(request)
    return subjects.Company(
        tax_id=actor.taxpayer_id, public_id=actor.taxpayer_public_id, name=actor.taxpayer_name
    )


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, refusal: Refusal | None = None
) -> HttpResponse:
    """Draw a page, with what was refused on it."""
    known = {"request_id": new_request_id(), "errors": errors_of(request, refusal) if refusal else []}
    response = render(request, template, known | context, status=refusal.status if refusal else 200)
    if refusal is not None and "retry_after_s" in refusal.facts:
        response.headers["Retry-After"] = str(refusal.facts["retry_after_s"])
    return response


Draw = Callable[[HttpRequest, Refusal | None], HttpResponse]
