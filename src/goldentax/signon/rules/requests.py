"""
The authorization request (OpenID Connect Core 1.0 §3.1.2, RFC 6749 §4.1.1): read, and held against the client.

It is read in two steps. Who asks and where the answer goes comes first: until both are known to belong together, a
wrong request is shown to the person, and nobody is sent anywhere (RFC 6749 §4.1.2.1). What is wrong after that goes
back to the client.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from goldentax.kernel.text import Text
from goldentax.signon import errors
from goldentax.signon.rules import pkce
from goldentax.signon.rules.scopes import check_allowed, read_scopes

VALUE_LENGTH_MAX = 2000
NONCE_LENGTH_MAX = 255
MAX_AGE_S_MAX = 10 * 365 * 24 * 3600

PROMPT_NONE, PROMPT_LOGIN, PROMPT_CONSENT, PROMPT_ACCOUNT = "none", "login", "consent", "select_account"
PROMPTS = (PROMPT_NONE, PROMPT_LOGIN, PROMPT_CONSENT, PROMPT_ACCOUNT)

ACR_PREFIX = "urn:goldentax:acr:"
ACRS = {f"{ACR_PREFIX}{level}": level for level in (1, 2, 3)}
"""How surely a person is known: one factor, two factors, a certificate or a passkey that verified its user."""

NAMES = frozenset(
    {
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "prompt",
        "max_age",
    }
    | {"acr_values", "login_hint", "id_token_hint", "code_challenge", "code_challenge_method", "resource"}
    | {"ui_locales", "claims", "claims_locales", "display", "request", "request_uri", "registration"}
)
"""Parameters we read; others are passed over, as the standards ask."""

_DOUBLED = Text("出现多次", "it is given more than once")
_TOO_LONG = Text("过长", "it is too long")
_NO_VALUE = Text("缺少", "it is missing")
_UNKNOWN = Text("取值不支持", "the value is not offered")
_NUMBER = Text("不是非负整数", "it is no whole number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a client asks for, held against what it may."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    nonce: str
    challenge: str
    prompts: frozenset[str]
    max_age_s: int | None
    level: int  # of assurance, 0 for any
    login_hint: str
    id_token_hint: str
    resource: str


def first_values(parameters: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """
    The parameters we know, each once.

    :raises BadAuthorizationRequest: if one is doubled or too long (RFC 6749 §3.1).
    """
    found = {}
    for name in sorted(NAMES & parameters.keys()):
        values = parameters[name]
        if len(values) > 1:
            raise errors.BadAuthorizationRequest(name, name=name, reason=_DOUBLED)
        if len(values[0]) > VALUE_LENGTH_MAX:
            raise errors.BadAuthorizationRequest(name, name=name, reason=_TOO_LONG)
        found[name] = values[0]
    return found


def read_wish(
    values: Mapping[str, str], *, scopes_allowed: Collection[str], resources_allowed: Collection[str]
) -> Wish:
    """
    Read what a known client asks for at an address that is its own.

    :raises ProtocolRefusal: for the first thing that is wrong; the client is told.
    """
    _check_flow(values)
    pkce.check_challenge(
        challenge=values.get("code_challenge", ""), method=values.get("code_challenge_method", "")
    )
    scopes = read_scopes(values.get("scope", ""))
    check_allowed(wanted=scopes, allowed=scopes_allowed)
    resource = values.get("resource", "")
    if resource and resource not in resources_allowed:
        raise errors.UnknownResource("resource", resource=resource[:200])
    if len(values.get("nonce", "")) > NONCE_LENGTH_MAX:
        raise errors.BadAuthorizationRequest("nonce", name="nonce", reason=_TOO_LONG)
    return Wish(
        client_id=values["client_id"],
        redirect_uri=values["redirect_uri"],
        scopes=scopes,
        state=values.get("state", ""),
        nonce=values.get("nonce", ""),
        challenge=values["code_challenge"],
        prompts=_read_prompts(values.get("prompt", "")),
        max_age_s=_read_max_age(values.get("max_age", "")),
        level=_read_level(values.get("acr_values", "")),
        login_hint=values.get("login_hint", "")[:100],
        id_token_hint=values.get("id_token_hint", ""),
        resource=resource,
    )


def _check_flow(values: Mapping[str, str]) -> None:
    for name, refusal in (
        ("request", errors.RequestObjectNotOffered),
        ("request_uri", errors.RequestUriNotOffered),
        ("registration", errors.RegistrationNotOffered),
    ):
        if values.get(name):
            raise refusal(name)
    if not values.get("response_type"):
        raise errors.BadAuthorizationRequest("response_type", name="response_type", reason=_NO_VALUE)
    if values["response_type"] != "code":
        raise errors.UnsupportedResponseType("response_type")
    if values.get("response_mode", "query") != "query":
        raise errors.BadAuthorizationRequest("response_mode", name="response_mode", reason=_UNKNOWN)


def _read_prompts(text: str) -> frozenset[str]:
    prompts = frozenset(text.split())
    if prompts - set(PROMPTS) or (PROMPT_NONE in prompts and len(prompts) > 1):
        raise errors.BadAuthorizationRequest("prompt", name="prompt", reason=_UNKNOWN)
    return prompts


def _read_max_age(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > MAX_AGE_S_MAX:
        raise errors.BadAuthorizationRequest("max_age", name="max_age", reason=_NUMBER)
    return int(text)


def _read_level(text: str) -> int:
    """The lowest level among those that would do; values nobody here knows are passed over unless they are all."""
    wanted = text.split()
    known = [ACRS[one] for one in wanted if one in ACRS]
    if wanted and not known:
        raise errors.UnmetAssurance("acr_values", level=wanted[0][:60])
    return min(known, default=0)
