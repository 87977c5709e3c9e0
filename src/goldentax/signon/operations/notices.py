"""Deliver sign-out notices to clients (OpenID Connect Back-Channel Logout 1.0 §2.5), again and again until taken."""

from datetime import datetime

import httpx
from django.db import transaction

from goldentax.signon.models import LogoutNotice
from goldentax.signon.operations import keys
from goldentax.signon.rules import claims, jose, notices

TAKEN = (200, 204)
"""The standard says 200; frameworks that answer an empty body say 204."""


def send_due(now: datetime) -> int:
    """Try every notice whose time has come; how many were delivered. Safe in two workers at once."""
    due = _claim(now)
    if not due:
        return 0
    # No redirects: the registered address takes the notice, or nobody does. No proxies or credentials from outside.
    with httpx.Client(timeout=notices.TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
        return sum(_deliver(notice, client, now=now) for notice in due)


@transaction.atomic
def _claim(now: datetime) -> list[LogoutNotice]:
    rows = list(
        LogoutNotice.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("client")
        .filter(next_try_at__lte=now)
        .order_by("next_try_at")[: notices.BATCH]
    )
    LogoutNotice.objects.filter(pk__in=[row.pk for row in rows]).update(next_try_at=now + notices.LEASE)
    return rows


def _deliver(notice: LogoutNotice, client: httpx.Client, *, now: datetime) -> bool:
    is_taken, answer = _post(notice, client, now=now)
    notice.tries += 1
    notice.answer = answer[:120]
    if is_taken:
        notice.delivered_at, notice.next_try_at = now, None
    else:
        notice.next_try_at = notices.next_try_at(tries=notice.tries, now=now)
        notice.gave_up_at = now if notice.next_try_at is None else None
    notice.save(update_fields=["tries", "answer", "delivered_at", "next_try_at", "gave_up_at"])
    return is_taken


def _post(notice: LogoutNotice, client: httpx.Client, *, now: datetime) -> tuple[bool, str]:
    if not notice.client.back_channel_uri:
        return False, "no address"
    token = logout_token(notice, now=now)
    try:
        answer = client.post(notice.client.back_channel_uri, data={"logout_token": token})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return False, type(error).__name__
    return answer.status_code in TAKEN, f"HTTP {answer.status_code}"


def logout_token(notice: LogoutNotice, *, now: datetime) -> str:
    """Sign a notice; each try carries the same number (jti), so a client that took it knows it again."""
    told = claims.logout_claims(
        issuer=notice.issuer,
        client_id=notice.client.client_id,
        subject=notice.subject,
        session_id=notice.session_id,
        number=str(notice.public_id),
        now=now,
    )
    key = keys.signer(algorithm=notice.client.id_token_alg, now=now)
    return jose.sign(claims=told, key=key, type_=claims.LOGOUT_TOKEN)
