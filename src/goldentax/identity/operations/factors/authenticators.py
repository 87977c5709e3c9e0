"""Set up an authenticator app (验证器), and prove oneself by its codes."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.models.factors import Authenticator, FactorAttempt
from goldentax.identity.operations.factors import attempts, changes
from goldentax.identity.rules.factors import assurance, totp
from goldentax.identity.rules.factors.context import Context
from goldentax.kernel import lawbook

ISSUER = "Golden Tax"
WAITING_MAX = timedelta(minutes=30)
"""A secret that was shown and not confirmed for so long is replaced by another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What a person gives to their authenticator app."""

    secret: str
    uri: str  # for the QR code


@transaction.atomic
def begin_authenticator(*, person_id: str | UUID, level: int, actor: str, context: Context) -> Enrolment:
    """
    Give a person the secret for an authenticator app; it counts once a code of it was typed.

    Asked again before that, it gives the same secret, so a page that is opened twice shows one QR code.

    :param level: the assurance of the session that asks.
    :raises SealedFactor: if an authenticator is set up already.
    :raises StepUpNeeded: if another second factor must be shown first.
    """
    person = changes.open_for_change(person_id=person_id, assurance=level)
    here = Authenticator.objects.filter(person=person, removed_at__isnull=True)
    if here.filter(confirmed_at__isnull=False).exists():
        raise errors.SealedFactor()
    here.filter(created_at__lt=context.now - WAITING_MAX).update(removed_at=context.now)
    waiting = here.first()
    if waiting is None:
        waiting = Authenticator.objects.create(
            person=person, secret=totp.new_secret(), created_at=context.now
        )
        changes.note(actor=actor, action="authenticator.begin", person=person, now=context.now)
    return _enrolment(waiting)


def waiting_authenticator(*, person: Person, context: Context) -> Enrolment | None:
    """What is shown but not confirmed yet."""
    waiting = Authenticator.objects.filter(
        person=person,
        removed_at__isnull=True,
        confirmed_at__isnull=True,
        created_at__gte=context.now - WAITING_MAX,
    ).first()
    return _enrolment(waiting) if waiting else None


def confirm_authenticator(
    *, person_id: str | UUID, code: str, level: int, actor: str, context: Context
) -> Authenticator:
    """
    Set an authenticator up: a code shows that the app has the secret. The code is used up by it.

    :raises WrongCode: if it is not a code of the secret that was shown, or nothing was shown.
    :raises TooManyFactorTries: if it was wrong too often.
    """
    with transaction.atomic():
        person = changes.open_for_change(person_id=person_id, assurance=level)
    attempt = attempts.count_try(person=person, method=assurance.TOTP, context=context)
    with transaction.atomic():
        waiting = (
            Authenticator.objects.select_for_update()
            .filter(person=person, removed_at__isnull=True, confirmed_at__isnull=True)
            .filter(created_at__gte=context.now - WAITING_MAX)
            .first()
        )
        step = _step(waiting, code=code, context=context) if waiting else None
        if waiting is None or step is None:
            raise errors.WrongCode("code")
        waiting.confirmed_at, waiting.last_step = context.now, step
        waiting.save(update_fields=["confirmed_at", "last_step"])
        attempts.forgive(attempt)
        detail = {"factor": str(waiting.public_id)}
        changes.note(actor=actor, action="authenticator.add", person=person, now=context.now, detail=detail)
    return waiting


def prove_by_authenticator(*, person: Person, code: str, context: Context) -> None:
    """
    Take a code of a person's authenticator; each is taken once, also when it is sent twice at the same moment.

    :raises WrongCode: if it is wrong, old, or used.
    :raises TooManyFactorTries: if it was wrong too often.
    """
    attempt = attempts.count_try(person=person, method=assurance.TOTP, context=context)
    held = Authenticator.objects.filter(
        person=person, removed_at__isnull=True, confirmed_at__isnull=False
    ).first()
    step = _step(held, code=code, context=context) if held else None
    if held is None or step is None or not _use_up(held, step=step, attempt=attempt, context=context):
        changes.note_proof(
            person=person, method=assurance.TOTP, network=context.network, now=context.now, succeeded=False
        )
        raise errors.WrongCode("code")


@transaction.atomic
def _use_up(held: Authenticator, *, step: int, attempt: FactorAttempt, context: Context) -> bool:
    # One statement decides who took the step: of two requests with the same code, the second changes no row.
    fresh = Authenticator.objects.filter(pk=held.pk, removed_at__isnull=True).filter(
        Q(last_step__isnull=True) | Q(last_step__lt=step)
    )
    if not fresh.update(last_step=step, last_used_at=context.now):
        return False
    attempts.forgive(attempt)
    changes.note_proof(
        person=held.person, method=assurance.TOTP, network=context.network, now=context.now, succeeded=True
    )
    return True


def _step(held: Authenticator, *, code: str, context: Context) -> int | None:
    either_side = lawbook.parameter("identity/totp_steps_either_side", on=context.now.date())
    return totp.find_step(
        secret=held.secret, code=code, at=context.now, either_side=either_side, after=held.last_step
    )


def _enrolment(held: Authenticator) -> Enrolment:
    uri = totp.enrolment_uri(secret=held.secret, account=held.person.login, issuer=ISSUER)
    return Enrolment(secret=held.secret, uri=uri)
