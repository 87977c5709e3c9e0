"""Searching the trail: every condition, alone and together, page after page, gives what a plain look gives."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection

from goldentax.kernel import audit
from goldentax.kernel.clock import CHINA
from goldentax.kernel.models import AuditEntry
from goldentax.oversight import errors, queries
from goldentax.oversight.queries import trail
from goldentax.oversight.rules.searching import TrailCursor, TrailFilter, read_filter

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 2, 9, 0, tzinfo=CHINA)
ANNA, BORIS = "019aa0b0-0000-7000-8000-00000000000a", "019aa0b0-0000-7000-8000-00000000000b"


@pytest.fixture
def entries() -> list[AuditEntry]:
    """Sixty records of two people, three actions, every category; several at the same moment."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE kernel_audit")
    actors = [
        f"web:{ANNA}",
        f"web:{ANNA}@office:14501000000",
        f"api:{BORIS}@91450100MA5KABCD1W",
        "system:seal",
    ]
    actions = ["a.thing.do", "a.thing.undo", "b.other.do"]
    for n, (actor, action, category) in enumerate(product(actors, actions, audit.CATEGORIES)):
        audit.record(
            actor=actor,
            action=action,
            subject=f"person:{BORIS}" if n % 3 else "91450100MA5KABCD1W",
            now=START + timedelta(minutes=n // 4),
            request_id=f"r{n}" if n % 2 else "",
            detail={"n": n, "name": "南宁 100%_x" if n % 5 == 0 else "Büro"},
            category=category,
        )
    return list(AuditEntry.objects.order_by("-at", "-id"))


def plain(entries: list[AuditEntry], f: TrailFilter) -> list[int]:
    def fits(e: AuditEntry) -> bool:
        who = e.actor.partition(":")[2].partition("@")[0]
        subjects = {f.subject} | {kind + f.subject for kind in trail.SUBJECT_KINDS}
        return all(
            (
                not f.person or who == f.person,
                not f.subject or e.subject in subjects,
                e.action.startswith(f.action),
                not f.category or e.category == f.category,
                not f.from_ or e.at >= f.from_,
                not f.to or e.at < f.to,
                not f.request_id or e.request_id == f.request_id,
                not f.text or any(f.text.lower() in str(v).lower() for v in e.detail.values()),
            )
        )

    return [e.id for e in entries if fits(e)]


def walked(f: TrailFilter, *, limit: int) -> list[int]:
    found, cursor = [], ""
    while True:
        page = queries.search_trail(filter_=f, cursor=cursor, limit=limit)
        assert len(page.entries) <= limit
        found += [one.id for one in page.entries]
        cursor = page.next_cursor
        if not cursor:
            return found


FILTERS: list[dict[str, Any]] = [
    {},
    {"person": ANNA},
    {"person": BORIS, "category": "look"},
    {"person": "019aa0b0"},
    {"subject": BORIS},
    {"subject": "91450100MA5KABCD1W", "action": "a."},
    {"subject": f"person:{BORIS}", "person": BORIS},
    {"action": "a.thing"},
    {"action": "a.thing.do", "category": "privileged"},
    {"action": "nothing"},
    {"category": "grant"},
    {"category": "change", "person": ANNA},
    {"category": "change"},
    {"request_id": "r7"},
    {"text": "南宁"},
    {"text": "100%_x", "person": ANNA},
    {"text": "büro", "category": "look", "action": "b."},
    {"from_": START + timedelta(minutes=3), "to": START + timedelta(minutes=9)},
    {"from_": START + timedelta(minutes=3), "to": START + timedelta(minutes=9), "person": ANNA, "text": "%"},
]


@pytest.mark.parametrize("limit", [1, 7, 50])
@pytest.mark.parametrize("conditions", FILTERS, ids=lambda one: "+".join(one) or "all")
def test_a_search_gives_what_a_plain_look_gives(
    entries: list[AuditEntry], conditions: dict[str, Any], limit: int
) -> None:
    f = TrailFilter(**conditions)
    assert walked(f, limit=limit) == plain(entries, f)


def test_a_walk_for_words_hands_back_its_place(
    entries: list[AuditEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "SCAN_ROWS_MAX", 8)
    f = TrailFilter(text="南宁")
    page = queries.search_trail(filter_=f, limit=5)
    assert page.looked_back_to is not None and page.next_cursor
    assert walked(f, limit=5) == plain(entries, f)


@pytest.mark.parametrize(
    "cursor", ["x", "1", "1.", ".1", "1.x", "-1.1", "99999999999999999999999.1", "１.２"]
)
def test_a_cursor_that_was_not_given_out_is_refused(cursor: str) -> None:
    with pytest.raises(errors.BadCursor):
        queries.search_trail(filter_=TrailFilter(), cursor=cursor)


def test_a_cursor_says_the_same_moment_again() -> None:
    at = datetime(2026, 11, 21, 10, 0, 0, 123457, tzinfo=CHINA)
    assert TrailCursor.read(TrailCursor(at, 5).text, zone=CHINA) == TrailCursor(at, 5)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"from": "2026-02-30"}, errors.BadPeriod),
        ({"to": "yesterday"}, errors.BadPeriod),
        ({"from": "2026-11-21", "to": "2026-11-20"}, errors.BadPeriod),
        ({"to": "9999-12-31"}, errors.BadPeriod),
        ({"category": "all"}, errors.BadCategory),
    ],
)
def test_conditions_that_make_no_sense_are_refused(asked: dict[str, str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read_filter(asked, zone=CHINA)


def test_a_day_as_end_means_the_whole_day() -> None:
    f = read_filter({"from": "2026-11-21", "to": "2026-11-21", "text": "a\x00b"}, zone=CHINA)
    assert (f.from_, f.to) == (datetime(2026, 11, 21, tzinfo=CHINA), datetime(2026, 11, 22, tzinfo=CHINA))
    assert f.text == "ab"
