"""Recovery codes (恢复码): a list on paper for the day the phone is lost; each serves once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.models.factors import RecoveryCode
from goldentax.identity.operations.factors import attempts, changes
from goldentax.identity.rules.factors import assurance, codes
from goldentax.identity.rules.factors.context import Context
from goldentax.kernel.crypto.fields import blind_index
from goldentax.kernel.ids import new_public_id


@transaction.atomic
def make_recovery_codes(
    *, person_id: str | UUID, level: int, actor: str, now: datetime, request_id: str = ""
) -> tuple[str, ...]:
    """
    Give a person ten recovery codes, this once; the list before it counts no longer.

    :param level: the assurance of the session that asks.
    :raises CodesAlreadyShown: if this request already made a list.
    :raises FactorNotOffered: if there is no second factor that they could stand in for.
    :raises StepUpNeeded: if a second factor must be shown first.
    """
    if request_id and RecoveryCode.objects.filter(request_id=request_id).exists():
        raise errors.CodesAlreadyShown()
    person = changes.open_for_change(person_id=person_id, assurance=level)
    if not changes.count_second_factors(person):
        raise errors.FactorNotOffered()
    RecoveryCode.objects.filter(person=person, removed_at__isnull=True).update(removed_at=now)
    made, list_id = codes.new_recovery_codes(), new_public_id()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(
            person=person,
            list_id=list_id,
            digest=_digest(person, code),
            created_at=now,
            request_id=request_id,
        )
        for code in made
    )
    detail = {"list": str(list_id), "count": len(made)}
    changes.note(
        actor=actor, action="recovery.make", person=person, now=now, request_id=request_id, detail=detail
    )
    return made


def count_recovery_codes(person: Person) -> int:
    """How many codes of a person's list are left."""
    return RecoveryCode.objects.filter(person=person, removed_at__isnull=True, used_at__isnull=True).count()


def prove_by_recovery_code(*, person: Person, code: str, context: Context) -> None:
    """
    Take one recovery code; each is taken once.

    :raises WrongCode: if it is none of the list, or used.
    :raises TooManyFactorTries: if it was wrong too often.
    """
    attempt = attempts.count_try(person=person, method=assurance.RECOVERY, context=context)
    with transaction.atomic():
        fresh = RecoveryCode.objects.filter(
            person=person, digest=_digest(person, code), removed_at__isnull=True, used_at__isnull=True
        )
        taken = fresh.update(used_at=context.now) == 1
        if taken:
            attempts.forgive(attempt)
        changes.note_proof(
            person=person,
            method=assurance.RECOVERY,
            network=context.network,
            now=context.now,
            succeeded=taken,
        )
    if not taken:
        raise errors.WrongCode("code")


def _digest(person: Person, code: str) -> str:
    return blind_index(
        f"{person.public_id}:{codes.normal_recovery_code(code)}", "identity_recovery_code.digest"
    )
