"""Give and withdraw consent."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from goldentax.kernel import audit
from goldentax.signon import errors
from goldentax.signon.models import Client, Consent, Grant
from goldentax.signon.operations.ending import WITHDRAWN, end_grants


@transaction.atomic
def give_consent(
    *,
    client: Client,
    person_id: UUID | str,
    person_name: str,
    acting_for: str,
    scopes: Collection[str],
    actor: str,
    now: datetime,
) -> Consent:
    """Write down that a person agreed; scopes they agreed to before stay agreed."""
    # The client's row is locked so that two answers at once make one consent.
    Client.objects.select_for_update().get(pk=client.pk)
    held = Consent.objects.filter(
        client=client, person_id=person_id, acting_for=acting_for, withdrawn_at__isnull=True
    ).first()
    if held is not None and set(scopes) <= set(held.scopes):
        return held
    if held is not None:
        held.scopes = sorted({*held.scopes, *scopes})
        held.given_at = now
        held.save(update_fields=["scopes", "given_at"])
    else:
        held = Consent.objects.create(
            client=client,
            person_id=person_id,
            person_name=person_name,
            acting_for=acting_for,
            scopes=sorted(scopes),
            given_at=now,
        )
    audit.record(
        actor=actor,
        action="signon.consent.give",
        subject=f"person:{person_id}",
        now=now,
        category=audit.GRANT,
        detail={"client": client.client_id, "acting_for": acting_for, "scopes": held.scopes},
    )
    return held


@transaction.atomic
def withdraw_consent(
    *, consent_id: UUID | str, person_id: UUID | str, administers: str, actor: str, now: datetime
) -> Consent:
    """
    Withdraw a consent and end every grant it carried; one withdrawn before stays so.

    :param administers: the taxpayer whose people's consents this person may withdraw beside their own, "" for none.
    :raises NoSuchConsent: if it is neither.
    """
    try:
        row = (
            Consent.objects.select_for_update(of=("self",)).select_related("client").get(public_id=consent_id)
        )
    except (Consent.DoesNotExist, ValidationError) as error:
        raise errors.NoSuchConsent("consent_id") from error
    if str(row.person_id) != str(person_id) and not (administers and row.acting_for == administers):
        raise errors.NoSuchConsent("consent_id")
    if row.withdrawn_at is not None:
        return row
    row.withdrawn_at, row.withdrawn_by = now, actor[:120]
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    ended = end_grants(
        Grant.objects.filter(client=row.client, person_id=row.person_id, acting_for=row.acting_for),
        reason=WITHDRAWN,
        actor=actor,
        now=now,
    )
    audit.record(
        actor=actor,
        action="signon.consent.withdraw",
        subject=f"person:{row.person_id}",
        now=now,
        category=audit.GRANT,
        detail={"client": row.client.client_id, "acting_for": row.acting_for, "grants_ended": ended},
    )
    return row
