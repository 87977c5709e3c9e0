"""
Pages for those who cannot sign in: a new password by a code, an authenticator, or an officer's activation code.

None of them tells whether there is an account: every answer is worded alike and comes after the same time.
"""

import time
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from goldentax.identity import operations
from goldentax.identity.errors import NotRecovered, PasswordsDiffer
from goldentax.identity.operations import factors
from goldentax.identity.rules import assurance as levels
from goldentax.identity.web import flow
from goldentax.identity.web.factors.requests import context_of
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

ANSWER_AFTER_S = 0.3
"""Every proof is answered this long after it came: longer than any of them takes, so the time tells nothing."""


@never_cache
@access.open_to(access.PUBLIC)
@require_safe
def forgot(request: HttpRequest) -> HttpResponse:
    """The ways back to an account."""
    return render(request, "identity/forgot.html", {"has_sms": factors.find_sms_provider() is not None})


@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def by_mobile(request: HttpRequest) -> HttpResponse:
    """Ask for a code to one's number, then type it."""
    context = context_of(request, purpose=factors.RESET)
    step = request.POST.get("step", "")
    try:
        if step == "send":
            masked = factors.ask_sms_code(mobile=request.POST.get("mobile", ""), context=context)
            return _page(request, "identity/forgot_mobile.html", {"masked": masked})
        if step == "answer":
            return _in_the_same_time(lambda: _take_sms(request, context))
    except Refusal as refusal:
        values = {"masked": request.POST.get("masked", "")[:20]} if step == "answer" else {}
        return _page(request, "identity/forgot_mobile.html", values, refusal=refusal)
    return _page(request, "identity/forgot_mobile.html", {})


def _take_sms(request: HttpRequest, context: factors.Context) -> HttpResponse:
    answered = factors.answer_sms_code(code=request.POST.get("code", ""), context=context)
    if answered.person is None:
        raise NotRecovered("code")
    operations.check_number_suffices(answered.person, on=clock.today())
    return flow.begin_recovery(request, person=answered.person, method="sms")


@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def by_authenticator(request: HttpRequest) -> HttpResponse:
    """Prove oneself by a code of one's authenticator, or one of the recovery codes."""
    if request.method != "POST":
        return _page(request, "identity/forgot_authenticator.html", {})
    try:
        return _in_the_same_time(lambda: _take_typed(request))
    except Refusal as refusal:
        return _page(request, "identity/forgot_authenticator.html", {}, refusal=refusal)


def _take_typed(request: HttpRequest) -> HttpResponse:
    key = request.POST.get("key", "")
    person = operations.recover(
        login=request.POST.get("login", ""),
        key=key,
        answer=request.POST.get("code", ""),
        context=context_of(request, purpose=factors.RESET),
        device=flow.device_of(request),
    )
    return flow.begin_recovery(request, person=person, method=key)


@sensitive_post_parameters()
@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    """Set a new password with the code that an officer handed over, and sign in."""
    if request.method != "POST":
        return _page(request, "identity/activate.html", {})
    try:
        return _in_the_same_time(lambda: _activate(request))
    except Refusal as refusal:
        return _page(request, "identity/activate.html", {}, refusal=refusal)


def _activate(request: HttpRequest) -> HttpResponse:
    new = request.POST.get("new_password", "")
    if new != request.POST.get("new_password_again", ""):
        raise PasswordsDiffer("new_password_again")
    person = operations.activate(
        login=request.POST.get("login", ""),
        code=request.POST.get("code", ""),
        new=new,
        address=request.META.get("REMOTE_ADDR", ""),
        device=flow.device_of(request),
        now=clock.now(),
    )
    said = Text("新密码已生效。", "Your new password holds from now on.")
    messages.success(request, said.in_language(language_of(request)))
    # The officer saw the person and their identity card: that and the new password are two factors.
    return flow.begin_session(
        request, person=person, methods=("password", "activation"), assurance=levels.TWO_FACTORS
    )


def _in_the_same_time(answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer a proof, right or wrong, no sooner than all others."""
    began = time.monotonic()
    try:
        return answer()
    finally:
        time.sleep(max(0.0, ANSWER_AFTER_S - (time.monotonic() - began)))


def _page(
    request: HttpRequest, template: str, values: dict[str, Any], *, refusal: Refusal | None = None
) -> HttpResponse:
    response = render(
        request,
        template,
        {
            "typed": {name: request.POST.get(name, "")[:64] for name in ("login", "mobile", "key")},
            "errors": [one.as_error(language_of(request)) for one in refusal.each()] if refusal else [],
            **values,
        },
        status=refusal.status if refusal else 200,
    )
    if refusal and "retry_after_s" in refusal.facts:
        response.headers["Retry-After"] = str(refusal.facts["retry_after_s"])
    return response
