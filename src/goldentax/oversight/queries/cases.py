"""Read the cases that judgements opened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from goldentax.kernel.node import this_node
from goldentax.kernel.text import Text
from goldentax.oversight import errors
from goldentax.oversight.models import Case
from goldentax.oversight.rules.searching import TrailCursor

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case with the judgement it looks into."""

    public_id: str
    person_id: str
    kind: str
    verdict: str
    score: int
    reasons: tuple[tuple[str, int, Text], ...]  # code, weight, sentence
    network: str
    function: str
    opened_at: datetime
    handled_at: datetime | None
    handled_by: str
    outcome: str
    note: str

    @property
    def is_open(self) -> bool:
        return self.handled_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """One page of cases; ``next_cursor`` is "" on the last one."""

    cases: tuple[CaseView, ...]
    next_cursor: str


def list_cases(*, only_open: bool = True, cursor: str = "", limit: int = PAGE_SIZE) -> CasePage:
    """
    Cases, the newest first.

    :raises BadCursor: if the cursor is none.
    """
    rows = Case.objects.select_related("assessment").order_by("-opened_at", "-id")
    if only_open:
        rows = rows.filter(handled_at__isnull=True)
    below = TrailCursor.read(cursor, zone=this_node().time_zone)
    if below:
        rows = rows.filter(Q(opened_at__lt=below.at) | Q(opened_at=below.at, id__lt=below.id))
    found = list(rows[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    more = TrailCursor(last.opened_at, last.pk).text if last else ""
    return CasePage(cases=tuple(_view(row) for row in found[:limit]), next_cursor=more)


def get_case(public_id: UUID) -> CaseView:
    """
    One case.

    :raises CaseNotFound: if there is none.
    """
    row = Case.objects.select_related("assessment").filter(public_id=public_id).first()
    if row is None:
        raise errors.CaseNotFound()
    return _view(row)


def count_open_cases() -> int:
    """How many cases wait."""
    return Case.objects.filter(handled_at__isnull=True).count()


def _view(row: Case) -> CaseView:
    judged: Any = row.assessment
    return CaseView(
        public_id=str(row.public_id),
        person_id=row.person_id,
        kind=judged.kind,
        verdict=judged.verdict,
        score=judged.score,
        reasons=tuple((one["code"], one["weight"], Text(one["zh"], one["en"])) for one in judged.reasons),
        network=judged.network,
        function=judged.function,
        opened_at=row.opened_at,
        handled_at=row.handled_at,
        handled_by=row.handled_by,
        outcome=row.outcome,
        note=row.note,
    )
