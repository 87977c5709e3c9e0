"""The claims of the person behind an access token (OpenID Connect Core 1.0 §5.3)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from goldentax.kernel import access, audit, clock
from goldentax.signon import errors, queries
from goldentax.signon.rules import scopes, tokens
from goldentax.signon.web.answers import as_json, speaks_json


@csrf_exempt
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "POST"])
@speaks_json
def userinfo(request: HttpRequest) -> HttpResponse:
    """Tell a client what its person agreed to; the token comes in the header alone, never in an address."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not tokens.is_of(tokens.ACCESS, text.strip()):
        raise errors.BadAccessToken()
    now = clock.now()
    told, token = queries.user_info(text=text.strip(), now=now)
    if scopes.OPENID not in token.scopes:
        raise errors.InsufficientScope(scope=scopes.OPENID)
    if "phone_number" in told:
        audit.note_look(
            actor=f"client:{token.grant.client.client_id}",
            subject=f"person:{token.grant.person_id}",
            fields=["phone_number"],
            purpose=f"signon.userinfo {scopes.WHOLE_PHONE}",
            now=now,
        )
    return as_json(told)
