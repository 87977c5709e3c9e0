"""
Bulk load (批量采集): read, match, apply; each step is a transaction, and a load that was broken off goes on where it
was.

Rows keep their order and each has one outcome. Headquarters or a province may load; a subject whose division
belongs to another node is routed there by an event. Verifying is not part of loading: the worker asks about what
was added.
"""

import dataclasses
import json
import logging
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import PurePath
from typing import TypeVar

from django.db import transaction
from django.db.models import Count

from goldentax.contracts.subjects import SubjectRoutedV1
from goldentax.kernel import audit, outbox
from goldentax.kernel.clock import CHINA
from goldentax.kernel.crypto import sm, vault
from goldentax.kernel.node import this_node
from goldentax.kernel.refusals import Refusal
from goldentax.subjects import errors, store
from goldentax.subjects.forms import tables
from goldentax.subjects.models import Credential, Load, LoadRow, Review, Subject, SubjectVersion
from goldentax.subjects.models import loads as states
from goldentax.subjects.models.subjects import digest_of, sealed_particulars
from goldentax.subjects.operations import records, requests
from goldentax.subjects.queries.on_record import find_on_record
from goldentax.subjects.rules import cleaning, kinds, matching, names, outcomes
from goldentax.subjects.rules.cleaning import Entry
from goldentax.subjects.rules.views import Progress

log = logging.getLogger("goldentax.subjects.loads")

BATCH = 1000
"""Rows written in one transaction: about two seconds, so that a stop loses no more than that."""
INDEX_PURPOSE = "subjects.load.file"

T = TypeVar("T")
Report = Callable[[Progress], None]


@transaction.atomic
def receive_load(
    *, content: bytes, file_name: str, actor: str, now: datetime, request_id: str, default_kind: str = ""
) -> Load:
    """
    Take a file in; the worker does the rest, or :func:`run_load` does it now.

    :param default_kind: what rows are whose kind no column tells; "" tells it by the form of the number.
    :raises errors.FileTooLarge: if it is too large.
    :raises errors.UnknownKind: if there is no such kind.
    """
    content_digest = [len(content), sm.sm3(content).hex(), file_name, default_kind]
    action = "load.receive"
    first = requests.find_first_answer(
        scope=actor, request_id=request_id, action=action, content=content_digest
    )
    if first is not None:
        return Load.objects.get(public_id=first)
    if len(content) > tables.FILE_BYTES_MAX:
        raise tables.too_large()
    if default_kind and default_kind not in kinds.KIND_NAMES:
        raise errors.UnknownKind("kind", kind=default_kind[:20], known="、".join(kinds.KIND_NAMES))
    load = Load.objects.create(
        file_name=PurePath(file_name.replace("\\", "/")).name[:120] or "—",
        default_kind=default_kind,
        content=vault.seal(content, INDEX_PURPOSE),
        loaded_by=actor[:120],
        received_at=now,
    )
    requests.keep_answer(
        scope=actor,
        request_id=request_id,
        action=action,
        content=content_digest,
        result_id=load.public_id,
        now=now,
    )
    _trail(load, action=action, actor=actor, now=now, detail={"bytes": len(content)}, request_id=request_id)
    return load


def run_load(*, load_id: uuid.UUID | str, now: datetime, report: Report = lambda progress: None) -> Load:
    """
    Carry a load on to its end from wherever it is; safe to call again, and in two workers at once.

    :raises errors.UnknownLoad: if there is none.
    """
    load = Load.objects.filter(public_id=load_id).first()
    if load is None:
        raise errors.UnknownLoad("load_id")
    steps = {states.RECEIVED: _read, states.READ: _match, states.MATCHED: _apply_batch}
    while (step := steps.get(load.state)) is not None:
        with transaction.atomic():
            held = Load.objects.select_for_update().get(pk=load.pk)
            if held.state == load.state:
                step(held, now)
            load = held
        report(progress_of(load))
    return load


def run_due_loads(now: datetime) -> int:
    """The worker's job: carry on with loads that are not done."""
    waiting = Load.objects.filter(state__in=[states.RECEIVED, states.READ, states.MATCHED])
    ids = list(waiting.order_by("received_at").values_list("public_id", flat=True)[:4])
    for load_id in ids:
        run_load(load_id=load_id, now=now)
    return len(ids)


def progress_of(load: Load) -> Progress:
    """How far a load has come."""
    counted = load.rows.values_list("outcome").annotate(count=Count("id"))
    return Progress(
        public_id=load.public_id,
        state=load.state,
        rows_total=load.rows_total,
        rows_done=load.rows_done,
        outcomes=dict(counted),
    )


def entry_of(row: LoadRow) -> Entry:
    """The cleaned entry of a row."""
    values = row.values
    return Entry(**{**values, "lacks": tuple(values["lacks"])})


def add_subject(*, entry: Entry, row: LoadRow, now: datetime) -> Subject:
    """
    Make the subject of one row; inside a transaction.

    :raises errors.AlreadyOnRecord: if a living subject holds its number.
    """
    subject = records.make(
        kind=entry.kind,
        credential=entry.credential,
        number=entry.number,
        name=entry.name,
        particulars=entry.particulars(),
        home=records.home_of(division=entry.division),
        origin=_origin(row),
        now=now,
    )
    _route(subject, load_id=row.load.public_id, now=now)
    return subject


def merge_into(*, subject: Subject, entry: Entry, origin: str, now: datetime) -> None:
    """Take from an entry what is not known of a subject yet; nothing that is known is overwritten."""
    version = records.present_version(subject)
    known = version.particulars
    more = {name: value for name, value in entry.particulars().items() if not known.get(name)}
    if not more:
        return
    records.write_version(
        subject,
        name=subject.name,
        particulars=known | more,
        reason="merge",
        origin=origin,
        valid_from=version.valid_from,
        now=now,
    )
    if subject.network_number:
        records.publish_changed(
            subject, fields=tuple(sorted(more)), valid_from=now.astimezone(CHINA).date(), now=now
        )


def _read(load: Load, now: datetime) -> None:
    assert load.content is not None, "a load is read once"
    try:
        rows = tables.read_table(content=vault.open_sealed(bytes(load.content), INDEX_PURPOSE))
    except Refusal as refusal:
        _fail(load, refusal, now=now)
        return
    made = []
    for number, cells in enumerate(rows, start=1):
        if not any(cells.values()):
            continue  # an empty line keeps its number and is nobody
        entry = cleaning.clean(row=number, cells=cells, default_kind=load.default_kind)
        made.append(LoadRow(load=load, row=number, body=_body(entry)))
    LoadRow.objects.bulk_create(made, batch_size=BATCH)
    load.content, load.rows_total, load.state = None, len(made), states.READ
    load.save()


def _match(load: Load, now: datetime) -> None:
    rows = list(load.rows.order_by("row"))
    entries = [entry_of(row) for row in rows]
    on_record, subjects = find_on_record(entries)
    first_new = len(on_record)
    known = [*on_record, *entries]
    fates = outcomes.decide_all(
        known, pairs=matching.find_pairs(known, new_from=first_new), first_new=first_new
    )
    reviews: list[Review] = []
    for row, fate in zip(rows, fates, strict=True):
        is_known = fate.same_as is not None and fate.same_as < first_new
        subject = subjects[fate.same_as] if is_known and fate.same_as is not None else None
        other = rows[fate.same_as - first_new] if fate.same_as is not None and not is_known else None
        row.outcome, row.code = fate.outcome, fate.code
        if fate.outcome == states.MERGED:
            row.subject = subject
        elif fate.outcome == states.REPEATED and other is not None:
            row.same_as_row = other.row
        elif fate.pair is not None:
            reviews.append(_review(row, fate, subject=subject, other=other, now=now))
    store.write_outcomes(rows)
    Review.objects.bulk_create(reviews, batch_size=BATCH)
    load.state = states.MATCHED
    load.rows_done = sum(row.outcome != states.ADD for row in rows)
    load.save()


def _review(
    row: LoadRow, fate: outcomes.Fate, *, subject: Subject | None, other: LoadRow | None, now: datetime
) -> Review:
    assert fate.pair is not None
    return Review(
        kind=states.DUPLICATE,
        row=row,
        other_row=other,
        subject=subject,
        points=fate.pair.points,
        reasons=list(fate.pair.reasons),
        others=fate.others,
        made_at=now,
    )


def _apply_batch(load: Load, now: datetime) -> None:
    """Add the next rows; the last batch finishes the load."""
    rows = list(load.rows.filter(outcome=states.ADD).order_by("row")[:BATCH])
    if rows:
        _add_all(load, rows, now=now)
    load.rows_done += len(rows)
    if len(rows) < BATCH:
        _finish(load, now=now)
    load.save()


def _add_all(load: Load, rows: list[LoadRow], *, now: datetime) -> None:
    """
    Make the subjects of many rows in few statements.

    A number that somebody took since the load was matched makes its row a rejected one; the check and the
    writing are held together by the unique index, which would let the whole batch be tried again.
    """
    entries = {row.pk: entry_of(row) for row in rows}
    digests = {
        row.pk: digest_of(kind=entries[row.pk].credential, number=entries[row.pk].number) for row in rows
    }
    taken = set(
        Credential.objects.filter(digest__in=list(digests.values()), is_held=True).values_list(
            "digest", flat=True
        )
    )
    free = [row for row in rows if digests[row.pk] not in taken]
    for row in rows:
        if digests[row.pk] in taken:
            row.outcome, row.code = states.REJECTED, errors.AlreadyOnRecord.code
    today = now.astimezone(CHINA).date()
    made = Subject.objects.bulk_create([_new_subject(entries[row.pk], now=now) for row in free])
    Credential.objects.bulk_create(
        Credential(
            subject=subject,
            kind=entries[row.pk].credential,
            number=entries[row.pk].number,
            digest=digests[row.pk],
            added_at=now,
        )
        for subject, row in zip(made, free, strict=True)
    )
    SubjectVersion.objects.bulk_create(
        SubjectVersion(
            subject=subject,
            number=1,
            name=subject.name,
            body=sealed_particulars(entries[row.pk].particulars()),
            reason="collected",
            origin=_origin(row),
            valid_from=today,
            recorded_at=now,
        )
        for subject, row in zip(made, free, strict=True)
    )
    for subject, row in zip(made, free, strict=True):
        row.outcome, row.subject = states.ADDED, subject
        _route(subject, load_id=load.public_id, now=now)
    store.write_outcomes(rows)


def _new_subject(entry: Entry, *, now: datetime) -> Subject:
    return Subject(
        kind=entry.kind,
        name=entry.name,
        initials=names.initials(entry.name),
        sound=names.sound(entry.name, is_person=entry.kind in kinds.PEOPLE),
        home=records.home_of(division=entry.division),
        collected_at=now,
        next_try_at=now,
    )


def _finish(load: Load, *, now: datetime) -> None:
    """Join the rows that are the same as others, now that those have their subjects."""
    by_row = dict(load.rows.filter(subject__isnull=False).values_list("row", "subject_id"))
    repeated = list(load.rows.filter(outcome=states.REPEATED))
    for row in repeated:
        row.subject_id = by_row.get(row.same_as_row or 0)
    store.write_outcomes(repeated)
    joined = load.rows.filter(outcome__in=[states.MERGED, states.REPEATED], subject__isnull=False)
    for row in joined.select_related("subject"):
        assert row.subject is not None
        merge_into(subject=row.subject, entry=entry_of(row), origin=_origin(row), now=now)
    load.state, load.finished_at, load.rows_done = states.DONE, now, load.rows_total
    detail: dict[str, object] = {"rows": load.rows_total, **progress_of(load).outcomes}
    _trail(load, action="load.finish", actor=load.loaded_by, now=now, detail=detail)


def _fail(load: Load, refusal: Refusal, *, now: datetime) -> None:
    load.content, load.state, load.finished_at = None, states.FAILED, now
    load.failure = {"zh": refusal.as_error("zh"), "en": refusal.as_error("en")}
    load.save()
    _trail(load, action="load.fail", actor=load.loaded_by, now=now, detail={"code": refusal.code})


def _route(subject: Subject, *, load_id: uuid.UUID, now: datetime) -> None:
    """Tell the province that has charge of a subject that it is there."""
    if subject.home == this_node().code:
        return
    event = SubjectRoutedV1(
        public_id=str(subject.public_id),
        kind=subject.kind,
        collected_by=this_node().code,
        home=subject.home,
        load_id=str(load_id),
        at=now,
    )
    outbox.publish(event, key=str(subject.public_id), now=now)


def _body(entry: Entry) -> str:
    return json.dumps(dataclasses.asdict(entry), ensure_ascii=False)


def _origin(row: LoadRow) -> str:
    return f"load:{row.load.public_id}:{row.row}"


def _trail(
    load: Load, *, action: str, actor: str, now: datetime, detail: dict[str, object], request_id: str = ""
) -> None:
    audit.record(
        actor=actor,
        action=f"subjects.{action}",
        subject=f"load:{load.public_id}",
        now=now,
        request_id=request_id,
        detail=detail,
    )
