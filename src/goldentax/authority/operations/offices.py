"""Offices are put on the register from above: a parent before its children."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from goldentax.authority import errors, store
from goldentax.authority.models import Office, OfficeChange
from goldentax.authority.rules.offices import OfficeView, why_impossible
from goldentax.kernel import audit

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
    # An office that was renamed or closed since is the same one still.
    changed = set(OfficeChange.objects.values_list("office__code", flat=True))
    fresh: list[OfficeView] = []
    for office in offices:
        present = known.get(office.code)
        if (
            present is not None
            and present != office
            and not (office.code in changed and _as_it_was(present, office) == office)
        ):
            raise errors.OfficeCodeTaken("code", office=office.code, name=present.name)
        if present is None:
            reason = why_impossible(office, parent=known.get(office.parent_code))
            if reason:
                raise errors.BadOffice("code", office=office.code[:20], reason=reason)
            fresh.append(office)
            known[office.code] = office
    if not fresh:
        return 0
    store.touch(offices=True)
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
    audit.record(
        actor=actor,
        action="authority.office.add",
        subject="offices",
        now=now,
        detail={"codes": [one.code for one in fresh[:_ADDED_IN_ONE_AUDIT_ROW_MAX]], "count": len(fresh)},
    )
    return len(fresh)


def _as_it_was(present: OfficeView, said: OfficeView) -> OfficeView:
    return replace(present, name=said.name, short_name=said.short_name, closed_date=said.closed_date)
