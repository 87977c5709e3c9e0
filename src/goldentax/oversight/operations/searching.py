"""Search the trail on behalf of somebody: the search itself is a look, and stands in the trail."""

import csv
import io
import json
from datetime import datetime
from typing import Any

from django.db import transaction

from goldentax.kernel import audit
from goldentax.kernel.access import Actor
from goldentax.oversight import queries
from goldentax.oversight.queries.trail import PAGE_SIZE_MAX
from goldentax.oversight.rules.reports import Period
from goldentax.oversight.rules.searching import TrailFilter


@transaction.atomic
def search_trail_for(
    *,
    actor: Actor,
    filter_: TrailFilter,
    cursor: str,
    limit: int,
    now: datetime,
) -> queries.TrailPage:
    """
    One page of the trail, and a record of who asked for what; a further page of the same search is one more record.

    :raises BadCursor: if the cursor is none.
    """
    page = queries.search_trail(filter_=filter_, cursor=cursor, limit=limit)
    detail = {"conditions": filter_.as_detail(), "found": len(page.entries)}
    if cursor:
        detail["cursor"] = cursor
    audit.record(
        actor=actor.label,
        action="oversight.trail.search",
        subject="audit-trail",
        now=now,
        detail=detail,
        category=audit.LOOK,
    )
    return page


EXPORT_ROWS_MAX = 20_000
"""What a spreadsheet still opens quickly; more is asked for in shorter periods."""
_EXPORT_COLUMNS = ("id", "at", "category", "actor", "action", "subject", "request_id", "detail")


@transaction.atomic
def export_trail_for(*, actor: Actor, filter_: TrailFilter, now: datetime) -> str:
    """The newest :data:`EXPORT_ROWS_MAX` records that a search finds, as CSV, and one record of the export."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_EXPORT_COLUMNS)
    written, cursor = 0, ""
    while written < EXPORT_ROWS_MAX:
        limit = min(EXPORT_ROWS_MAX - written, PAGE_SIZE_MAX)
        page = queries.search_trail(filter_=filter_, cursor=cursor, limit=limit)
        for one in page.entries:
            texts = (one.category, one.actor, one.action, one.subject, one.request_id)
            detail = json.dumps(one.detail, ensure_ascii=False, sort_keys=True)
            writer.writerow([queries.csv_value(value) for value in (one.id, one.at, *texts, detail)])
        written, cursor = written + len(page.entries), page.next_cursor
        if not cursor:
            break
    audit.record(
        actor=actor.label,
        action="oversight.trail.export",
        subject="audit-trail",
        now=now,
        detail={"conditions": filter_.as_detail(), "found": written},
        category=audit.LOOK,
    )
    return out.getvalue()


@transaction.atomic
def read_report_for(*, actor: Actor, key: str, period: Period, now: datetime) -> list[dict[str, Any]]:
    """
    The rows of a report, and a record of who read it.

    :raises ReportNotFound: if there is none.
    """
    rows = queries.get_report(key).rows(period)
    audit.record(
        actor=actor.label,
        action="oversight.report.read",
        subject=f"report:{key}",
        now=now,
        detail={"from": period.from_.isoformat(), "to": period.to.isoformat(), "rows": len(rows)},
        category=audit.LOOK,
    )
    return rows


@transaction.atomic
def get_entry_for(*, actor: Actor, entry_id: int, now: datetime) -> queries.EntryView:
    """
    One record, and a record of who looked at it.

    :raises EntryNotFound: if there is none.
    """
    found = queries.get_entry(entry_id)
    audit.record(
        actor=actor.label,
        action="oversight.trail.read",
        subject=f"audit:{entry_id}",
        now=now,
        category=audit.LOOK,
    )
    return found


def note_verification(*, actor: Actor, is_whole: bool, blocks: int, rows: int, now: datetime) -> None:
    """Write down that the chain was verified, and with what result."""
    with transaction.atomic():
        audit.record(
            actor=actor.label,
            action="oversight.trail.verify",
            subject="audit-chain",
            now=now,
            detail={"is_whole": is_whole, "blocks": blocks, "rows": rows},
            category=audit.PRIVILEGED,
        )


@transaction.atomic
def note_near_miss(
    *, actor: str, person_id: str, refusal: str, tried: str, now: datetime, request_id: str = ""
) -> None:
    """
    Write down what segregation of duties refused; call it after the refused transaction was taken back.

    :param refusal: the code of the refusal, such as ``AUT-SOD-02``.
    :param tried: the action that was refused, ``module.noun.verb``.
    """
    audit.record(
        actor=actor,
        action="oversight.segregation.near-miss",
        subject=f"person:{person_id}",
        now=now,
        request_id=request_id,
        detail={"person": person_id, "refusal": refusal, "tried": tried},
        category=audit.GRANT,
    )
