"""
The edge: every refusal becomes an answer people and programs understand, every bug an apology with an id.

The API answers problem details (RFC 9457) as ``application/problem+json``; pages show the same words in the frame.
"""

import logging
import sys
import uuid
from collections.abc import Callable
from typing import Any

import msgspec
from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.shortcuts import render

from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

log = logging.getLogger("goldentax.edge")


class NotFound(Refusal):
    """There is no such page or operation."""

    code = "NOD-WEB-01"
    status = 404
    title = Text("没有这个页面", "There is no such page")
    way_out = Text("请检查网址，或从首页重新进入", "Check the address, or start from the home page")


class BodyTooLarge(Refusal):
    """The request body is above the limit."""

    code = "NOD-WEB-02"
    status = 413
    title = Text("请求超过 {limit} MiB", "The request is larger than {limit} MiB")
    way_out = Text("请分批提交", "Send it in smaller parts")


class BadBytes(Refusal):
    """The request cannot be read: wrong encoding or form."""

    code = "NOD-WEB-03"
    status = 400
    title = Text("请求无法读取", "The request cannot be read")
    way_out = Text(
        "请用 UTF-8 编码，并按接口文档的格式提交", "Send UTF-8 in the form the API document describes"
    )


class Unavailable(Refusal):
    """The store does not answer at the moment."""

    code = "NOD-WEB-04"
    status = 503
    title = Text("服务暂时不可用", "The service is not available at the moment")
    way_out = Text(
        "请稍后用同一请求号重试，不会重复办理", "Try again with the same request id; nothing is done twice"
    )


class Sorry(Refusal):
    """A bug; the id leads operations to the log."""

    code = "NOD-WEB-05"
    status = 500
    title = Text("系统出错，编号 {id}", "Something went wrong, id {id}")
    way_out = Text(
        "请把编号告诉运维；所填内容没有丢失", "Quote the id to operations; nothing you sent was half done"
    )


class StalePage(Refusal):
    """The form's token is missing or old (CSRF)."""

    code = "NOD-WEB-06"
    status = 403
    title = Text("页面已过期", "This page has expired")
    way_out = Text("请返回并刷新页面后再提交", "Go back, reload the page and send it again")


class WrongMethod(Refusal):
    """The address exists, but not for this HTTP method."""

    code = "NOD-WEB-07"
    status = 405
    title = Text("此地址不支持 {method}", "This address does not serve {method}")
    way_out = Text("请查看接口文档", "See the API document")


def refusal_of(error: BaseException) -> Refusal | None:
    """Translate the exceptions of the frameworks; None for what is a bug."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent):
        return BodyTooLarge(limit=8)
    if isinstance(
        error, UnicodeError | BadRequest | SuspiciousOperation | UnreadablePostError | DisallowedHost
    ):
        return BadBytes()
    if isinstance(error, PermissionDenied):
        return StalePage()
    if isinstance(error, OperationalError):
        return Unavailable()
    return None


def problem_bytes(refusal: Refusal, *, language: str = "zh") -> bytes:
    """Problem details as JSON bytes."""
    return msgspec.json.encode(refusal.as_problem(language))


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer with a refusal, in the form the caller reads."""
    language = language_of(request)
    if request.path.startswith("/api/"):
        response = HttpResponse(
            problem_bytes(refusal, language=language),
            status=refusal.status,
            content_type="application/problem+json; charset=utf-8",
        )
    else:
        response = render(
            request,
            "frame/refusal.html",
            {
                "refusal": refusal.as_problem(language),
                "errors": [e.as_error(language) for e in refusal.each()],
            },
            status=refusal.status,
        )
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="goldentax"'
    if refusal.status in (429, 503):
        response.headers["Retry-After"] = str(refusal.facts.get("retry_after_s", 5))
    return response


def apology(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Log a bug under an id and answer with it."""
    bug = Sorry(id=uuid.uuid4().hex[:12])
    log.error("%s at %s %s", bug.facts["id"], request.method, request.path, exc_info=error)
    return answer(request, bug)


class ErrorsMiddleware:
    """Answers what a view raises; what a middleware raises comes to :func:`broken`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer_error(request, exception)


def answer_error(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Answer any exception: a refusal in its words, a bug with an apology."""
    refusal = refusal_of(error)
    return answer(request, refusal) if refusal is not None else apology(request, error)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return answer(request, NotFound())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return answer(request, refusal_of(exception) or BadBytes())


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the exception is being handled: a middleware raised it."""
    error = sys.exc_info()[1]
    return answer_error(
        request, error if error is not None else RuntimeError("handler500 without an exception")
    )


def csrf_failed(request: HttpRequest, reason: str = "", **kwargs: Any) -> HttpResponse:
    """Django's CSRF failure view."""
    return answer(request, StalePage())
