"""Reading loads, their rows, their result file, and the review list."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from goldentax.kernel.refusals import registered_refusals
from goldentax.kernel.text import Text
from goldentax.subjects import errors
from goldentax.subjects.forms import tables
from goldentax.subjects.models import Load, LoadRow, Review, SubjectVersion
from goldentax.subjects.models import loads as states
from goldentax.subjects.queries import subjects
from goldentax.subjects.rules import cleaning, credentials, kinds, names

PAGE_SIZE = 20
ROWS_SHOWN = 50

OUTCOME_NAMES: dict[str, Text] = {
    states.PENDING: Text("待处理", "Waiting"),
    states.ADD: Text("待写入", "To be added"),
    states.ADDED: Text("新增", "Added"),
    states.MERGED: Text("并入已有主体", "Merged into a subject"),
    states.REPEATED: Text("与前面的行相同", "The same as an earlier row"),
    states.REVIEW: Text("待复核", "To be reviewed"),
    states.REJECTED: Text("退回", "Rejected"),
}
OUTCOME_TONES = {
    states.ADDED: "done", states.MERGED: "done", states.REPEATED: "plain", states.REVIEW: "wait",
    states.REJECTED: "wrong",
}  # fmt: skip
LOAD_STATE_NAMES: dict[str, Text] = {
    states.RECEIVED: Text("已接收", "Received"),
    states.READ: Text("已读取", "Read"),
    states.MATCHED: Text("查重完成，写入中", "Matched, being written"),
    states.DONE: Text("完成", "Done"),
    states.FAILED: Text("失败", "Failed"),
}
REASON_NAMES: dict[str, Text] = {
    "number-same": Text("号码相同", "same number"),
    "number-one-edit": Text("号码仅差一处", "number differs in one place"),
    "number-two-edits": Text("号码差两处", "number differs in two places"),
    "number-other": Text("号码不同", "another number"),
    "name-same": Text("名称相同", "same name"),
    "name-core": Text("字号相同", "same name but for place and form"),
    "name-sound": Text("名称同音", "name sounds the same"),
    "name-alike": Text("名称相近", "name alike"),
    "name-other": Text("名称不同", "another name"),
    "name-branch": Text("一方为分支机构", "one is a branch"),
    "phone-same": Text("电话相同", "same telephone"),
    "representative-same": Text("法定代表人相同", "same representative"),
    "address-alike": Text("地址相近", "address alike"),
    "place-other": Text("地区不同", "another place"),
    "born-same": Text("出生日期相同", "same birthday"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison, as an officer may see it."""

    title: Text
    values: dict[str, str]  # by the names of cleaning.COLUMN_NAMES, numbers of people masked
    subject_id: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """One entry of the review list."""

    row: Review
    reasons: tuple[Text, ...]
    left: Side | None  # what is on record, or came first
    right: Side | None  # what is to be decided about


def get_load(load_id: uuid.UUID | str) -> Load:
    """
    One load.

    :raises errors.UnknownLoad: if there is none.
    """
    try:
        load = Load.objects.filter(public_id=load_id).first()
    except ValidationError:
        load = None
    if load is None:
        raise errors.UnknownLoad("load_id")
    return load


def list_loads(*, limit: int = PAGE_SIZE) -> list[Load]:
    """The newest loads."""
    return list(Load.objects.defer("content").order_by("-received_at", "-id")[:limit])


def list_rows(*, load: Load, outcome: str = "", after: int = 0) -> list[LoadRow]:
    """Rows of a load in their order; only those of an outcome, if asked."""
    rows = load.rows.filter(row__gt=after).select_related("subject").order_by("row")
    if outcome:
        rows = rows.filter(outcome=outcome)
    return list(rows[:ROWS_SHOWN])


def row_values(row: LoadRow) -> dict[str, str]:
    """The values of a row for the page, numbers of people masked."""
    values = row.values
    kind, number = values["credential"], values["number"]
    return {
        "kind": values["kind"],
        "number": credentials.masked(kind=kind, number=number) if number else "",
        "name": values["name"],
        "representative": values["representative"],
        "phone": _masked_phone(values["phone"], is_person=values["kind"] in kinds.PEOPLE),
        "address": values["address"],
        "division": values["division"],
    }


def result_file(*, load: Load, language: str) -> bytes:
    """Every row with its outcome as CSV, in the order of the file; numbers of people masked."""
    head = [cleaning.COLUMN_NAMES[name].in_language(language) for name in cleaning.COLUMN_NAMES]
    more = (Text("行", "row"), Text("结果", "outcome"), Text("代码", "code"), Text("说明", "why"),
            Text("网络身份标识/主体", "subject"))  # fmt: skip
    lines = [[more[0].in_language(language), *head, *(one.in_language(language) for one in more[1:])]]
    for row in load.rows.select_related("subject").order_by("row").iterator(chunk_size=2000):
        values = row_values(row)
        lines.append(
            [
                str(row.row),
                *(values[name] for name in cleaning.COLUMN_NAMES),
                OUTCOME_NAMES[row.outcome].in_language(language),
                row.code,
                why(row.code).in_language(language),
                str(row.subject.public_id) if row.subject else "",
            ]
        )
    return tables.write_csv(lines)


def why(code: str) -> Text:
    """What a refusal's code means, without the facts of one case."""
    refusal = registered_refusals().get(code)
    if refusal is None:
        return Text("", "")
    return Text(_plain(refusal.way_out.zh), _plain(refusal.way_out.en))


def list_reviews(*, kind: str = "", cursor: str = "") -> tuple[list[ReviewView], str]:
    """
    The entries nobody decided yet, the oldest first, and the cursor of the next page.

    :raises errors.BadCursor: if the cursor was not made by this list.
    """
    rows = Review.objects.filter(decision="").select_related("row__load", "other_row", "subject")
    if kind in states.REVIEW_KINDS:
        rows = rows.filter(kind=kind)
    if cursor:
        rows = rows.filter(public_id__gt=subjects.read_cursor(cursor))
    found = list(rows.order_by("public_id")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    next_cursor = subjects.write_cursor(shown[-1].public_id) if len(found) > PAGE_SIZE else ""
    return [_review_view(one) for one in shown], next_cursor


def count_reviews() -> dict[str, int]:
    """How many entries wait, by kind."""
    found = dict.fromkeys(states.REVIEW_KINDS, 0)
    for kind in states.REVIEW_KINDS:
        found[kind] = Review.objects.filter(Q(kind=kind, decision="")).count()
    return found


def _review_view(review: Review) -> ReviewView:
    if review.kind == states.DISPUTE:
        assert review.subject is not None
        from goldentax.subjects.rules import sources

        reasons = tuple(sources.FIELD_NAMES.get(str(one), Text("号码", "number")) for one in review.reasons)
        return ReviewView(row=review, reasons=reasons, left=_side_of_subject(review.subject), right=None)
    reasons = tuple(REASON_NAMES.get(str(one), Text(str(one), str(one))) for one in review.reasons)
    left = _side_of_subject(review.subject) if review.subject else _side_of_row(review.other_row)
    return ReviewView(row=review, reasons=reasons, left=left, right=_side_of_row(review.row))


def _side_of_row(row: LoadRow | None) -> Side | None:
    if row is None:
        return None
    title = Text(f"第 {row.row} 行", f"Row {row.row}")
    return Side(
        title=title, values=row_values(row), subject_id=row.subject.public_id if row.subject else None
    )


def _side_of_subject(subject: Any) -> Side:
    version = SubjectVersion.objects.get(subject=subject, superseded_at__isnull=True, valid_to__isnull=True)
    known = version.particulars
    held = subject.credentials.order_by("-is_held", "id").first()
    values = {
        "kind": subject.kind,
        "number": held.masked if held else "",
        "name": subject.name,
        "representative": known.get("representative_name", ""),
        "phone": _masked_phone(known.get("phone", ""), is_person=subject.is_person),
        "address": known.get("address", ""),
        "division": known.get("division", ""),
    }
    return Side(title=Text("已有主体", "On record"), values=values, subject_id=subject.public_id)


def _masked_phone(phone: str, *, is_person: bool) -> str:
    return phone if not is_person or len(phone) < 8 else f"{phone[:3]}****{phone[-4:]}"


def _plain(text: str) -> str:
    return text if "{" not in text else ""


def masked_for_list(name: str, *, is_person: bool) -> str:
    """A name as lists of many show it."""
    return names.masked(name) if is_person else name
