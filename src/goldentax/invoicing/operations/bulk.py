"""
Issue a file of invoices (批量开具): take it in at once, work it off bit by bit.

A file is read when it is handed in, so a file that cannot be read is refused there. The worker then takes a job that
nobody holds, issues the next invoices over the plain path, one transaction each, and lets it go; jobs take turns. Where
it ends in the middle, an invoice may be issued whose item does not say so yet: it is asked for again, under the same
request id, and the first answer comes back.
"""

import logging
from datetime import datetime, timedelta

import msgspec
from django.db import Error as DatabaseError
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from goldentax.invoicing import errors
from goldentax.invoicing.forms import bulk_sheet
from goldentax.invoicing.forms.bulk_sheet import Entry
from goldentax.invoicing.models import BulkItem, BulkJob
from goldentax.invoicing.models.bulk import DONE, ISSUED, REFUSED, WAITING, WORKING
from goldentax.invoicing.operations.issuing import issue_invoice
from goldentax.invoicing.rules import bulk
from goldentax.invoicing.rules.drafts import InvoiceDraft
from goldentax.invoicing.rules.reading import read_json
from goldentax.kernel import access, audit
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto.sm import sm3
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.refusals import Refusal

log = logging.getLogger("goldentax.bulk")

FILE_BYTES_MAX = 20 * 1024 * 1024
OPEN_JOBS_MAX = 10
"""Files of one taxpayer that wait or are worked on."""

TURN_ITEMS = 100
"""Invoices of one turn: about half a second; then another job has its turn."""

NOTED_EVERY = 20
"""Invoices after which the job says how far it is."""

HELD_FOR = timedelta(seconds=60)
"""A worker that holds a job longer than this has died; its turn is a fraction of it."""

_DECODER = msgspec.json.Decoder(InvoiceDraft)
_OPEN = (WAITING, WORKING)


def submit_file(*, data: bytes, file_name: str, actor: Actor, now: datetime) -> BulkJob:
    """
    Take a file in; the same file of the same taxpayer is the same job, however often it is sent.

    :raises Refusal: where the file cannot be read as a whole, or too many of the taxpayer's wait.
    """
    assert actor.taxpayer_id, "a job belongs to a taxpayer"
    if len(data) > FILE_BYTES_MAX:
        raise errors.BulkTooLarge("file", limit=FILE_BYTES_MAX // 1024 // 1024)
    file_hash = sm3(data).hex()
    first = BulkJob.objects.filter(tax_id=actor.taxpayer_id, file_hash=file_hash).first()
    if first is not None:
        return first
    if BulkJob.objects.filter(tax_id=actor.taxpayer_id, state__in=_OPEN).count() >= OPEN_JOBS_MAX:
        raise errors.TooManyJobs("file", limit=OPEN_JOBS_MAX)
    entries = read_file(data)
    try:
        with transaction.atomic():
            return _enter(entries, file_hash=file_hash, file_name=file_name, actor=actor, now=now)
    except IntegrityError:  # the same file at the same moment
        return BulkJob.objects.get(tax_id=actor.taxpayer_id, file_hash=file_hash)


def read_file(data: bytes) -> list[Entry]:
    """
    Tell the invoices of a file apart: a workbook, JSON lines or a JSON array, perhaps packed with gzip.

    :raises Refusal: where it is none of them.
    """
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return bulk_sheet.read_workbook(data)
    body = bulk.open_gzip(data) if data[:2] == b"\x1f\x8b" else data
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise errors.BadUtf8("file") from None
    return [Entry(place=one.line, draft=bulk.cut(body, one)) for one in bulk.find_items(body)]


def _enter(entries: list[Entry], *, file_hash: str, file_name: str, actor: Actor, now: datetime) -> BulkJob:
    refused = sum(one.refusal is not None for one in entries)
    job = BulkJob.objects.create(
        public_id=new_public_id(),
        tax_id=actor.taxpayer_id,
        taxpayer_name=actor.taxpayer_name[:200],
        person_id=actor.person_id,
        person_name=actor.person_name[:100],
        channel=actor.channel,
        language=actor.language,
        file_name=file_name[:200],
        file_hash=file_hash,
        item_count=len(entries),
        refused_count=refused,
        created_at=now,
    )
    BulkItem.objects.bulk_create(
        (
            BulkItem(
                job=job,
                position=position,
                place=one.place,
                reference=one.reference,
                draft=one.draft,
                state=REFUSED if one.refusal else WAITING,
                problem=one.refusal.as_problem(actor.language) if one.refusal else None,
            )
            for position, one in enumerate(entries)
        ),
        batch_size=500,
    )
    audit.record(
        actor=actor.label,
        action="invoicing.bulk.submit",
        subject=str(job.public_id),
        request_id=file_hash,
        detail={"file": job.file_name, "items": job.item_count},
        now=now,
    )
    return job


def work_off(now: datetime) -> int:
    """
    Give the job whose turn it is its turn; how many invoices were asked for.

    Safe to run in several workers at once: each takes another job.
    """
    job = _claim(now)
    if job is None:
        return 0
    items = list(job.items.filter(state=WAITING).order_by("position")[:TURN_ITEMS])
    for first in range(0, len(items), NOTED_EVERY):
        part = items[first : first + NOTED_EVERY]
        for item in part:
            _issue(job, item, now)
        _note(job, part)
    _release(job, now)
    return len(items)


def _claim(now: datetime) -> BulkJob | None:
    free = Q(held_until=None) | Q(held_until__lt=now)
    with transaction.atomic():
        waiting = BulkJob.objects.select_for_update(skip_locked=True).filter(free, state__in=_OPEN)
        job = waiting.order_by(F("turn_at").asc(nulls_first=True), "pk").first()
        if job is None:
            return None
        job.state, job.turn_at, job.held_until = WORKING, now, now + HELD_FOR
        job.save(update_fields=["state", "turn_at", "held_until"])
        return job


def _issue(job: BulkJob, item: BulkItem, now: datetime) -> None:
    """Issue one invoice, and write on the item what became of it; a store that is away ends the turn."""
    try:
        draft = read_json(bytes(item.draft), _DECODER)
        issued = issue_invoice(draft=draft, actor=_actor(job), now=now)
        item.state, item.number, item.is_repeat = ISSUED, issued.number, issued.repeated
        return
    except Refusal as error:
        refusal = error
    except DatabaseError:
        raise
    except Exception:  # the edge: one invoice that finds a bug does not hold up the others
        log.exception("item %s of job %s failed", item.position, job.public_id)
        refusal = errors.ItemFailed()
    item.state, item.problem = REFUSED, refusal.as_problem(job.language)


def _actor(job: BulkJob) -> Actor:
    """Who handed the file in, as they were then."""
    return Actor(
        person_id=job.person_id,
        person_name=job.person_name,
        roles=frozenset({access.PERSON, access.TAXPAYER, access.ISSUER}),
        taxpayer_id=job.tax_id,
        taxpayer_name=job.taxpayer_name,
        channel=job.channel,
        language=job.language,
    )


def _note(job: BulkJob, items: list[BulkItem]) -> None:
    """Write down what became of items; one that another worker has noted meanwhile is not counted twice."""
    counts = {ISSUED: 0, REFUSED: 0}
    with transaction.atomic():
        for item in items:
            counts[item.state] += BulkItem.objects.filter(pk=item.pk, state=WAITING).update(
                state=item.state, number=item.number, is_repeat=item.is_repeat, problem=item.problem
            )
        BulkJob.objects.filter(pk=job.pk).update(
            issued_count=F("issued_count") + counts[ISSUED],
            refused_count=F("refused_count") + counts[REFUSED],
        )


def _release(job: BulkJob, now: datetime) -> None:
    with transaction.atomic():
        held = BulkJob.objects.select_for_update().filter(pk=job.pk, state=WORKING)
        if job.items.filter(state=WAITING).exists():
            held.filter(held_until=job.held_until).update(held_until=None)
        elif held.update(state=DONE, held_until=None, finished_at=now):
            ended = BulkJob.objects.get(pk=job.pk)
            audit.record(
                actor="system:bulk",
                action="invoicing.bulk.finish",
                subject=str(job.public_id),
                detail={"issued": ended.issued_count, "refused": ended.refused_count},
                now=now,
            )
