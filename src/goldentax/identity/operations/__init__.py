"""
Writes of identity. Each is one transaction with one audit row; a request id that comes again gets the first
answer.

``actor`` is who does it, as audit names them: :attr:`goldentax.kernel.access.Actor.label` or ``system:…``.
"""

from goldentax.identity.operations.grants import appoint_officer, end_membership, grant_membership
from goldentax.identity.operations.people import (
    change_password,
    register_person,
    set_language,
    set_password,
    take_identity,
)
from goldentax.identity.operations.signing_in import note_sign_out, sign_in
from goldentax.identity.operations.tokens import issue_token, note_token_use, revoke_token

__all__ = [
    "appoint_officer",
    "change_password",
    "end_membership",
    "grant_membership",
    "issue_token",
    "note_sign_out",
    "note_token_use",
    "register_person",
    "revoke_token",
    "set_language",
    "set_password",
    "sign_in",
    "take_identity",
]
