"""What the pages of the registry share: reading forms, saying what was done, addresses of the next page."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.http import urlencode

from goldentax.kernel.ids import new_public_id
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

_VALUE_LENGTH_MAX = 500


def values_of(request: HttpRequest, names: Iterable[str]) -> dict[str, str]:
    """What a form sent for these names, each without blanks at its ends and never longer than any field."""
    return {name: request.POST.get(name, "").strip()[:_VALUE_LENGTH_MAX] for name in names}


def request_id_of(request: HttpRequest) -> str:
    """The request id the form carried, or a new one; a form sent twice does its work once."""
    return request.POST.get("request_id", "") or new_request_id()


def new_request_id() -> str:
    """A new request id for a form."""
    return f"web-{new_public_id()}"


def errors_of(request: HttpRequest, refusal: Refusal) -> list[dict[str, Any]]:
    """A refusal as the frame's error summary takes it."""
    return [one.as_error(language_of(request)) for one in refusal.each()]


def say_done(request: HttpRequest, zh: str, en: str) -> None:
    """Tell the person on the next page what was done."""
    messages.success(request, Text(zh, en).in_language(language_of(request)))


def next_url(text: str, cursor: str) -> str:
    """The address of the next page of a list; "" on the last one."""
    if not cursor:
        return ""
    return "?" + urlencode({"q": text, "cursor": cursor} if text else {"cursor": cursor})


def first_url(text: str, cursor: str) -> str:
    """The address of the first page, "" where the person is on it; keyset pages are walked forward only."""
    if not cursor:
        return ""
    return "?" + urlencode({"q": text}) if text else "?"
