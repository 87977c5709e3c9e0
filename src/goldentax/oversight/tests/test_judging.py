"""Judging at the doors, with the database: habits are learnt, attacks are seen, what is refused stays written down."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from goldentax.kernel import access, audit
from goldentax.kernel.clock import CHINA
from goldentax.kernel.models import AuditEntry
from goldentax.oversight import api as oversight
from goldentax.oversight import errors, models
from goldentax.oversight.operations import judging, measuring
from goldentax.oversight.rules.facts import LookFacts, SignInFacts, UseFacts

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 18, 10, 0, tzinfo=CHINA)  # a Wednesday
ANNA, BORIS = "019aa0b0-0000-7000-8000-00000000000a", "019aa0b0-0000-7000-8000-00000000000b"
AUDITOR = access.Actor(person_id="019aa0b0-0000-7000-8000-0000000000ff", roles=frozenset({access.OFFICER}))


def attempt(**facts: Any) -> SignInFacts:
    usual: dict[str, Any] = {
        "person_id": ANNA,
        "login_digest": "anna",
        "network": "192.0.2.7",
        "device_id": "secret-of-annas-laptop",
        "user_agent": "Chrome · Windows",
        "at": AT,
        "method": "password",
    }
    return SignInFacts(**(usual | facts))


def signed_in(times: int = 25) -> None:
    """Weeks of mornings at the same desk."""
    for n in range(1, times + 1):
        oversight.note_sign_in(attempt(at=AT - timedelta(days=n)), succeeded=True)


def codes(assessment: oversight.Assessment) -> set[str]:
    return {one.code for one in assessment.reasons}


def test_a_first_sign_in_is_not_unusual() -> None:
    assert oversight.assess_sign_in(attempt()).verdict == "allow"


def test_a_known_desk_is_let_in_and_a_strange_one_is_not_taken_for_it() -> None:
    signed_in()
    assert oversight.assess_sign_in(attempt()).score == 0
    strange = attempt(device_id="another", network="198.51.100.9", at=AT.replace(hour=3))
    found = oversight.assess_sign_in(strange)
    assert codes(found) == {"new-device", "new-network", "odd-hour"}
    assert found.verdict == "step_up"


def test_the_same_person_cannot_be_in_two_cities_within_minutes() -> None:
    signed_in()
    oversight.note_sign_in(attempt(at=AT - timedelta(minutes=20)), succeeded=True)
    found = oversight.assess_sign_in(attempt(network="203.0.113.9", device_id="another"))
    assert "impossible-travel" in codes(found)
    assert found.verdict == "block"
    assert "乌鲁木齐" in found.said("zh") and "Ürümqi" in found.said("en")


def test_spraying_is_seen_from_its_network_and_does_not_touch_known_devices() -> None:
    signed_in()
    for n in range(25):
        victim = attempt(person_id="", login_digest=f"victim-{n}", at=AT - timedelta(minutes=2))
        oversight.note_sign_in(victim, succeeded=False)
    assert codes(oversight.assess_sign_in(attempt(device_id="attackers"))) == {"new-device", "spraying"}
    assert oversight.assess_sign_in(attempt()).verdict == "allow"
    later = attempt(device_id="attackers", at=AT + timedelta(minutes=30))
    assert "spraying" not in codes(oversight.assess_sign_in(later))


def test_stuffing_is_seen_over_networks() -> None:
    signed_in()
    for n in range(6):
        tried = attempt(network=f"198.51.100.{n}", device_id="", at=AT - timedelta(minutes=30))
        oversight.note_sign_in(tried, succeeded=False)
    found = oversight.assess_sign_in(attempt(device_id="attackers", network="198.51.100.77"))
    assert codes(found) >= {"stuffing", "new-device", "new-network"}
    assert found.verdict == "step_up"


def test_an_account_that_slept_is_noticed() -> None:
    oversight.note_sign_in(attempt(at=AT - timedelta(days=120)), succeeded=True)
    assert codes(oversight.assess_sign_in(attempt())) == {"dormant"}


def test_only_the_hash_of_a_device_is_kept_and_it_can_be_forgotten() -> None:
    oversight.note_sign_in(attempt(), succeeded=True)
    [device] = oversight.list_devices(ANNA)
    assert device.user_agent == "Chrome · Windows"
    kept = models.Device.objects.get().device
    assert "secret" not in kept and len(kept) == 64
    with pytest.raises(errors.DeviceNotFound):
        oversight.forget_device(person_id=BORIS, public_id=device.public_id, actor="web:x", now=AT)
    with pytest.raises(errors.DeviceNotFound):
        oversight.forget_device(person_id=ANNA, public_id="nonsense", actor="web:x", now=AT)
    for _ in range(2):  # twice is once
        oversight.forget_device(person_id=ANNA, public_id=device.public_id, actor=f"web:{ANNA}", now=AT)
    assert oversight.list_devices(ANNA) == []
    assert AuditEntry.objects.filter(action="oversight.device.forget").count() == 1
    assert codes(oversight.assess_sign_in(attempt(at=AT + timedelta(hours=1)))) == {"new-device"}
    oversight.note_sign_in(attempt(at=AT + timedelta(hours=2)), succeeded=True)
    assert len(oversight.list_devices(ANNA)) == 1


def test_a_failed_attempt_makes_no_device_known() -> None:
    oversight.note_sign_in(attempt(), succeeded=False)
    assert oversight.list_devices(ANNA) == []


def test_judgements_and_observations_cannot_be_changed() -> None:
    oversight.assess_sign_in(attempt())
    oversight.note_sign_in(attempt(), succeeded=True)
    for table in ("oversight_assessment", "oversight_sign_in"):
        for statement in (f"UPDATE {table} SET person_id = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def look(**facts: Any) -> LookFacts:
    usual: dict[str, Any] = {
        "person_id": BORIS,
        "actor": f"web:{BORIS}@office:14501000000",
        "subject": f"person:{ANNA}",
        "fields": ("phone",),
        "purpose": "counter",
        "at": AT,
    }
    return LookFacts(**(usual | facts))


def looked(hours: int, each: int, person: str = BORIS) -> None:
    models.LookHour.objects.bulk_create(
        models.LookHour(person_id=person, hour=AT - timedelta(hours=n + 1), looks=each + n % 3)
        for n in range(hours)
    )


def test_a_look_is_written_down_with_names_of_fields_only() -> None:
    oversight.assess_look(look(fields=("phone", "id_number")))
    entry = AuditEntry.objects.get(action="kernel.personal-data.look")
    assert entry.category == audit.LOOK
    assert entry.detail == {"fields": ["id_number", "phone"], "purpose": "counter"}
    assert (entry.actor, entry.subject) == (f"web:{BORIS}@office:14501000000", f"person:{ANNA}")


def test_mass_look_up_is_blocked_and_opens_one_case() -> None:
    looked(40, 10)
    oversight.assess_look(look(subjects=25))
    refused = 0
    for _ in range(20):
        try:
            oversight.assess_look(look(subjects=40))
        except (errors.LooksBlocked, access.StepUpNeeded):
            refused += 1
    assert refused >= 14
    blocked = models.Assessment.objects.filter(verdict="block")
    assert blocked.exists()
    assert models.Case.objects.filter(assessment__verdict="block").count() == 1
    seen = AuditEntry.objects.filter(action="kernel.personal-data.look").count()
    assert seen == 21 - refused
    with pytest.raises(errors.LooksBlocked) as caught:
        oversight.assess_look(look())
    assert "300" in caught.value.message("zh") and "300" in caught.value.message("en")


def test_far_above_the_colleagues_asks_for_a_second_factor() -> None:
    looked(40, 10)
    for n in range(8):
        looked(30, 9, person=f"colleague-{n}")
    assert measuring.measure_peers(now=AT) == 1
    assert measuring.measure_peers(now=AT) == 0
    with pytest.raises(access.StepUpNeeded):
        oversight.assess_look(look(subjects=80))
    found = oversight.assess_look(look(subjects=1, assurance=2))
    assert codes(found) == {"mass-look", "above-peers"}


def test_a_grant_right_before_its_use_is_noticed() -> None:
    audit.record(
        actor="web:boss",
        action="authority.grant.approve",
        subject="grant:1",
        now=AT - timedelta(minutes=3),
        detail={"person": BORIS, "code": "audit-read"},
        category=audit.GRANT,
    )
    assert codes(oversight.assess_look(look())) == {"fresh-grant"}
    assert codes(oversight.assess_look(look(at=AT + timedelta(minutes=20)))) == set()


def test_what_was_refused_or_ended_is_no_grant() -> None:
    for step in ("refuse", "end", "request"):
        audit.record(
            actor="web:boss",
            action=f"authority.grant.{step}",
            subject=f"person:{BORIS}",
            now=AT - timedelta(minutes=3),
            detail={"person": BORIS},
            category=audit.GRANT,
        )
    assert codes(oversight.assess_look(look())) == set()


def test_the_first_use_of_a_privileged_function_is_noticed_once() -> None:
    use = UseFacts(person_id=BORIS, function="authority.grant.approve", at=AT)
    assert codes(oversight.assess_privileged(use)) == {"first-privileged"}
    assert codes(oversight.assess_privileged(use)) == set()
    assert models.FunctionUse.objects.get().uses == 2


def test_a_risky_use_is_stepped_up_and_does_not_count_as_used() -> None:
    use = UseFacts(person_id=BORIS, function="authority.grant.approve", at=AT)
    given = {"person": BORIS}
    audit.record(actor="b", action="x.y.grant", subject="g", now=AT, detail=given, category=audit.GRANT)
    with pytest.raises(access.StepUpNeeded):
        oversight.assess_privileged(use)
    assert not models.FunctionUse.objects.exists()


@pytest.fixture
def case() -> models.Case:
    signed_in(3)
    oversight.assess_sign_in(attempt(device_id="another", network="198.51.100.9"))
    return models.Case.objects.get()


def handle(case: models.Case, **changes: Any) -> None:
    given: dict[str, Any] = {
        "public_id": case.public_id,
        "outcome": "harmless",
        "note": "电话核实，本人换了新电脑",
        "actor": AUDITOR,
        "request_id": "r1",
        "now": AT,
    }
    oversight.handle_case(**(given | changes))


def test_a_warning_opens_a_case_that_is_closed_once(case: models.Case) -> None:
    assert oversight.count_open_cases() == 1
    handle(case)
    handle(case)  # the same request again
    with pytest.raises(errors.CaseHandled):
        handle(case, request_id="r2", outcome="attack")
    view = oversight.get_case(case.public_id)
    assert (view.outcome, view.is_open) == ("harmless", False)
    entry = AuditEntry.objects.get(action="oversight.case.handle")
    assert entry.category == audit.PRIVILEGED


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"public_id": UUID(int=7)}, errors.CaseNotFound),
        ({"outcome": "whatever"}, errors.BadOutcome),
        ({"note": " x "}, errors.NoteMissing),
        ({"note": "x" * 1001}, errors.NoteMissing),
        ({"actor": access.Actor(person_id=ANNA)}, errors.OwnCase),
    ],
)
def test_what_cannot_close_a_case_is_refused(
    case: models.Case, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        handle(case, **changes)
    assert oversight.count_open_cases() == 1


def test_cases_are_paged() -> None:
    for n in range(5):
        signed = attempt(person_id=str(uuid4()), login_digest=str(n))
        oversight.note_sign_in(signed, succeeded=True)
        from dataclasses import replace

        oversight.assess_sign_in(
            replace(signed, device_id="b", network="198.51.100.9", at=AT + timedelta(minutes=n // 2))
        )
    first = oversight.list_cases(limit=2)
    rest = oversight.list_cases(limit=9, cursor=first.next_cursor)
    ids = [one.public_id for one in (*first.cases, *rest.cases)]
    assert len(ids) == len(set(ids)) == 5
    with pytest.raises(errors.BadCursor):
        oversight.list_cases(cursor="nonsense")


def test_own_events_are_the_accounts_and_say_nothing_of_others() -> None:
    audit.record(
        actor=f"web:{ANNA}", action="identity.person.sign-in", subject=f"person:{ANNA}", now=AT,
        detail={"network": "192.0.2.7"}, category=audit.SIGN_IN,
    )  # fmt: skip
    oversight.assess_look(look(purpose="secret inquiry"))
    audit.record(actor="web:x", action="registry.thing.do", subject=f"person:{ANNA}", now=AT)
    audit.record(actor="web:x", action="identity.person.sign-in", subject=f"person:{BORIS}", now=AT)
    events = oversight.list_own_events(ANNA, limit=10)
    assert {(one.action, one.by_self) for one in events} == {
        ("identity.person.sign-in", True),
        ("kernel.personal-data.look", False),
    }
    assert all(not one.detail for one in events if not one.by_self)
    assert len(oversight.list_own_events(ANNA, limit=1)) == 1


def test_judgements_are_kept_though_the_caller_is_refused() -> None:
    looked(3, 1)
    models.LookHour.objects.create(person_id=BORIS, hour=AT, looks=500)
    with pytest.raises(errors.LooksBlocked):
        oversight.assess_look(look())
    assert models.Assessment.objects.get().verdict == "block"
    assert judging.reasons_text([]).zh == ""
