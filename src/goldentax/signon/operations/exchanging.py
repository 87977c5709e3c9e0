"""
Exchange codes and refresh tokens for tokens (RFC 6749 §4.1.3 and §6).

A refusal that takes something back (a code used twice, a refresh token that came again) must leave its trace, so it is
decided inside the transaction, committed, and raised after it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from goldentax.signon import errors, queries
from goldentax.signon.models import AccessToken, Client, Code, Grant, RefreshToken
from goldentax.signon.operations import ending, keys
from goldentax.signon.rules import claims, jose, pkce, tokens
from goldentax.signon.rules.scopes import read_scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What a client gets; the texts exist here, this once."""

    access_token: str
    refresh_token: str
    id_token: str
    scopes: tuple[str, ...]
    expires_in_s: int


def exchange_code(*, client: Client, code: str, redirect_uri: str, verifier: str, now: datetime) -> Issued:
    """
    Exchange a code, once.

    :raises BadCode: if it is not this client's for this address, or too old.
    :raises CodeReplayed: if it was used; what it gave is revoked.
    :raises WrongVerifier: if whoever brings it did not begin; the code is spent.
    """
    return _answered(_take_code(client, code, redirect_uri, verifier, now))


def refresh(*, client: Client, text: str, scope: str, now: datetime) -> Issued:
    """
    Exchange a refresh token for new tokens, once.

    :param scope: fewer scopes than were granted, "" for all.
    :raises BadRefreshToken: if it is not this client's, or has ended.
    :raises RefreshTokenReused: if it was exchanged before; the grant has ended now.
    :raises ScopeUpgrade: if a scope was not granted.
    """
    return _answered(_take_refresh_token(client, text, read_scopes(scope), now))


def _answered(outcome: Issued | errors.ProtocolRefusal) -> Issued:
    if isinstance(outcome, errors.ProtocolRefusal):
        raise outcome
    return outcome


@transaction.atomic
def _take_code(
    client: Client, text: str, redirect_uri: str, verifier: str, now: datetime
) -> Issued | errors.ProtocolRefusal:
    row = (
        Code.objects.select_for_update(of=("self",))
        .select_related("grant__client")
        .filter(digest=tokens.digest(text))
        .first()
        if tokens.is_of(tokens.CODE, text)
        else None
    )
    if row is None or row.grant.client_id != client.pk:
        return errors.BadCode("code")
    grant, actor = row.grant, f"client:{client.client_id}"
    if row.used_at is not None:
        ending.end_grant(grant, reason=ending.CODE_REPLAYED, actor=actor, now=now)
        return errors.CodeReplayed("code")
    if row.expires_at <= now or row.redirect_uri != redirect_uri or not _holds(grant, now=now):
        return errors.BadCode("code")
    row.used_at = now
    row.save(update_fields=["used_at"])
    if not pkce.is_answered(challenge=row.challenge, verifier=verifier):
        ending.end_grant(grant, reason=ending.WRONG_VERIFIER, actor=actor, now=now)
        return errors.WrongVerifier("code_verifier")
    return _issue(grant, scopes=tuple(grant.scopes), nonce=grant.nonce, now=now)


@transaction.atomic
def _take_refresh_token(
    client: Client, text: str, wanted: tuple[str, ...], now: datetime
) -> Issued | errors.ProtocolRefusal:
    row = (
        RefreshToken.objects.select_for_update(of=("self",))
        .select_related("grant__client")
        .filter(digest=tokens.digest(text))
        .first()
        if tokens.is_of(tokens.REFRESH, text)
        else None
    )
    if row is None or row.grant.client_id != client.pk:
        return errors.BadRefreshToken("refresh_token")
    grant, actor = row.grant, f"client:{client.client_id}"
    if row.used_at is not None:
        ending.end_grant(grant, reason=ending.TOKEN_REUSED, actor=actor, now=now)
        return errors.RefreshTokenReused("refresh_token")
    if row.expires_at <= now or not _holds(grant, now=now):
        return errors.BadRefreshToken("refresh_token")
    for scope in wanted:
        if scope not in grant.scopes:
            return errors.ScopeUpgrade("scope", scope=scope[:40])
    if queries.find_person(grant.person_id) is None:
        ending.end_grant(grant, reason=ending.PERSON_GONE, actor=actor, now=now)
        return errors.BadRefreshToken("refresh_token")
    row.used_at = now
    row.save(update_fields=["used_at"])
    return _issue(grant, scopes=wanted or tuple(grant.scopes), nonce="", now=now)


def _holds(grant: Grant, *, now: datetime) -> bool:
    is_over = grant.session_ended_at is not None and not grant.is_offline
    return grant.ended_at is None and grant.ends_at > now and not is_over


def _issue(grant: Grant, *, scopes: tuple[str, ...], nonce: str, now: datetime) -> Issued:
    access, refresh_text = tokens.new_text(tokens.ACCESS), tokens.new_text(tokens.REFRESH)
    expires_at = min(now + tokens.ACCESS_LIVES, grant.ends_at)
    AccessToken.objects.create(
        grant=grant,
        digest=tokens.digest(access),
        scopes=list(scopes),
        created_at=now,
        expires_at=expires_at,
    )
    RefreshToken.objects.create(
        grant=grant,
        digest=tokens.digest(refresh_text),
        created_at=now,
        expires_at=tokens.refresh_ends_at(grant_ends_at=grant.ends_at, now=now),
    )
    return Issued(
        access_token=access,
        refresh_token=refresh_text,
        id_token=_id_token(grant, access_token=access, nonce=nonce, now=now),
        scopes=scopes,
        expires_in_s=max(0, int((expires_at - now).total_seconds())),
    )


def _id_token(grant: Grant, *, access_token: str, nonce: str, now: datetime) -> str:
    client = grant.client
    signed_in = claims.SignedIn(
        issuer=grant.issuer,
        client_id=client.client_id,
        subject=queries.subject_of(client=client, person_id=grant.person_id),
        session_id=grant.session_id,
        at=grant.signed_in_at,
        assurance=grant.assurance,
        methods=tuple(grant.methods),
    )
    told = claims.id_token_claims(
        signed_in=signed_in,
        access_token=access_token,
        algorithm=client.id_token_alg,
        nonce=nonce,
        now=now,
    )
    key = keys.signer(algorithm=client.id_token_alg, now=now)
    return jose.sign(claims=told, key=key, type_=claims.ID_TOKEN)
