"""
Writes of the factors people sign in with: enrol, prove, remove.

Each change is one transaction with one audit row. A try to prove oneself is counted before it is looked at and stays
counted when it is refused; so what proves must not run inside a caller's transaction.
"""

from datetime import datetime

from goldentax.identity.operations.factors import attempts, challenges, scanning, sms
from goldentax.identity.operations.factors.authenticators import (
    Enrolment,
    begin_authenticator,
    confirm_authenticator,
    prove_by_authenticator,
    waiting_authenticator,
)
from goldentax.identity.operations.factors.certificates import (
    Question,
    ask_certificate,
    prove_by_certificate,
)
from goldentax.identity.operations.factors.changes import hold_level, must_have_two
from goldentax.identity.operations.factors.choices import (
    MOBILE,
    Factor,
    FactorChoice,
    can_prove_more,
    has_second_factor,
    list_factors,
    offered_to,
    remove_factor,
)
from goldentax.identity.operations.factors.faces import (
    FaceProvider,
    FaceSession,
    begin_face,
    find_face_provider,
    prove_by_face,
    register_face_provider,
)
from goldentax.identity.operations.factors.passkeys import (
    add_passkey,
    ask_passkey,
    begin_passkey,
    prove_by_passkey,
)
from goldentax.identity.operations.factors.proving import Proved, prove
from goldentax.identity.operations.factors.recovery import (
    count_recovery_codes,
    make_recovery_codes,
    prove_by_recovery_code,
)
from goldentax.identity.operations.factors.scanning import (
    confirm_ticket,
    make_ticket,
    open_ticket,
    refuse_ticket,
    state_of_ticket,
    take_ticket,
)
from goldentax.identity.operations.factors.sms import (
    add_mobile,
    answer_sms_code,
    ask_own_sms_code,
    ask_sms_code,
    deliver_messages,
    find_person_by_mobile,
    list_outbox,
    number_asked_last,
    register_mobile,
)
from goldentax.identity.operations.factors.sms_providers import (
    SmsProvider,
    find_sms_provider,
    register_sms_provider,
)
from goldentax.identity.rules.factors.context import ENROL, RESET, SECOND, SIGN_IN, STEP_UP, Context

__all__ = [
    "ENROL",
    "MOBILE",
    "RESET",
    "SECOND",
    "SIGN_IN",
    "STEP_UP",
    "Context",
    "Enrolment",
    "FaceProvider",
    "FaceSession",
    "Factor",
    "FactorChoice",
    "Proved",
    "Question",
    "SmsProvider",
    "add_mobile",
    "add_passkey",
    "answer_sms_code",
    "ask_certificate",
    "ask_own_sms_code",
    "ask_passkey",
    "ask_sms_code",
    "begin_authenticator",
    "begin_face",
    "begin_passkey",
    "can_prove_more",
    "confirm_authenticator",
    "confirm_ticket",
    "count_recovery_codes",
    "deliver_messages",
    "find_face_provider",
    "find_person_by_mobile",
    "find_sms_provider",
    "forget_what_is_over",
    "has_second_factor",
    "hold_level",
    "list_factors",
    "list_outbox",
    "make_recovery_codes",
    "make_ticket",
    "must_have_two",
    "number_asked_last",
    "offered_to",
    "open_ticket",
    "prove",
    "prove_by_authenticator",
    "prove_by_certificate",
    "prove_by_face",
    "prove_by_passkey",
    "prove_by_recovery_code",
    "refuse_ticket",
    "register_face_provider",
    "register_mobile",
    "register_sms_provider",
    "remove_factor",
    "state_of_ticket",
    "take_ticket",
    "waiting_authenticator",
]


def forget_what_is_over(now: datetime) -> int:
    """Delete tries, codes, challenges and tickets that serve nothing any more; the audit trail keeps the story."""
    return (
        attempts.forget_old_tries(now)
        + sms.forget_old_messages(now)
        + scanning.forget_old_tickets(now)
        + challenges.forget_old_challenges(now)
    )
