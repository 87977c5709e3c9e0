"""The endpoints that programs call: token, introspection, revocation."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from goldentax.kernel import access, clock
from goldentax.signon import errors, operations, queries
from goldentax.signon.models import Client
from goldentax.signon.web.answers import as_json, form_of, speaks_json
from goldentax.signon.web.places import audiences_of
from goldentax.signon.web.proofs import proof_of

# No cookie opens anything here, so there is no form of ours to forge: the proof of the client is the only key.


@csrf_exempt
@sensitive_post_parameters()
@access.open_to(access.PUBLIC)
@require_POST
@speaks_json
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code or a refresh token (RFC 6749 §3.2)."""
    form = form_of(request)
    exchange = _EXCHANGES.get(form.get("grant_type", ""))
    client = _client_of(request, form)
    if exchange is None:
        raise errors.UnsupportedGrantType("grant_type")
    issued = exchange(client, form)
    return as_json(
        {
            "access_token": issued.access_token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in_s,
            "refresh_token": issued.refresh_token,
            "id_token": issued.id_token,
            "scope": " ".join(issued.scopes),
        }
    )


@csrf_exempt
@sensitive_post_parameters()
@access.open_to(access.PUBLIC)
@require_POST
@speaks_json
def introspect(request: HttpRequest) -> HttpResponse:
    """Say what a token is worth now (RFC 7662)."""
    form = form_of(request)
    client = _client_of(request, form, is_public_welcome=False)
    return as_json(queries.introspect(text=_needed(form, "token"), asker=client, now=clock.now()))


@csrf_exempt
@sensitive_post_parameters()
@access.open_to(access.PUBLIC)
@require_POST
@speaks_json
def revoke(request: HttpRequest) -> HttpResponse:
    """Revoke a token (RFC 7009)."""
    form = form_of(request)
    client = _client_of(request, form)
    operations.revoke(client=client, text=_needed(form, "token"), now=clock.now())
    return as_json({})


def _client_of(request: HttpRequest, form: dict[str, str], *, is_public_welcome: bool = True) -> Client:
    return operations.authenticate_client(
        proof=proof_of(request, form),
        audiences=audiences_of(request),
        now=clock.now(),
        is_public_welcome=is_public_welcome,
    )


def _of_code(client: Client, form: dict[str, str]) -> operations.Issued:
    return operations.exchange_code(
        client=client,
        code=_needed(form, "code"),
        redirect_uri=_needed(form, "redirect_uri"),
        verifier=_needed(form, "code_verifier"),
        now=clock.now(),
    )


def _of_refresh_token(client: Client, form: dict[str, str]) -> operations.Issued:
    return operations.refresh(
        client=client, text=_needed(form, "refresh_token"), scope=form.get("scope", ""), now=clock.now()
    )


_EXCHANGES: dict[str, Callable[[Client, dict[str, str]], operations.Issued]] = {
    "authorization_code": _of_code,
    "refresh_token": _of_refresh_token,
}


def _needed(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise errors.BadTokenRequest(name, name=name, reason="missing")
    return form[name]
