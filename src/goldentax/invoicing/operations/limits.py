"""
The total limit (总授信额度): granted by month, charged by each invoice with its tax-exclusive amount (FACTS §3).

An account is one taxpayer's month. It opens itself from the grant in force when the month's first invoice comes, and
always equals the sum of its entries.
"""

from collections.abc import Collection
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F, Q

from goldentax.invoicing import errors
from goldentax.invoicing.models import LimitAccount, LimitEntry, LimitGrant
from goldentax.invoicing.queries.limits import find_grant, grants_in_force
from goldentax.invoicing.rules.limits import given_back
from goldentax.kernel import audit
from goldentax.kernel.refusals import Refusal
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
    total_fen = max(grant.monthly_fen, account.used_fen + account.reserved_fen)
    if total_fen != account.total_fen:
        LimitEntry.objects.create(
            account=account, at=now, movement="grant", amount_fen=total_fen - account.total_fen
        )
        LimitAccount.objects.filter(pk=account.pk).update(total_fen=total_fen)


_CHARGE = """
UPDATE invoicing_limit_account SET used_fen = used_fen + %s
WHERE tax_id = %s AND period = %s AND used_fen + reserved_fen + %s <= total_fen
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
        raise _without_grant(tax_id)
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
            "lines",
            available=yuan(account.total_fen - account.used_fen - account.reserved_fen),
            needed=yuan(amount_fen),
        )
    return int(row[0])


def find_accounts(*, tax_ids: Collection[str], now: datetime) -> dict[str, int | Refusal]:
    """
    The accounts of the running month by taxpayer, opened where they are not open yet; or the refusal where no grant is
    in force. Two statements, and one more for each account that is opened.
    """
    period = str(Period.of(now.date()))
    open_ones = LimitAccount.objects.filter(tax_id__in=tax_ids, period=period)
    accounts = dict(open_ones.values_list("tax_id", "id"))
    granted = set(grants_in_force(on=now.date()).filter(tax_id__in=tax_ids).values_list("tax_id", flat=True))
    return {
        one: accounts[one] if one in granted and one in accounts else _opened(one, period, now)
        for one in tax_ids
    }


def _opened(tax_id: str, period: str, now: datetime) -> int | Refusal:
    grant = find_grant(tax_id=tax_id, on=now.date())
    if grant is None:
        return _without_grant(tax_id)
    with transaction.atomic():
        return _open_account(grant, period=period, now=now)


def account_of(*, tax_id: str, now: datetime) -> int:
    """
    The account of the running month, opened from the grant where it is not open yet.

    :raises goldentax.invoicing.errors.NoLimit: if there never was a grant.
    :raises goldentax.invoicing.errors.LimitExpired: if the last grant is over.
    """
    found = find_accounts(tax_ids=[tax_id], now=now)[tax_id]
    if isinstance(found, Refusal):
        raise found
    return found


def give_back(
    *,
    tax_id: str,
    amount_fen: int,
    original_date: date,
    invoice_number: str,
    desk: int,
    leaf: int,
    now: datetime,
) -> int:
    """
    Return to the month's limit what a red invoice reverses, inside the transaction that issues it; the fen given back.

    Whether it does is law (``lawbook/invoicing/limits.yaml``): today it does for an invoice of the same month, and not
    for one of an earlier month.

    :param amount_fen: without tax, above zero.
    :param original_date: the issue date of the invoice that is reversed.
    :param invoice_number: of the red invoice; it stands at ``leaf`` of the log of ``desk``.
    """
    assert amount_fen > 0, "the amount of a red invoice is told without its sign"
    if not given_back(original_date=original_date, on=now.date()).is_given_back:
        return 0
    account_id = account_of(tax_id=tax_id, now=now)
    account = LimitAccount.objects.select_for_update().get(pk=account_id)
    # Never more than was used: what an earlier month charged cannot make this month's limit larger than its grant.
    returned_fen = min(amount_fen, account.used_fen)
    if returned_fen:
        LimitAccount.objects.filter(pk=account_id).update(used_fen=F("used_fen") - returned_fen)
        LimitEntry.objects.create(
            account_id=account_id,
            at=now,
            movement="return",
            amount_fen=returned_fen,
            invoice_number=invoice_number,
            desk=desk,
            leaf_from=leaf,
            leaf_count=1,
        )
    return returned_fen


def enter_charge(
    *, account_id: int, amount_fen: int, invoice_number: str, desk: int, leaf: int, now: datetime
) -> None:
    """Write the entry of one invoice's charge, in the same transaction."""
    LimitEntry.objects.create(
        account_id=account_id,
        at=now,
        movement="charge",
        amount_fen=-amount_fen,
        invoice_number=invoice_number,
        desk=desk,
        leaf_from=leaf,
        leaf_count=1,
    )


def _open_account(grant: LimitGrant, *, period: str, now: datetime) -> int:
    """Open the month's account if it is not open; a second opener waits for the first. Its id."""
    account, is_new = LimitAccount.objects.get_or_create(
        tax_id=grant.tax_id, period=period, defaults={"total_fen": grant.monthly_fen}
    )
    if is_new:
        LimitEntry.objects.create(account=account, at=now, movement="grant", amount_fen=grant.monthly_fen)
    return account.pk


def _without_grant(tax_id: str) -> Refusal:
    last = LimitGrant.objects.filter(tax_id=tax_id, valid_to__isnull=False).order_by("-valid_to").first()
    if last is None:
        return errors.NoLimit("seller_tax_id", tax_id=tax_id)
    return errors.LimitExpired("seller_tax_id", valid_to=last.valid_to)
