"""Reading grants: one, a person's, an office's, those that wait; appointments; the steps of one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from goldentax.authority import errors
from goldentax.authority.models import Grant, GrantStep
from goldentax.authority.queries import offices
from goldentax.authority.rules import catalogue as catalogues
from goldentax.authority.rules.grants import ACTIVE, POST, REQUESTED
from goldentax.authority.rules.values import VIA_GRANT, VIA_POST, Appointment, GrantView
from goldentax.kernel.text import Text

PAGE_SIZE = 50
PAGE_SIZE_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step of a grant."""

    action: str
    at: datetime
    actor: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantPage:
    """One page of grants, the newest first; ``next_cursor`` is "" on the last one."""

    items: tuple[GrantView, ...]
    next_cursor: str = ""


def list_appointments(*, person_id: str | UUID, on: date) -> list[Appointment]:
    """The posts a person has on a day, the oldest first."""
    person = _uuid(person_id)
    if person is None:
        return []
    rows = Grant.objects.filter(_in_force_on(on), person_id=person, kind=POST).order_by("valid_from", "id")
    return as_appointments(rows)


def list_appointments_of_office(*, office_code: str, on: date) -> list[Appointment]:
    """Who has which post in an office on a day, by post; the offices below are not asked."""
    rows = Grant.objects.filter(_in_force_on(on), office_code=office_code, kind=POST).order_by("code", "id")
    return as_appointments(rows)


def find_grant(grant_id: str | UUID) -> GrantView | None:
    """One grant, or None."""
    row = find_row(grant_id)
    return as_view(row) if row else None


def get_grant(grant_id: str | UUID) -> GrantView:
    """
    One grant.

    :raises errors.UnknownGrant: if there is none.
    """
    found = find_grant(grant_id)
    if found is None:
        raise errors.UnknownGrant("grant_id")
    return found


def list_grants(
    *,
    person_id: str | UUID | None = None,
    office_code: str = "",
    with_below: bool = False,
    state: str = "",
    kind: str = "",
    code: str = "",
    cursor: str = "",
    limit: int = PAGE_SIZE,
) -> GrantPage:
    """Grants, the newest first: of a person, of an office (with those below it), in a state, of a post or set."""
    rows = Grant.objects.order_by("-id")
    if person_id is not None:
        rows = rows.filter(person_id=_uuid(person_id) or UUID(int=0))
    if office_code:
        codes = offices.offices_below(office_code) if with_below else {office_code}
        rows = rows.filter(office_code__in=codes)
    for name, value in (("state", state), ("kind", kind), ("code", code)):
        if value:
            rows = rows.filter(**{name: value.replace("\x00", "")})
    return _page(rows, cursor=cursor, limit=limit)


def list_waiting(
    *, office_codes: Iterable[str], not_by: str = "", cursor: str = "", limit: int = PAGE_SIZE
) -> GrantPage:
    """Requests that wait for a decision in some offices; without those a person asked for or would get."""
    rows = Grant.objects.filter(state=REQUESTED, office_code__in=set(office_codes)).order_by("-id")
    person = _uuid(not_by) if not_by else None
    if person is not None:
        rows = rows.exclude(person_id=person).exclude(requested_by=person)
    return _page(rows, cursor=cursor, limit=limit)


def list_steps(grant_id: str | UUID) -> tuple[StepView, ...]:
    """The steps of a grant in their order."""
    key = _uuid(grant_id)
    rows = GrantStep.objects.filter(grant__public_id=key).order_by("id") if key else ()
    return tuple(StepView(action=one.action, at=one.at, actor=one.actor, note=one.note) for one in rows)


def find_row(grant_id: str | UUID) -> Grant | None:
    """The row of a grant, or None; for the operations of this module."""
    key = _uuid(grant_id)
    return Grant.objects.filter(public_id=key).first() if key else None


def as_view(row: Grant) -> GrantView:
    """A grant as a value."""
    return as_views([row])[0]


def as_views(rows: Sequence[Grant]) -> tuple[GrantView, ...]:
    """Grants as values, with the names of their offices, posts and sets."""
    names = offices.office_names(row.office_code for row in rows)
    return tuple(
        GrantView(
            public_id=str(row.public_id),
            person_id=str(row.person_id),
            kind=row.kind,
            code=row.code,
            name=name_of(row),
            title=row.title,
            office_code=row.office_code,
            office_name=names.get(row.office_code, row.office_code),
            taxpayers=tuple(row.taxpayers),
            fields=tuple(row.fields),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            state=row.state,
            reason=row.reason,
            note=row.note,
            requested_by=str(row.requested_by or ""),
            requested_at=row.requested_at,
            decided_by=str(row.decided_by or ""),
            decided_at=row.decided_at,
            granted_at=row.granted_at,
            ended_at=row.ended_at,
            ended_by=row.ended_by,
        )
        for row in rows
    )


def as_appointment(row: Grant) -> Appointment:
    """A post as a value."""
    return as_appointments([row])[0]


def as_appointments(rows: Iterable[Grant]) -> list[Appointment]:
    """Posts as values, with the names of their offices."""
    rows = list(rows)
    names = offices.office_names(row.office_code for row in rows) if rows else {}
    return [
        Appointment(
            public_id=str(row.public_id),
            person_id=str(row.person_id),
            office_code=row.office_code,
            office_name=names.get(row.office_code, row.office_code),
            post=row.code,
            post_name=name_of(row),
            title=row.title,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in rows
    ]


def name_of(row: Grant) -> Text:
    """How the post or set was called on the first day of the grant."""
    via = VIA_POST if row.kind == POST else VIA_GRANT
    return catalogues.catalogue_on(row.valid_from).name_of(via=via, code=row.code)


def _in_force_on(on: date) -> Q:
    return Q(state=ACTIVE, valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def _page(rows: "QuerySet[Grant]", *, cursor: str, limit: int) -> GrantPage:
    limit = max(1, min(limit, PAGE_SIZE_MAX))
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        rows = rows.filter(id__lt=int(cursor))
    found = list(rows[: limit + 1])
    rest = len(found) > limit
    return GrantPage(items=as_views(found[:limit]), next_cursor=str(found[limit - 1].id) if rest else "")


def _uuid(text: str | UUID) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
