"""
What anybody may fetch and ask (RFC 5280, 6960, 3161): certificates of the authorities, lists, status, timestamps.

These addresses are written into certificates and never change. They need no sign-in and no token: programs ask.
"""

import base64
import binascii
from urllib.parse import unquote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from goldentax.certificates import api as certificates
from goldentax.kernel import access, clock
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

BODY_BYTES_MAX = 65_536
OCSP_TYPE, STAMP_TYPE = "application/ocsp-response", "application/timestamp-reply"


class BodyTooLarge(Refusal):
    """A question is larger than any real one."""

    code = "CRT-PKI-01"
    status = 413
    title = Text("请求超过 {limit} 字节", "The request is larger than {limit} bytes")
    way_out = Text("请分次查询", "Ask in several requests")


@access.open_to(access.PUBLIC)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What is published, for people."""
    context = {"authorities": certificates.list_authorities(), "files": certificates.list_published()}
    return render(request, "certificates/pki.html", context)


@access.open_to(access.PUBLIC)
@require_GET
def published(request: HttpRequest, name: str) -> HttpResponse:
    """A certificate, a chain or a revocation list."""
    found = certificates.find_published(name)
    if found is None:
        raise Http404
    headers = {
        "Cache-Control": f"public, max-age={found.max_age_s}",
        "Content-Disposition": f'attachment; filename="{found.name}"',
    }
    return HttpResponse(found.content, content_type=found.content_type, headers=headers)


@csrf_exempt
@access.open_to(access.PUBLIC)
@require_http_methods(["POST"])
def ocsp(request: HttpRequest) -> HttpResponse:
    """The status of certificates, asked by POST."""
    return _status(_body(request))


@access.open_to(access.PUBLIC)
@require_GET
def ocsp_get(request: HttpRequest, question: str) -> HttpResponse:
    """The status of certificates, asked by GET: the request in base64 at the end of the address."""
    try:
        asked = base64.b64decode(unquote(question), validate=True)
    except (binascii.Error, ValueError):
        asked = b""
    return _status(asked)


@csrf_exempt
@access.open_to(access.PUBLIC)
@require_http_methods(["POST"])
def timestamp(request: HttpRequest, algorithm: str = certificates.ES256) -> HttpResponse:
    """A timestamp; by the ES256 twin where the address names no other, for most programs know no SM2."""
    if algorithm not in certificates.ALGORITHMS:
        raise Http404
    answer = certificates.answer_timestamp(_body(request), algorithm=algorithm, now=clock.now())
    return HttpResponse(answer, content_type=STAMP_TYPE)


def _status(asked: bytes) -> HttpResponse:
    return HttpResponse(certificates.answer_status(asked, now=clock.now()), content_type=OCSP_TYPE)


def _body(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length", "")
    # What says no length is read as far as the server reads any form, and measured then.
    if (length.isdigit() and int(length) > BODY_BYTES_MAX) or len(request.body) > BODY_BYTES_MAX:
        raise BodyTooLarge(limit=BODY_BYTES_MAX)
    return request.body
