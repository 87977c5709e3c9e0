"""Tables of identity: people, whom they act for, API tokens, sessions, attempts to sign in."""

from goldentax.identity.models.memberships import Membership, MembershipVersion, held_at, valid_on
from goldentax.identity.models.people import ActivationCode, EarlierPassword, People, Person
from goldentax.identity.models.sessions import SignInAttempt, UserSession
from goldentax.identity.models.tokens import ApiToken

__all__ = [
    "ActivationCode",
    "ApiToken",
    "EarlierPassword",
    "Membership",
    "MembershipVersion",
    "People",
    "Person",
    "SignInAttempt",
    "UserSession",
    "held_at",
    "valid_on",
]
