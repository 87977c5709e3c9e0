"""
A request for a grant as it would go: everything is done, and taken back.

So the preview and the act can never tell different things: they are one function.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from goldentax.authority.operations import grants
from goldentax.kernel.access import Actor
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Whether a request would be taken; where not, why."""

    refusal: Refusal | None

    @property
    def is_possible(self) -> bool:
        return self.refusal is None


def preview_grant(
    *,
    person_id: str | UUID,
    kind: str,
    code: str,
    office_code: str,
    valid_from: date,
    actor: Actor,
    now: datetime,
    valid_to: date | None = None,
    taxpayers: Sequence[str] = (),
    fields: Sequence[str] = (),
    title: str = "",
    reason: str = "",
) -> Preview:
    """Tell what would come of :func:`goldentax.authority.operations.grants.request_grant`; nothing is left of it."""
    try:
        with transaction.atomic():
            grants.request_grant(
                person_id=person_id,
                kind=kind,
                code=code,
                office_code=office_code,
                valid_from=valid_from,
                actor=actor,
                now=now,
                request_id=f"preview-{new_public_id()}",
                valid_to=valid_to,
                taxpayers=taxpayers,
                fields=fields,
                title=title,
                reason=reason,
            )
            transaction.set_rollback(True)
    except Refusal as refusal:
        return Preview(refusal=refusal)
    return Preview(refusal=None)
