"""
The total limit (总授信额度): granted by month, charged by each invoice with its tax-exclusive amount (FACTS §3).

An account is one taxpayer's month. It opens itself from the grant in force when the month's first invoice comes, and
always equals the sum of its entries.
"""

from datetime import date, datetime
from typing import NoReturn

from django.db import connection, transaction
from django.db.models import Q

from goldentax.invoicing import errors
from goldentax.invoicing.models import LimitAccount, LimitEntry, LimitGrant
from goldentax.invoicing.queries.limits import find_grant
from goldentax.kernel import audit
from goldentax.kernel.values.money import yuan
from goldentax.kernel.values.period import Period


def grant_limit(
    *,
    tax_id: str,
    total_fen: int,
    valid_from: date,
    valid_to: date | None,
    basis: str,
    actor: str,
    now: datetime,
    request_id: str,
) -> None:
    """
    Grant a monthly limit from a day on; an open grant before it ends there, and the running month follows at once.

    The same request id again changes nothing. A month's limit never falls below what is already used.
    """
    with transaction.atomic():
        _, is_new = LimitGrant.objects.get_or_create(
            tax_id=tax_id,
            request_id=request_id,
            defaults={
                "monthly_fen": total_fen,
                "valid_from": valid_from,
                "valid_to": valid_to,
                "basis": basis,
                "granted_at": now,
            },
        )
        if not is_new:
            return
        LimitGrant.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from), tax_id=tax_id, valid_from__lt=valid_from
        ).update(valid_to=valid_from)
        _adjust_running_month(tax_id=tax_id, now=now)
        audit.record(
            actor=actor,
            action="invoicing.limit.grant",
            subject=tax_id,
            request_id=request_id,
            detail={"monthly_fen": total_fen, "from": str(valid_from), "to": str(valid_to), "basis": basis},
            now=now,
        )


def _adjust_running_month(*, tax_id: str, now: datetime) -> None:
    period = str(Period.of(now.date()))
    account = LimitAccount.objects.select_for_update().filter(tax_id=tax_id, period=period).first()
    grant = find_grant(tax_id=tax_id, on=now.date())
    if account is None or grant is None:
        return
    total_fen = max(grant.monthly_fen, account.used_fen)
    if total_fen != account.total_fen:
        LimitEntry.objects.create(
            account=account, at=now, movement="grant", amount_fen=total_fen - account.total_fen
        )
        LimitAccount.objects.filter(pk=account.pk).update(total_fen=total_fen)


_CHARGE = """
UPDATE invoicing_limit_account SET used_fen = used_fen + %s
WHERE tax_id = %s AND period = %s AND used_fen + %s <= total_fen
RETURNING id
"""


def charge(*, tax_id: str, amount_fen: int, now: datetime) -> int:
    """
    Charge the month's limit, inside the transaction that issues; the account's id.

    :raises goldentax.invoicing.errors.NoLimit: if there never was a grant.
    :raises goldentax.invoicing.errors.LimitExpired: if the last grant is over.
    :raises goldentax.invoicing.errors.LimitSpent: if what is left does not cover the amount.
    """
    grant = find_grant(tax_id=tax_id, on=now.date())
    if grant is None:
        _refuse_without_grant(tax_id)
    period = str(Period.of(now.date()))
    with connection.cursor() as cursor:
        cursor.execute(_CHARGE, [amount_fen, tax_id, period, amount_fen])
        row = cursor.fetchone()
        if row is None:
            # The month's first charge finds no account. Of several at once one opens it; all charge it then.
            _open_account(grant, period=period, now=now)
            cursor.execute(_CHARGE, [amount_fen, tax_id, period, amount_fen])
            row = cursor.fetchone()
    if row is None:
        account = LimitAccount.objects.get(tax_id=tax_id, period=period)
        raise errors.LimitSpent(
            "lines", available=yuan(account.total_fen - account.used_fen), needed=yuan(amount_fen)
        )
    return int(row[0])


def enter_charge(*, account_id: int, amount_fen: int, invoice_number: str, now: datetime) -> None:
    """Write the entry of a charge, in the same transaction."""
    LimitEntry.objects.create(
        account_id=account_id,
        at=now,
        movement="charge",
        amount_fen=-amount_fen,
        invoice_number=invoice_number,
    )


def _open_account(grant: LimitGrant, *, period: str, now: datetime) -> None:
    """Open the month's account if it is not open; a second opener waits for the first."""
    account, is_new = LimitAccount.objects.get_or_create(
        tax_id=grant.tax_id, period=period, defaults={"total_fen": grant.monthly_fen}
    )
    if is_new:
        LimitEntry.objects.create(account=account, at=now, movement="grant", amount_fen=grant.monthly_fen)


def _refuse_without_grant(tax_id: str) -> NoReturn:
    last = LimitGrant.objects.filter(tax_id=tax_id, valid_to__isnull=False).order_by("-valid_to").first()
    if last is None:
        raise errors.NoLimit("seller_tax_id", tax_id=tax_id)
    raise errors.LimitExpired("seller_tax_id", valid_to=last.valid_to)
