"""
Writing the register of taxpayers: registration, change of particulars, change of kind.

The order of refusals is fixed: request id, the repeat question, form, and then what the register holds.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from goldentax.authority import api as authority
from goldentax.contracts.registry import TaxpayerRegisteredV1
from goldentax.kernel import audit, clock, outbox
from goldentax.kernel.refusals import raise_all
from goldentax.kernel.settings import settings
from goldentax.registry import errors
from goldentax.registry.models import Taxpayer, TaxpayerKindSpan, TaxpayerTaxKind
from goldentax.registry.operations import requests
from goldentax.registry.queries import codes, spelling, taxpayers
from goldentax.registry.rules import registration as rules
from goldentax.registry.rules.registration import Changes, Registration
from goldentax.registry.rules.views import TaxpayerView

_SCOPE = ""


@transaction.atomic
def register_taxpayer(
    *, registration: Registration, actor: str, request_id: str, now: datetime
) -> TaxpayerView:
    """
    Put a taxpayer on the register of its office.

    The same request id with the same content gets the first answer back. Publishes
    :class:`~goldentax.contracts.registry.TaxpayerRegisteredV1`.

    :raises errors.RequestIdReused: if the id was used for something else.
    :raises errors.WrongCheckCharacter: if the identifier fails its check and is not flagged as a test.
    :raises errors.TestTaxpayerNotAllowed: if it is flagged so outside a demo world.
    :raises errors.AlreadyRegistered: if the identifier is taken.
    """
    registration = rules.tidied(registration)
    action = "registry.taxpayer.register"
    first = requests.find_first_answer(
        scope=_SCOPE, request_id=request_id, action=action, content=registration
    )
    if first is not None:
        return taxpayers.get_taxpayer_by_public_id(public_id=first)
    raise_all(rules.check_registration(registration, in_demo_world=settings().demo))
    row = _create(registration, today=now.astimezone(clock.CHINA).date())
    requests.keep_answer(
        scope=_SCOPE,
        request_id=request_id,
        action=action,
        content=registration,
        result_id=row.public_id,
        now=now,
    )
    audit.record(
        actor=actor,
        action=action,
        subject=row.tax_id,
        request_id=request_id,
        now=now,
        detail={"name": row.name, "kind": row.kind, "office": row.office_code, "is_test": row.is_test},
    )
    outbox.publish(_registered(row, now=now), key=str(row.public_id), now=now)
    return taxpayers.view_of(row)


@transaction.atomic
def change_taxpayer(
    *, tax_id: str, changes: Changes, actor: str, request_id: str, now: datetime
) -> TaxpayerView:
    """
    Change particulars of a taxpayer: address, telephone, bank, representative, state.

    :raises errors.UnknownTaxpayer: if nobody has that identifier.
    :raises errors.RequestIdReused: if the id was used for something else.
    """
    action = "registry.taxpayer.change"
    first = requests.find_first_answer(scope=tax_id, request_id=request_id, action=action, content=changes)
    if first is not None:
        return taxpayers.get_taxpayer_by_public_id(public_id=first)
    raise_all(rules.check_changes(changes))
    row = _locked(tax_id)
    given = changes.given()
    before = {name: getattr(row, name) for name in given}
    for name, value in given.items():
        setattr(row, name, value)
    row.save(update_fields=list(given))
    requests.keep_answer(
        scope=tax_id, request_id=request_id, action=action, content=changes, result_id=row.public_id, now=now
    )
    audit.record(
        actor=actor,
        action=action,
        subject=row.tax_id,
        request_id=request_id,
        now=now,
        detail={"before": before, "after": given},
    )
    return taxpayers.view_of(row)


@transaction.atomic
def change_kind(
    *, tax_id: str, kind: str, on: date, actor: str, request_id: str, now: datetime
) -> TaxpayerView:
    """
    Make a taxpayer general or small-scale from a day on (一般纳税人登记、转登记).

    The days before keep their kind.

    :raises errors.UnknownTaxpayer: if nobody has that identifier.
    :raises errors.SameKind: if it is of that kind already.
    :raises errors.BadKindChange: if the day is not after the present kind began.
    """
    action, content = "registry.taxpayer.change-kind", {"kind": kind, "on": on}
    first = requests.find_first_answer(scope=tax_id, request_id=request_id, action=action, content=content)
    if first is not None:
        return taxpayers.get_taxpayer_by_public_id(public_id=first)
    row = _locked(tax_id)
    span = row.kind_spans.get(to_date__isnull=True)
    raise_all(rules.check_kind_change(kind=kind, present=span.kind, since=span.from_date, on=on))
    span.to_date = on
    span.save(update_fields=["to_date"])
    TaxpayerKindSpan.objects.create(taxpayer=row, kind=kind, from_date=on)
    row.kind = kind
    row.save(update_fields=["kind"])
    requests.keep_answer(
        scope=tax_id, request_id=request_id, action=action, content=content, result_id=row.public_id, now=now
    )
    audit.record(
        actor=actor,
        action=action,
        subject=row.tax_id,
        request_id=request_id,
        now=now,
        detail={"kind": kind, "before": span.kind, "on": on.isoformat()},
    )
    return taxpayers.view_of(row)


def _create(registration: Registration, *, today: date) -> Taxpayer:
    authority.get_office(registration.office_code)
    industry_name = codes.industry_name(registration.industry_code, on=today)
    if Taxpayer.objects.filter(tax_id=registration.tax_id).exists():
        raise errors.AlreadyRegistered("tax_id", tax_id=registration.tax_id)
    row = Taxpayer(
        tax_id=registration.tax_id,
        id_kind=rules.id_kind_of(registration),
        name=registration.name,
        initials=spelling.initials(registration.name),
        kind=registration.kind,
        economic_type=registration.economic_type,
        office_code=registration.office_code,
        industry_code=registration.industry_code,
        industry_name=industry_name,
        status=registration.status,
        address=registration.address,
        phone=registration.phone,
        bank_name=registration.bank_name,
        bank_account=registration.bank_account,
        representative=registration.representative,
        registered_date=registration.registered_date,
        is_test=registration.is_test,
        is_external=registration.is_external,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        # Somebody registered the identifier since it was looked for; anything else is a bug.
        if "tax_id" not in str(error):
            raise
        raise errors.AlreadyRegistered("tax_id", tax_id=registration.tax_id) from None
    TaxpayerKindSpan.objects.create(taxpayer=row, kind=row.kind, from_date=row.registered_date)
    TaxpayerTaxKind.objects.bulk_create(
        TaxpayerTaxKind(
            taxpayer=row,
            tax=grant.tax,
            filing_period=grant.filing_period,
            valid_from=grant.valid_from,
            valid_to=grant.valid_to,
        )
        for grant in registration.tax_kinds
    )
    return row


def _locked(tax_id: str) -> Taxpayer:
    row = Taxpayer.objects.select_for_update().filter(tax_id=tax_id).first()
    if row is None:
        raise errors.UnknownTaxpayer("tax_id", tax_id=tax_id[:20])
    return row


def _registered(row: Taxpayer, *, now: datetime) -> TaxpayerRegisteredV1:
    return TaxpayerRegisteredV1(
        public_id=str(row.public_id),
        tax_id=row.tax_id,
        name=row.name,
        kind=row.kind,
        office_code=row.office_code,
        registered_date=row.registered_date,
        at=now,
    )
