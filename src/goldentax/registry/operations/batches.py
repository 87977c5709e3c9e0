"""
Filling a taxpayer's catalogues in one go (批量导入): all entries or, if one is wrong, none.

Entries that stand in the list already are passed over, so a corrected file can be sent again as a whole.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction

from goldentax.kernel import audit, clock
from goldentax.kernel.refusals import Refusal, raise_all
from goldentax.registry import errors
from goldentax.registry.models import Customer, Good, Taxpayer
from goldentax.registry.operations import requests
from goldentax.registry.queries import codes, spelling
from goldentax.registry.rules import catalogue as rules
from goldentax.registry.rules.catalogue import CustomerEntry, GoodEntry

ENTRIES_MAX = 2000
"""Entries of one batch: at about 300 bytes each this stays far below the size of a request."""

_REFUSALS_MAX = 20


@transaction.atomic
def add_customers(
    *, owner_tax_id: str, entries: Sequence[CustomerEntry], actor: str, request_id: str, now: datetime
) -> None:
    """
    Add many customers to the owner's list.

    :raises errors.BatchTooLarge: if there are more than :data:`ENTRIES_MAX`.
    :raises Refusal: what is wrong with the first few wrong entries, each with its place as field.
    """
    tidied = [rules.tidied_customer(entry) for entry in entries]
    content = [entry.as_dict() for entry in tidied]
    action = "registry.customer.add-many"
    if _was_done(owner_tax_id, request_id, action, content):
        return
    owner = _owner(owner_tax_id)
    ids = {entry.tax_id for entry in tidied if entry.tax_id}
    registered = set(Taxpayer.objects.filter(tax_id__in=ids).values_list("tax_id", flat=True))
    _raise_placed(rules.check_customer(entry, is_registered=entry.tax_id in registered) for entry in tidied)
    Customer.objects.bulk_create(
        [
            Customer(owner=owner, initials=spelling.initials(entry.name), **entry.as_dict())
            for entry in tidied
        ],
        ignore_conflicts=True,
    )
    _finish(owner, request_id, action, content, actor, now)


@transaction.atomic
def add_goods(
    *, owner_tax_id: str, entries: Sequence[GoodEntry], actor: str, request_id: str, now: datetime
) -> None:
    """
    Add many goods and services to the owner's list.

    :raises errors.BatchTooLarge: if there are more than :data:`ENTRIES_MAX`.
    :raises Refusal: what is wrong with the first few wrong entries, each with its place as field.
    """
    tidied = [rules.tidied_good(entry) for entry in entries]
    content = [entry.as_dict() for entry in tidied]
    action = "registry.good.add-many"
    if _was_done(owner_tax_id, request_id, action, content):
        return
    owner = _owner(owner_tax_id)
    short_names = _short_names(tidied, on=now.astimezone(clock.CHINA).date())
    _raise_placed(_check_good(entry, short_names) for entry in tidied)
    Good.objects.bulk_create(
        [
            Good(
                owner=owner,
                initials=spelling.initials(entry.name),
                short_name=short_names[entry.tax_code],
                **entry.as_dict(),
            )
            for entry in tidied
        ],
        ignore_conflicts=True,
    )
    _finish(owner, request_id, action, content, actor, now)


def _was_done(owner_tax_id: str, request_id: str, action: str, content: list[dict[str, object]]) -> bool:
    first = requests.find_first_answer(
        scope=owner_tax_id, request_id=request_id, action=action, content=content
    )
    if first is None and len(content) > ENTRIES_MAX:
        raise errors.BatchTooLarge("entries", count=len(content), limit=ENTRIES_MAX)
    return first is not None


def _short_names(entries: Sequence[GoodEntry], *, on: date) -> dict[str, str]:
    return codes.tax_code_short_names({entry.tax_code for entry in entries}, on=on)


def _check_good(entry: GoodEntry, short_names: dict[str, str]) -> list[Refusal]:
    found = rules.check_good(entry)
    if not found and entry.tax_code not in short_names:
        found.append(errors.UnknownTaxCode("tax_code", tax_code=entry.tax_code))
    return found


def _raise_placed(checked: Iterable[list[Refusal]]) -> None:
    refusals: list[Refusal] = []
    for number, found in enumerate(checked):
        for one in found:
            one.field = f"entries.{number}.{one.field}"
        refusals += found
        if len(refusals) >= _REFUSALS_MAX:
            break
    raise_all(refusals[:_REFUSALS_MAX])


def _finish(
    owner: Taxpayer,
    request_id: str,
    action: str,
    content: list[dict[str, object]],
    actor: str,
    now: datetime,
) -> None:
    requests.keep_answer(
        scope=owner.tax_id,
        request_id=request_id,
        action=action,
        content=content,
        result_id=owner.public_id,
        now=now,
    )
    audit.record(
        actor=actor,
        action=action,
        subject=owner.tax_id,
        request_id=request_id,
        now=now,
        detail={"count": len(content)},
    )


def _owner(tax_id: str) -> Taxpayer:
    row = Taxpayer.objects.filter(tax_id=tax_id).first()
    if row is None:
        raise errors.UnknownTaxpayer("owner_tax_id", tax_id=tax_id[:20])
    return row
