"""Which factors a person has, which they may be asked for, and how one is removed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.models.factors import Authenticator, MobileNumber, Passkey, RecoveryCode
from goldentax.identity.operations.factors import changes
from goldentax.identity.operations.factors.certificates import has_certificate
from goldentax.identity.operations.factors.faces import find_face_provider
from goldentax.identity.operations.factors.recovery import count_recovery_codes
from goldentax.identity.operations.factors.sms_providers import find_sms_provider
from goldentax.identity.rules.factors import assurance
from goldentax.kernel.text import Text

MOBILE = "mobile"
"""The key of a mobile number among a person's factors; the method it serves is ``sms``."""

_TABLES: dict[str, type[Authenticator] | type[Passkey] | type[MobileNumber]] = {
    assurance.TOTP: Authenticator,
    assurance.PASSKEY: Passkey,
    MOBILE: MobileNumber,
}
_ORDER = (
    assurance.PASSKEY,
    assurance.TOTP,
    assurance.SMS,
    assurance.CERTIFICATE,
    assurance.SCAN,
    assurance.FACE,
    assurance.PASSWORD,
    assurance.RECOVERY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorChoice:
    """One way a person may prove more of themselves (可选验证方式)."""

    key: str  # the method, as `rules.factors.assurance` names it
    label: Text
    url: str
    assurance: int  # the level reached by it together with what was used already
    is_ready: bool  # False: it would serve, but must be set up first
    hint: Text = field(default_factory=lambda: Text("", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One factor a person has (认证因子)."""

    key: str  # totp, passkey, mobile or recovery
    factor_id: str  # "" where there is one of a kind
    label: Text
    name: str
    created_at: datetime
    last_used_at: datetime | None
    left: int = 0  # recovery codes not used yet
    is_backed_up: bool = False


def offered_to(
    person: Person, at: datetime, *, used: Collection[str] = (assurance.PASSWORD,)
) -> list[FactorChoice]:
    """
    The ways in which a person who used these methods may prove more, the surest of use first.

    A way that adds nothing to what was used is left out; so is one that the node does not offer.
    """
    known = assurance.methods(at.date())
    ready = _ready(person, at)
    found = []
    for key in _ORDER:
        level = assurance.level_of([*used, key], on=at.date())
        if key in used or key not in ready or level <= assurance.level_of(used, on=at.date()):
            continue
        found.append(
            FactorChoice(
                key=key,
                label=known[key].label,
                url=reverse(f"identity:sign-in-{key}"),
                assurance=level,
                is_ready=ready[key],
            )
        )
    return sorted(found, key=lambda one: not one.is_ready)


def list_factors(person: Person) -> list[Factor]:
    """Every factor of a person, by kind, the oldest first."""
    here = {"person": person, "removed_at__isnull": True}
    found = [
        _factor(assurance.PASSKEY, one, Text("通行密钥", "Passkey"), one.name, is_backed_up=one.is_backed_up)
        for one in Passkey.objects.filter(**here).order_by("id")
    ]
    found += [
        _factor(assurance.TOTP, one, Text("验证器", "Authenticator"), "")
        for one in Authenticator.objects.filter(**here, confirmed_at__isnull=False)
    ]
    found += [
        _factor(MOBILE, one, Text("手机号", "Mobile number"), one.masked)
        for one in MobileNumber.objects.filter(**here)
    ]
    codes = RecoveryCode.objects.filter(**here).order_by("id")
    first = codes.first()
    if first is not None:
        used = codes.filter(used_at__isnull=False).order_by("-used_at").first()
        found.append(
            Factor(
                key=assurance.RECOVERY,
                factor_id="",
                label=Text("恢复码", "Recovery codes"),
                name="",
                created_at=first.created_at,
                last_used_at=used.used_at if used else None,
                left=count_recovery_codes(person),
            )
        )
    return found


def has_second_factor(person: Person) -> bool:
    """Whether a person has anything that may be asked for besides a password."""
    return changes.count_second_factors(person) > 0


def can_prove_more(person: Person, at: datetime, *, used: Collection[str]) -> bool:
    """
    Whether a person who used these methods has another that adds to them.

    Who signed in by SMS and holds nothing but that number and a password can, by the password; without one, they
    cannot.
    """
    return any(one.is_ready for one in offered_to(person, at, used=used))


@transaction.atomic
def remove_factor(
    *,
    person_id: str | UUID,
    key: str,
    factor_id: str | UUID,
    level: int,
    actor: str,
    now: datetime,
    request_id: str = "",
) -> None:
    """
    Remove a person's passkey, authenticator or mobile number; removed again, it stays removed.

    With the last of them go the recovery codes, which only ever stand in for one.

    :param level: the assurance of the session that asks.
    :raises NoSuchFactor: if the person has no such factor.
    :raises StepUpNeeded: if a second factor was not shown.
    :raises LastFactor: if it is the last one of somebody who must have two.
    """
    table = _TABLES.get(key)
    person = changes.open_for_change(person_id=person_id, assurance=level)
    try:
        held = table._default_manager.filter(person=person, public_id=factor_id).first() if table else None
    except ValidationError:
        held = None
    if held is None:
        raise errors.NoSuchFactor("factor_id")
    if held.removed_at is not None:
        return
    is_last = changes.count_second_factors(person) == 1
    if is_last and changes.must_have_two(person=person, on=now.date()):
        raise errors.LastFactor()
    held.removed_at = now
    held.save(update_fields=["removed_at"])
    if is_last:
        RecoveryCode.objects.filter(person=person, removed_at__isnull=True).update(removed_at=now)
    detail = {"factor": str(factor_id), "method": key}
    changes.note(
        actor=actor, action=f"{key}.remove", person=person, now=now, request_id=request_id, detail=detail
    )


def _ready(person: Person, at: datetime) -> dict[str, bool]:
    """The ways that the node offers, and whether the person could use each now."""
    here = {"person": person, "removed_at__isnull": True}
    ready = {
        assurance.PASSKEY: Passkey.objects.filter(**here).exists(),
        assurance.TOTP: Authenticator.objects.filter(**here, confirmed_at__isnull=False).exists(),
        assurance.CERTIFICATE: has_certificate(person=person, now=at),
        assurance.PASSWORD: person.has_usable_password(),
        assurance.RECOVERY: count_recovery_codes(person) > 0,
    }
    if find_sms_provider() is not None:
        ready[assurance.SMS] = MobileNumber.objects.filter(**here).exists()
    if find_face_provider() is not None:
        ready[assurance.FACE] = bool(person.id_card_number)
    return ready


def _factor(
    key: str,
    row: Passkey | Authenticator | MobileNumber,
    label: Text,
    name: str,
    *,
    is_backed_up: bool = False,
) -> Factor:
    return Factor(
        key=key,
        factor_id=str(row.public_id),
        label=label,
        name=name,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        is_backed_up=is_backed_up,
    )
