"""
The API of reservations of the limit (额度预留), below /api/v1: for systems connected directly and work without a line.

Every write carries a ``request_id``; the same one gets its first answer back. Amounts are yuan as text, without tax.
"""

from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from goldentax.invoicing.operations import reserving
from goldentax.invoicing.queries import reservations
from goldentax.invoicing.queries.reservations import Reservation
from goldentax.invoicing.rules.reading import read_json
from goldentax.kernel import access, clock
from goldentax.kernel.access import actor_of
from goldentax.kernel.values.money import fen_from_yuan, yuan

router = Router()


class ReserveInput(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How much to set aside, until when (with its offset; the month's end at the latest), and what for."""

    request_id: str
    amount: Decimal
    until: datetime
    purpose: str


class OfflineUse(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What was issued elsewhere: its amount without tax, how many invoices, and your reference."""

    amount: Decimal
    count: int
    reference: str


class PostInput(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Either the numbers of invoices that were issued here this month, or an offline use."""

    request_id: str
    invoices: list[str] = []
    offline: OfflineUse | None = None


class VoidInput(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The id of the request."""

    request_id: str


class ApiReservation(msgspec.Struct, kw_only=True):
    """A reservation; state is open, posted, voided or expired."""

    id: str
    period: str
    amount: str
    posted: str
    left: str
    purpose: str
    made_at: str
    until: str
    state: str
    repeated: bool


class ApiReservations(msgspec.Struct, kw_only=True):
    """The newest reservations, at most 200."""

    items: list[ApiReservation]


def _content(type_: type) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components(
        [type_], ref_template="#/components/schemas/{name}"
    )
    return {"application/json": {"schema": {**schema, "$defs": components}}}


def _documented(type_: type, body: type | None = None, *, created: bool = False) -> dict[str, Any]:
    content = _content(type_)
    answers = {200: {"description": "OK", "content": content}}
    if created:
        answers[201] = {"description": "Created", "content": content}
    described: dict[str, Any] = {"responses": answers}
    if body is not None:
        described["requestBody"] = {"required": True, "content": _content(body)}
    return described


@cache
def _decoder(type_: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_)


def _answer(one: Reservation, *, status: int = 200) -> HttpResponse:
    return HttpResponse(
        msgspec.json.encode(_api(one)), status=status, content_type="application/json; charset=utf-8"
    )


def _api(one: Reservation) -> ApiReservation:
    return ApiReservation(
        id=one.id,
        period=one.period,
        amount=yuan(one.amount_fen),
        posted=yuan(one.posted_fen),
        left=yuan(one.left_fen),
        purpose=one.purpose,
        made_at=one.made_at.isoformat(),
        until=one.until.isoformat(),
        state=one.state,
        repeated=one.repeated,
    )


@router.post(
    "/limits/reservations",
    operation_id="reserve_limit",
    summary="预留额度 Set a part of the month's limit aside",
    openapi_extra=_documented(ApiReservation, ReserveInput, created=True),
)
@access.open_to(access.ISSUER, scope="invoices:write")
def reserve(request: HttpRequest) -> HttpResponse:
    """Set a part of the running month's limit aside: 201 the first time, 200 for a repeat of the same request."""
    given = read_json(request.body, _decoder(ReserveInput))
    made = reserving.reserve(
        actor=actor_of(request),
        amount_fen=fen_from_yuan(given.amount, field="amount"),
        until=_aware(given.until),
        purpose=given.purpose,
        request_id=given.request_id,
        now=clock.now(),
    )
    return _answer(made, status=200 if made.repeated else 201)


@router.get(
    "/limits/reservations",
    operation_id="list_reservations",
    summary="查询预留额度 List reservations",
    openapi_extra=_documented(ApiReservations),
)
@access.open_to(access.TAXPAYER, scope="invoices:read")
def list_(request: HttpRequest, ended: bool = False) -> HttpResponse:
    """List one's own reservations, the newest first: the open ones, or with ``ended`` all."""
    found = reservations.list_reservations(tax_id=actor_of(request).taxpayer_id, is_open=not ended)
    body = msgspec.json.encode(ApiReservations(items=[_api(one) for one in found]))
    return HttpResponse(body, content_type="application/json; charset=utf-8")


@router.get(
    "/limits/reservations/{reservation_id}",
    operation_id="get_reservation",
    summary="预留额度详情 One reservation",
    openapi_extra=_documented(ApiReservation),
)
@access.open_to(access.TAXPAYER, scope="invoices:read")
def get(request: HttpRequest, reservation_id: str) -> HttpResponse:
    """Read one of one's own reservations."""
    row = reservations.find_row(tax_id=actor_of(request).taxpayer_id, reservation_id=reservation_id)
    if row is None:
        raise reserving.ReservationNotFound("reservation")
    return _answer(reservations.reservation_of(row))


@router.post(
    "/limits/reservations/{reservation_id}/post",
    operation_id="post_reservation",
    summary="转用预留额度 Use a reservation",
    openapi_extra=_documented(ApiReservation, PostInput),
)
@access.open_to(access.ISSUER, scope="invoices:write")
def post(request: HttpRequest, reservation_id: str) -> HttpResponse:
    """Use a reservation, in part or whole: for invoices issued here, or for what was issued offline."""
    given = read_json(request.body, _decoder(PostInput))
    offline = given.offline and reserving.Offline(
        amount_fen=fen_from_yuan(given.offline.amount, field="offline.amount"),
        count=given.offline.count,
        reference=given.offline.reference,
    )
    return _answer(
        reserving.post_reservation(
            actor=actor_of(request),
            reservation_id=reservation_id,
            invoices=given.invoices,
            offline=offline,
            request_id=given.request_id,
            now=clock.now(),
        )
    )


@router.post(
    "/limits/reservations/{reservation_id}/void",
    operation_id="void_reservation",
    summary="撤销预留额度 Give a reservation up",
    openapi_extra=_documented(ApiReservation, VoidInput),
)
@access.open_to(access.ISSUER, scope="invoices:write")
def void(request: HttpRequest, reservation_id: str) -> HttpResponse:
    """Give up what is left of a reservation."""
    given = read_json(request.body, _decoder(VoidInput))
    return _answer(
        reserving.void_reservation(
            actor=actor_of(request),
            reservation_id=reservation_id,
            request_id=given.request_id,
            now=clock.now(),
        )
    )


def _aware(moment: datetime) -> datetime:
    """A moment without its offset is one in China."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=clock.CHINA)
