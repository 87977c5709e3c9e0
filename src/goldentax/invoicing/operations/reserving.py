"""
Set a part of the month's limit aside, and use it, give it up, or let it expire (额度预留 → 转用 | 撤销 | 到期).

For issuers who issue where the limit cannot be asked each time: systems connected directly, and work without a line.
Each movement is an entry: *reserve* below zero; *post*, *void* and *expire* above it, as they end what was reserved.
What was used offline is charged in the same moment as it is posted; invoices of this node were charged when they were
issued, so that posting them only ends the reservation of as much.

Rows are locked in the order account, reservation, everywhere.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F, Q, Sum

from goldentax.invoicing import errors
from goldentax.invoicing.models import (
    Invoice,
    LimitAccount,
    LimitEntry,
    LimitRequest,
    LimitReservation,
    PostedInvoice,
)
from goldentax.invoicing.operations.limits import account_of
from goldentax.invoicing.queries.reservations import Reservation, find_row, reservation_of
from goldentax.invoicing.rules.limits import end_of_month
from goldentax.kernel import audit
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto.sm import sm3
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.kernel.values.money import FEN_MAX, yuan

POSTED_AT_ONCE_MAX = 1_000
"""Invoices named in one posting."""

EXPIRED_AT_ONCE = 500
"""Reservations that one run of the job ends, each in its own transaction."""

REQUEST_ID_MIN, REQUEST_ID_MAX = 8, 64


class ReservationWrong(Refusal):
    """A reservation, or a use of one, that makes no sense."""

    code = "INV-LIM-04"
    title = Text("{what_zh}", "{what_en}")
    way_out = Text("请更正后用新的请求号提交", "Correct it and send it with a new request id")


class ReservationNotFound(Refusal):
    """The taxpayer has no such reservation."""

    code = "INV-LIM-05"
    status = 404
    title = Text("没有这笔预留额度", "There is no such reservation")
    way_out = Text("预留见 /api/v1/limits/reservations", "/api/v1/limits/reservations lists them")


class ReservationEnded(Refusal):
    """The reservation was used up, voided or is over."""

    code = "INV-LIM-06"
    status = 409
    title = Text("这笔预留已经结束（{state}）", "This reservation has ended ({state})")
    way_out = Text("请重新预留额度", "Reserve again")


class ReservationShort(Refusal):
    """More is to be used than is left of the reservation."""

    code = "INV-LIM-07"
    title = Text(
        "预留只剩 {left} 元，不足 {needed} 元", "{left} yuan is left of the reservation; {needed} is needed"
    )
    way_out = Text("请按剩余额度转用，超出部分另行预留", "Use what is left, and reserve the rest anew")


class LimitRequestReused(Refusal):
    """The request id was used for something else."""

    code = "INV-LIM-08"
    status = 409
    title = Text(
        "请求号 {request_id} 已用于另一内容", "The request id {request_id} was used for something else"
    )
    way_out = Text("请换一个请求号", "Use another request id")


class InvoiceNotToPost(Refusal):
    """The invoice is not one that may use this reservation."""

    code = "INV-LIM-09"
    title = Text(
        "发票 {number} 不能转用这笔预留：不是本企业当月开具，或已转用过",
        "Invoice {number} cannot use this reservation: not issued by you this month, or used already",
    )
    way_out = Text("只填本月本企业开具、尚未转用的发票", "Name invoices of this month that used none yet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """What was issued where this node was not asked: how much without tax, how many, and where to look it up."""

    amount_fen: int
    count: int
    reference: str


@transaction.atomic
def reserve(
    *, actor: Actor, amount_fen: int, until: datetime, purpose: str, request_id: str, now: datetime
) -> Reservation:
    """
    Set an amount of the running month's limit aside for the taxpayer the actor acts for.

    :param until: not included; a reservation ends with the month at the latest, whatever is asked.
    :raises ReservationWrong: if the amount, the end or the purpose makes no sense.
    :raises goldentax.invoicing.errors.NoLimit: as for an invoice, like LimitExpired and LimitSpent.
    """
    asked = ["reserve", amount_fen, until.isoformat(), purpose]

    def work() -> LimitReservation:
        _check(0 < amount_fen <= FEN_MAX, "amount", "预留金额须大于零", "Reserve more than nothing")
        _check(until > now, "until", "到期时间须在将来", "The end must lie ahead")
        _check(bool(purpose.strip()) and len(purpose) <= 100 and purpose.isprintable(), "purpose",
               "请写明用途（100 字以内）", "Say what for, in up to 100 characters")  # fmt: skip
        account_id = account_of(tax_id=actor.taxpayer_id, now=now)
        _set_aside(account_id, amount_fen)
        row = LimitReservation.objects.create(
            public_id=new_public_id(),
            account_id=account_id,
            tax_id=actor.taxpayer_id,
            amount_fen=amount_fen,
            left_fen=amount_fen,
            purpose=purpose.strip(),
            made_at=now,
            until=min(until, end_of_month(now)),
        )
        _enter(row, "reserve", -amount_fen, now)
        return row

    return _once(actor=actor, request_id=request_id, asked=asked, work=work, now=now)


def _set_aside(account_id: int, amount_fen: int) -> None:
    is_covered = Q(total_fen__gte=F("used_fen") + F("reserved_fen") + amount_fen)
    rows = LimitAccount.objects.filter(is_covered, pk=account_id)
    if not rows.update(reserved_fen=F("reserved_fen") + amount_fen):
        account = LimitAccount.objects.get(pk=account_id)
        left = account.total_fen - account.used_fen - account.reserved_fen
        raise errors.LimitSpent("amount", available=yuan(left), needed=yuan(amount_fen))


@transaction.atomic
def post_reservation(
    *,
    actor: Actor,
    reservation_id: str | UUID,
    invoices: Collection[str] = (),
    offline: Offline | None = None,
    request_id: str,
    now: datetime,
) -> Reservation:
    """
    Use a reservation, in part or whole: for invoices of this node by number, or for what was issued offline.

    :raises ReservationNotFound: if the taxpayer has no such reservation.
    :raises ReservationEnded: if it is over; nothing is posted late.
    :raises ReservationShort: if not as much is left of it.
    :raises InvoiceNotToPost: if an invoice is not of this taxpayer and month, or used a reservation before.
    """
    numbers = sorted(set(invoices))
    told = msgspec.to_builtins([offline.amount_fen, offline.count, offline.reference] if offline else None)
    asked = ["post", str(reservation_id), numbers, told]

    def work() -> LimitReservation:
        _check(bool(numbers) != bool(offline), "invoices", "发票号码与离线用量二选一",
               "Name invoices or an offline use, one of both")  # fmt: skip
        _check(len(numbers) <= POSTED_AT_ONCE_MAX, "invoices", "一次最多 1000 张", "At most 1,000 at once")
        row = _locked_open(actor, reservation_id, now)
        if offline is None:
            _post(row, _claim(row, numbers), is_charged=True, count=len(numbers), now=now)
        else:
            is_told = (
                offline.amount_fen > 0 and offline.count > 0 and 0 < len(offline.reference.strip()) <= 64
            )
            _check(
                is_told, "offline", "请填写金额、张数和参考号", "Tell the amount, the count and a reference"
            )
            _post(row, offline.amount_fen, is_charged=False, count=offline.count, now=now)
        return row

    return _once(actor=actor, request_id=request_id, asked=asked, work=work, now=now)


def _claim(row: LimitReservation, numbers: list[str]) -> int:
    """Note these invoices as those that use the reservation; what they came to without tax."""
    month = int(row.account.period)
    found = Invoice.objects.filter(number__in=numbers, month=month, seller_tax_id=row.tax_id, is_red=False)
    known = set(found.values_list("number", flat=True))
    used = set(PostedInvoice.objects.filter(number__in=numbers).values_list("number", flat=True))
    for number in numbers:
        if number not in known or number in used:
            raise InvoiceNotToPost("invoices", number=number[:20])
    PostedInvoice.objects.bulk_create(
        PostedInvoice(number=number, reservation=row.public_id) for number in numbers
    )
    return int(found.aggregate(sum=Sum("amount_fen"))["sum"])


def _post(row: LimitReservation, amount_fen: int, *, is_charged: bool, count: int, now: datetime) -> None:
    if amount_fen > row.left_fen:
        raise ReservationShort("amount", left=yuan(row.left_fen), needed=yuan(amount_fen))
    _end_part(row, amount_fen, movement="post", count=count, now=now)
    row.posted_fen += amount_fen
    row.state = "open" if row.left_fen else "posted"
    row.save(update_fields=["posted_fen", "left_fen", "state"])
    if not is_charged:
        LimitAccount.objects.filter(pk=row.account_id).update(used_fen=F("used_fen") + amount_fen)
        _enter(row, "charge", -amount_fen, now, count=count)


@transaction.atomic
def void_reservation(
    *, actor: Actor, reservation_id: str | UUID, request_id: str, now: datetime
) -> Reservation:
    """
    Give up what is left of a reservation; what was posted stays.

    :raises ReservationNotFound: if the taxpayer has no such reservation.
    :raises ReservationEnded: if nothing is left of it.
    """

    def work() -> LimitReservation:
        row = _locked_open(actor, reservation_id, now)
        _end(row, state="voided", movement="void", now=now)
        return row

    asked = ["void", str(reservation_id)]
    return _once(actor=actor, request_id=request_id, asked=asked, work=work, now=now)


def expire_reservations(*, now: datetime) -> int:
    """End the reservations whose time is over; how many there were. Safe to run in two places at once."""
    due = LimitReservation.objects.filter(state="open", until__lte=now).order_by("until")
    return sum(_expire(one, now) for one in due.values_list("pk", flat=True)[:EXPIRED_AT_ONCE])


@transaction.atomic
def _expire(row_id: int, now: datetime) -> bool:
    row = _lock(LimitReservation.objects.get(pk=row_id))
    if row.state != "open" or row.until > now:
        return False
    left_fen = row.left_fen
    _end(row, state="expired", movement="expire", now=now)
    audit.record(
        actor="system:limits",
        action="invoicing.reservation.expire",
        subject=str(row.public_id),
        detail={"tax_id": row.tax_id, "left_fen": left_fen},
        now=now,
    )
    return True


def _end(row: LimitReservation, *, state: str, movement: str, now: datetime) -> None:
    _end_part(row, row.left_fen, movement=movement, count=0, now=now)
    row.state = state
    row.save(update_fields=["left_fen", "state"])


def _end_part(row: LimitReservation, amount_fen: int, *, movement: str, count: int, now: datetime) -> None:
    """Take a part out of what is reserved, by an entry; the row of the reservation is left to the caller."""
    row.left_fen -= amount_fen
    LimitAccount.objects.filter(pk=row.account_id).update(reserved_fen=F("reserved_fen") - amount_fen)
    _enter(row, movement, amount_fen, now, count=count)


def _enter(row: LimitReservation, movement: str, amount_fen: int, now: datetime, count: int = 0) -> None:
    LimitEntry.objects.create(
        account_id=row.account_id,
        at=now,
        movement=movement,
        amount_fen=amount_fen,
        leaf_count=count,
        reservation=row.public_id,
    )


def _locked_open(actor: Actor, reservation_id: str | UUID, now: datetime) -> LimitReservation:
    row = find_row(tax_id=actor.taxpayer_id, reservation_id=reservation_id)
    if row is None:
        raise ReservationNotFound("reservation")
    row = _lock(row)
    if row.state != "open":
        raise ReservationEnded("reservation", state=row.state)
    if row.until <= now:
        raise ReservationEnded("reservation", state="expired")
    return row


def _lock(row: LimitReservation) -> LimitReservation:
    LimitAccount.objects.select_for_update().get(pk=row.account_id)
    return LimitReservation.objects.select_for_update(of=("self",)).select_related("account").get(pk=row.pk)


def _once(
    *, actor: Actor, request_id: str, asked: list[Any], work: Callable[[], LimitReservation], now: datetime
) -> Reservation:
    """Do the work of a request, or answer as it was answered before; the trail has one record of it."""
    is_id = (
        REQUEST_ID_MIN <= len(request_id) <= REQUEST_ID_MAX
        and request_id.isascii()
        and request_id.isprintable()
    )
    if not is_id:
        raise errors.BadRequestId("request_id")
    request_hash = sm3(msgspec.json.encode(asked))
    first = _find_first(actor, request_id, request_hash)
    if first is not None:
        return first
    try:
        with transaction.atomic():
            row = work()
            answer = reservation_of(row)
            LimitRequest.objects.create(
                tax_id=actor.taxpayer_id,
                request_id=request_id,
                request_hash=request_hash,
                reservation=row.public_id,
                answer=msgspec.json.encode(answer),
            )
            audit.record(
                actor=actor.label,
                action=f"invoicing.reservation.{asked[0]}",
                subject=str(row.public_id),
                request_id=request_id,
                detail={"tax_id": row.tax_id, "asked": asked[1:], "left_fen": row.left_fen},
                now=now,
            )
            return answer
    except (IntegrityError, Refusal) as error:
        # The same request may have come to stand while this one waited for the account.
        first = _find_first(actor, request_id, request_hash)
        if first is None or (isinstance(error, IntegrityError) and "limit_request" not in str(error)):
            raise
        return first


def _find_first(actor: Actor, request_id: str, request_hash: bytes) -> Reservation | None:
    found = LimitRequest.objects.filter(tax_id=actor.taxpayer_id, request_id=request_id).first()
    if found is None:
        return None
    if bytes(found.request_hash) != request_hash:
        raise LimitRequestReused("request_id", request_id=request_id)
    answer = msgspec.json.decode(bytes(found.answer), type=Reservation)
    return msgspec.structs.replace(answer, repeated=True)


def _check(is_right: bool, field: str, zh: str, en: str) -> None:
    if not is_right:
        raise ReservationWrong(field, what_zh=zh, what_en=en)
