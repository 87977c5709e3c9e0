"""
Writes to the code tables: one import is one transaction with one audit row, or nothing.

Importing the same rows again changes nothing. A dry run does everything and rolls back. Two imports into
one table wait for each other on the row of the table.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q

from goldentax.kernel import audit
from goldentax.kernel.codes import errors
from goldentax.kernel.codes.entries import SOURCE_MAX, TABLE_NAME_MAX, Content, Diff, Row
from goldentax.kernel.codes.importing import Plan, plan, prepare
from goldentax.kernel.codes.models import CodeTable, CodeVersion
from goldentax.kernel.codes.pinyin import search_text
from goldentax.kernel.codes.reading import FileContent
from goldentax.kernel.text import Text

BATCH_ROWS = (
    1000  # rows of one INSERT; 1,000 rows of 14 columns stay far below the protocol's 65,535 parameters
)
TOLD_CODES_MAX = 10

Progress = Callable[[str, int, int], None]

_TABLE_NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{TABLE_NAME_MAX - 1}}}")


def import_codes(
    *,
    table: str,
    rows: Iterable[Row],
    valid_from: date,
    source: str,
    now: datetime,
    actor: str = "system:codes",
    label: Text | None = None,
    is_whole: bool = True,
    is_built_in: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Diff:
    """
    Bring a table to the state of these rows from a day on.

    Codes that are new begin that day; codes that differ end and begin anew; codes that are missing end,
    unless the rows are only a part. Repeated, it finds everything unchanged. A version that began on that
    very day is replaced.

    :param is_whole: the rows are the whole table.
    :param progress: called with a step, what is done and the total.
    :raises BadTableName: if the name cannot be one.
    :raises TableChangedLater: if the table changes after that day already; imports go forward in time.
    :raises Refusal: a ``COD-ROW`` refusal, or a group, if rows are wrong; then nothing is stored.
    """
    say = progress or (lambda step, done, total: None)
    if not _TABLE_NAME.fullmatch(table):
        raise errors.BadTableName("table", table=table[:80])
    with transaction.atomic():
        head = _locked(table, label=label, source=source, now=now)
        _refuse_if_later(head, valid_from)
        present, ids = _in_force(head, valid_from)
        wanted = prepare(rows, above=None if is_whole else present)
        say("check", len(wanted), len(wanted))
        steps = plan(present=present, wanted=wanted, is_whole=is_whole)
        diff = _diff(head, steps, dry_run)
        if not diff.is_empty:
            _carry_out(head, steps, wanted, ids=ids, valid_from=valid_from, source=source, say=say)
            _finish(head, diff, source=source, is_built_in=is_built_in, label=label, now=now)
            detail = {"valid_from": valid_from.isoformat(), "added": diff.added, "changed": diff.changed}
            detail |= {"closed": diff.closed, "version": head.version, "source": source[:SOURCE_MAX]}
            audit.record(actor=actor, action="codes.table.import", subject=table, now=now, detail=detail)
        if dry_run:
            transaction.set_rollback(True)
    return diff


def import_files(
    *,
    files: Iterable[FileContent],
    valid_from: date,
    source: str,
    now: datetime,
    actor: str = "system:codes",
    is_whole: bool = True,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> list[Diff]:
    """
    Import what was read from several files; rows of one table are put together first. All tables, or none.

    :raises Refusal: as `import_codes` does.
    """
    rows_of: dict[str, list[Row]] = {}
    for one in files:
        rows_of.setdefault(one.table, []).extend(one.rows)
    with transaction.atomic():
        return [
            import_codes(
                table=table,
                rows=rows,
                valid_from=valid_from,
                source=source,
                now=now,
                actor=actor,
                is_whole=is_whole,
                dry_run=dry_run,
                progress=progress,
            )
            for table, rows in rows_of.items()
        ]


def _locked(table: str, *, label: Text | None, source: str, now: datetime) -> CodeTable:
    label = label or Text(table, table)
    CodeTable.objects.bulk_create(
        [
            CodeTable(
                name=table, label_zh=label.zh, label_en=label.en, source=source[:SOURCE_MAX], imported_at=now
            )
        ],
        ignore_conflicts=True,
    )
    return CodeTable.objects.select_for_update().get(name=table)


def _refuse_if_later(head: CodeTable, valid_from: date) -> None:
    found = CodeVersion.objects.filter(table=head).aggregate(begins=Max("valid_from"), ends=Max("valid_to"))
    later = max((day for day in found.values() if day is not None), default=valid_from)
    if later > valid_from:
        raise errors.TableChangedLater("valid_from", table=head.name, later=later, valid_from=valid_from)


def _in_force(head: CodeTable, on: date) -> tuple[dict[str, Content], dict[str, int]]:
    """What the table says that day, and the row id of each code."""
    names = ("name", "short_name", "parent", "level", "is_leaf", "description", "attributes")
    versions = CodeVersion.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=on), table=head, valid_from__lte=on
    ).values_list("id", "code", *names)
    content: dict[str, Content] = {}
    ids: dict[str, int] = {}
    for id_, code, *values in versions:
        content[code] = Content(**dict(zip(names, values, strict=True)))
        ids[code] = id_
    return content, ids


def _diff(head: CodeTable, steps: Plan, dry_run: bool) -> Diff:
    is_empty = not (steps.added or steps.changed or steps.closed)
    return Diff(
        table=head.name,
        added=len(steps.added),
        changed=len(steps.changed),
        closed=len(steps.closed),
        unchanged=steps.unchanged,
        version=head.version if is_empty else head.version + 1,
        is_dry_run=dry_run,
        added_codes=tuple(steps.added[:TOLD_CODES_MAX]),
        changed_codes=tuple(steps.changed[:TOLD_CODES_MAX]),
        closed_codes=tuple(steps.closed[:TOLD_CODES_MAX]),
    )


def _carry_out(
    head: CodeTable,
    steps: Plan,
    wanted: dict[str, Content],
    *,
    ids: dict[str, int],
    valid_from: date,
    source: str,
    say: Progress,
) -> None:
    ending = CodeVersion.objects.filter(id__in=[ids[code] for code in (*steps.changed, *steps.closed)])
    ending.filter(valid_from=valid_from).delete()
    ending.filter(valid_from__lt=valid_from).update(valid_to=valid_from)
    beginning = [*steps.added, *steps.changed]
    for start in range(0, len(beginning), BATCH_ROWS):
        batch = beginning[start : start + BATCH_ROWS]
        say("store", start, len(beginning))
        CodeVersion.objects.bulk_create(
            [_version(head, code, wanted[code], valid_from=valid_from, source=source) for code in batch]
        )
    say("store", len(beginning), len(beginning))


def _version(head: CodeTable, code: str, content: Content, *, valid_from: date, source: str) -> CodeVersion:
    values: dict[str, Any] = {name: getattr(content, name) for name in content.__slots__}
    search = search_text(
        code=code, name=content.name, short_name=content.short_name, description=content.description
    )
    return CodeVersion(
        table=head,
        code=code,
        search=search,
        valid_from=valid_from,
        source=source[:SOURCE_MAX],
        version=head.version + 1,
        **values,
    )


def _finish(
    head: CodeTable, diff: Diff, *, source: str, is_built_in: bool, label: Text | None, now: datetime
) -> None:
    head.version = diff.version
    head.code_count = F("code_count") + diff.added - diff.closed
    head.source, head.is_built_in, head.imported_at = source[:SOURCE_MAX], is_built_in, now
    if label is not None:
        head.label_zh, head.label_en = label.zh, label.en
    head.save()
    head.refresh_from_db()
