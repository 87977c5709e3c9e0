"""Writes of signon."""

from goldentax.signon.operations.authenticating import Proof, authenticate_client
from goldentax.signon.operations.authorizing import Asker, grant_code
from goldentax.signon.operations.clients import (
    add_client,
    change_client,
    end_old_secrets,
    renew_secret,
    start_client,
    stop_client,
)
from goldentax.signon.operations.consents import give_consent, withdraw_consent
from goldentax.signon.operations.ending import end_sessions, revoke
from goldentax.signon.operations.exchanging import Issued, exchange_code, refresh
from goldentax.signon.operations.keys import ensure_keys, rotate_keys
from goldentax.signon.operations.notices import send_due
from goldentax.signon.operations.tidying import tidy
from goldentax.signon.rules.clients import ClientDraft

__all__ = [
    "Asker",
    "ClientDraft",
    "Issued",
    "Proof",
    "add_client",
    "authenticate_client",
    "change_client",
    "end_old_secrets",
    "end_sessions",
    "ensure_keys",
    "exchange_code",
    "give_consent",
    "grant_code",
    "refresh",
    "renew_secret",
    "revoke",
    "rotate_keys",
    "send_due",
    "start_client",
    "stop_client",
    "tidy",
    "withdraw_consent",
]
