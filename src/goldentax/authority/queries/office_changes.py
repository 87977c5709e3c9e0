"""The history of an office, and the next free code below one."""

from dataclasses import dataclass
from datetime import date, datetime

from goldentax.authority.models import Office, OfficeChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One step in the life of an office."""

    action: str
    name_before: str
    name: str
    effective_date: date
    basis: str
    at: datetime
    actor: str


def list_changes(*, code: str) -> tuple[ChangeView, ...]:
    """The steps in the life of an office, the newest first."""
    rows = OfficeChange.objects.filter(office__code=code).order_by("-id")
    return tuple(
        ChangeView(
            action=one.action,
            name_before=one.name_before,
            name=one.name,
            effective_date=one.effective_date,
            basis=one.basis,
            at=one.at,
            actor=one.actor,
        )
        for one in rows
    )


def next_code(*, division_code: str) -> str:
    """The next free code of a division's offices, which are numbered in hundreds; "" where none is free."""
    taken = set(Office.objects.filter(division_code=division_code).values_list("code", flat=True))
    codes = (f"1{division_code}{number:04d}" for number in range(100, 10_000, 100))
    return next((one for one in codes if one not in taken), "")
