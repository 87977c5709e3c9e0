"""
Compliance reports (合规报表): what those who hold power did with it, over a period, from the trail and the judgements.

A room above offers a report of its own with :func:`offer_report`; it then stands on the same page.
"""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from goldentax.kernel.node import this_node
from goldentax.kernel.text import Text
from goldentax.oversight import errors, store
from goldentax.oversight.rules.law import law_on
from goldentax.oversight.rules.reports import (
    MOMENT,
    NUMBER,
    PERSON,
    ROWS_MAX,
    Column,
    Period,
    Report,
)

_reports: dict[str, Report] = {}


def offer_report(report: Report) -> None:
    """Put a report on the page; the same key again replaces it."""
    _reports[report.key] = report


def list_reports() -> list[Report]:
    """Every report, in order."""
    return sorted(_reports.values(), key=lambda one: (one.order, one.key))


def get_report(key: str) -> Report:
    """
    One report.

    :raises ReportNotFound: if there is none.
    """
    if key not in _reports:
        raise errors.ReportNotFound(key=key[:40])
    return _reports[key]


def _rows(name: str, period: Period, **more: Any) -> list[dict[str, Any]]:
    values: dict[str, Any] = {"from": period.from_, "to": period.to, "limit": ROWS_MAX, **more}
    values["zone"] = str(this_node().time_zone)
    with connection.cursor() as cursor:
        cursor.execute(store.sql(f"report_{name}"), values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _dormant(period: Period) -> list[dict[str, Any]]:
    days = law_on(period.to.date()).dormant_days
    return _rows("dormant", period, before=period.to - timedelta(days=days))


_PERSON = Column("person", Text("人员", "Person"), PERSON)
_COUNT = Column("count", Text("次数", "Times"), NUMBER)

_LAST = Column("last_at", Text("最近", "Last"), MOMENT)

for _report in (
    Report(
        key="admin-actions",
        title=Text("管理操作", "Administrative actions"),
        lead=Text("特权操作与授权，按事项汇总。", "Uses of privileged functions and grants, by action."),
        columns=(
            Column("action", Text("操作", "Action")),
            _COUNT,
            Column("people", Text("人数", "People"), NUMBER),
            _LAST,
        ),
        rows=lambda period: _rows("admin_actions", period),
        chart=("action", "count"),
        order=10,
    ),
    Report(
        key="privileged-people",
        title=Text("特权操作人员", "Privileged actions by person"),
        lead=Text(
            "谁用了特权功能，多少次，其中多少在非工作时段。",
            "Who used privileged functions, how often, and how much of it at night or on weekends.",
        ),
        columns=(
            _PERSON,
            _COUNT,
            Column("actions", Text("事项数", "Actions"), NUMBER),
            Column("off_hours", Text("夜间或周末", "Night or weekend"), NUMBER),
            _LAST,
        ),
        rows=lambda period: _rows("privileged_people", period),
        chart=("person", "count"),
        order=20,
    ),
    Report(
        key="unused-grants",
        title=Text("未使用的授权", "Grants without use"),
        lead=Text(
            "期间内给予、其后持有人没有任何操作记录的授权；多余的权限应收回。",
            "Given in the period, with no record of the holder since: superfluous power should be taken back.",
        ),
        columns=(
            _PERSON,
            Column("what", Text("授权", "Grant")),
            Column("granted_at", Text("给予时间", "Given"), MOMENT),
            Column("granted_by", Text("给予人", "Given by")),
        ),
        rows=lambda period: _rows("unused_grants", period),
        order=30,
    ),
    Report(
        key="grants-ended",
        title=Text("授权的给予与终止", "Grants given and ended"),
        lead=Text("授权流程的每一步，按步骤汇总。", "Each step of granting, by step."),
        columns=(
            Column("action", Text("步骤", "Step")),
            _COUNT,
            Column("people", Text("涉及人数", "People concerned"), NUMBER),
            _LAST,
        ),
        rows=lambda period: _rows("grant_steps", period),
        chart=("action", "count"),
        order=40,
    ),
    Report(
        key="near-misses",
        title=Text("不相容职责的险情", "Segregation near misses"),
        lead=Text(
            "被职责分离规则拒绝的授权与使用：有人试过，没有成功。",
            "Grants and uses that segregation of duties refused: somebody tried, and could not.",
        ),
        columns=(
            Column("at", Text("时间", "When"), MOMENT),
            Column("actor", Text("操作人", "Who")),
            _PERSON,
            Column("rule", Text("规则", "Rule")),
            Column("action", Text("操作", "Action")),
        ),
        rows=lambda period: _rows("near_misses", period),
        order=50,
    ),
    Report(
        key="dormant",
        title=Text("休眠账号", "Dormant accounts"),
        lead=Text(
            "登录过、但已久未登录的账号；应停用或核实。",
            "Accounts that signed in once and have not for long: to be closed or checked.",
        ),
        columns=(_PERSON, _LAST, Column("days", Text("未登录天数", "Days since"), NUMBER)),
        rows=_dormant,
        order=60,
    ),
    Report(
        key="looks",
        title=Text("查看个人信息", "Looks at personal data"),
        lead=Text("每人查看了多少次、多少对象。", "How often each person looked, and at how many others."),
        columns=(
            _PERSON,
            _COUNT,
            Column("subjects", Text("对象数", "Subjects"), NUMBER),
            Column("busiest", Text("最忙一小时", "Busiest hour"), NUMBER),
            _LAST,
        ),
        rows=lambda period: _rows("looks", period),
        chart=("person", "count"),
        order=70,
    ),
    Report(
        key="refused-sign-ins",
        title=Text("登录失败的网络", "Refused sign-ins by network"),
        lead=Text(
            "失败多、账号多的网络像是在撞号。",
            "Networks with many failures over many login names look like spraying.",
        ),
        columns=(
            Column("network", Text("网络", "Network")),
            _COUNT,
            Column("logins", Text("账号数", "Login names"), NUMBER),
            Column("succeeded", Text("其后成功", "Succeeded"), NUMBER),
            _LAST,
        ),
        rows=lambda period: _rows("refused_sign_ins", period),
        chart=("network", "count"),
        order=80,
    ),
    Report(
        key="judgements",
        title=Text("风险判定", "Judgements"),
        lead=Text("行为风险规则各命中多少次，结果如何。", "How often each rule counted, and what it led to."),
        columns=(
            Column("rule", Text("规则", "Rule")),
            _COUNT,
            Column("warned", Text("提示", "Warned"), NUMBER),
            Column("stepped_up", Text("加强认证", "Stepped up"), NUMBER),
            Column("blocked", Text("阻断", "Blocked"), NUMBER),
            Column("people", Text("人数", "People"), NUMBER),
        ),
        rows=lambda period: _rows("judgements", period),
        chart=("rule", "count"),
        order=90,
    ),
):
    offer_report(_report)


def report_csv(report: Report, rows: list[dict[str, Any]], *, language: str) -> str:
    """A report's rows as CSV, for Excel and for programs: headings in one language, moments in the node's zone."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.label.in_language(language) for column in report.columns])
    for row in rows:
        writer.writerow([csv_value(row[column.name]) for column in report.columns])
    return out.getvalue()


def csv_value(value: object) -> str:
    """A value as it may stand in a CSV: what a spreadsheet would take for a formula is disarmed."""
    if isinstance(value, datetime):
        return value.astimezone(this_node().time_zone).isoformat(timespec="seconds")
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
