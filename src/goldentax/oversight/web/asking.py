"""What the pages of oversight share: their tabs, what was asked, periods, files, words for categories and verdicts."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from goldentax.kernel import access
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

CATEGORIES = {
    "change": (Text("业务", "Business"), "plain"),
    "sign_in": (Text("登录", "Sign-in"), "act"),
    "grant": (Text("授权", "Grant"), "wait"),
    "look": (Text("查看", "Look"), "act"),
    "privileged": (Text("特权", "Privileged"), "wrong"),
}
"""What the categories of the trail are called, and the tone of their badge."""

VERDICTS = {
    "allow": (Text("放行", "Allowed"), "done"),
    "warn": (Text("提示", "Warned"), "wait"),
    "step_up": (Text("加强认证", "Stepped up"), "act"),
    "block": (Text("阻断", "Blocked"), "wrong"),
}
KINDS = {
    "sign_in": Text("登录", "Sign-in"),
    "look": Text("查看个人信息", "Look at personal data"),
    "privileged": Text("特权功能", "Privileged function"),
    "alarm": Text("令牌告警", "Alarm about tokens"),
}

_TABS = (
    ("trail", Text("检索", "Search"), "list-search", "oversight.trail.search"),
    ("cases", Text("风险事项", "Cases"), "alert-triangle", "oversight.case.handle"),
    ("reports", Text("合规报表", "Reports"), "report-analytics", "oversight.report.read"),
    ("chain", Text("审计链", "Chain"), "link", "oversight.trail.verify"),
)


def tabs(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    """The rooms of the audit that the actor may enter."""
    actor = access.actor_of(request)
    return [
        {"label": label, "icon": icon, "url": reverse(f"oversight:{name}"), "is_here": name == here}
        for name, label, icon, function in _TABS
        if access.may(actor, function)
    ]


def errors_of(request: HttpRequest, refusal: Refusal) -> list[dict[str, Any]]:
    """A refusal as the frame's error summary takes it."""
    return [one.as_error(language_of(request)) for one in refusal.each()]


def asked(request: HttpRequest, names: Iterable[str]) -> dict[str, str]:
    """What the address says for these names."""
    return {name: request.GET.get(name, "").strip()[:200] for name in names}


def address(path: str, fields: dict[str, str]) -> str:
    """An address with those of the fields that are not empty."""
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"{path}?{query}" if query else path


def quick_periods(path: str, fields: dict[str, str], today: date) -> list[dict[str, Any]]:
    """Today, a week, thirty days, a year: each as an address that keeps the other conditions."""
    spans = (
        (Text("今天", "Today"), 0),
        (Text("近 7 天", "7 days"), 6),
        (Text("近 30 天", "30 days"), 29),
        (Text("近一年", "A year"), 364),
    )
    found = []
    for label, days in spans:
        period = {"from": (today - timedelta(days=days)).isoformat(), "to": today.isoformat()}
        is_here = period == {"from": fields["from"], "to": fields["to"]}
        found.append({"label": label, "url": address(path, {**fields, **period}), "is_here": is_here})
    return found


def csv_file(*, text: str, name: str, plain_name: str) -> HttpResponse:
    """A CSV to keep; the mark at its front lets spreadsheet programs read it as UTF-8."""
    response = HttpResponse(b"\xef\xbb\xbf" + text.encode(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    return response
