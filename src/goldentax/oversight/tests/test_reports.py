"""Compliance reports say what stands in the trail, over their period, and no more."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from goldentax.kernel import audit
from goldentax.kernel.access import Actor
from goldentax.kernel.clock import CHINA
from goldentax.kernel.models import AuditEntry
from goldentax.kernel.text import Text
from goldentax.oversight import api as oversight
from goldentax.oversight import errors, operations, queries
from goldentax.oversight.rules.facts import LookFacts, SignInFacts
from goldentax.oversight.rules.reports import Column, Period, Report

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 18, 10, 0, tzinfo=CHINA)
ANNA, BORIS, CARL = (f"019aa0b0-0000-7000-8000-00000000000{n}" for n in "abc")
PERIOD = Period(from_=AT - timedelta(days=10), to=AT + timedelta(hours=1))
READER = Actor(person_id=CARL)


@pytest.fixture(autouse=True)
def history() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE kernel_audit, oversight_sign_in, oversight_device, oversight_look_hour,"
            " oversight_assessment CASCADE"
        )

    def note(person: str, action: str, category: str, /, *, at: datetime = AT, **detail: Any) -> None:
        subject = f"person:{detail.get('person', person)}"
        audit.record(
            actor=f"web:{person}@office:14501000000", action=action, subject=subject, now=at,
            detail=detail, category=category,
        )  # fmt: skip

    note(BORIS, "authority.office.add", audit.PRIVILEGED)
    note(BORIS, "authority.office.add", audit.PRIVILEGED, at=AT.replace(hour=23) - timedelta(days=1))
    note(CARL, "oversight.case.handle", audit.PRIVILEGED)
    note(BORIS, "authority.office.add", audit.PRIVILEGED, at=AT - timedelta(days=40))
    note(BORIS, "authority.grant.approve", audit.GRANT, person=ANNA, code="audit-read")
    note(BORIS, "authority.grant.approve", audit.GRANT, person=CARL, at=AT - timedelta(days=2))
    note(BORIS, "authority.grant.end", audit.GRANT, person=ANNA)
    oversight.note_near_miss(
        actor=f"web:{BORIS}", person_id=ANNA, refusal="AUT-SOD-02", tried="authority.grant.approve", now=AT
    )
    for n in range(3):
        facts = LookFacts(
            person_id=CARL,
            subject=f"person:{n % 2}",
            fields=("phone",),
            purpose="p",
            at=AT,
            actor=f"web:{CARL}",
        )
        oversight.assess_look(facts)
    for n in range(4):
        tried = SignInFacts(
            person_id="", login_digest=f"l{n % 3}", network="198.51.100.1", device_id="", user_agent="",
            at=AT, method="password",
        )  # fmt: skip
        oversight.note_sign_in(tried, succeeded=False)
    old = SignInFacts(
        person_id=ANNA, login_digest="anna", network="192.0.2.1", device_id="d", user_agent="",
        at=AT - timedelta(days=200), method="password",
    )  # fmt: skip
    oversight.note_sign_in(old, succeeded=True)


def rows(key: str) -> list[dict[str, Any]]:
    return oversight.get_report(key).rows(PERIOD)


def test_administrative_actions_are_counted_in_their_period() -> None:
    counted = {row["action"]: row["count"] for row in rows("admin-actions")}
    assert counted["authority.office.add"] == 2
    assert counted["authority.grant.approve"] == 2


def test_privileged_actions_are_counted_by_person_and_by_night() -> None:
    counted = {row["person"]: (row["count"], row["off_hours"]) for row in rows("privileged-people")}
    assert counted == {BORIS: (2, 1), CARL: (1, 0)}


def test_a_grant_whose_holder_did_nothing_since_is_unused() -> None:
    assert [(row["person"], "audit-read" in row["what"]) for row in rows("unused-grants")] == [(ANNA, True)]


def test_steps_of_granting_are_counted() -> None:
    counted = {row["action"]: row["count"] for row in rows("grants-ended")}
    assert counted == {
        "authority.grant.approve": 2,
        "authority.grant.end": 1,
        "oversight.segregation.near-miss": 1,
    }


def test_near_misses_of_segregation_are_told() -> None:
    [row] = rows("near-misses")
    assert (row["person"], row["rule"], row["action"]) == (ANNA, "AUT-SOD-02", "authority.grant.approve")


def test_dormant_accounts_are_told_with_their_days() -> None:
    assert [(row["person"], row["days"]) for row in rows("dormant")] == [(ANNA, 200)]


def test_looks_are_counted_by_person() -> None:
    [row] = rows("looks")
    assert (row["person"], row["count"], row["subjects"], row["busiest"]) == (CARL, 3, 2, 3)


def test_refused_sign_ins_are_counted_by_network() -> None:
    [row] = rows("refused-sign-ins")
    assert (row["network"], row["count"], row["logins"], row["succeeded"]) == ("198.51.100.1", 4, 3, 0)


def test_judgements_are_counted_by_rule() -> None:
    returning = SignInFacts(
        person_id=ANNA, login_digest="anna", network="192.0.2.1", device_id="d", user_agent="",
        at=AT, method="password",
    )  # fmt: skip
    oversight.assess_sign_in(returning)
    counted = {row["rule"]: (row["count"], row["stepped_up"]) for row in rows("judgements")}
    assert counted == {"dormant": (1, 1), "new-network": (1, 1)}


@pytest.mark.parametrize("key", [one.key for one in oversight.list_reports()])
def test_each_report_gives_the_columns_it_names_and_a_csv(key: str) -> None:
    report = oversight.get_report(key)
    found = operations.read_report_for(actor=READER, key=key, period=PERIOD, now=AT)
    names = {column.name for column in report.columns}
    assert all(names <= row.keys() for row in found)
    assert not report.chart[0] or set(report.chart) <= names
    text = queries.report_csv(report, found, language="en")
    assert len(text.splitlines()) == len(found) + 1
    assert AuditEntry.objects.filter(action="oversight.report.read", subject=f"report:{key}").count() == 1


def test_a_room_above_can_offer_a_report_of_its_own() -> None:
    offered = Report(
        key="own-report", title=Text("甲", "a"), lead=Text("乙", "b"),
        columns=(Column("x", Text("丙", "c")),), rows=lambda period: [{"x": "=1+1"}],
    )  # fmt: skip
    oversight.offer_report(offered)
    try:
        assert offered in oversight.list_reports()
        assert queries.report_csv(offered, offered.rows(PERIOD), language="zh").splitlines() == [
            "丙",
            "'=1+1",
        ]
    finally:
        queries.reports._reports.pop("own-report")
    with pytest.raises(errors.ReportNotFound):
        oversight.get_report("own-report")


@pytest.mark.parametrize(
    ("from_", "to"),
    [(AT, AT), (AT, AT - timedelta(days=1)), (AT - timedelta(days=400), AT)],
)
def test_a_period_that_is_none_or_too_long_is_refused(from_: datetime, to: datetime) -> None:
    with pytest.raises(errors.BadPeriod):
        Period.of(from_=from_, to=to, now=AT)
