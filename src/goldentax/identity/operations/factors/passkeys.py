"""Enrol passkeys (通行密钥, W3C Web Authentication) and prove oneself by them."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import webauthn
from django.db import IntegrityError, transaction
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from goldentax.identity import queries
from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.models.factors import NAME_LENGTH_MAX, Passkey
from goldentax.identity.operations import trail
from goldentax.identity.operations.factors import challenges, changes
from goldentax.identity.rules.factors import assurance
from goldentax.identity.rules.factors.challenges import new_nonce, rp_id_of
from goldentax.identity.rules.factors.context import SIGN_IN, Context

SITE_NAME = "Golden Tax"
TIMEOUT_MS = 300_000
ENROLMENT = "passkey-enrol"  # the method of a challenge to a new passkey
_TRANSPORTS = frozenset(one.value for one in AuthenticatorTransport)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Who proved themselves, and by which method, as `rules.factors.assurance` names it."""

    person: Person
    method: str


def begin_passkey(*, person_id: str | UUID, level: int, context: Context) -> str:
    """
    The options, as JSON, with which a browser makes a passkey for a person.

    :raises PasskeysNeedAName: if the site is opened by an address that browsers make no passkeys for.
    :raises StepUpNeeded: if a second factor must be shown first.
    """
    rp_id = _rp_id(context)
    with transaction.atomic():
        person = changes.open_for_change(person_id=person_id, assurance=level)
    nonce = new_nonce()
    challenges.ask(
        method=ENROLMENT,
        asked=bytes_to_base64url(nonce),
        context=context,
        person=person,
        expires_at=challenges.expiry(context=context),
    )
    options = webauthn.generate_registration_options(
        rp_id=rp_id,
        rp_name=SITE_NAME,
        user_id=person.public_id.bytes,
        user_name=person.login,
        user_display_name=person.name,
        challenge=nonce,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(person),
    )
    return options_to_json(options)


def add_passkey(
    *, person_id: str | UUID, name: str, credential: str, level: int, actor: str, context: Context
) -> Passkey:
    """
    Enrol the passkey that a browser made.

    :param credential: what the browser gave, as JSON.
    :raises NoFactorName: if it has no name.
    :raises ChallengeOver: if it does not answer what this browser was asked, or answers too late or again.
    :raises PasskeyRefused: if it does not hold.
    :raises PasskeyKnown: if somebody has it already.
    """
    name = name.strip()
    if not name or len(name) > NAME_LENGTH_MAX:
        raise errors.NoFactorName("name")
    parsed = _parse(credential)
    person = queries.get_person(person_id)
    challenge = challenges.take(method=ENROLMENT, context=context, person=person, asked=_asked(parsed))
    try:
        made = webauthn.verify_registration_response(
            credential=parsed,
            expected_challenge=base64url_to_bytes(challenge.asked),
            expected_rp_id=_rp_id(context),
            expected_origin=context.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise errors.PasskeyRefused() from error
    try:
        with transaction.atomic():
            changes.open_for_change(person_id=person_id, assurance=level)
            passkey = Passkey.objects.create(
                person=person,
                name=name,
                credential_id=made.credential_id,
                credential_digest=_digest(made.credential_id),
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
                model_id=made.aaguid,
                transports=_transports(parsed),
                is_backed_up=made.credential_backed_up,
                rp_id=_rp_id(context),
                created_at=context.now,
            )
            detail = {"factor": str(passkey.public_id), "name": name, "model": made.aaguid}
            changes.note(actor=actor, action="passkey.add", person=person, now=context.now, detail=detail)
    except IntegrityError as error:
        raise errors.PasskeyKnown() from error
    return passkey


def ask_passkey(*, context: Context, person: Person | None = None) -> str:
    """
    The options, as JSON, with which a browser asks for a passkey.

    Nobody known: any passkey of this site, which must verify its user. Somebody known: one of theirs; it is asked to
    verify its user, and counts for less where it cannot.

    :raises PasskeysNeedAName: if the site is opened by an address that browsers give no passkeys to.
    :raises TooManyChallenges: if too much was asked from one network.
    """
    rp_id, nonce = _rp_id(context), new_nonce()
    challenges.ask(
        method=assurance.PASSKEY,
        asked=bytes_to_base64url(nonce),
        context=context,
        person=person,
        expires_at=challenges.expiry(context=context),
    )
    options = webauthn.generate_authentication_options(
        rp_id=rp_id,
        challenge=nonce,
        timeout=TIMEOUT_MS,
        allow_credentials=_descriptors(person) if person else None,
        user_verification=UserVerificationRequirement.PREFERRED
        if person
        else UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def prove_by_passkey(*, credential: str, context: Context, person: Person | None = None) -> Proof:
    """
    Tell whose passkey answered, and whether it verified its user.

    :param person: whose it must be, where somebody is known already.
    :raises ChallengeOver: if it does not answer what this browser was asked, or answers too late or again.
    :raises PasskeyRefused: if nobody has it, it does not hold, or its account is closed: one answer for all.
    :raises PasskeyCopied: if its counter went back.
    """
    parsed = _parse(credential)
    challenge = challenges.take(
        method=assurance.PASSKEY, context=context, person=person, asked=_asked(parsed)
    )
    held = _find(parsed)
    if held is None or not held.person.is_active or (person is not None and held.person_id != person.pk):
        raise errors.PasskeyRefused()
    try:
        made = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=base64url_to_bytes(challenge.asked),
            expected_rp_id=held.rp_id,
            expected_origin=context.origin,
            credential_public_key=bytes(held.public_key),
            # The counter is held against below, by the statement that also writes it: here it is let through.
            credential_current_sign_count=0,
            require_user_verification=person is None or context.purpose == SIGN_IN,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        _note(held, context=context, succeeded=False)
        raise errors.PasskeyRefused() from error
    method = assurance.PASSKEY if made.user_verified else assurance.PASSKEY_TOUCH
    if not _count_up(held, count=made.new_sign_count, context=context):
        _note(held, context=context, succeeded=False, is_copied=True)
        raise errors.PasskeyCopied()
    return Proof(person=held.person, method=method)


@transaction.atomic
def _count_up(held: Passkey, *, count: int, context: Context) -> bool:
    """Take the passkey's counter if it went up, or if it keeps none: devices that sync their passkeys say 0."""
    fresh = Passkey.objects.filter(pk=held.pk, removed_at__isnull=True)
    fresh = fresh.filter(sign_count=0) if count == 0 else fresh.filter(sign_count__lt=count)
    if not fresh.update(sign_count=count, last_used_at=context.now):
        return False
    _note(held, context=context, succeeded=True)
    return True


def _note(held: Passkey, *, context: Context, succeeded: bool, is_copied: bool = False) -> None:
    detail = {"method": assurance.PASSKEY, "factor": str(held.public_id), "network": context.network}
    changes.note(
        actor=trail.web(held.person) if succeeded else "web:anonymous",
        action="prove" if succeeded else "copied" if is_copied else "refuse",
        person=held.person,
        now=context.now,
        category="sign_in",
        detail=detail,
    )


def _rp_id(context: Context) -> str:
    rp_id = rp_id_of(context.origin)
    if not rp_id:
        raise errors.PasskeysNeedAName()
    return rp_id


def _parse(credential: str) -> dict[str, Any]:
    try:
        parsed = json.loads(credential)
    except ValueError as error:
        raise errors.BadAnswer("credential") from error
    if not isinstance(parsed, dict) or not isinstance(parsed.get("response"), dict):
        raise errors.BadAnswer("credential")
    return parsed


def _asked(parsed: dict[str, Any]) -> str:
    """The challenge a credential says it answers, in the form we keep; what it signed is checked afterwards."""
    try:
        said = json.loads(base64url_to_bytes(parsed["response"]["clientDataJSON"]))["challenge"]
        return bytes_to_base64url(base64url_to_bytes(said))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise errors.BadAnswer("credential") from error


def _find(parsed: dict[str, Any]) -> Passkey | None:
    try:
        credential_id = base64url_to_bytes(parsed["id"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise errors.BadAnswer("credential") from error
    here = Passkey.objects.filter(credential_digest=_digest(credential_id), removed_at__isnull=True)
    return here.select_related("person").first()


def _transports(parsed: dict[str, Any]) -> list[str]:
    said: Collection[Any] = parsed["response"].get("transports") or ()
    return sorted({one for one in said if isinstance(one, str)} & _TRANSPORTS)


def _descriptors(person: Person) -> list[PublicKeyCredentialDescriptor]:
    held = Passkey.objects.filter(person=person, removed_at__isnull=True).order_by("id")
    return [
        PublicKeyCredentialDescriptor(
            id=bytes(one.credential_id),
            transports=[AuthenticatorTransport(name) for name in one.transports if name in _TRANSPORTS],
        )
        for one in held
    ]


def _digest(credential_id: bytes) -> str:
    return hashlib.sha256(credential_id).hexdigest()
