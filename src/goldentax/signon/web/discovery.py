"""What programs read first: the description of this issuer (OpenID Connect Discovery 1.0) and its public keys."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from goldentax.kernel import access, clock
from goldentax.signon import operations, queries
from goldentax.signon.rules import jose, kinds, requests, scopes
from goldentax.signon.web.answers import as_json
from goldentax.signon.web.places import Endpoints, issuer_of

SM2_JWKS_URI = "sm2_jwks_uri"
"""Our own member of the description: where the SM2 keys are."""

KEPT_S = 3600
"""How long programs may keep both answers: a key is published a day before it signs."""


@access.open_to(access.PUBLIC)
@require_safe
def configuration(request: HttpRequest) -> HttpResponse:
    """The description of this issuer."""
    endpoints = Endpoints(issuer_of(request))
    proofs = list(kinds.AUTH_METHODS)
    return _open(
        {
            "issuer": endpoints.issuer,
            "authorization_endpoint": endpoints.of("authorize"),
            "token_endpoint": endpoints.of("token"),
            "userinfo_endpoint": endpoints.of("userinfo"),
            "jwks_uri": endpoints.of("jwks"),
            SM2_JWKS_URI: endpoints.of("jwks-sm2"),
            "introspection_endpoint": endpoints.of("introspect"),
            "revocation_endpoint": endpoints.of("revoke"),
            "end_session_endpoint": endpoints.of("end-session"),
            "scopes_supported": list(scopes.SCOPES),
            "claims_supported": list(scopes.CLAIMS),
            "acr_values_supported": list(requests.ACRS),
            "prompt_values_supported": list(requests.PROMPTS),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["pairwise", "public"],
            "id_token_signing_alg_values_supported": list(jose.ALGORITHMS),
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": proofs,
            "token_endpoint_auth_signing_alg_values_supported": [jose.ES256],
            "introspection_endpoint_auth_methods_supported": [one for one in proofs if one != kinds.NONE],
            "revocation_endpoint_auth_methods_supported": proofs,
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "ui_locales_supported": ["zh-CN", "en"],
        }
    )


@access.open_to(access.PUBLIC)
@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys that every library can read, as a JWK set (RFC 7517)."""
    return _keys(jose.COMMON)


@access.open_to(access.PUBLIC)
@require_safe
def jwks_sm2(request: HttpRequest) -> HttpResponse:
    """
    The public keys for SM2SM3.

    They have a set of their own: common libraries refuse a whole set for one curve that they do not know.
    """
    return _keys((jose.SM2SM3,))


def _keys(algorithms: tuple[str, ...]) -> HttpResponse:
    now = clock.now()
    keys = queries.public_keys(now)
    if not keys:
        # The first keys are made when somebody first asks.
        operations.ensure_keys(now)
        keys = queries.public_keys(now)
    return _open({"keys": [key.jwk() for key in keys if key.algorithm in algorithms]})


def _open(found: object) -> HttpResponse:
    """An answer that any page of any site may read, and anybody may keep for a while."""
    answer = as_json(found)
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    del answer.headers["Pragma"]
    return answer
