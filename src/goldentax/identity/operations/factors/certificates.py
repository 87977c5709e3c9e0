"""
Prove oneself by a certificate (数字证书): sign one line of text that says where, for what, and until when.

The room of certificates decides whether the certificate is ours, in force and not revoked, and whether it made the
signature; here it is decided whose it is and what was asked.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError

from goldentax.certificates import api as room
from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.operations.factors import challenges, changes
from goldentax.identity.rules.factors import assurance
from goldentax.identity.rules.factors.challenges import certificate_challenge, new_nonce
from goldentax.identity.rules.factors.context import Context
from goldentax.kernel.refusals import Refusal

PEOPLE = (room.PERSON, room.OFFICER)
"""The kinds of certificate that stand for a person; the id of both is the person's public id."""

IN_FORCE = "valid"  # one of room.STATES
ANSWER_LENGTH_MAX = 16_384  # characters; a chain of three certificates takes 4,000
SIGNATURE_BYTES_MAX = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a certificate's holder is asked to sign: exactly this text, in UTF-8, without a line end."""

    challenge_id: str
    text: str


def ask_certificate(*, context: Context, person: Person | None = None) -> Question:
    """
    Make the text to sign.

    :param person: whose certificate it must be, where somebody is known already.
    :raises TooManyChallenges: if too much was asked from one network.
    """
    expires_at = challenges.expiry(context=context)
    text = certificate_challenge(
        origin=context.origin, purpose=context.purpose, nonce=new_nonce(), expires_at=expires_at
    )
    made = challenges.ask(
        method=assurance.CERTIFICATE, asked=text, context=context, person=person, expires_at=expires_at
    )
    return Question(challenge_id=str(made.public_id), text=text)


def prove_by_certificate(
    *,
    challenge_id: str | UUID,
    certificate_pem: str,
    signature: str,
    context: Context,
    person: Person | None = None,
) -> Person:
    """
    Tell whose certificate signed what this browser was asked.

    What was asked is used up by the first answer, right or wrong.

    :param signature: in Base64.
    :raises BadAnswer: if certificate or signature cannot be read.
    :raises ChallengeOver: if nothing such was asked here, or it is too old, or was answered already.
    :raises NotAPersonsCertificate: if it was issued to a company or device, or its person's account is closed.
    :raises NotThisPerson: if it is somebody else's.
    :raises Refusal: of the room of certificates, for one that is not ours, expired, revoked, or made no such signature.
    """
    made = _bytes_of(signature)
    if not certificate_pem.strip() or len(certificate_pem) > ANSWER_LENGTH_MAX:
        raise errors.BadAnswer("certificate")
    challenge = challenges.take(
        method=assurance.CERTIFICATE, context=context, person=person, challenge_id=challenge_id
    )
    try:
        subject = room.verify_challenge(
            certificate_pem=certificate_pem,
            challenge=challenge.asked.encode(),
            signature=made,
            now=context.now,
        )
    except Refusal:
        if person is not None:
            _note(person, context=context, succeeded=False)
        raise
    holder = _person_of(subject.subject_id) if subject.subject_kind in PEOPLE else None
    if holder is None:
        raise errors.NotAPersonsCertificate()
    if person is not None and holder.pk != person.pk:
        _note(person, context=context, succeeded=False)
        raise errors.NotThisPerson()
    _note(holder, context=context, succeeded=True)
    return holder


def has_certificate(*, person: Person, now: datetime) -> bool:
    """Whether a person holds a certificate of this node that is in force."""
    holders = room.seen_holders(person_id=str(person.public_id), taxpayer_id="")
    return any(one.state(now) == IN_FORCE for one in room.list_of_holders(holders))


def _note(person: Person, *, context: Context, succeeded: bool) -> None:
    changes.note_proof(
        person=person,
        method=assurance.CERTIFICATE,
        network=context.network,
        now=context.now,
        succeeded=succeeded,
    )


def _person_of(subject_id: str) -> Person | None:
    try:
        return Person.objects.filter(public_id=subject_id, is_active=True).first()
    except ValidationError:
        return None


def _bytes_of(signature: str) -> bytes:
    try:
        made = base64.b64decode("".join(signature.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise errors.BadAnswer("signature") from error
    if not 0 < len(made) <= SIGNATURE_BYTES_MAX:
        raise errors.BadAnswer("signature")
    return made
