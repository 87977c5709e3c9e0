"""Reading the register of taxpayers; what strangers may see of it is decided by ``rules.views``."""

import uuid
from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q

from goldentax.authority import api as authority
from goldentax.registry import errors
from goldentax.registry.models import Taxpayer, TaxpayerKindSpan, TaxpayerTaxKind
from goldentax.registry.queries import searching
from goldentax.registry.rules import kinds
from goldentax.registry.rules.kinds import TaxpayerKind
from goldentax.registry.rules.views import KindSpanView, Page, TaxKindView, TaxpayerView


def get_taxpayer(*, tax_id: str) -> TaxpayerView:
    """
    One taxpayer by its identifier.

    :raises errors.UnknownTaxpayer: if nobody has it.
    """
    found = find_taxpayer(tax_id=tax_id)
    if found is None:
        raise errors.UnknownTaxpayer("tax_id", tax_id=tax_id[:20])
    return found


def find_taxpayer(*, tax_id: str) -> TaxpayerView | None:
    """One taxpayer by its identifier, or None."""
    row = Taxpayer.objects.filter(tax_id=tax_id).first() if "\x00" not in tax_id else None
    return view_of(row) if row is not None else None


def find_taxpayers(*, tax_ids: Collection[str], on: date) -> dict[str, tuple[TaxpayerView, str]]:
    """Taxpayers with their kinds on a day, by identifier; who is on no register is left out. Three statements."""
    wanted = [one for one in tax_ids if "\x00" not in one]
    views = {one.tax_id: one for one in _views_of(Taxpayer.objects.filter(tax_id__in=wanted))}
    spans = (
        TaxpayerKindSpan.objects.filter(taxpayer__tax_id__in=wanted, from_date__lte=on)
        .filter(Q(to_date__isnull=True) | Q(to_date__gt=on))
        .values_list("taxpayer__tax_id", "kind")
    )
    found = dict(spans)
    return {tax_id: (view, found.get(tax_id, "")) for tax_id, view in views.items()}


def find_taxpayer_by_public_id(*, public_id: uuid.UUID | str) -> TaxpayerView | None:
    """One taxpayer by its public id, or None; a text that is no id finds none."""
    try:
        wanted = uuid.UUID(str(public_id))
    except ValueError:
        return None
    row = Taxpayer.objects.filter(public_id=wanted).first()
    return view_of(row) if row is not None else None


def get_taxpayer_by_public_id(*, public_id: uuid.UUID) -> TaxpayerView:
    """
    One taxpayer by its public id.

    :raises errors.UnknownTaxpayer: if there is none.
    """
    found = find_taxpayer_by_public_id(public_id=public_id)
    if found is None:
        raise errors.UnknownTaxpayer("public_id", tax_id=str(public_id))
    return found


def list_taxpayers(
    *, text: str = "", kind: str = "", office: str = "", cursor: str = "", limit: int = searching.PAGE_SIZE
) -> Page[TaxpayerView]:
    """
    One page of taxpayers in the order of registration.

    :param office: the code of an office; those of the offices below it are listed, too.
    :raises errors.BadCursor: if the cursor was not made by this list.
    """
    rows = Taxpayer.objects.filter(searching.matching(text))
    office = office.replace("\x00", "")
    if kind:
        rows = rows.filter(kind=kind)
    if office:
        rows = rows.filter(office_code__in=authority.offices_below(office))
    found, next_cursor = searching.page_of(rows, cursor=cursor, limit=limit)
    return Page(items=_views_of(found), next_cursor=next_cursor)


def search_taxpayers(
    *, text: str, limit: int = 20, with_persons: bool = False, with_test: bool = True
) -> tuple[TaxpayerView, ...]:
    """
    The taxpayers that fit a name, the start of an identifier or pinyin initials, best first.

    Natural persons are found only where asked for: who looks for a buyer must not be able to list people.
    """
    text = searching.searched_text(text)
    if not text:
        return ()
    condition = searching.matching(text)
    if not with_persons:
        condition &= ~Q(kind=TaxpayerKind.PERSON)
    if not with_test:
        condition &= Q(is_test=False)
    rows = list(Taxpayer.objects.filter(condition).order_by("name")[: searching.PAGE_SIZE_MAX])
    rows.sort(key=lambda row: (not row.name.startswith(text), len(row.name), row.name))
    return _views_of(rows[: max(1, min(limit, searching.PAGE_SIZE_MAX))])


def kind_on(*, tax_id: str, on: date) -> str:
    """
    The kind of a taxpayer on a day; "" before its registration.

    :raises errors.UnknownTaxpayer: if nobody has that identifier.
    """
    span = (
        TaxpayerKindSpan.objects.filter(taxpayer__tax_id=tax_id, from_date__lte=on)
        .filter(Q(to_date__isnull=True) | Q(to_date__gt=on))
        .first()
    )
    if span is not None:
        return span.kind
    if not Taxpayer.objects.filter(tax_id=tax_id).exists():
        raise errors.UnknownTaxpayer("tax_id", tax_id=tax_id[:20])
    return ""


def list_tax_kinds(*, tax_id: str, on: date | None = None) -> tuple[TaxKindView, ...]:
    """The taxes a taxpayer is liable to (税费种认定), VAT first; all, or those of a day."""
    rows = TaxpayerTaxKind.objects.filter(taxpayer__tax_id=tax_id).order_by("valid_from")
    if on is not None:
        rows = rows.filter(valid_from__lte=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    order = list(kinds.TAX_NAMES)
    return tuple(row.as_view() for row in sorted(rows, key=lambda row: order.index(row.tax)))


def list_kind_spans(*, tax_id: str) -> tuple[KindSpanView, ...]:
    """The kinds a taxpayer has had, the first one first."""
    rows = TaxpayerKindSpan.objects.filter(taxpayer__tax_id=tax_id).order_by("from_date")
    return tuple(KindSpanView(kind=row.kind, from_date=row.from_date, to_date=row.to_date) for row in rows)


def view_of(row: Taxpayer) -> TaxpayerView:
    """One row as a value, with the name of its office."""
    return _views_of([row])[0]


def _views_of(rows: Iterable[Taxpayer]) -> tuple[TaxpayerView, ...]:
    rows = list(rows)
    names = authority.office_names(row.office_code for row in rows)
    return tuple(row.as_view(office_name=names.get(row.office_code, "")) for row in rows)
