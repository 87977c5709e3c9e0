"""
Who stands behind a token.

A token is held against the database at its first use and then once a second: within that second its proof is kept in
this process. When the second is over, every token used meanwhile is held against the database again in one statement,
so a thousand busy programs cost a few statements a second. Whatever changes elsewhere, a token revoked, a duty
ended, an account closed, holds here within `PROOF_LASTS`; what changes in this process holds at once.
"""

import threading
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef

from goldentax.authority import api as authority
from goldentax.identity import errors
from goldentax.identity.models import ApiToken, Membership, valid_on
from goldentax.identity.rules import duties, tokens
from goldentax.identity.rules.assurance import ONE_FACTOR
from goldentax.kernel import access
from goldentax.kernel.clock import CHINA

PROOF_LASTS = timedelta(seconds=1)
"""The longest that a token opens something after it was revoked elsewhere."""

PROOFS_MAX = 10_000
"""Proofs kept by one process, about 2 kB each."""

BATCH = 500
"""Tokens proven in one statement: about 5 ms of the database."""


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Who stands behind a token, and whether its use should be noted."""

    actor: access.Actor
    token_id: UUID
    is_note_due: bool


@dataclass(slots=True, kw_only=True)
class _Proof:
    """What the database said of a token, and when."""

    at: datetime
    facts: tuple[Any, ...]  # the row, in the order of `_COLUMNS`, then the duties and names held
    token_id: UUID
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    acting_for: str  # the tax id, or the code of the office
    is_held: bool  # its holder's account is open, and they act for the taxpayer or office
    actor: access.Actor
    by_language: dict[str, access.Actor] = field(default_factory=dict)
    is_used: bool = False  # since it was proven

    def is_fresh(self, now: datetime) -> bool:
        return timedelta(0) <= now - self.at < PROOF_LASTS and now.date() == self.at.date()


_COLUMNS = (
    "digest",
    "public_id",
    "expires_at",
    "revoked_at",
    "last_used_at",
    "tax_id",
    "taxpayer_public_id",
    "office_code",
    "scopes",
    "person__public_id",
    "person__name",
    "person__login",
    "person__is_active",
)
_proofs: dict[str, _Proof] = {}
_renewing = threading.Lock()


def list_tokens(*, person_id: str | UUID) -> list[ApiToken]:
    """A person's tokens, the newest first, the revoked and expired ones too."""
    return list(ApiToken.objects.filter(person__public_id=person_id).order_by("-created_at", "-id"))


def find_actor_by_token(*, text: str, now: datetime, language: str) -> access.Actor:
    """
    The actor of a program that sent a token.

    :raises UnknownToken: if there is no such token.
    :raises RevokedToken: if it was revoked.
    :raises ExpiredToken: if its time is over.
    :raises TokenWithoutDuty: if its holder no longer acts for the taxpayer, or their account is closed.
    """
    return find_token_holder(text=text, now=now, language=language).actor


def find_token_holder(*, text: str, now: datetime, language: str) -> TokenHolder:
    """Like `find_actor_by_token`, with what is needed to note the use. One statement."""
    if not tokens.is_token(text):
        raise errors.UnknownToken()
    digest = tokens.digest(text)
    return _holder(_prove({digest}, now=now).get(digest), now=now, language=language)


def find_proven_token_holder(*, text: str, now: datetime, language: str) -> TokenHolder:
    """Like `find_token_holder`, believing a proof that this process made within the last second."""
    if not tokens.is_token(text):
        raise errors.UnknownToken()
    digest = tokens.digest(text)
    proof = _proofs.get(digest)
    if proof is None:
        proof = _prove({digest}, now=now).get(digest)
        if proof is not None:
            _keep({digest: proof})
    elif not proof.is_fresh(now):
        proof = _renewed(digest, now=now)
    return _used(proof, now=now, language=language)


def _used(proof: _Proof | None, *, now: datetime, language: str) -> TokenHolder:
    holder = _holder(proof, now=now, language=language)
    assert proof is not None
    proof.is_used = True
    if holder.is_note_due:
        proof.last_used_at = now  # the caller notes it: once, not at every call of this second
    return holder


def recall_token_holder(*, text: str, now: datetime, language: str) -> TokenHolder | None:
    """Like `find_proven_token_holder`, from memory alone: None where the database would have to be asked."""
    proof = _proofs.get(tokens.digest(text))
    if proof is None or not proof.is_fresh(now):
        return None
    return _used(proof, now=now, language=language)


def renew_token_proofs(*, now: datetime, older_than: timedelta) -> int:
    """
    Prove again, in good time, the tokens that are in use: those used since their proof was made so long ago.

    For a process that asks :func:`recall_token_holder` and must not wait for the database; how many were asked about.
    One statement for each five hundred.
    """
    with _renewing:
        due = [key for key, one in list(_proofs.items()) if one.is_used and now - one.at >= older_than]
        for first in range(0, len(due), BATCH):
            asked = due[first : first + BATCH]
            found = _prove(asked, now=now)
            for key in set(asked) - found.keys():
                _proofs.pop(key, None)
            _keep(found)
    return len(due)


def forget_proven_tokens() -> None:
    """Believe no proof that this process made so far: what they rest on changes in the present transaction."""
    _proofs.clear()
    # Somebody may read the old state once more before the change is there for all to see.
    transaction.on_commit(_proofs.clear)


def _renewed(digest: str, *, now: datetime) -> _Proof | None:
    """Prove a token again, and with it those that were used since their proof."""
    with _renewing:
        proof = _proofs.get(digest)
        if proof is not None and proof.is_fresh(now):
            return proof
        stale = [key for key, one in list(_proofs.items()) if one.is_used and not one.is_fresh(now)]
        asked = {digest, *stale[:BATCH]}
        found = _prove(asked, now=now)
        for key in asked - found.keys():
            _proofs.pop(key, None)
        _keep(found)
        return found.get(digest)


def _keep(found: dict[str, _Proof]) -> None:
    for key, proof in found.items():
        _proofs.pop(key, None)  # so that the order of the dictionary is that of the proofs
        _proofs[key] = proof
    for key in list(_proofs)[: max(0, len(_proofs) - PROOFS_MAX)]:
        _proofs.pop(key, None)


def _prove(digests: Collection[str], *, now: datetime) -> dict[str, _Proof]:
    """Ask the database about tokens, by their digests. One statement."""
    held = Membership.objects.filter(person=OuterRef("person"), tax_id=OuterRef("tax_id"))
    held = held.filter(valid_on(now.date())).order_by("duty")
    rows = ApiToken.objects.filter(digest__in=digests).values_list(
        *_COLUMNS,
        ArraySubquery(held.values("duty")),
        ArraySubquery(held.values("taxpayer_name")),
    )
    return {row[0]: _proof_of(row, now=now) for row in rows}


def _proof_of(row: tuple[Any, ...], *, now: datetime) -> _Proof:
    before = _proofs.get(row[0])
    if before is not None and before.facts == row and not before.actor.office_code:
        # Nothing changed, as nearly always: the actor is not built anew.
        return replace(before, at=now, is_used=False)
    (
        _,
        token_id,
        expires_at,
        revoked_at,
        last_used_at,
        tax_id,
        taxpayer_public_id,
        office_code,
        scopes,
        person_id,
        name,
        login,
        is_active,
        held_duties,
        held_names,
    ) = row
    actor = access.Actor(
        person_id=str(person_id),
        person_name=name,
        person_login=login,
        channel="api",
        scopes=frozenset(scopes),
        assurance=ONE_FACTOR,
    )
    if office_code:
        actor, is_held = _for_office(actor, office_code=office_code, on=now.date())
    else:
        is_held = bool(held_duties)
        actor = replace(
            actor,
            roles=duties.roles_of_token(duties=frozenset(held_duties), scopes=frozenset(scopes)),
            duties=frozenset(held_duties),
            taxpayer_id=tax_id,
            taxpayer_name=next((one for one in held_names if one), ""),
            taxpayer_public_id=str(taxpayer_public_id),
        )
    return _Proof(
        at=now,
        facts=row,
        token_id=token_id,
        expires_at=expires_at,
        revoked_at=revoked_at,
        last_used_at=last_used_at,
        acting_for=tax_id or office_code,
        is_held=is_active and is_held,
        actor=actor,
    )


def _for_office(who: access.Actor, *, office_code: str, on: date) -> tuple[access.Actor, bool]:
    """
    The actor of a token that acts for an office, and whether its holder still has a post there.

    Posts stand in another room, so this asks once more; officers' programs are few. What the actor may do there, each
    door asks by its function.
    """
    posts = authority.list_appointments(person_id=who.person_id, on=on)
    held = next((one for one in posts if one.office_code == office_code), None)
    roles = frozenset({access.PUBLIC, access.OFFICER}) if held else frozenset({access.PUBLIC})
    name = held.office_name if held else ""
    return replace(who, roles=roles, office_code=office_code, office_name=name), held is not None


def _holder(proof: _Proof | None, *, now: datetime, language: str) -> TokenHolder:
    if proof is None:
        raise errors.UnknownToken()
    if proof.revoked_at is not None:
        raise errors.RevokedToken()
    if proof.expires_at <= now:
        raise errors.ExpiredToken(at=f"{proof.expires_at.astimezone(CHINA):%Y-%m-%d %H:%M}")
    if not proof.is_held:
        raise errors.TokenWithoutDuty(tax_id=proof.acting_for)
    actor = proof.by_language.get(language)
    if actor is None:
        actor = proof.by_language[language] = replace(proof.actor, language=language)
    is_note_due = proof.last_used_at is None or now - proof.last_used_at >= tokens.USE_NOTED_AFTER
    return TokenHolder(actor, proof.token_id, is_note_due)
