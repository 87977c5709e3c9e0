"""Reads of identity: people, whom they may act for today, who stands behind a token."""

from goldentax.identity.queries.demo import DemoAccount, list_demo_accounts
from goldentax.identity.queries.directory import Directory
from goldentax.identity.queries.foreign import accept_tokens, foreign_resolver
from goldentax.identity.queries.holdings import Memberships
from goldentax.identity.queries.identities import (
    OFFICE_PREFIX,
    Identity,
    actor_of_person,
    find_issuing_membership,
    has_post,
    list_identities,
    list_members,
    list_memberships,
)
from goldentax.identity.queries.people import (
    PEOPLE_PAGE_SIZE,
    find_person,
    get_person,
    has_second_factor,
    id_card_index,
    id_card_of,
    is_officer,
    mobile_number_of,
    search_people,
)
from goldentax.identity.queries.sessions import (
    KnownDevice,
    find_session,
    is_device,
    is_known_device,
    list_known_devices,
    list_sessions,
    session_of,
)
from goldentax.identity.queries.tokens import (
    TokenHolder,
    find_actor_by_token,
    find_proven_token_holder,
    find_token_holder,
    forget_proven_tokens,
    list_tokens,
    recall_token_holder,
    renew_token_proofs,
)

__all__ = [
    "OFFICE_PREFIX",
    "PEOPLE_PAGE_SIZE",
    "DemoAccount",
    "Directory",
    "Identity",
    "KnownDevice",
    "Memberships",
    "TokenHolder",
    "accept_tokens",
    "actor_of_person",
    "find_actor_by_token",
    "find_issuing_membership",
    "find_person",
    "find_proven_token_holder",
    "find_session",
    "find_token_holder",
    "foreign_resolver",
    "forget_proven_tokens",
    "get_person",
    "has_post",
    "has_second_factor",
    "id_card_index",
    "id_card_of",
    "is_device",
    "is_known_device",
    "is_officer",
    "list_demo_accounts",
    "list_identities",
    "list_known_devices",
    "list_members",
    "list_memberships",
    "list_sessions",
    "list_tokens",
    "mobile_number_of",
    "recall_token_holder",
    "renew_token_proofs",
    "search_people",
    "session_of",
]
