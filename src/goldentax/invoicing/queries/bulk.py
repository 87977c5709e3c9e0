"""Files of invoices handed in: how far they are, and what became of each invoice. Another taxpayer's look like none."""

import uuid
from typing import Any

import msgspec

from goldentax.invoicing import errors
from goldentax.invoicing.forms import bulk_sheet
from goldentax.invoicing.models import BulkItem, BulkJob
from goldentax.invoicing.models.bulk import ISSUED, REFUSED
from goldentax.kernel.access import Actor

SHOWN_MAX = 20
RESULT_TYPES = {
    "jsonl": "application/jsonl; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WORDS = {ISSUED: "已开具", REFUSED: "未开具"}


def get_job(*, actor: Actor, job_id: str) -> BulkJob:
    """
    A job of the taxpayer acted for.

    :raises goldentax.invoicing.errors.JobNotFound: if there is none of theirs.
    """
    try:
        found = BulkJob.objects.filter(public_id=uuid.UUID(job_id), tax_id=actor.taxpayer_id or "—").first()
    except ValueError:
        found = None
    if found is None:
        raise errors.JobNotFound("job_id")
    return found


def list_jobs(*, actor: Actor) -> list[BulkJob]:
    """The newest jobs of the taxpayer acted for."""
    return list(BulkJob.objects.filter(tax_id=actor.taxpayer_id or "—").order_by("-created_at")[:SHOWN_MAX])


def list_refused(*, job: BulkJob, limit: int) -> list[BulkItem]:
    """The first invoices of a job that were refused."""
    return list(job.items.filter(state=REFUSED).order_by("position")[:limit])


def write_job_result(*, job: BulkJob, form: str) -> bytes:
    """
    What became of each invoice of a job so far, in the order of the file.

    :raises goldentax.invoicing.errors.UnknownForm: if the form is neither jsonl nor xlsx.
    """
    items = job.items.order_by("position").defer("draft").iterator(chunk_size=1_000)
    if form == "jsonl":
        return b"".join(msgspec.json.encode(_told(one)) + b"\n" for one in items)
    if form == "xlsx":
        return bulk_sheet.write_result(_row(one) for one in items)
    raise errors.UnknownForm("form", form=form[:20])


def _told(item: BulkItem) -> dict[str, Any]:
    told: dict[str, Any] = {"line": item.place, "reference": item.reference}
    if item.state == ISSUED:
        return told | {
            "status": 200 if item.is_repeat else 201,
            "number": item.number,
            "repeated": item.is_repeat,
        }
    return told | (item.problem or {"status": 102})


def _row(item: BulkItem) -> list[str]:
    problem = item.problem or {}
    said = [str(problem.get(name, "")) for name in ("code", "title", "way_out")]
    return [str(item.place), item.reference, _WORDS.get(item.state, "待开具"), item.number, *said]
