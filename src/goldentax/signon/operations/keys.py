"""Make and rotate the keys that sign tokens."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from goldentax.kernel import audit
from goldentax.kernel.crypto import sm, vault
from goldentax.signon import queries
from goldentax.signon.models import TokenKey
from goldentax.signon.queries.keys import PURPOSE
from goldentax.signon.rules import jose, keys
from goldentax.signon.rules.encoding import base64url

_LOCK = 5_301_001
"""Number of the advisory lock under which keys are made, so that two processes do not make two at once."""


@transaction.atomic
def ensure_keys(now: datetime) -> int:
    """Make what keys the schedule asks for, and forget those long gone; how many were made. Safe to run anywhere."""
    _lock()
    made = 0
    for algorithm in jose.ALGORITHMS:
        start = keys.next_start(keys=_lives(algorithm), now=now)
        if start is not None:
            _make(algorithm=algorithm, signs_from=start, actor="system:signon", now=now)
            made += 1
    TokenKey.objects.filter(published_until__lt=now - timedelta(days=400)).delete()
    return made


@transaction.atomic
def rotate_keys(*, actor: str, now: datetime, is_compromised: bool = False) -> int:
    """
    Let a new key of every algorithm sign from now on; how many were made.

    The old ones stay published for a day, so that what they signed still verifies, unless they are compromised: then
    they verify nothing from now on.
    """
    _lock()
    ended_at = now if is_compromised else now + keys.OVERLAP
    TokenKey.objects.filter(signs_until__gt=now, signs_from__lte=now).update(
        signs_until=now, published_until=ended_at
    )
    # Those waiting to sign have been published already; they are dropped too, or they would outlive the rotation.
    TokenKey.objects.filter(signs_from__gt=now).delete()
    if is_compromised:
        TokenKey.objects.filter(published_until__gt=now).update(published_until=now)
    for algorithm in jose.ALGORITHMS:
        _make(algorithm=algorithm, signs_from=now, actor=actor, now=now)
    return len(jose.ALGORITHMS)


def signer(*, algorithm: str, now: datetime) -> jose.SigningKey:
    """The key of an algorithm that signs now; the first one is made when it is first needed."""
    key = queries.private_key(algorithm=algorithm, now=now)
    if key is None:
        ensure_keys(now)
        key = queries.private_key(algorithm=algorithm, now=now)
        assert key is not None, algorithm
    return key


def _make(*, algorithm: str, signs_from: datetime, actor: str, now: datetime) -> None:
    secret, material = jose.new_secret(algorithm)
    signs_until, published_until = keys.life_from(signs_from=signs_from)
    kid = _kid(algorithm, material)
    TokenKey.objects.create(
        kid=kid,
        algorithm=algorithm,
        material=material,
        sealed_secret=vault.seal(secret, PURPOSE),
        created_at=now,
        signs_from=signs_from,
        signs_until=signs_until,
        published_until=published_until,
    )
    audit.record(
        actor=actor,
        action="signon.token-key.make",
        subject=f"token-key:{kid}",
        now=now,
        category=audit.PRIVILEGED,
        detail={"algorithm": algorithm, "signs_from": signs_from.isoformat()},
    )


def _kid(algorithm: str, material: bytes) -> str:
    return f"{algorithm.lower()}-{base64url(sm.sm3(material))[:16]}"


def _lives(algorithm: str) -> list[keys.KeyLife]:
    return [
        keys.KeyLife(
            kid=row.kid,
            algorithm=algorithm,
            signs_from=row.signs_from,
            signs_until=row.signs_until,
            published_until=row.published_until,
        )
        for row in TokenKey.objects.filter(algorithm=algorithm)
    ]


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
