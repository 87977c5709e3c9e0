"""
Writing a taxpayer's catalogues (开票信息维护): customers, goods and services.

Every operation names the owner; another owner's entry is not found, whoever asks. Entries are lists for
convenience, not records: an issued invoice carries its own copy, so they may be changed and removed.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from goldentax.kernel import audit, clock
from goldentax.kernel.refusals import raise_all
from goldentax.registry import errors
from goldentax.registry.models import Customer, Good, Taxpayer
from goldentax.registry.operations import requests
from goldentax.registry.queries import codes, spelling
from goldentax.registry.rules import catalogue as rules
from goldentax.registry.rules.catalogue import CustomerEntry, GoodEntry
from goldentax.registry.rules.views import CustomerView, GoodView


@transaction.atomic
def save_customer(
    *,
    owner_tax_id: str,
    entry: CustomerEntry,
    actor: str,
    request_id: str,
    now: datetime,
    public_id: uuid.UUID | None = None,
) -> CustomerView:
    """
    Add a customer to the owner's list, or change the one with that public id.

    :raises errors.UnknownCustomer: if the owner keeps none with that id, or it was removed since.
    :raises errors.CustomerNameTaken: if another entry has the same name and identifier.
    """
    entry = rules.tidied_customer(entry)
    action = "registry.customer.change" if public_id else "registry.customer.add"
    content = {"entry": entry.as_dict(), "public_id": public_id}
    first = requests.find_first_answer(
        scope=owner_tax_id, request_id=request_id, action=action, content=content
    )
    if first is not None:
        return _customer(owner_tax_id, first).as_view()
    is_registered = bool(entry.tax_id) and Taxpayer.objects.filter(tax_id=entry.tax_id).exists()
    raise_all(rules.check_customer(entry, is_registered=is_registered))
    row = _customer(owner_tax_id, public_id) if public_id else Customer(owner=_owner(owner_tax_id))
    for name, value in entry.as_dict().items():
        setattr(row, name, value)
    row.initials = spelling.initials(entry.name)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise errors.CustomerNameTaken("name", name=entry.name) from None
    _finish(owner_tax_id, request_id, action, content, row.public_id, actor, now, detail=entry.as_dict())
    return row.as_view()


@transaction.atomic
def save_good(
    *,
    owner_tax_id: str,
    entry: GoodEntry,
    actor: str,
    request_id: str,
    now: datetime,
    public_id: uuid.UUID | None = None,
) -> GoodView:
    """
    Add goods or a service to the owner's list, or change the one with that public id.

    :raises errors.UnknownGood: if the owner keeps none with that id, or it was removed since.
    :raises errors.UnknownTaxCode: if the tax code does not exist today or is not of the lowest level.
    :raises errors.GoodTaken: if another entry has the same name, specification and unit.
    """
    entry = rules.tidied_good(entry)
    action = "registry.good.change" if public_id else "registry.good.add"
    content = {"entry": entry.as_dict(), "public_id": public_id}
    first = requests.find_first_answer(
        scope=owner_tax_id, request_id=request_id, action=action, content=content
    )
    if first is not None:
        return _good(owner_tax_id, first).as_view()
    raise_all(rules.check_good(entry))
    short_name = codes.tax_code_short_name(entry.tax_code, on=now.astimezone(clock.CHINA).date())
    row = _good(owner_tax_id, public_id) if public_id else Good(owner=_owner(owner_tax_id))
    for name, value in entry.as_dict().items():
        setattr(row, name, value)
    row.short_name, row.initials = short_name, spelling.initials(entry.name)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise errors.GoodTaken("name", name=entry.name) from None
    _finish(owner_tax_id, request_id, action, content, row.public_id, actor, now, detail=entry.as_dict())
    return row.as_view()


@transaction.atomic
def remove_customer(
    *, owner_tax_id: str, public_id: uuid.UUID, actor: str, request_id: str, now: datetime
) -> None:
    """
    Take a customer off the owner's list; invoices keep their copy.

    :raises errors.UnknownCustomer: if the owner keeps none with that id.
    """
    action, content = "registry.customer.remove", {"public_id": public_id}
    if requests.find_first_answer(scope=owner_tax_id, request_id=request_id, action=action, content=content):
        return
    row = _customer(owner_tax_id, public_id)
    detail = {"name": row.name, "tax_id": row.tax_id}
    row.delete()
    _finish(owner_tax_id, request_id, action, content, public_id, actor, now, detail=detail)


@transaction.atomic
def remove_good(
    *, owner_tax_id: str, public_id: uuid.UUID, actor: str, request_id: str, now: datetime
) -> None:
    """
    Take an item off the owner's list; invoices keep their copy.

    :raises errors.UnknownGood: if the owner keeps none with that id.
    """
    action, content = "registry.good.remove", {"public_id": public_id}
    if requests.find_first_answer(scope=owner_tax_id, request_id=request_id, action=action, content=content):
        return
    row = _good(owner_tax_id, public_id)
    detail = {"name": row.name, "tax_code": row.tax_code}
    row.delete()
    _finish(owner_tax_id, request_id, action, content, public_id, actor, now, detail=detail)


def _finish(
    scope: str,
    request_id: str,
    action: str,
    content: Mapping[str, object],
    result_id: uuid.UUID,
    actor: str,
    now: datetime,
    *,
    detail: Mapping[str, object],
) -> None:
    requests.keep_answer(
        scope=scope, request_id=request_id, action=action, content=content, result_id=result_id, now=now
    )
    audit.record(
        actor=actor,
        action=action,
        subject=scope,
        request_id=request_id,
        now=now,
        detail={"public_id": str(result_id), **detail},
    )


def _owner(tax_id: str) -> Taxpayer:
    row = Taxpayer.objects.filter(tax_id=tax_id).first()
    if row is None:
        raise errors.UnknownTaxpayer("owner_tax_id", tax_id=tax_id[:20])
    return row


def _customer(owner_tax_id: str, public_id: uuid.UUID) -> Customer:
    row = Customer.objects.filter(owner__tax_id=owner_tax_id, public_id=public_id).first()
    if row is None:
        raise errors.UnknownCustomer("public_id")
    return row


def _good(owner_tax_id: str, public_id: uuid.UUID) -> Good:
    row = Good.objects.filter(owner__tax_id=owner_tax_id, public_id=public_id).first()
    if row is None:
        raise errors.UnknownGood("public_id")
    return row
