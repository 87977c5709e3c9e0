"""合规报表: what those who hold power did with it; each report with its chart, its table and its CSV."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.node import this_node
from goldentax.kernel.refusals import Refusal
from goldentax.oversight import api as oversight
from goldentax.oversight import operations, queries
from goldentax.oversight.rules.reports import BARS_MAX, ROWS_MAX, Period, Report
from goldentax.oversight.rules.searching import read_moment
from goldentax.oversight.web import asking


@access.open_to(access.OFFICER, function="oversight.report.read")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every report there is."""
    context = {"tabs": asking.tabs(request, "reports"), "reports": oversight.list_reports()}
    return render(request, "oversight/reports.html", context)


@access.open_to(access.OFFICER, function="oversight.report.read")
@require_GET
def show(request: HttpRequest, key: str) -> HttpResponse:
    """One report over a period; the chart is drawn from the table that stands under it."""
    report, asked = oversight.get_report(key), asking.asked(request, ("from", "to"))
    path = reverse("oversight:report", args=[key])
    context: dict[str, Any] = {
        "tabs": asking.tabs(request, "reports"),
        "report": report,
        "asked": asked,
        "periods": asking.quick_periods(path, asked, clock.today()),
        "csv_url": asking.address(reverse("oversight:report-export", args=[key]), asked),
        "rows_max": ROWS_MAX,
    }
    try:
        period = _period(asked)
    except Refusal as refusal:
        context["errors"] = asking.errors_of(request, refusal)
        return render(request, "oversight/report.html", context, status=refusal.status)
    rows = operations.read_report_for(actor=access.actor_of(request), key=key, period=period, now=clock.now())
    context |= {"period": period, "rows": _rows(report, rows), "is_cut": len(rows) == ROWS_MAX}
    return render(request, "oversight/report.html", context)


@access.open_to(access.OFFICER, function="oversight.report.read")
@require_GET
def export(request: HttpRequest, key: str) -> HttpResponse:
    """One report as CSV."""
    report, now = oversight.get_report(key), clock.now()
    period = _period(asking.asked(request, ("from", "to")))
    rows = operations.read_report_for(actor=access.actor_of(request), key=key, period=period, now=now)
    text = queries.report_csv(report, rows, language=language_of(request))
    name = f"{report.title.zh}_{period.from_:%Y%m%d}_{period.to:%Y%m%d}.csv"
    return asking.csv_file(text=text, name=name, plain_name=f"{key}.csv")


def _period(asked: dict[str, str]) -> Period:
    zone = this_node().time_zone
    return Period.of(
        from_=read_moment(asked["from"], field="from", zone=zone),
        to=read_moment(asked["to"], field="to", zone=zone, is_end=True),
        now=clock.now(),
    )


def _rows(report: Report, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as the page draws them: cells with their column, and what the chart takes of each."""
    people = {str(row[column.name]) for row in rows for column in report.columns if column.kind == "person"}
    names = oversight.names_of(people)
    label, value = report.chart
    return [
        {
            "cells": [(column, _cell(row[column.name], column.kind, names)) for column in report.columns],
            "label": names.get(str(row[label]), str(row[label])) if label and at < BARS_MAX else "",
            "value": row[value] if value else "",
        }
        for at, row in enumerate(rows)
    ]


def _cell(value: Any, kind: str, names: dict[str, str]) -> Any:
    if kind == "person":
        return {"id": value, "name": names.get(str(value), "")}
    return value.astimezone(this_node().time_zone) if isinstance(value, datetime) else value
