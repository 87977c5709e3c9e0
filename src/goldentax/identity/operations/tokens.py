"""Make, use and revoke API tokens."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from goldentax.identity import errors, queries
from goldentax.identity.models import ApiToken, Membership, valid_on
from goldentax.identity.operations import trail
from goldentax.identity.rules import duties, tokens

LABEL_LENGTH_MAX = 60


@transaction.atomic
def issue_token(
    *,
    person_id: str | UUID,
    tax_id: str,
    label: str,
    scopes: Collection[str],
    days: int,
    actor: str,
    now: datetime,
    request_id: str = "",
) -> tuple[str, ApiToken]:
    """
    Make a token by which a program acts for a taxpayer as this person; its text is given here, this once.

    :raises TokenAlreadyShown: if this request already made one.
    :raises NoLabel: if nobody says what it is for.
    :raises BadScope: if it may do nothing, or something unknown.
    :raises BadTokenLifetime: if it would live less than a day or more than a year.
    :raises NotYourIdentity: if the person does not act for that taxpayer today.
    """
    earlier = ApiToken.objects.filter(request_id=request_id).first() if request_id else None
    if earlier:
        raise errors.TokenAlreadyShown(prefix=earlier.prefix)
    _check_token(label=label, scopes=scopes, days=days)
    person = queries.get_person(person_id)
    membership = Membership.objects.filter(person=person, tax_id=tax_id).filter(valid_on(now.date())).first()
    if membership is None:
        raise errors.NotYourIdentity("tax_id")
    text = tokens.new_token()
    token = ApiToken.objects.create(
        person=person,
        digest=tokens.digest(text),
        prefix=text[: tokens.SHOWN_LENGTH],
        label=label.strip(),
        tax_id=tax_id,
        taxpayer_public_id=membership.taxpayer_public_id,
        scopes=sorted(scopes),
        created_at=now,
        expires_at=now + timedelta(days=days),
        request_id=request_id,
    )
    detail = {"token": str(token.public_id), "tax_id": tax_id, "scopes": token.scopes, "days": days}
    trail.record(
        actor=actor,
        action="identity.token.issue",
        person=person,
        now=now,
        request_id=request_id,
        detail=detail,
    )
    return text, token


@transaction.atomic
def revoke_token(
    *, person_id: str | UUID, token_id: str | UUID, actor: str, now: datetime, request_id: str = ""
) -> ApiToken:
    """
    Revoke one of a person's tokens, at once and for good; a revoked one stays as it is.

    :raises NoSuchToken: if the person has no such token.
    """
    person = queries.get_person(person_id)
    token = ApiToken.objects.select_for_update().filter(person=person, public_id=token_id).first()
    if token is None:
        raise errors.NoSuchToken("token_id")
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        queries.forget_proven_tokens()
        detail = {"token": str(token.public_id), "tax_id": token.tax_id}
        trail.record(
            actor=actor,
            action="identity.token.revoke",
            person=person,
            now=now,
            request_id=request_id,
            detail=detail,
        )
    return token


def note_token_use(*, token_id: UUID, now: datetime) -> None:
    """Note that a token was used; kept coarse, and no audit row: what it did has its own."""
    ApiToken.objects.filter(public_id=token_id).update(last_used_at=now)


def _check_token(*, label: str, scopes: Collection[str], days: int) -> None:
    if not label.strip() or len(label.strip()) > LABEL_LENGTH_MAX:
        raise errors.NoLabel("label")
    unknown = set(scopes) - set(duties.SCOPES)
    if unknown or not scopes:
        raise errors.BadScope("scopes", scope="、".join(sorted(unknown)), known="、".join(duties.SCOPES))
    if not 1 <= days <= tokens.DAYS_MAX:
        raise errors.BadTokenLifetime("days", days_max=tokens.DAYS_MAX)
