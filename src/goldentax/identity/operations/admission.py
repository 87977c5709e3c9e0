"""Whether somebody who proved who they are is let in, and what else they must do first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from goldentax.identity import errors, queries
from goldentax.identity.models import Person
from goldentax.identity.operations import factors, trail
from goldentax.identity.operations.signing_in import login_digest
from goldentax.identity.rules import devices
from goldentax.identity.rules.assurance import TWO_FACTORS
from goldentax.kernel import audit, lawbook
from goldentax.kernel.text import Text
from goldentax.oversight import api as oversight

NEEDS_FACTOR, NEEDS_PASSWORD = "factor", "password"
"""What may stand between a first proof and a session, in this order."""

SIGNS_OF_ATTACK = frozenset({"impossible-travel", "spraying", "stuffing"})
"""
Reasons for which somebody without a second factor is not let in. The others are everyday life: a new phone after a
summer without filing is no attack, and who has no second factor could not answer for it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a sign-in still needs before the session starts."""

    needs: tuple[str, ...]
    is_unusual: bool  # the risk asks for more than the person's own rule
    warnings: tuple[Text, ...] = ()  # what seemed new about it, for the person to read


def admit(
    *,
    person: Person,
    is_officer: bool,
    methods: tuple[str, ...],
    assurance: int,
    network: str,
    device: str,
    user_agent: str,
    now: datetime,
) -> Admission:
    """
    Decide what a person whom ``methods`` proved must do before their session starts.

    :raises goldentax.oversight.errors.SignInBlocked: if the risk is too high.
    :raises NoFactorToStepUp: if the risk asks for a second factor and the person has none, and they are an officer or
        look attacked.
    """
    facts = oversight.SignInFacts(
        person_id=str(person.public_id),
        login_digest=login_digest(person.login),
        network=network,
        device_id=device,
        user_agent=devices.summary_of(user_agent),
        at=now,
        method="+".join(methods),
        is_officer=is_officer,
    )
    assessment = oversight.assess_sign_in(facts)
    if assessment.verdict == "block":
        _stopped(person, network=network, device=device, reason="risk", now=now)
        raise oversight.SignInBlocked(reasons=oversight.reasons_text(assessment.reasons))
    is_unusual = assessment.verdict == "step_up"
    needs = []
    if assurance < TWO_FACTORS and (is_unusual or is_officer or person.second_factor_always):
        # Who came by a code to the only thing they have holds a second factor and can add nothing to the code.
        if queries.has_second_factor(person) and factors.can_prove_more(person, now, used=methods):
            needs.append(NEEDS_FACTOR)
        elif is_unusual and (is_officer or SIGNS_OF_ATTACK & {one.code for one in assessment.reasons}):
            _stopped(person, network=network, device=device, reason="no-factor", now=now)
            raise errors.NoFactorToStepUp()
    if is_officer and must_change_password(person, now=now):
        needs.append(NEEDS_PASSWORD)
    is_told = assessment.verdict == "warn" or (is_unusual and NEEDS_FACTOR not in needs)
    warnings = tuple(one.text for one in assessment.reasons) if is_told else ()
    return Admission(needs=tuple(needs), is_unusual=is_unusual, warnings=warnings)


def must_change_password(person: Person, *, now: datetime) -> bool:
    """Whether an officer's password is too old, or was set when they were none and is too short."""
    if not person.has_usable_password():
        return False
    days = lawbook.parameter("identity/password_officer_days_max", on=now.date())
    changed_at = person.password_changed_at
    is_old = changed_at is None or now - changed_at >= timedelta(days=days)
    return is_old or not person.password_fits_officers


def _stopped(person: Person, *, network: str, device: str, reason: str, now: datetime) -> None:
    trail.record(
        actor=trail.web(person),
        action="identity.person.sign-in-stopped",
        person=person,
        now=now,
        category=audit.SIGN_IN,
        detail={"network": network, "device": device[:12], "reason": reason},
    )
