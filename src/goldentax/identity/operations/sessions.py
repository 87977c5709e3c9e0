"""
Begin, strengthen and end sessions on the web.

Whoever must know that a session ended registers with `on_session_end`: the callback runs inside the transaction
that ends it, so either both happened or neither.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from goldentax.identity import errors, store
from goldentax.identity.models import Person, UserSession
from goldentax.identity.operations import trail
from goldentax.identity.operations.signing_in import login_digest
from goldentax.identity.rules import assurance as levels
from goldentax.identity.rules import devices, sessions
from goldentax.kernel import audit
from goldentax.kernel.ids import new_public_id
from goldentax.oversight import api as oversight

SessionsEnded = Callable[[list[str], datetime], None]
"""What is called with the public ids of sessions that end, and the moment."""

BATCH = 500
"""Stale sessions ended in one transaction: a second of work, so that no sign-in waits for it."""

_listeners: list[SessionsEnded] = []


def on_session_end(callback: SessionsEnded) -> None:
    """Call this whenever sessions end, inside the transaction that ends them."""
    if callback not in _listeners:
        _listeners.append(callback)


@transaction.atomic
def start_session(
    *,
    person: Person,
    secret: str,
    device: str,
    network: str,
    user_agent: str,
    methods: tuple[str, ...],
    assurance: int,
    acting_for: str,
    now: datetime,
) -> UUID:
    """
    Note that a person's session on the web begins; give its public id.

    :param secret: what the browser's session holds to be known by; only its digest is kept.
    :param device: the digest of the device's cookie.
    """
    session_id, called = new_public_id(), devices.summary_of(user_agent)
    store.start_session(
        public_id=session_id,
        person_pk=person.pk,
        key_digest=sessions.digest(secret),
        device_digest=device,
        network=network,
        user_agent=called,
        methods=methods,
        assurance=assurance,
        acting_for=acting_for,
        now=now,
    )
    trail.record(
        actor=trail.web(person),
        action="identity.person.sign-in",
        person=person,
        now=now,
        category=audit.SIGN_IN,
        detail={
            "network": network,
            "session": str(session_id),
            "methods": list(methods),
            "assurance": assurance,
            "device": device[:12],
        },
    )
    facts = oversight.SignInFacts(
        person_id=str(person.public_id),
        login_digest=login_digest(person.login),
        network=network,
        device_id=device,
        user_agent=called,
        at=now,
        method="+".join(methods),
    )
    oversight.note_sign_in(facts, succeeded=True)
    return session_id


def rekey_session(*, session: UserSession, secret: str) -> None:
    """Know a session by another secret: an old one opens nothing more."""
    session.key_digest = sessions.digest(secret)
    UserSession.objects.filter(pk=session.pk).update(key_digest=session.key_digest)


def note_session_use(*, session: UserSession, now: datetime) -> None:
    """Note that a session is in use; kept coarse, and no audit row."""
    session.seen_at = now
    UserSession.objects.filter(pk=session.pk).update(seen_at=now)


@transaction.atomic
def raise_session(*, session: UserSession, method: str, assurance: int, now: datetime) -> None:
    """Note that the person of a session proved more of themselves, which counts for a while."""
    session.raised_assurance = assurance
    session.raised_until = now + levels.step_up_lasts(now.date())
    session.methods = [*session.methods, *({method} - set(session.methods))]
    session.save(update_fields=["raised_assurance", "raised_until", "methods"])
    trail.record(
        actor=trail.web(session.person),
        action="identity.session.step-up",
        person=session.person,
        now=now,
        category=audit.SIGN_IN,
        detail={"session": str(session.public_id), "method": method, "assurance": assurance},
    )


@transaction.atomic
def end_session(
    *,
    session_id: str | UUID,
    reason: str,
    actor: str,
    now: datetime,
    person_id: str | UUID | None = None,
    request_id: str = "",
) -> UserSession:
    """
    End a session at once, whoever holds its cookie; one that has ended stays as it is.

    :param reason: one of `rules.sessions.END_REASONS`.
    :param person_id: refuse unless the session is this person's.
    :raises NoSuchSession: if there is none.
    """
    try:
        found = UserSession.objects.select_for_update(of=("self",)).select_related("person")
        found = found.filter(public_id=session_id)
        session = (found.filter(person__public_id=person_id) if person_id else found).first()
    except ValidationError:
        session = None
    if session is None:
        raise errors.NoSuchSession("session_id")
    if session.ended_at is None:
        _end([session], reason=reason, actor=actor, now=now, request_id=request_id)
    return session


@transaction.atomic
def end_all_sessions(
    *,
    person_id: str | UUID,
    reason: str,
    actor: str,
    now: datetime,
    but: str | UUID | None = None,
    device: str = "",
    request_id: str = "",
) -> int:
    """
    End every session of a person; how many there were.

    :param but: the public id of one that goes on.
    :param device: end only those begun on this device (its digest).
    """
    found = UserSession.objects.select_for_update(of=("self",)).select_related("person")
    found = found.filter(person__public_id=person_id, ended_at__isnull=True)
    if but:
        found = found.exclude(public_id=but)
    if device:
        found = found.filter(device_digest=device)
    rows = list(found.order_by("id"))
    _end(rows, reason=reason, actor=actor, now=now, request_id=request_id)
    return len(rows)


@transaction.atomic
def forget_device(
    *, person_id: str | UUID, device: str, actor: str, now: datetime, request_id: str = ""
) -> int:
    """
    Know a person's device (its digest) no longer: sessions begun on it end, and the next sign-in from it is new.

    :raises NoSuchDevice: if the person has no such device.
    """
    rows = UserSession.objects.filter(person__public_id=person_id, device_digest=device)
    if not device or not rows.exists():
        raise errors.NoSuchDevice("device")
    ended = end_all_sessions(
        person_id=person_id,
        reason=sessions.DEVICE,
        actor=actor,
        device=device,
        now=now,
        request_id=request_id,
    )
    rows.update(device_digest="")
    trail.record(
        actor=actor,
        action="identity.device.forget",
        person=Person.objects.get(public_id=person_id),
        now=now,
        request_id=request_id,
        category=audit.SIGN_IN,
        detail={"device": device[:12], "sessions": ended},
    )
    return ended


def take_session_identity(*, session: UserSession, key: str) -> None:
    """Note in whose name a session goes on; whether its person may is asked anew at every request."""
    session.acting_for = key
    UserSession.objects.filter(pk=session.pk).update(acting_for=key)


@transaction.atomic
def end_stale_sessions(now: datetime) -> int:
    """End sessions that nobody uses any more, so that whoever waits for their end learns of it."""
    idle = UserSession.objects.filter(ended_at__isnull=True, seen_at__lte=now - sessions.IDLE_MAX)
    aged = UserSession.objects.filter(ended_at__isnull=True, started_at__lte=now - sessions.AGE_MAX)
    rows = list(
        (idle | aged).select_related("person").select_for_update(of=("self",), skip_locked=True)[:BATCH]
    )
    for session in rows:
        reason = sessions.why_over(started_at=session.started_at, seen_at=session.seen_at, now=now)
        _end([session], reason=reason, actor="system:identity", now=now)
    return len(rows)


def forget_old_sessions(now: datetime) -> int:
    """Delete what ended so long ago that no device is known by it any more; the audit trail keeps the story."""
    deleted, _ = UserSession.objects.filter(ended_at__lt=now - sessions.KEPT).delete()
    return deleted


def present_assurance(session: UserSession, *, now: datetime) -> int:
    """The level of a session now."""
    return levels.present(
        assurance=session.assurance,
        raised=session.raised_assurance,
        raised_until=session.raised_until,
        now=now,
    )


def _end(
    rows: Iterable[UserSession], *, reason: str, actor: str, now: datetime, request_id: str = ""
) -> None:
    assert reason in sessions.END_REASONS, reason
    ended = list(rows)
    if not ended:
        return
    for session in ended:
        session.ended_at, session.end_reason = max(now, session.started_at), reason
    UserSession.objects.bulk_update(ended, ["ended_at", "end_reason"])
    people = {session.person_id: session.person for session in ended}
    for pk, person in people.items():
        ids = [str(session.public_id) for session in ended if session.person_id == pk]
        trail.record(
            actor=actor,
            action="identity.session.end",
            person=person,
            now=now,
            category=audit.PRIVILEGED if reason == sessions.OFFICER else audit.SIGN_IN,
            request_id=request_id,
            detail={"sessions": ids, "reason": reason},
        )
    for listener in _listeners:
        listener([str(session.public_id) for session in ended], now)
