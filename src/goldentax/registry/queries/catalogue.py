"""Reading a taxpayer's catalogues; every question names the owner, and nobody else's entries are found."""

import uuid

from goldentax.registry import errors
from goldentax.registry.models import Customer, Good
from goldentax.registry.queries import searching
from goldentax.registry.rules.views import CustomerView, GoodView, Page


def list_customers(
    *, owner_tax_id: str, text: str = "", cursor: str = "", limit: int = searching.PAGE_SIZE
) -> Page[CustomerView]:
    """
    One page of the owner's customers in the order of adding.

    :raises errors.BadCursor: if the cursor was not made by this list.
    """
    rows = Customer.objects.filter(searching.matching(text), owner__tax_id=owner_tax_id)
    found, next_cursor = searching.page_of(rows, cursor=cursor, limit=limit)
    return Page(items=tuple(row.as_view() for row in found), next_cursor=next_cursor)


def list_goods(
    *, owner_tax_id: str, text: str = "", cursor: str = "", limit: int = searching.PAGE_SIZE
) -> Page[GoodView]:
    """
    One page of the owner's goods and services in the order of adding.

    :raises errors.BadCursor: if the cursor was not made by this list.
    """
    rows = Good.objects.filter(searching.matching(text, tax_id="tax_code"), owner__tax_id=owner_tax_id)
    found, next_cursor = searching.page_of(rows, cursor=cursor, limit=limit)
    return Page(items=tuple(row.as_view() for row in found), next_cursor=next_cursor)


def search_customers(*, owner_tax_id: str, text: str, limit: int = 20) -> tuple[CustomerView, ...]:
    """The owner's customers that fit a text, favourites first; all of them for no text."""
    rows = Customer.objects.filter(searching.matching(text), owner__tax_id=owner_tax_id)
    rows = rows.order_by("-is_favourite", "name")
    return tuple(row.as_view() for row in rows[: max(1, min(limit, searching.PAGE_SIZE_MAX))])


def search_goods(*, owner_tax_id: str, text: str, limit: int = 20) -> tuple[GoodView, ...]:
    """The owner's goods and services that fit a text, by name; all of them for no text."""
    rows = Good.objects.filter(searching.matching(text, tax_id="tax_code"), owner__tax_id=owner_tax_id)
    rows = rows.order_by("name", "specification")
    return tuple(row.as_view() for row in rows[: max(1, min(limit, searching.PAGE_SIZE_MAX))])


def get_customer(*, owner_tax_id: str, public_id: uuid.UUID) -> CustomerView:
    """
    One of the owner's customers.

    :raises errors.UnknownCustomer: if the owner keeps none with that id.
    """
    row = Customer.objects.filter(owner__tax_id=owner_tax_id, public_id=public_id).first()
    if row is None:
        raise errors.UnknownCustomer("public_id")
    return row.as_view()


def get_good(*, owner_tax_id: str, public_id: uuid.UUID) -> GoodView:
    """
    One of the owner's goods and services.

    :raises errors.UnknownGood: if the owner keeps none with that id.
    """
    row = Good.objects.filter(owner__tax_id=owner_tax_id, public_id=public_id).first()
    if row is None:
        raise errors.UnknownGood("public_id")
    return row.as_view()
