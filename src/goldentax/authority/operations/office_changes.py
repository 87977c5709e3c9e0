"""
The life of one office: set up below another, renamed, closed; each by an officer who maintains offices there.

What is decided by a document (批复) takes effect on a day, today or before; it is written once and told for ever.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from goldentax.authority import errors, store
from goldentax.authority.models import Grant, Office, OfficeChange
from goldentax.authority.operations import doors, requests
from goldentax.authority.queries import grants as views
from goldentax.authority.queries import listing
from goldentax.authority.rules.grants import ACTIVE, REQUESTED
from goldentax.authority.rules.offices import OfficeView, why_impossible
from goldentax.kernel import audit
from goldentax.kernel.access import Actor
from goldentax.kernel.clock import CHINA
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

MANAGE = "authority.office.manage"
_NAME_MAX, _SHORT_MAX, _BASIS_MAX = 120, 40, 120


class BadOfficeName(Refusal):
    """A name is missing or too long."""

    code = "AUT-OFF-04"
    title = Text("机构名称须为 1–{longest} 个字", "The name must have 1–{longest} characters")
    way_out = Text("请按批复文件填写机构全称和简称", "Write the names as the decision has them")


class BadOfficeDay(Refusal):
    """The day of a change lies ahead, or before the last change."""

    code = "AUT-OFF-05"
    title = Text(
        "生效日期须不晚于今天 {today}，且不早于上次变更 {last}",
        "The day must not lie after today {today}, nor before the last change {last}",
    )
    way_out = Text(
        "请在生效当日或之后办理，按批复日期填写", "Do it on the day itself or later, with the day decided on"
    )


class OfficeInUse(Refusal):
    """Something still hangs on an office that should be closed."""

    code = "AUT-OFF-07"
    status = 409
    title = Text(
        "“{name}”还有 {below} 个下级机构、{grants} 项有效或待审批的任职和授权",
        "“{name}” still has {below} offices below it and {grants} posts and grants in force or waiting",
    )
    way_out = Text(
        "请先撤销下级机构，并终止或移交任职和授权", "Close those below and end or move the grants first"
    )


@transaction.atomic
def set_up_office(
    *, office: OfficeView, effective_date: date, basis: str, actor: Actor, now: datetime, request_id: str
) -> OfficeView:
    """
    Set up an office below another.

    :raises errors.NotAllowed: if the actor does not maintain offices there.
    :raises errors.OfficeCodeTaken: if another office has the code.
    :raises errors.BadOffice: if code, level or parent are impossible; :class:`BadOfficeName`, :class:`BadOfficeDay`.
    :raises errors.OfficeClosed: if the office above is closed.
    """
    content = {"office": _said(office), "on": str(effective_date), "basis": basis, "by": actor.person_id}
    asked = requests.digest("office-add", content)
    first = _first_answer(request_id=request_id, asked=asked)
    if first is not None:
        return first
    parent = _locked(office.parent_code, field="parent_code", on=now)
    doors.hold(actor=actor, function=MANAGE, office=parent.code, now=now)
    _refuse_bad_names(office.name, office.short_name)
    _refuse_bad_day(parent, effective_date, now=now, since=False)
    reason = why_impossible(office, parent=parent.as_view())
    if reason:
        raise errors.BadOffice(reason.split()[0], office=office.code[:20], reason=reason)
    taken = Office.objects.filter(code=office.code).first()
    if taken is not None:
        raise errors.OfficeCodeTaken("code", office=office.code, name=taken.name)
    store.touch(offices=True)
    try:
        with transaction.atomic():
            row = Office.objects.create(**_said(office))
    except IntegrityError as error:
        raise errors.OfficeCodeTaken("code", office=office.code, name=office.code) from error
    _note(
        row, "add", name_before="", effective_date=effective_date, basis=basis, actor=actor, now=now,
        request_id=request_id, asked=asked,
    )  # fmt: skip
    return row.as_view()


@transaction.atomic
def rename_office(
    *,
    code: str,
    name: str,
    short_name: str,
    effective_date: date,
    basis: str,
    actor: Actor,
    now: datetime,
    request_id: str,
) -> OfficeView:
    """
    Give an office another name from a day on; what it was called before stays told.

    :raises errors.UnknownOffice: if there is none.
    :raises errors.NotAllowed: if the actor does not maintain offices there.
    :raises BadOfficeName: if a name is missing or too long; :class:`BadOfficeDay`, :class:`errors.OfficeClosed`.
    """

    def change(row: Office) -> None:
        _refuse_bad_names(name, short_name)
        row.name, row.short_name = name, short_name

    content = {"code": code, "name": name, "short_name": short_name}
    return _change(
        "rename", code=code, content=content, change=change, effective_date=effective_date, basis=basis,
        actor=actor, now=now, request_id=request_id,
    )  # fmt: skip


@transaction.atomic
def close_office(
    *, code: str, effective_date: date, basis: str, actor: Actor, now: datetime, request_id: str
) -> OfficeView:
    """
    Close an office (撤销): nothing is granted for it any more; what was stays told.

    :raises errors.UnknownOffice: if there is none.
    :raises errors.NotAllowed: if the actor does not maintain offices there.
    :raises OfficeInUse: if an office below it is open, or anything granted or asked for is left there.
    :raises BadOfficeDay: if the day is not possible; :class:`errors.OfficeClosed` if it is closed already.
    """

    def change(row: Office) -> None:
        below = Office.objects.filter(parent_code=code, closed_date__isnull=True).count()
        left = Grant.objects.filter(office_code=code, state__in=[ACTIVE, REQUESTED])
        today = now.astimezone(CHINA).date()
        grants = sum(listing.standing_of(one, on=today) != listing.OVER for one in views.as_views(list(left)))
        if below or grants:
            raise OfficeInUse("code", name=row.name, below=below, grants=grants)
        row.closed_date = effective_date

    return _change(
        "close", code=code, content={"code": code}, change=change, effective_date=effective_date, basis=basis,
        actor=actor, now=now, request_id=request_id,
    )  # fmt: skip


def _change(
    action: str,
    *,
    code: str,
    content: dict[str, Any],
    change: Callable[[Office], None],
    effective_date: date,
    basis: str,
    actor: Actor,
    now: datetime,
    request_id: str,
) -> OfficeView:
    """The repeat question, the office, locked and open, who may, which day; then the change and its row."""
    content = content | {"on": str(effective_date), "basis": basis, "by": actor.person_id}
    asked = requests.digest(f"office-{action}", content)
    first = _first_answer(request_id=request_id, asked=asked)
    if first is not None:
        return first
    row = _locked(code, field="code", on=now)
    doors.hold(actor=actor, function=MANAGE, office=row.code, now=now)
    _refuse_bad_day(row, effective_date, now=now)
    before = row.name
    change(row)
    row.save()
    _note(
        row, action, name_before=before, effective_date=effective_date, basis=basis, actor=actor, now=now,
        request_id=request_id, asked=asked,
    )  # fmt: skip
    return row.as_view()


def _first_answer(*, request_id: str, asked: str) -> OfficeView | None:
    requests.refuse_bad_request_id(request_id)
    requests.wait_for(f"request:{request_id}")
    step = OfficeChange.objects.select_related("office").filter(request_id=request_id).first()
    if step is None:
        return None
    if step.digest != asked:
        raise errors.RequestIdReused("request_id", request_id=request_id)
    return step.office.as_view()


def _locked(code: str, *, field: str, on: datetime) -> Office:
    row = Office.objects.select_for_update().filter(code=code.replace("\x00", "")).first()
    if row is None:
        raise errors.UnknownOffice(field, office=code[:11])
    if row.closed_date is not None:
        raise errors.OfficeClosed(field, name=row.name, closed=row.closed_date)
    return row


def _refuse_bad_names(name: str, short_name: str) -> None:
    if not name.strip() or len(name) > _NAME_MAX:
        raise BadOfficeName("name", longest=_NAME_MAX)
    if not short_name.strip() or len(short_name) > _SHORT_MAX:
        raise BadOfficeName("short_name", longest=_SHORT_MAX)


def _refuse_bad_day(row: Office, day: date, *, now: datetime, since: bool = True) -> None:
    today = now.astimezone(CHINA).date()
    last = (
        row.changes.order_by("-effective_date").values_list("effective_date", flat=True).first()
        if since
        else None
    )
    if day > today or (last is not None and day < last):
        raise BadOfficeDay("effective_date", today=today, last=last or "—")


def _note(
    row: Office,
    action: str,
    *,
    name_before: str,
    effective_date: date,
    basis: str,
    actor: Actor,
    now: datetime,
    request_id: str,
    asked: str,
) -> None:
    OfficeChange.objects.create(
        office=row,
        action=action,
        name_before=name_before,
        name=row.name,
        effective_date=effective_date,
        basis=basis[:_BASIS_MAX],
        at=now,
        actor=actor.label[:120],
        request_id=request_id,
        digest=asked,
    )
    audit.record(
        actor=actor.label,
        action=f"authority.office.{action}",
        subject=f"office:{row.code}",
        now=now,
        request_id=request_id,
        detail={
            "name": row.name,
            "before": name_before,
            "from": str(effective_date),
            "basis": basis[:_BASIS_MAX],
        },
    )


def _said(office: OfficeView) -> dict[str, str]:
    return {
        "code": office.code,
        "name": office.name,
        "short_name": office.short_name,
        "level": office.level,
        "parent_code": office.parent_code,
        "division_code": office.division_code,
    }
