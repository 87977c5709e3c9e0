"""
Sign in on a desk by scanning it with a phone that is signed in (扫码登录).

The desk shows a ticket as a QR code, and a number of two digits. Whoever opens the ticket on a phone is told where and
on what it was made, and must type the number: a picture of somebody else's QR code, sent to a victim, lacks it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.models.factors import ScanTicket
from goldentax.identity.operations import trail
from goldentax.identity.operations.factors import challenges, changes
from goldentax.identity.rules.factors import assurance, browsers
from goldentax.identity.rules.factors.codes import new_match_number
from goldentax.identity.rules.factors.context import Context
from goldentax.kernel import access, lawbook
from goldentax.kernel.text import Text

WAITING, OPENED, CONFIRMED, REFUSED, OVER = "waiting", "opened", "confirmed", "refused", "over"
"""What a desk is told of its ticket."""

KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a desk shows."""

    ticket: str
    match_number: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a phone is told of the desk that asks."""

    network: str
    browser: Text
    made_at: datetime
    is_same_network: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Who signed a desk in, and how surely they were known on their phone."""

    person: Person
    assurance: int


def make_ticket(*, context: Context) -> Shown:
    """
    Make the ticket of a desk; the one that this browser showed before is over.

    :raises TooManyChallenges: if too many were made from one network.
    """
    since = context.now - challenges.MINUTE
    made_at = ScanTicket.objects.filter(network=context.network, created_at__gt=since)
    challenges.hold_flood(list(made_at.values_list("created_at", flat=True)), context=context)
    text = secrets.token_urlsafe(32)
    with transaction.atomic():
        _of_browser(context).update(expires_at=context.now)
        made = ScanTicket.objects.create(
            digest=_digest(text),
            purpose=context.purpose,
            binding_digest=context.binding_digest,
            match_number=new_match_number(),
            network=context.network,
            user_agent=context.user_agent[:300],
            created_at=context.now,
            expires_at=challenges.expiry(context=context, fact="scan_seconds"),
        )
    return Shown(ticket=text, match_number=made.match_number, expires_at=made.expires_at)


def open_ticket(*, ticket: str, person: Person, context: Context) -> Asked:
    """
    Tell a phone which desk asks; from then on the ticket is for this person alone.

    :raises TicketOver: if it is unknown, used, too old, or was opened by somebody else.
    """
    fresh = _fresh(ticket, now=context.now)
    fresh.filter(opened_by__isnull=True).update(opened_by=person, opened_at=context.now)
    found = fresh.filter(opened_by=person).first()
    if found is None:
        raise errors.TicketOver()
    return Asked(
        network=found.network,
        browser=browsers.name_of(found.user_agent),
        made_at=found.created_at,
        is_same_network=found.network == context.network,
    )


def confirm_ticket(
    *, ticket: str, match_number: str, actor: access.Actor, person: Person, context: Context
) -> None:
    """
    Let the desk in that shows this number; it gets no more assurance than the phone has, and never the highest.

    Confirmed again by the same person, it stays confirmed.

    :raises WrongMatchNumber: if it is not the number on the desk; after a second mistake the ticket is over.
    :raises TicketOver: if it is unknown, used, too old, or was opened by somebody else.
    """
    of_person = _fresh(ticket, now=context.now).filter(opened_by=person)
    if of_person.filter(confirmed_at__isnull=False).exists():
        return
    tries_max = lawbook.parameter("identity/scan_tries_max", on=context.now.date())
    # Counted by the statement that allows it: tries in parallel cannot slip past the limit.
    if not of_person.filter(tries__lt=tries_max).update(tries=F("tries") + 1):
        raise errors.TicketOver()
    found = of_person.get()
    if not secrets.compare_digest(found.match_number.encode(), match_number.strip().encode()):
        if found.tries >= tries_max:
            of_person.update(refused_at=context.now)
        changes.note_proof(
            person=person, method=assurance.SCAN, network=context.network, now=context.now, succeeded=False
        )
        raise errors.WrongMatchNumber("match_number")
    cap = lawbook.parameter("identity/scan_level_max", on=context.now.date())
    with transaction.atomic():
        of_person.update(confirmed_at=context.now, assurance=min(actor.assurance, cap))
        detail = {"network": found.network, "ticket": str(found.public_id)}
        changes.note(
            actor=actor.label,
            action="scan.confirm",
            person=person,
            now=context.now,
            category="sign_in",
            detail=detail,
        )


def refuse_ticket(*, ticket: str, person: Person, actor: str, context: Context) -> None:
    """
    Keep the desk out: the person says that it was not them.

    :raises TicketOver: if it is unknown, used, or was opened by somebody else.
    """
    with transaction.atomic():
        fresh = _fresh(ticket, now=context.now).filter(opened_by=person)
        found = fresh.first()
        if found is None:
            raise errors.TicketOver()
        fresh.update(refused_at=context.now)
        detail = {"network": found.network, "ticket": str(found.public_id)}
        changes.note(
            actor=actor,
            action="scan.refuse",
            person=person,
            now=context.now,
            category="sign_in",
            detail=detail,
        )


def state_of_ticket(*, context: Context) -> str:
    """How the ticket stands that this browser shows."""
    found = _of_browser(context).order_by("-id").first()
    if found is None or found.used_at or (found.expires_at <= context.now and not found.refused_at):
        return OVER
    if found.refused_at:
        return REFUSED
    if found.confirmed_at:
        return CONFIRMED
    return OPENED if found.opened_at else WAITING


def take_ticket(*, context: Context) -> Taken:
    """
    Use up the ticket that this browser shows, once the phone has confirmed it.

    :raises TicketRefused: if the phone refused it.
    :raises TicketOver: if it is not confirmed, too old, used, or of another browser.
    """
    if state_of_ticket(context=context) == REFUSED:
        raise errors.TicketRefused()
    found = (
        _of_browser(context)
        .filter(confirmed_at__isnull=False, refused_at__isnull=True, used_at__isnull=True)
        .filter(expires_at__gt=context.now, opened_by__is_active=True)
        .select_related("opened_by")
        .order_by("-id")
        .first()
    )
    with transaction.atomic():
        if found is None or not ScanTicket.objects.filter(
            pk=found.pk, used_at__isnull=True, refused_at__isnull=True
        ).update(used_at=context.now):
            raise errors.TicketOver()
        assert found.opened_by is not None, "the database found it by who opened it"
        changes.note(
            actor=trail.web(found.opened_by),
            action="prove",
            person=found.opened_by,
            now=context.now,
            category="sign_in",
            detail={
                "method": assurance.SCAN,
                "network": context.network,
                "ticket": str(found.public_id),
            },
        )
    return Taken(person=found.opened_by, assurance=found.assurance)


def forget_old_tickets(now: datetime) -> int:
    """Delete tickets that serve nothing any more; the audit trail keeps who let whom in."""
    return ScanTicket.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _fresh(ticket: str, *, now: datetime) -> QuerySet[ScanTicket]:
    return ScanTicket.objects.filter(
        digest=_digest(ticket), used_at__isnull=True, refused_at__isnull=True, expires_at__gt=now
    )


def _of_browser(context: Context) -> QuerySet[ScanTicket]:
    return ScanTicket.objects.filter(binding_digest=context.binding_digest, purpose=context.purpose)


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
