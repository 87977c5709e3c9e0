"""Keep what is being typed (草稿), so that nothing is lost; a draft has no number, no limit and no effect."""

import uuid
from datetime import datetime

from goldentax.invoicing.models import SavedDraft
from goldentax.kernel.access import Actor
from goldentax.kernel.ids import new_public_id

DRAFTS_KEPT_MAX = 200
"""Per taxpayer; the oldest make room."""


def save_draft(*, actor: Actor, fields: dict[str, str], title: str, draft_id: str = "", now: datetime) -> str:
    """Save a form as typed, under its id or a new one; the id. An id of another taxpayer's makes a new draft."""
    assert actor.taxpayer_id, "a draft belongs to a taxpayer"
    values = {"fields": fields, "title": title[:300], "saved_at": now, "person_id": actor.person_id}
    if draft_id and SavedDraft.objects.filter(public_id=_uuid(draft_id), tax_id=actor.taxpayer_id).update(
        **values
    ):
        return draft_id
    row = SavedDraft.objects.create(public_id=new_public_id(), tax_id=actor.taxpayer_id, **values)
    beyond = SavedDraft.objects.filter(tax_id=actor.taxpayer_id).order_by("-saved_at")[DRAFTS_KEPT_MAX:]
    SavedDraft.objects.filter(pk__in=[one.pk for one in beyond]).delete()
    return str(row.public_id)


def delete_draft(*, actor: Actor, draft_id: str) -> None:
    """Throw a draft of the taxpayer's away; one that is not there is gone already."""
    SavedDraft.objects.filter(public_id=_uuid(draft_id), tax_id=actor.taxpayer_id).delete()


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
