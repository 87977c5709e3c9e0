"""发票查验, open to everyone: the fields of a face, or the text of its QR code, and a clear answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from goldentax.invoicing import api as invoicing
from goldentax.invoicing import errors
from goldentax.invoicing.web import asking, invoices
from goldentax.kernel import access, clock
from goldentax.kernel.refusals import Refusal

FIELDS = ("number", "issue_date", "gross", "qr")
_FROM_LINK = {"number": "number", "date": "issue_date", "total": "gross", "qr": "qr"}
"""The names in a link, and the fields they fill. A link fills the form in; only the button asks, and is counted."""
VALUE_LENGTH_MAX = 200


@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Ask whether a face is genuine."""
    if request.method == "GET":
        values = {field: request.GET.get(name, "")[:VALUE_LENGTH_MAX] for name, field in _FROM_LINK.items()}
        return render(request, "invoicing/verify.html", {"values": _with_qr(values)[0]})
    values = {name: request.POST.get(name, "").strip()[:VALUE_LENGTH_MAX] for name in FIELDS}
    try:
        values, query = _with_qr(values)
        if query is None:
            query = invoicing.VerifyQuery(
                number="".join(values["number"].split()),
                issue_date=values["issue_date"],
                gross=values["gross"],
            )
        outcome = invoicing.verify_invoice(query=query, client=request.META["REMOTE_ADDR"], now=clock.now())
    except errors.VerifyTooOften as refusal:
        context: dict[str, Any] = {"values": values, "too_often": asking.errors_of(request, [refusal])[0]}
        return render(request, "invoicing/verify.html", context, status=refusal.status)
    except Refusal as refusal:
        context = {"values": values, "errors": asking.errors_of(request, [refusal])}
        return render(request, "invoicing/verify.html", context, status=refusal.status)
    context = {"values": values, "outcome": outcome, "result": outcome.result.name.lower()}
    if outcome.document is not None:
        context |= invoices.facts(request, outcome.document)
    return render(request, "invoicing/verify.html", context)


def _with_qr(values: dict[str, str]) -> tuple[dict[str, str], Any]:
    """
    The fields filled in from the text of a QR code, and the question it asks; None without one.

    :raises goldentax.invoicing.errors.BadVerifyQuery: if the text is not that of an invoice.
    """
    if not values["qr"]:
        return values, None
    query = invoicing.query_from_qr(values["qr"])
    if query is None:
        raise errors.BadVerifyQuery("qr", label="二维码 / QR")
    day = query.issue_date
    if len(day) == 8 and day.isdigit():
        day = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    return values | {"number": query.number, "issue_date": day, "gross": query.gross}, query
