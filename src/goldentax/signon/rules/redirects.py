"""
Addresses people and tokens are sent to: which may be registered, and which request matches one.

A registered address is compared letter for letter (RFC 9700 §4.1.3). One thing is let through, for native apps only:
a loopback address registered without a port matches on every port, because the app's listener takes what is free
(RFC 8252 §7.3).
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.signon import errors
from goldentax.signon.rules.kinds import NATIVE

LENGTH_MAX = 500
COUNT_MAX = 20
"""Addresses of one client: a few environments, each with web and callback."""

_LOOPBACK = ("127.0.0.1", "::1")

_TOO_LONG = Text("过长", "it is too long")
_NOT_WHOLE = Text("不是完整地址", "it is no whole address")
_WILDCARD = Text("含通配符", "it has a wildcard")
_FRAGMENT = Text("含 # 片段", "it has a fragment")
_USER = Text("含用户名", "it has a user name")
_SCHEME = Text("不是 https", "it is not https")
_DOTS = Text("路径含 . 或 .. 段", "its path has . or .. steps")
_CHARACTERS = Text("含空格、反斜线或非 ASCII 字符", "it has spaces, backslashes or letters beyond ASCII")


def check_redirect_uri(*, uri: str, kind: str) -> None:
    """
    Hold an address to return to against the rules.

    :raises BadRedirectUri: if it cannot be registered for this kind of client.
    """
    reason = _reason_against(uri, is_loopback_open=kind == NATIVE)
    if reason:
        raise errors.BadRedirectUri("redirect_uris", uri=uri, reason=reason)


def check_logout_uri(*, uri: str, field: str) -> None:
    """
    Hold an address of the sign-out against the rules; a program on the same machine may listen on loopback.

    :raises BadLogoutUri: if it cannot be registered.
    """
    reason = _reason_against(uri, is_loopback_open=True)
    if reason:
        raise errors.BadLogoutUri(field, uri=uri, reason=reason)


def check_resource_uri(*, uri: str, field: str) -> None:
    """
    Hold the name of a resource against the rules (RFC 8707 §2: absolute, no fragment).

    :raises BadResource: if it cannot be registered.
    """
    if _reason_against(uri, is_loopback_open=False):
        raise errors.BadResource(field, uri=uri)


def is_registered(*, wanted: str, registered: Sequence[str], kind: str) -> bool:
    """Tell whether a wanted address is one of the registered ones."""
    if wanted in registered:
        return True
    if kind != NATIVE:
        return False
    without_port = _without_port(wanted)
    return bool(without_port) and without_port in registered


def with_parameters(uri: str, parameters: dict[str, str]) -> str:
    """The address with an answer added to its query; what is registered there stays (RFC 6749 §4.1.2)."""
    parts = urlsplit(uri)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))


def origin_of(uri: str) -> str:
    """Scheme, host and port, as a content-security policy names them."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def host_of(uri: str) -> str:
    """The host name of an address."""
    return (urlsplit(uri).hostname or "").lower()


def refusals_of(*, uris: Sequence[str], kind: str) -> list[Refusal]:
    """Every refusal of a list of addresses to return to, in their order."""
    found: list[Refusal] = []
    if not uris or len(uris) > COUNT_MAX:
        found.append(errors.BadRedirectUri("redirect_uris", uri="", reason=_NOT_WHOLE))
    for uri in uris:
        try:
            check_redirect_uri(uri=uri, kind=kind)
        except errors.BadRedirectUri as refusal:
            found.append(refusal)
    return found


def _without_port(uri: str) -> str:
    """A loopback address without its port; "" for any other."""
    try:
        parts = urlsplit(uri)
        has_port = parts.port is not None
    except ValueError:
        return ""
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK or "@" in parts.netloc or not has_port:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return urlunsplit(parts._replace(netloc=host)) if urlunsplit(parts) == uri else ""


def _reason_against(uri: str, *, is_loopback_open: bool) -> Text | None:
    if len(uri) > LENGTH_MAX:
        return _TOO_LONG
    if not uri.isascii() or not uri.isprintable() or " " in uri or "\\" in uri:
        return _CHARACTERS
    if "*" in uri:
        return _WILDCARD
    if "#" in uri:
        return _FRAGMENT
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return _NOT_WHOLE
    if not parts.hostname or urlunsplit(parts) != uri:
        return _NOT_WHOLE
    if "@" in parts.netloc:
        return _USER
    if {".", ".."} & set(parts.path.lower().replace("%2e", ".").split("/")):
        return _DOTS
    is_loopback = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not (is_loopback and is_loopback_open):
        return _SCHEME
    return None
