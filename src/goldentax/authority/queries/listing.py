"""Lists of grants as people look for them: by offices, person, standing, set, end; and how many there are where."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from goldentax.authority.models import Grant
from goldentax.authority.queries import grants as views
from goldentax.authority.queries.grants import GrantPage
from goldentax.authority.rules.catalogue import Catalogue
from goldentax.authority.rules.grants import ACTIVE, ENDED, POST, REFUSED, REQUESTED, SET, WITHDRAWN
from goldentax.authority.rules.values import GrantView
from goldentax.kernel.text import Text

SOON = timedelta(days=30)
"""What ends within a month is worth asking about: prolonging takes a request and an approval."""
EXPORTED_MAX = 50_000
_CHUNK = 1_000

CURRENT, COMING, OVER = "current", "coming", "over"
STANDINGS: Mapping[str, Text] = {
    REQUESTED: Text("待审批", "Waiting"),
    CURRENT: Text("有效", "In force"),
    COMING: Text("未到生效日", "Begins later"),
    OVER: Text("已到期", "Expired"),
    ENDED: Text("已终止", "Ended"),
    REFUSED: Text("已驳回", "Refused"),
    WITHDRAWN: Text("已撤回", "Withdrawn"),
}
"""How a grant stands on a day: its state, and for one that was given whether its days have come or gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFilter:
    """What is looked for; what is None or "" is not asked for."""

    offices: Collection[str]
    person_ids: Collection[str] | None = None
    standing: str = ""  # one of STANDINGS
    kind: str = ""
    codes: Collection[tuple[str, str]] | None = None  # kind and code
    ends_by: date | None = None
    decided_by: str = ""


def standing_of(grant: GrantView, *, on: date) -> str:
    """How a grant stands on a day, one of :data:`STANDINGS`."""
    if grant.state != ACTIVE:
        return grant.state
    if grant.valid_from > on:
        return COMING
    return OVER if grant.valid_to is not None and grant.valid_to <= on else CURRENT


def search_grants(
    filter_: GrantFilter, *, on: date, cursor: str = "", limit: int = views.PAGE_SIZE
) -> GrantPage:
    """One page of grants, the newest first."""
    rows = _rows(filter_, on=on)
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        rows = rows.filter(id__lt=int(cursor))
    found = list(rows.order_by("-id")[: limit + 1])
    rest = len(found) > limit
    return GrantPage(
        items=views.as_views(found[:limit]), next_cursor=str(found[limit - 1].id) if rest else ""
    )


def walk_grants(filter_: GrantFilter, *, on: date) -> Iterator[GrantView]:
    """Every grant that fits, the newest first, at most :data:`EXPORTED_MAX`; for files."""
    cursor, left = "", EXPORTED_MAX
    while left > 0:
        page = search_grants(filter_, on=on, cursor=cursor, limit=min(_CHUNK, left))
        yield from page.items
        left -= len(page.items)
        cursor = page.next_cursor
        if not cursor:
            return


def count_grants(filter_: GrantFilter, *, on: date) -> int:
    """How many grants fit."""
    return _rows(filter_, on=on).count()


def count_waiting(*, offices: Collection[str], not_by: str) -> int:
    """How many requests wait in offices, without those a person asked for or would get."""
    rows = Grant.objects.filter(state=REQUESTED, office_code__in=set(offices))
    return rows.exclude(person_id=not_by).exclude(requested_by=not_by).count() if _is_id(not_by) else 0


def count_by_office(*, offices: Collection[str], on: date) -> dict[str, int]:
    """How many people have a post on a day in each of the offices; those below one are not counted in it."""
    rows = Grant.objects.filter(_standing(CURRENT, on), kind=POST, office_code__in=set(offices))
    counted = rows.values("office_code").annotate(people=Count("person_id", distinct=True)).order_by()
    return {row["office_code"]: row["people"] for row in counted}


def people_of(*, offices: Collection[str], limit: int = 20_000) -> list[str]:
    """The people who hold, held or shall hold something in offices, who came last first."""
    rows = Grant.objects.filter(office_code__in=set(offices)).values("person_id").annotate(last=Max("id"))
    return [str(row["person_id"]) for row in rows.order_by("-last")[:limit]]


def has_anything(*, person_id: str) -> bool:
    """Tell whether a person holds, held or shall hold anything in any office."""
    return _is_id(person_id) and Grant.objects.filter(person_id=person_id).exists()


def codes_carrying(catalogue: Catalogue, *, sets: Collection[str]) -> frozenset[tuple[str, str]]:
    """The posts and sets, as grants name them, that carry one of the function sets."""
    posts = {(POST, code) for code, carried in catalogue.sets_of_post.items() if carried & frozenset(sets)}
    return frozenset(posts | {(SET, code) for code in sets})


def _rows(filter_: GrantFilter, *, on: date) -> "QuerySet[Grant]":
    rows = Grant.objects.filter(office_code__in=set(filter_.offices))
    if filter_.person_ids is not None:
        rows = rows.filter(person_id__in=[one for one in filter_.person_ids if _is_id(one)])
    if filter_.standing:
        rows = rows.filter(_standing(filter_.standing, on))
    if filter_.kind:
        rows = rows.filter(kind=filter_.kind)
    if filter_.codes is not None:
        named = Q(pk__in=[])
        for kind in (POST, SET):
            named |= Q(kind=kind, code__in=[code for its, code in filter_.codes if its == kind])
        rows = rows.filter(named)
    if filter_.ends_by is not None:
        rows = rows.filter(state=ACTIVE, valid_to__gt=on, valid_to__lte=filter_.ends_by)
    if filter_.decided_by:
        rows = rows.filter(decided_by=filter_.decided_by) if _is_id(filter_.decided_by) else rows.none()
    return rows


def _standing(standing: str, on: date) -> Q:
    if standing == COMING:
        return Q(state=ACTIVE, valid_from__gt=on)
    if standing == OVER:
        return Q(state=ACTIVE, valid_to__isnull=False, valid_to__lte=on)
    if standing == CURRENT:
        return Q(state=ACTIVE, valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return Q(state=standing)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
