"""Reading offices."""

from goldentax.registry import errors
from goldentax.registry.models import Office
from goldentax.registry.rules.views import OfficeView


def list_offices(*, parent_code: str | None = None, level: str = "") -> tuple[OfficeView, ...]:
    """Every office in the order of its code; below one parent or on one level if asked. Some hundred rows."""
    rows = Office.objects.order_by("code")
    if parent_code is not None:
        rows = rows.filter(parent_code=parent_code)
    if level:
        rows = rows.filter(level=level)
    return tuple(row.as_view() for row in rows)


def get_office(*, code: str) -> OfficeView:
    """
    One office.

    :raises errors.UnknownOffice: if there is none with that code.
    """
    row = Office.objects.filter(code=code).first()
    if row is None:
        raise errors.UnknownOffice("office_code", office=code[:11])
    return row.as_view()
