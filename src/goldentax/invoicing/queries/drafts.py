"""Read saved drafts of the taxpayer acted for."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from goldentax.invoicing.models import SavedDraft
from goldentax.kernel.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A saved draft (草稿)."""

    draft_id: str
    title: str
    fields: dict[str, str]
    saved_at: datetime


def get_draft(*, actor: Actor, draft_id: str) -> Draft | None:
    """Read one draft, or None where the taxpayer has none by this id."""
    try:
        wanted = uuid.UUID(draft_id)
    except ValueError:
        return None
    row = SavedDraft.objects.filter(public_id=wanted, tax_id=actor.taxpayer_id).first()
    return _draft(row) if row else None


def list_drafts(*, actor: Actor, limit: int = 50) -> list[Draft]:
    """The drafts last touched first."""
    return [
        _draft(row)
        for row in SavedDraft.objects.filter(tax_id=actor.taxpayer_id).order_by("-saved_at")[:limit]
    ]


def _draft(row: SavedDraft) -> Draft:
    return Draft(draft_id=str(row.public_id), title=row.title, fields=row.fields, saved_at=row.saved_at)
