"""我的额度: the month's total limit, what used it, and what to do when it is short."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from goldentax.invoicing import api as invoicing
from goldentax.invoicing.queries.movements import MOVEMENTS_MAX, list_limit_movements
from goldentax.invoicing.queries.reservations import list_reservations
from goldentax.kernel import access, clock

SHORT_PERCENT = 85
"""From here on the page says that the limit runs short."""


@access.open_to(access.TAXPAYER)
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The limit of the running month."""
    actor, today = access.actor_of(request), clock.today()
    limit = invoicing.get_limit(tax_id=actor.taxpayer_id, on=today)
    context = {
        "limit": limit,
        "month": f"{limit.period[:4]}-{limit.period[4:]}",
        "is_short": limit.total_fen > 0 and limit.used_percent >= SHORT_PERCENT,
        "movements": list_limit_movements(tax_id=actor.taxpayer_id, period=limit.period),
        "reservations": list_reservations(tax_id=actor.taxpayer_id),
        "movements_max": MOVEMENTS_MAX,
        "may_issue": access.ISSUER in actor.roles,
    }
    return render(request, "invoicing/limit.html", context)
