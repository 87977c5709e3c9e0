"""Reading offices."""

from collections.abc import Iterable

from goldentax.authority import errors
from goldentax.authority.models import Office
from goldentax.authority.rules.offices import OfficeView

_LEVELS_MAX = 5


def list_offices(*, parent_code: str | None = None, level: str = "") -> tuple[OfficeView, ...]:
    """Every office in the order of its code; below one parent or on one level if asked. Some hundred rows."""
    rows = Office.objects.order_by("code")
    if parent_code is not None:
        rows = rows.filter(parent_code=parent_code)
    if level:
        rows = rows.filter(level=level)
    return tuple(row.as_view() for row in rows)


def find_office(code: str) -> OfficeView | None:
    """One office, or None."""
    row = Office.objects.filter(code=code.replace("\x00", "")).first()
    return row.as_view() if row else None


def get_office(code: str) -> OfficeView:
    """
    One office.

    :raises errors.UnknownOffice: if there is none with that code.
    """
    found = find_office(code)
    if found is None:
        raise errors.UnknownOffice("office_code", office=code[:11])
    return found


def office_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of offices by their codes; a code that nobody has is left out."""
    return dict(Office.objects.filter(code__in=set(codes)).values_list("code", "name"))


def ancestors(code: str) -> tuple[OfficeView, ...]:
    """The offices above one, the nearest first; none above the headquarters or an unknown office."""
    found: list[OfficeView] = []
    here = find_office(code)
    while here is not None and here.parent_code and len(found) < _LEVELS_MAX:
        here = find_office(here.parent_code)
        if here is not None:
            found.append(here)
    return tuple(found)


def offices_below(code: str) -> frozenset[str]:
    """The codes of an office and of all below it; the code alone where nobody has it."""
    found, level = {code}, {code}
    while level:
        level = set(Office.objects.filter(parent_code__in=level).values_list("code", flat=True)) - found
        found |= level
    return frozenset(found)


def is_below(*, code: str, above: str) -> bool:
    """Tell whether an office is another, or stands below it."""
    return code == above or any(one.code == above for one in ancestors(code))
