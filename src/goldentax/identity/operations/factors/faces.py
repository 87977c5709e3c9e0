"""
Face verification (人脸核验), by a provider from outside; the product has none of its own.

The provider sees the person, tells a living face from a picture, and holds it against the register of identity cards.
Whether it does that well is its duty and cannot be seen from here: so a face only ever joins another factor.
The setting ``face_provider`` names the one to use; without it, nothing is offered.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.models.factors import FactorChallenge
from goldentax.identity.operations.factors import attempts, challenges, changes
from goldentax.identity.rules.factors import assurance
from goldentax.identity.rules.factors.context import Context
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text

WAITING, PASSED, FAILED = "waiting", "passed", "failed"
OUTCOMES = (WAITING, PASSED, FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceSession:
    """One verification at a provider: its reference there, and the page the person opens on a phone."""

    reference: str
    url: str


class FaceProvider(Protocol):
    """Verifies faces (人脸核验服务商). It answers for liveness and for the register it compares with."""

    key: str
    label: Text

    def begin(
        self, *, person_id: str, name: str, id_card_number: str, purpose: str, now: datetime
    ) -> FaceSession: ...

    def outcome(self, *, reference: str, person_id: str, now: datetime) -> str:
        """One of `OUTCOMES`; passed only if the face of this very person was seen alive in this very session."""
        ...


_providers: dict[str, FaceProvider] = {}


def register_face_provider(provider: FaceProvider) -> None:
    """Offer a provider under its key; the same key again replaces it."""
    _providers[provider.key] = provider


def find_face_provider() -> FaceProvider | None:
    """The provider that the settings choose, if any."""
    return _providers.get(getattr(settings(), "face_provider", ""))


def begin_face(*, person: Person, context: Context) -> FaceSession:
    """
    Begin a verification of somebody who is known by another factor.

    :raises NoFaceProvider: if the node has none.
    :raises FactorNotOffered: if the person's identity card number is not known: there is nothing to compare with.
    :raises ProviderSilent: if the provider does not answer.
    """
    provider = _provider()
    if not person.id_card_number:
        raise errors.FactorNotOffered()
    try:
        begun = provider.begin(
            person_id=str(person.public_id),
            name=person.name,
            id_card_number=person.id_card_number,
            purpose=context.purpose,
            now=context.now,
        )
    except Refusal:
        raise
    except Exception as error:  # a provider may fail in any way
        raise errors.ProviderSilent() from error
    challenges.ask(
        method=assurance.FACE,
        asked=f"{provider.key}:{begun.reference}",
        context=context,
        person=person,
        expires_at=challenges.expiry(context=context, fact="face_seconds"),
    )
    return begun


def prove_by_face(*, person: Person, context: Context) -> None:
    """
    Take the outcome of the verification that this browser began last.

    :raises ChallengeOver: if none was begun here, or it is too old, or its outcome was taken already.
    :raises FaceNotYet: if the provider has no outcome yet; asking again is free.
    :raises FaceNotPassed: if the provider did not confirm the person.
    :raises TooManyFactorTries: if it failed too often.
    :raises ProviderSilent: if the provider does not answer.
    """
    provider = _provider()
    begun = (
        FactorChallenge.objects.filter(
            method=assurance.FACE,
            purpose=context.purpose,
            binding_digest=context.binding_digest,
            person=person,
            used_at__isnull=True,
            expires_at__gt=context.now,
            asked__startswith=f"{provider.key}:",
        )
        .order_by("-id")
        .first()
    )
    if begun is None:
        raise errors.ChallengeOver()
    outcome = _outcome(provider, begun, person=person, context=context)
    if outcome == WAITING:
        raise errors.FaceNotYet()
    challenges.take(method=assurance.FACE, context=context, person=person, challenge_id=begun.public_id)
    attempt = attempts.count_try(person=person, method=assurance.FACE, context=context)
    if outcome == PASSED:
        attempts.forgive(attempt)
    changes.note_proof(
        person=person,
        method=assurance.FACE,
        network=context.network,
        now=context.now,
        succeeded=outcome == PASSED,
    )
    if outcome != PASSED:
        raise errors.FaceNotPassed()


def _outcome(provider: FaceProvider, begun: FactorChallenge, *, person: Person, context: Context) -> str:
    reference = begun.asked.partition(":")[2]
    try:
        outcome = provider.outcome(reference=reference, person_id=str(person.public_id), now=context.now)
    except Refusal:
        raise
    except Exception as error:  # a provider may fail in any way
        raise errors.ProviderSilent() from error
    # What is not one of the three words is no proof.
    return outcome if outcome in OUTCOMES else FAILED


def _provider() -> FaceProvider:
    provider = find_face_provider()
    if provider is None:
        raise errors.NoFaceProvider()
    return provider
