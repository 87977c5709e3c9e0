"""发票查询统计: the list of issued invoices with its filters, the export, and the sums by month and by rate."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from goldentax.invoicing import api as invoicing
from goldentax.invoicing.queries.exports import CONTENT_TYPES
from goldentax.invoicing.rules.law import issuing_law
from goldentax.invoicing.web import asking
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

PAGE_SIZE = 30
FILTERS = ("q", "kind", "from", "to", "min", "max")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A span of days that people ask for by name."""

    label: Text
    from_: date | None
    to: date | None

    @property
    def fields(self) -> dict[str, str]:
        return {
            "from": self.from_.isoformat() if self.from_ else "",
            "to": self.to.isoformat() if self.to else "",
        }


def quick_periods(today: date) -> list[Period]:
    """This month, last month, this quarter, this year."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    quarter = today.replace(month=today.month - (today.month - 1) % 3, day=1)
    return [
        Period(label=Text("本月", "This month"), from_=month, to=today),
        Period(label=Text("上月", "Last month"), from_=before.replace(day=1), to=before),
        Period(label=Text("本季", "This quarter"), from_=quarter, to=today),
        Period(label=Text("本年", "This year"), from_=today.replace(month=1, day=1), to=today),
    ]


ALL = Period(label=Text("全部", "All"), from_=None, to=None)


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip() for name in FILTERS}


def last_twelve_months(today: date) -> Period:
    """The running month and the eleven before it."""
    return Period(label=Text("近 12 个月", "Last 12 months"), from_=_months_back(today, 11), to=today)


def _period_links(path: str, asked: dict[str, str], periods: list[Period]) -> list[dict[str, Any]]:
    return [
        {
            "label": period.label,
            "url": asking.address(path, asked | period.fields),
            "is_here": period.fields == {"from": asked["from"], "to": asked["to"]},
        }
        for period in periods
    ]


@access.open_to(access.TAXPAYER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The invoices issued, the newest first; the conditions stand in the address and can be kept or sent."""
    actor, asked, path = access.actor_of(request), _asked(request), reverse("invoicing:list")
    context: dict[str, Any] = {
        "asked": asked,
        "is_filtered": any(asked.values()),
        "periods": _period_links(path, asked, [*quick_periods(clock.today()), ALL]),
        "may_issue": access.ISSUER in actor.roles,
        "kinds": _kind_options(request),
    }
    try:
        filter_ = invoicing.read_filter(asked)
        cursor = request.GET.get("cursor", "")
        page = invoicing.list_invoices(actor=actor, filter_=filter_, cursor=cursor, page_size=PAGE_SIZE)
    except Refusal as refusal:
        context["errors"] = asking.errors_of(request, [refusal])
        return render(request, "invoicing/list.html", context, status=refusal.status)
    context |= {
        "page": page,
        "summary": invoicing.summarise_invoices(actor=actor, filter_=filter_),
        "next_url": asking.address(path, asked | {"cursor": page.next_cursor}) if page.next_cursor else "",
        "first_url": asking.address(path, asked) if cursor else "",
        "csv_url": asking.address(reverse("invoicing:export", args=["csv"]), asked),
        "xlsx_url": asking.address(reverse("invoicing:export", args=["xlsx"]), asked),
    }
    return render(request, "invoicing/list.html", context)


def _kind_options(request: HttpRequest) -> list[tuple[str, str]]:
    words = (
        ("", Text("全部票种", "All kinds")),
        ("81", Text("增值税专用发票", "Special VAT invoice")),
        ("82", Text("普通发票", "Ordinary invoice")),
    )
    return [(value, label.in_language(language_of(request))) for value, label in words]


@access.open_to(access.TAXPAYER)
@require_GET
def export(request: HttpRequest, form: str) -> HttpResponse:
    """Everything the conditions of the list find, one row a line, as CSV or XLSX."""
    actor, now = access.actor_of(request), clock.now()
    filter_ = invoicing.read_filter(_asked(request))
    data = invoicing.export_invoices(actor=actor, filter_=filter_, form=form)
    return asking.file_answer(
        data=data,
        name=f"已开发票_{actor.taxpayer_id}_{now:%Y%m%d%H%M%S}.{form}",
        plain_name=f"invoices.{form}",
        content_type=CONTENT_TYPES[form],
    )


@access.open_to(access.TAXPAYER)
@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    """What was issued by month and by rate; the chart is drawn from the table that stands under it."""
    actor, today, path = access.actor_of(request), clock.today(), reverse("invoicing:statistics")
    asked = _asked(request)
    if not asked["from"] and not asked["to"]:
        asked |= last_twelve_months(today).fields
    periods = [*quick_periods(today), last_twelve_months(today)]
    context: dict[str, Any] = {"asked": asked, "periods": _period_links(path, asked, periods)}
    try:
        filter_ = invoicing.read_filter(asked)
    except Refusal as refusal:
        context["errors"] = asking.errors_of(request, [refusal])
        return render(request, "invoicing/statistics.html", context, status=refusal.status)
    from_, to = filter_.from_ or date(2000, 1, 1), filter_.to or today
    marks = issuing_law(today).preferences
    rates = [
        (one, marks.get(one.preference, ""))
        for one in invoicing.summarise_by_rate(actor=actor, from_=from_, to=to)
    ]
    context |= {
        "months": invoicing.summarise_by_month(actor=actor, filter_=filter_),
        "rates": rates,
        "summary": invoicing.summarise_invoices(actor=actor, filter_=filter_),
    }
    return render(request, "invoicing/statistics.html", context)


def _months_back(day: date, months: int) -> date:
    """The first day of the month so many months before."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
