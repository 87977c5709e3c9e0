"""
Writes of identity. Each is one transaction with one audit row; a request id that comes again gets the first
answer.

``actor`` is who does it, as audit names them: :attr:`goldentax.kernel.access.Actor.label` or ``system:…``.
"""

from goldentax.identity.operations.activation import activate, issue_activation_code
from goldentax.identity.operations.admission import (
    NEEDS_FACTOR,
    NEEDS_PASSWORD,
    Admission,
    admit,
    must_change_password,
)
from goldentax.identity.operations.grants import end_membership, grant_membership
from goldentax.identity.operations.passwords import change_password, length_min, set_password
from goldentax.identity.operations.people import (
    checked_purpose,
    choose_second_factor,
    close_person,
    register_person,
    reopen_person,
    set_language,
    take_identity,
)
from goldentax.identity.operations.recovering import check_number_suffices, recover
from goldentax.identity.operations.sessions import (
    end_all_sessions,
    end_session,
    end_stale_sessions,
    forget_device,
    forget_old_sessions,
    note_session_use,
    on_session_end,
    present_assurance,
    raise_session,
    rekey_session,
    start_session,
    take_session_identity,
)
from goldentax.identity.operations.signing_in import forget_attempts, sign_in
from goldentax.identity.operations.tokens import issue_token, note_token_use, revoke_token

__all__ = [
    "NEEDS_FACTOR",
    "NEEDS_PASSWORD",
    "Admission",
    "activate",
    "admit",
    "change_password",
    "check_number_suffices",
    "checked_purpose",
    "choose_second_factor",
    "close_person",
    "end_all_sessions",
    "end_membership",
    "end_session",
    "end_stale_sessions",
    "forget_attempts",
    "forget_device",
    "forget_old_sessions",
    "grant_membership",
    "issue_activation_code",
    "issue_token",
    "length_min",
    "must_change_password",
    "note_session_use",
    "note_token_use",
    "on_session_end",
    "present_assurance",
    "raise_session",
    "recover",
    "register_person",
    "rekey_session",
    "reopen_person",
    "revoke_token",
    "set_language",
    "set_password",
    "sign_in",
    "start_session",
    "take_identity",
    "take_session_identity",
]
