"""Reads of signon."""

from goldentax.signon.queries.clients import (
    ClientFilter,
    count_open_grants,
    find_client,
    get_client,
    list_clients,
    list_notices,
    list_secrets,
    list_used_resources,
)
from goldentax.signon.queries.consents import AppRow, covers, list_apps
from goldentax.signon.queries.keys import private_key, public_keys
from goldentax.signon.queries.subjects import facts_of, find_person, subject_of
from goldentax.signon.queries.tokens import (
    actor_of_access_token,
    find_live_token,
    forget_proven_tokens,
    introspect,
    read_id_token_hint,
    user_info,
)

__all__ = [
    "AppRow",
    "ClientFilter",
    "actor_of_access_token",
    "count_open_grants",
    "covers",
    "facts_of",
    "find_client",
    "find_live_token",
    "find_person",
    "forget_proven_tokens",
    "get_client",
    "introspect",
    "list_apps",
    "list_clients",
    "list_notices",
    "list_secrets",
    "list_used_resources",
    "private_key",
    "public_keys",
    "read_id_token_hint",
    "subject_of",
    "user_info",
]
