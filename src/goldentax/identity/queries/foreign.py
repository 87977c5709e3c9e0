"""Tokens that another room gave, such as those of single sign-on: it registers itself for how they begin."""

from datetime import datetime
from typing import Protocol

from goldentax.kernel import access


class Resolve(Protocol):
    """Tells who stands behind a token, or refuses it."""

    def __call__(self, *, text: str, now: datetime, language: str) -> access.Actor: ...


_resolvers: dict[str, Resolve] = {}


def accept_tokens(*, prefix: str, resolve: Resolve) -> None:
    """Let the API take tokens that begin like this; the same prefix again replaces who tells about them."""
    assert prefix, "every token begins with nothing"
    _resolvers[prefix] = resolve


def foreign_resolver(text: str) -> Resolve | None:
    """Who tells about a token of another room; nobody for our own."""
    return next((resolve for prefix, resolve in _resolvers.items() if text.startswith(prefix)), None)
