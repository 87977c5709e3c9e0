"""The kinds of certificates, as the lawbook says them on a day."""

from datetime import date, datetime
from typing import Any

from goldentax.certificates import errors
from goldentax.certificates.rules.views import Kind
from goldentax.kernel import clock, lawbook


def list_kinds(*, on: date) -> list[Kind]:
    """Every kind in force on a day, in the order of the lawbook."""
    return [_kind(row) for row in lawbook.table("certificates/kinds", on=on)]


def get_kind(code: str, *, on: date) -> Kind:
    """
    One kind by its code.

    :raises errors.UnknownKind: if there is none.
    """
    kinds = list_kinds(on=on)
    for one in kinds:
        if one.code == code:
            return one
    raise errors.UnknownKind("kind", kind=code[:20], known=", ".join(one.code for one in kinds))


def parameter(name: str, *, now: datetime) -> Any:
    """A parameter of the lawbook's certificates at a moment."""
    return lawbook.parameter(f"certificates/{name}", on=day_of(now))


def day_of(now: datetime) -> date:
    """The business day of a moment."""
    return now.astimezone(clock.CHINA).date()


def _kind(row: lawbook.Row) -> Kind:
    return Kind(
        code=row["code"],
        label=row["label"],
        term_days=row["term_days"],
        renew_days=row["renew_days"],
        asked_by=row["asked_by"],
        valid_count_max=row["valid_count_max"],
    )
