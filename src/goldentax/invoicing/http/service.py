"""What the issuing service is doing now, below /api/v1: for programs that plan what they send. No taxpayer is in it."""

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params import functions

from goldentax.invoicing.desk import hall
from goldentax.invoicing.desk.service import Facts
from goldentax.kernel import access
from goldentax.kernel.settings import settings

router = Router()


class ApiIssuingService(msgspec.Struct, kw_only=True):
    """The desks of the web worker that answered, and how long so many more invoices would about take."""

    desks: Facts
    count: int
    estimate_ms: float
    rate_per_token: int  # invoices that one token may issue in a second


def _schema() -> dict[str, object]:
    (schema,), components = msgspec.json.schema_components(
        [ApiIssuingService], ref_template="#/components/schemas/{name}"
    )
    content = {"application/json": {"schema": {**schema, "$defs": components}}}
    return {"responses": {200: {"description": "OK", "content": content}}}


@router.get(
    "/service/issuing",
    operation_id="get_issuing_service",
    summary="开票服务实况 The issuing service now",
    openapi_extra=_schema(),
)
@access.open_to(access.PUBLIC)
def get_issuing_service(
    request: HttpRequest, count: int = functions.Query(default=1, ge=1, le=10_000)
) -> HttpResponse:
    """Queue, pace and latency of this worker's desks, and an estimate for a batch of ``count`` invoices."""
    facts, estimate_ms = hall.now_serving(count=count)
    answer = ApiIssuingService(
        desks=facts, count=count, estimate_ms=estimate_ms, rate_per_token=settings().issue_rate_per_token
    )
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json; charset=utf-8")
