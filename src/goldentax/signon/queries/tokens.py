"""
Who stands behind a token, and what it opens.

A token is held against the database at its first use and then once a second: within that second this process believes
what it found. So an end that is written elsewhere holds here within :data:`PROOF_LASTS`, and one that this process
writes holds at once (:func:`forget_proven_tokens`).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from goldentax.identity import api as identity
from goldentax.kernel import access
from goldentax.signon import errors
from goldentax.signon.models import AccessToken, Client, RefreshToken
from goldentax.signon.queries.keys import public_keys
from goldentax.signon.queries.subjects import facts_of, find_person, subject_of
from goldentax.signon.rules import claims, jose, methods, scopes, tokens

INACTIVE: dict[str, Any] = {"active": False}


PROOF_LASTS = timedelta(seconds=1)
"""The longest that a token opens something after its end was written elsewhere."""

PROOFS_MAX = 10_000
"""Proofs kept by one process, about 4 kB each; a few seconds of a busy node."""


@dataclass(slots=True)
class _Proof:
    """What the database said of a token at a moment, and the actors made of it."""

    at: datetime
    token: AccessToken
    actors: dict[str, access.Actor] = field(default_factory=dict)  # by language

    def is_good(self, now: datetime) -> bool:
        is_fresh = timedelta(0) <= now - self.at < PROOF_LASTS and now.date() == self.at.date()
        return is_fresh and self.token.expires_at > now


_proofs: dict[str, _Proof] = {}


def forget_proven_tokens() -> None:
    """Believe no proof that this process made so far: what they rest on changes in the present transaction."""
    _proofs.clear()
    # Somebody may read the old state once more before the change is there for all to see.
    transaction.on_commit(_proofs.clear)


def find_live_token(*, text: str, now: datetime) -> AccessToken | None:
    """The access token of a text while it holds, with grant and client."""
    proof = _prove(text, now=now)
    return proof.token if proof else None


def _prove(text: str, *, now: datetime) -> _Proof | None:
    if not tokens.is_of(tokens.ACCESS, text):
        return None
    digest = tokens.digest(text)
    proof = _proofs.get(digest)
    if proof is not None and proof.is_good(now):
        return proof
    _proofs.pop(digest, None)
    token = _read(digest, now=now)
    if token is None:
        return None
    if len(_proofs) >= PROOFS_MAX:
        _proofs.clear()
    proof = _proofs[digest] = _Proof(now, token)
    return proof


def _read(digest: str, *, now: datetime) -> AccessToken | None:
    return (
        AccessToken.objects.select_related("grant__client")
        .filter(
            digest=digest,
            expires_at__gt=now,
            revoked_at__isnull=True,
            grant__ended_at__isnull=True,
            grant__ends_at__gt=now,
            grant__client__stopped_at__isnull=True,
        )
        .first()
    )


def actor_of_access_token(*, text: str, now: datetime, language: str) -> access.Actor:
    """
    The actor of a program that sent an access token to this node's API.

    It opens never more than its person could, and only what its scopes name; what belongs to people alone (their
    account, their pages) it does not open.

    :raises BadAccessToken: if it has ended, is for another resource, or its person can no longer act as then.
    :raises InsufficientScope: if it carries no scope of the API.
    """
    proof = _prove(text, now=now)
    if proof is None:
        raise errors.BadAccessToken()
    if language not in proof.actors:
        proof.actors[language] = _actor_of(proof.token, now=now, language=language)
    return proof.actors[language]


def _actor_of(token: AccessToken, *, now: datetime, language: str) -> access.Actor:
    if token.grant.resource:
        raise errors.BadAccessToken()
    carried = frozenset(token.scopes) & scopes.API_SCOPES
    if not carried:
        raise errors.InsufficientScope(scope=" ".join(sorted(scopes.API_SCOPES)))
    person = find_person(token.grant.person_id)
    if person is None:
        raise errors.BadAccessToken()
    actor = identity.actor_of_person(
        person=person, acting_for=token.grant.acting_for, on=now.date(), language=language
    )
    if not actor.taxpayer_id:
        raise errors.BadAccessToken()
    roles = actor.roles & {access.PUBLIC, access.TAXPAYER}
    if scopes.INVOICES_WRITE in carried:
        roles |= actor.roles & {access.ISSUER}
    return replace(
        actor,
        roles=roles,
        channel="api",
        scopes=carried,
        assurance=token.grant.assurance,
        session_id=token.grant.session_id,
    )


def user_info(*, text: str, now: datetime) -> tuple[dict[str, Any], AccessToken]:
    """
    The claims of the person behind an access token (OpenID Connect Core 1.0 §5.3), and the token.

    :raises BadAccessToken: if it has ended, or is for another resource.
    """
    token = find_live_token(text=text, now=now)
    if token is None or token.grant.resource:
        raise errors.BadAccessToken()
    person = find_person(token.grant.person_id)
    if person is None:
        raise errors.BadAccessToken()
    facts = facts_of(person=person, acting_for=token.grant.acting_for, on=now.date())
    told = scopes.claims_of(scopes=token.scopes, facts=facts)
    return {"sub": subject_of(client=token.grant.client, person_id=person.public_id)} | told, token


def introspect(*, text: str, asker: Client, now: datetime) -> dict[str, Any]:
    """
    What a token is worth now, to a client that may know (RFC 7662): whom it was given to, or whose resource it is for.

    Everybody else learns only that it is worth nothing to them.
    """
    if tokens.is_of(tokens.REFRESH, text):
        return _introspect_refresh(text=text, asker=asker, now=now)
    token = find_live_token(text=text, now=now)
    if token is None or not _may_know(token.grant, asker):
        return INACTIVE
    return _described(
        token.grant, asker, token_scopes=token.scopes, at=token.created_at, ends=token.expires_at
    ) | {"token_type": "Bearer"}


def _introspect_refresh(*, text: str, asker: Client, now: datetime) -> dict[str, Any]:
    token = (
        RefreshToken.objects.select_related("grant__client")
        .filter(
            digest=tokens.digest(text),
            used_at__isnull=True,
            expires_at__gt=now,
            grant__ended_at__isnull=True,
            grant__client=asker,
        )
        .first()
    )
    if token is None:
        return INACTIVE
    grant = token.grant
    return _described(grant, asker, token_scopes=grant.scopes, at=token.created_at, ends=token.expires_at)


def _may_know(grant: Any, asker: Client) -> bool:
    return grant.client_id == asker.pk or bool(grant.resource and grant.resource == asker.resource_uri)


def _described(
    grant: Any, asker: Client, *, token_scopes: list[str], at: datetime, ends: datetime
) -> dict[str, Any]:
    return {
        "active": True,
        "scope": " ".join(token_scopes),
        "client_id": grant.client.client_id,
        "sub": subject_of(client=asker, person_id=grant.person_id),
        "iss": grant.issuer,
        "aud": grant.resource or grant.issuer,
        "iat": int(at.timestamp()),
        "exp": int(ends.timestamp()),
        "auth_time": int(grant.signed_in_at.timestamp()),
        "acr": methods.acr_of(grant.assurance),
    }


def read_id_token_hint(*, text: str, now: datetime) -> dict[str, Any]:
    """
    The claims of an identity token that this node signed, however old while its key is published.

    :raises BadIdTokenHint: for anything else.
    """
    try:
        found = jose.verify(text=text, keys=public_keys(now), types=(claims.ID_TOKEN.lower(),))
    except errors.BadSignedToken as refusal:
        raise errors.BadIdTokenHint("id_token_hint") from refusal
    if not all(isinstance(found.get(name), str) for name in ("iss", "sub", "aud", "sid")):
        raise errors.BadIdTokenHint("id_token_hint")
    return found
