"""What the pages of invoicing share: the actor and moment of a request, refusals as values, answers with files."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse

from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal


def errors_of(request: HttpRequest, refusals: Iterable[Refusal]) -> list[dict[str, Any]]:
    """Refusals as the frame shows them, in the language of the request."""
    language = language_of(request)
    return [single.as_error(language) for one in refusals for single in one.each()]


def by_field(errors: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Refusals by the field they name, for templates: ``buyer.name`` as ``buyer_name``."""
    found: dict[str, list[dict[str, Any]]] = {}
    for error in errors:
        found.setdefault(error["field"].replace(".", "_"), []).append(error)
    return found


def address(path: str, fields: dict[str, str]) -> str:
    """An address with those of the fields that are not empty."""
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"{path}?{query}" if query else path


def file_answer(*, data: bytes, name: str, plain_name: str, content_type: str) -> HttpResponse:
    """A download (RFC 6266): a plain name for old programs, the real one in UTF-8 behind it."""
    response = HttpResponse(data, content_type=content_type)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    return response
