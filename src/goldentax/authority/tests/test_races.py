"""What happens at once, with real commits: two approvers, two grants that must not meet, threads, processes."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from goldentax.authority import api as authority
from goldentax.authority import errors, store
from goldentax.authority.api import Object, OfficeView, Subject
from goldentax.authority.models import Grant, GrantStep
from goldentax.kernel.access import OFFICER, Actor
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.refusals import Refusal
from goldentax.node.testing import NOW

pytestmark = pytest.mark.django_db(transaction=True)

HEADQUARTERS, PROVINCE, CITY, DISTRICT = "10000000000", "14500000000", "14501000000", "14501030000"
SINCE, TODAY = date(2026, 1, 1), NOW.date()
FUNCTION = "insight.query.free"


@pytest.fixture(autouse=True)
def small_world(transactional_db: None) -> Any:
    """Four offices are world enough here; the demo world takes longer to make than these tests to run."""
    line = (HEADQUARTERS, PROVINCE, CITY, DISTRICT)
    offices = [
        OfficeView(
            code=code,
            name=code,
            short_name=code,
            level=authority.OFFICE_LEVELS[place],
            parent_code=line[place - 1] if place else "",
            division_code=code[1:7],
        )
        for place, code in enumerate(line)
    ]
    authority.add_offices(
        offices=[one for one in offices if authority.find_office(one.code) is None], actor="test", now=NOW
    )
    store.forget_all()
    yield
    store.forget_all()


def officer(post: str, office: str = CITY) -> Actor:
    person = str(new_public_id())
    authority.appoint(
        person_id=person,
        office_code=office,
        post=post,
        valid_from=SINCE,
        actor="test",
        now=NOW - timedelta(days=9),
    )
    return Actor(person_id=person, office_code=office, roles=frozenset({OFFICER}), assurance=2)


def ask(asker: Actor, *, person_id: str, code: str = "data-query") -> authority.GrantView:
    return authority.request_grant(
        person_id=person_id,
        kind="set",
        code=code,
        office_code=DISTRICT,
        valid_from=TODAY,
        valid_to=TODAY + timedelta(days=5),
        actor=asker,
        now=NOW,
        request_id=f"ask-{new_public_id()}",
    )


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run them in threads of their own, each with its connection; a refusal is an answer."""
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            ready.wait(timeout=20)
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def may(person_id: str, *, at: Any = NOW) -> bool:
    subject = Subject(person_id, f"office:{DISTRICT}", 2)
    return authority.may(subject=subject, function=FUNCTION, object=Object(office=DISTRICT), at=at)


def test_of_two_approvals_at_once_one_decides_and_the_other_is_told() -> None:
    asker, one, other = officer("post-admin"), officer("security-admin"), officer("security-admin")
    grant = ask(asker, person_id=str(new_public_id()))

    def approve(actor: Actor) -> Callable[[], Any]:
        request_id = f"approve-{actor.person_id}"
        return lambda: authority.approve_grant(
            grant_id=grant.public_id, actor=actor, now=NOW, request_id=request_id
        )

    answers = at_once(approve(one), approve(other))
    states = sorted(type(answer).__name__ for answer in answers)
    assert states == ["GrantView", "WrongState"]
    assert GrantStep.objects.filter(grant__public_id=grant.public_id, action="approve").count() == 1


def test_the_same_approval_twice_at_once_is_one() -> None:
    asker, decider = officer("post-admin"), officer("security-admin")
    grant = ask(asker, person_id=str(new_public_id()))

    def approve() -> Any:
        return authority.approve_grant(
            grant_id=grant.public_id, actor=decider, now=NOW, request_id="same-approval"
        )

    first, second = at_once(approve, approve)
    assert first == second and first.state == "active"


def test_two_approvals_at_once_do_not_break_segregation_together() -> None:
    asker, decider = officer("post-admin"), officer("security-admin")
    person = str(new_public_id())
    grants = []
    for code in ("selection", "trial"):
        # As two administrators would ask in two windows; asked for one after the other, the second would be refused.
        grants.append(
            Grant.objects.create(
                person_id=person,
                kind="set",
                code=code,
                office_code=DISTRICT,
                valid_from=TODAY,
                state="requested",
                requested_by=asker.person_id,
                requested_at=NOW,
            )
        )

    def approve(grant: Grant) -> Callable[[], Any]:
        return lambda: authority.approve_grant(
            grant_id=grant.public_id, actor=decider, now=NOW, request_id=f"approve-{grant.public_id}"
        )

    answers = at_once(*(approve(one) for one in grants))
    assert sorted(type(one).__name__ for one in answers) == ["GrantView", "WouldBreakSegregation"]


def test_an_ended_grant_is_over_in_every_thread_of_the_process_with_the_commit() -> None:
    asker, decider = officer("post-admin"), officer("security-admin")
    person = str(new_public_id())
    grant = ask(asker, person_id=person)
    authority.approve_grant(grant_id=grant.public_id, actor=decider, now=NOW, request_id="approve-99")
    assert may(person)
    # The answer was given a moment ago and would be kept for half a second.
    authority.end_grant(grant_id=grant.public_id, actor=decider, now=NOW, request_id="end-123456")
    assert not may(person)
    assert at_once(lambda: may(person), lambda: may(person)) == [False, False]


def test_what_another_process_ends_is_over_here_within_a_second() -> None:
    asker, decider = officer("post-admin"), officer("security-admin")
    person = str(new_public_id())
    grant = ask(asker, person_id=person)
    authority.approve_grant(grant_id=grant.public_id, actor=decider, now=NOW, request_id="approve-98")
    assert may(person)
    # Another process: the rows change and nobody tells this one.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE authority_policy_version SET version = version + 1, stamp = gen_random_uuid() RETURNING version"
        )
        (version,) = cursor.fetchone()
        Grant.objects.filter(public_id=grant.public_id).update(state="ended", ended_at=NOW, revision=version)
    began = time.monotonic()
    while may(person):
        assert time.monotonic() - began < 1, "an ended grant still opens after a second"
        time.sleep(0.01)


def test_nobody_else_decides_on_what_a_transaction_has_not_committed() -> None:
    person = str(new_public_id())
    assert not may(person)
    inside: list[bool] = []
    try:
        with transaction.atomic():
            authority.appoint(
                person_id=person,
                office_code=DISTRICT,
                post="data-manage",
                valid_from=SINCE,
                actor="test",
                now=NOW,
            )
            inside.append(may(person))
            store.forget()
            inside += at_once(lambda: may(person))
            raise errors.BadMoment()
    except errors.BadMoment:
        pass
    assert inside == [True, False]
    assert not may(person)
    # The version that was rolled back is taken again by somebody else; nothing of the first is remembered.
    other = officer("data-manage", DISTRICT)
    assert may(other.person_id) and not may(person)


def test_a_savepoint_that_was_taken_back_leaves_nothing() -> None:
    one, other = str(new_public_id()), str(new_public_id())
    with transaction.atomic():
        try:
            with transaction.atomic():
                authority.appoint(
                    person_id=one,
                    office_code=DISTRICT,
                    post="data-manage",
                    valid_from=SINCE,
                    actor="test",
                    now=NOW,
                )
                assert may(one)
                raise errors.BadMoment()
        except errors.BadMoment:
            pass
        assert not may(one)
        authority.appoint(
            person_id=other, office_code=DISTRICT, post="data-manage", valid_from=SINCE, actor="test", now=NOW
        )
        assert may(other) and not may(one)
    assert may(other) and not may(one)


def test_changes_reach_the_policy_without_reading_everything_again(monkeypatch: pytest.MonkeyPatch) -> None:
    person = str(new_public_id())
    assert not may(person)
    monkeypatch.setattr(store, "_load", None)  # reading everything again would fail
    authority.appoint(
        person_id=person, office_code=DISTRICT, post="data-manage", valid_from=SINCE, actor="test", now=NOW
    )
    assert may(person)
    authority.end_all_of_person(person_id=person, actor="test", now=NOW)
    assert not may(person)
