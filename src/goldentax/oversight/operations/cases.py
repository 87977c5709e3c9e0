"""Cases: a person of the audit looks into a judgement and says, once and for good, what it was."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from goldentax.kernel import audit
from goldentax.kernel.access import Actor
from goldentax.oversight import errors
from goldentax.oversight.models import Case
from goldentax.oversight.rules.outcomes import NOTE_LENGTH_MAX, NOTE_LENGTH_MIN, OUTCOMES


@transaction.atomic
def handle_case(
    *, public_id: UUID, outcome: str, note: str, actor: Actor, request_id: str, now: datetime
) -> None:
    """
    Close a case with its outcome and why; the same request again changes nothing.

    :raises CaseNotFound: if there is none.
    :raises CaseHandled: if somebody else's request closed it.
    :raises OwnCase: if it is about the actor.
    :raises BadOutcome: if the outcome is none of :data:`goldentax.oversight.rules.outcomes.OUTCOMES`.
    :raises NoteMissing: if the note says nothing.
    """
    case = Case.objects.select_for_update().filter(public_id=public_id).first()
    if case is None:
        raise errors.CaseNotFound()
    if case.handled_at:
        if request_id and case.request_id == request_id:
            return
        raise errors.CaseHandled(handled_by=case.handled_by)
    if case.person_id == actor.person_id:
        raise errors.OwnCase()
    if outcome not in OUTCOMES:
        raise errors.BadOutcome("outcome")
    note = note.strip()
    if not NOTE_LENGTH_MIN <= len(note) <= NOTE_LENGTH_MAX or "\x00" in note:
        raise errors.NoteMissing("note")
    case.handled_at, case.handled_by, case.outcome = now, actor.label, outcome
    case.note, case.request_id = note, request_id[:64]
    case.save(update_fields=["handled_at", "handled_by", "outcome", "note", "request_id"])
    audit.record(
        actor=actor.label,
        action="oversight.case.handle",
        subject=f"person:{case.person_id}",
        now=now,
        request_id=request_id,
        detail={"case": str(case.public_id), "outcome": outcome, "note": note},
        category=audit.PRIVILEGED,
    )
