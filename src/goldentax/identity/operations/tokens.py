"""Make, use and revoke API tokens."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from goldentax.identity import errors, queries
from goldentax.identity.models import ApiToken, Membership, Person, valid_on
from goldentax.identity.operations import trail
from goldentax.identity.rules import duties, tokens

LABEL_LENGTH_MAX = 60


@transaction.atomic
def issue_token(
    *,
    person_id: str | UUID,
    tax_id: str = "",
    office_code: str = "",
    label: str,
    scopes: Collection[str],
    days: int,
    actor: str,
    now: datetime,
    request_id: str = "",
) -> tuple[str, ApiToken]:
    """
    Make a token by which a program acts as this person for a taxpayer, or for an office; its text is given here, this
    once.

    :raises TokenAlreadyShown: if this request already made one.
    :raises NoLabel: if nobody says what it is for.
    :raises BadScope: if it may do nothing, or something unknown, or what is not for that kind of identity.
    :raises BadTokenLifetime: if it would live less than a day or more than a year.
    :raises NotYourIdentity: if the person does not act for that taxpayer or office today.
    """
    earlier = ApiToken.objects.filter(request_id=request_id).first() if request_id else None
    if earlier:
        raise errors.TokenAlreadyShown(prefix=earlier.prefix)
    assert not (tax_id and office_code), "a token acts for one taxpayer or for one office"
    _check_token(label=label, scopes=scopes, days=days, known=duties.scopes_for(is_office=bool(office_code)))
    person = queries.get_person(person_id)
    taxpayer_public_id = _acted_for(person, tax_id=tax_id, office_code=office_code, on=now.date())
    text = tokens.new_token()
    token = ApiToken.objects.create(
        person=person,
        digest=tokens.digest(text),
        prefix=text[: tokens.SHOWN_LENGTH],
        label=label.strip(),
        tax_id=tax_id,
        taxpayer_public_id=taxpayer_public_id,
        office_code=office_code,
        scopes=sorted(scopes),
        created_at=now,
        expires_at=now + timedelta(days=days),
        request_id=request_id,
    )
    detail = {"token": str(token.public_id), "scopes": token.scopes, "days": days} | _whom(token)
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
        detail = {"token": str(token.public_id)} | _whom(token)
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


def _acted_for(person: Person, *, tax_id: str, office_code: str, on: date) -> UUID | None:
    """The public id of the taxpayer a person acts for on a day, None for an office; refused where they do not."""
    if office_code:
        if not queries.has_post(person_id=person.public_id, office_code=office_code, on=on):
            raise errors.NotYourIdentity("tax_id")
        return None
    membership = Membership.objects.filter(person=person, tax_id=tax_id).filter(valid_on(on)).first()
    if membership is None:
        raise errors.NotYourIdentity("tax_id")
    return membership.taxpayer_public_id


def _whom(token: ApiToken) -> dict[str, str]:
    """Whom a token acts for, as the audit trail says it."""
    return {"office": token.office_code} if token.office_code else {"tax_id": token.tax_id}


def _check_token(*, label: str, scopes: Collection[str], days: int, known: Collection[str]) -> None:
    if not label.strip() or len(label.strip()) > LABEL_LENGTH_MAX:
        raise errors.NoLabel("label")
    unknown = set(scopes) - set(known)
    if unknown or not scopes:
        raise errors.BadScope("scopes", scope="、".join(sorted(unknown)), known="、".join(known))
    if not 1 <= days <= tokens.DAYS_MAX:
        raise errors.BadTokenLifetime("days", days_max=tokens.DAYS_MAX)
