"""
The ends of grants: revoked, replayed, or ended with the session they came from; and who is told.

An end is written in the transaction that causes it. It holds in this process from then on, in others within a second.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from goldentax.kernel import audit
from goldentax.kernel.text import Text
from goldentax.oversight import api as oversight
from goldentax.signon import errors, queries
from goldentax.signon.models import AccessToken, Client, Grant, LogoutNotice, RefreshToken
from goldentax.signon.rules import tokens

REVOKED, WITHDRAWN, STOPPED = "revoked", "consent-withdrawn", "client-stopped"
SESSION_ENDED, REPLACED, PERSON_GONE = "session-ended", "replaced", "person-gone"
CODE_REPLAYED, WRONG_VERIFIER, TOKEN_REUSED = "code-replayed", "wrong-verifier", "token-reused"
SUSPICIOUS = frozenset({CODE_REPLAYED, WRONG_VERIFIER, TOKEN_REUSED})
"""Ends that an attack looks like: their audit rows say so."""


def end_grant(grant: Grant, *, reason: str, actor: str, now: datetime) -> bool:
    """End a grant and all its tokens; false where it had ended before."""
    ended = Grant.objects.filter(pk=grant.pk, ended_at__isnull=True).update(ended_at=now, end_reason=reason)
    if not ended:
        return False
    queries.forget_proven_tokens()
    if reason in SUSPICIOUS:
        # The reasons are the signs of the lawbook; somebody of security looks into each, an hour's repeats in one.
        oversight.raise_alarm(
            oversight.AlarmFacts(
                person_id=str(grant.person_id),
                sign=reason,
                client=Text(grant.client.name_zh, grant.client.name_en),
                at=now,
            )
        )
    audit.record(
        actor=actor,
        action="signon.grant.alarm" if reason in SUSPICIOUS else "signon.grant.end",
        subject=f"person:{grant.person_id}",
        now=now,
        category=audit.SIGN_IN,
        detail={"client": grant.client.client_id, "grant": str(grant.public_id), "reason": reason},
    )
    return True


def end_grants(found: "QuerySet[Grant]", *, reason: str, actor: str, now: datetime) -> int:
    """End all of these grants; how many had not ended before."""
    rows = list(found.filter(ended_at__isnull=True).select_related("client").order_by("id"))
    return sum(end_grant(row, reason=reason, actor=actor, now=now) for row in rows)


@transaction.atomic
def revoke(*, client: Client, text: str, now: datetime) -> None:
    """
    Revoke a token of a client (RFC 7009): a refresh token ends its grant, an access token ends alone.

    A text that is no token, or no longer one, is answered like one that was revoked.

    :raises BadTokenRequest: if the token was given to another client.
    """
    model = RefreshToken if tokens.is_of(tokens.REFRESH, text) else AccessToken
    row = model.objects.select_related("grant__client").filter(digest=tokens.digest(text)).first()
    if row is None:
        return
    if row.grant.client_id != client.pk:
        raise errors.BadTokenRequest("token", name="token", reason="client")
    actor = f"client:{client.client_id}"
    if isinstance(row, RefreshToken):
        end_grant(row.grant, reason=REVOKED, actor=actor, now=now)
    elif row.revoked_at is None:
        AccessToken.objects.filter(pk=row.pk).update(revoked_at=now)
        queries.forget_proven_tokens()


@transaction.atomic
def end_sessions(session_ids: list[str], now: datetime) -> None:
    """
    End what hangs on these web sessions, and write the notices to the clients that want to know.

    A grant with offline access goes on (OpenID Connect Back-Channel Logout 1.0 §2.7), without the access tokens it
    had; every other grant ends. Called by identity inside the transaction that ends the sessions.
    """
    rows = list(
        Grant.objects.filter(session_id__in=session_ids, session_ended_at__isnull=True)
        .select_related("client")
        .order_by("id")
    )
    if not rows:
        return
    pks = [row.pk for row in rows]
    Grant.objects.filter(pk__in=pks).update(session_ended_at=now)
    AccessToken.objects.filter(grant__in=pks, revoked_at__isnull=True, expires_at__gt=now).update(
        revoked_at=now
    )
    queries.forget_proven_tokens()
    for row in rows:
        if not row.is_offline and row.ended_at is None:
            end_grant(row, reason=SESSION_ENDED, actor="system:signon", now=now)
    _write_notices(rows, now=now)


def _write_notices(rows: Iterable[Grant], *, now: datetime) -> None:
    wanted = {(row.client_id, row.session_id): row for row in rows if row.client.back_channel_uri}
    LogoutNotice.objects.bulk_create(
        [
            LogoutNotice(
                client=row.client,
                session_id=row.session_id,
                subject=queries.subject_of(client=row.client, person_id=row.person_id),
                issuer=row.issuer,
                created_at=now,
                next_try_at=now,
            )
            for row in wanted.values()
        ],
        ignore_conflicts=True,
    )
