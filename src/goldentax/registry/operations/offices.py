"""Offices are put on the register from above: a parent before its children."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from goldentax.kernel import audit
from goldentax.registry import errors
from goldentax.registry.models import Office
from goldentax.registry.rules import kinds
from goldentax.registry.rules.views import OfficeView

_ADDED_IN_ONE_AUDIT_ROW_MAX = 200


@transaction.atomic
def add_offices(*, offices: Sequence[OfficeView], actor: str, now: datetime) -> int:
    """
    Put offices on the register, parents first, and tell how many were new.

    Those already there must be the same.

    :raises errors.BadOffice: if a code, level or parent is impossible.
    :raises errors.OfficeCodeTaken: if another office has one of the codes.
    """
    known = {row.code: row.as_view() for row in Office.objects.all()}
    fresh: list[OfficeView] = []
    for office in offices:
        present = known.get(office.code)
        if present is not None and present != office:
            raise errors.OfficeCodeTaken("code", office=office.code, name=present.name)
        if present is None:
            _refuse_impossible(office, parent=known.get(office.parent_code))
            fresh.append(office)
            known[office.code] = office
    Office.objects.bulk_create(
        Office(
            code=one.code,
            name=one.name,
            short_name=one.short_name,
            level=one.level,
            parent_code=one.parent_code,
            division_code=one.division_code,
        )
        for one in fresh
    )
    if fresh:
        audit.record(
            actor=actor,
            action="registry.office.add",
            subject="offices",
            now=now,
            detail={"codes": [one.code for one in fresh[:_ADDED_IN_ONE_AUDIT_ROW_MAX]], "count": len(fresh)},
        )
    return len(fresh)


def _refuse_impossible(office: OfficeView, *, parent: OfficeView | None) -> None:
    reason = ""
    if len(office.code) != 11 or not office.code.isdigit() or office.code[0] != "1":
        reason = "code"
    elif office.level not in kinds.OFFICE_LEVELS:
        reason = f"level {office.level[:20]}"
    elif (office.level == "hq") != (office.parent_code == ""):
        reason = "parent_code"
    elif office.parent_code and parent is None:
        reason = f"parent_code {office.parent_code[:11]}"
    elif parent is not None and _rank(parent) >= _rank(office):
        reason = f"level {office.level} below {parent.level}"
    if reason:
        raise errors.BadOffice("code", office=office.code[:20], reason=reason)


def _rank(office: OfficeView) -> int:
    return kinds.OFFICE_LEVELS.index(office.level)
