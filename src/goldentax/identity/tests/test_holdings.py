"""What authority learns of memberships: present, ended today, ended ahead of time, and past."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from goldentax.authority import api as authority
from goldentax.identity import errors, operations, queries
from goldentax.identity.models import Membership, Person, held_at
from goldentax.identity.tests.conftest import NOW, TAX_ID

MakePerson = Callable[..., Person]


def _end(membership: Membership, *, on: date, now: datetime = NOW) -> None:
    operations.end_membership(membership_id=membership.public_id, valid_to=on, actor="system:test", now=now)


def _holds(person: Person, at: datetime) -> bool:
    """By authority's answer; the condition that queries use must say the same."""
    found = authority.who_could(object=authority.Object(taxpayer=TAX_ID), at=at)
    by_authority = str(person.public_id) in {one.person_id for one in found}
    assert by_authority == Membership.objects.filter(held_at(at), person=person).exists()
    return by_authority


def test_one_ended_today_held_until_that_moment(make_person: MakePerson) -> None:
    person = make_person("ended.today", duty="03")
    _end(person.memberships.get(), on=NOW.date(), now=NOW + timedelta(hours=2))
    assert _holds(person, NOW + timedelta(hours=1))
    assert not _holds(person, NOW + timedelta(hours=2))
    assert not _holds(person, NOW + timedelta(days=1))


def test_one_ended_ahead_of_time_holds_until_its_day(make_person: MakePerson) -> None:
    person = make_person("ended.ahead", duty="03")
    _end(person.memberships.get(), on=NOW.date() + timedelta(days=5))
    assert _holds(person, NOW + timedelta(days=4))
    assert not _holds(person, NOW + timedelta(days=5))


def test_one_did_not_hold_before_it_was_written_down(make_person: MakePerson) -> None:
    person = make_person("written.late", duty="03")
    assert not _holds(person, NOW - timedelta(days=1))
    assert _holds(person, NOW)


def test_a_past_day_cannot_be_rewritten(make_person: MakePerson) -> None:
    membership = make_person("rewritten", duty="03").memberships.get()
    with pytest.raises(errors.EndInThePast):
        _end(membership, on=NOW.date() - timedelta(days=1))


def test_every_change_is_counted(make_person: MakePerson) -> None:
    source = queries.Memberships()
    before = source.version()
    membership = make_person("counted", duty="03").memberships.get()
    granted = source.version()
    _end(membership, on=NOW.date())
    assert before < granted < source.version()
