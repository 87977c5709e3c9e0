"""The life of a subject: collect, verify, change, dispute, cancel, archive; and sources that fail in every way."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from goldentax.identity import api as identity
from goldentax.kernel.models import AuditEntry, OutboxEvent
from goldentax.node.testing import NOW
from goldentax.subjects import api as subjects
from goldentax.subjects import errors
from goldentax.subjects.models import Check, Credential, Review, Subject
from goldentax.subjects.models.subjects import digest_of
from goldentax.subjects.operations import life, verifying
from goldentax.subjects.operations.reviewing import decide_review
from goldentax.subjects.rules import credentials, kinds, numbers, sources
from goldentax.subjects.tests.conftest import World, card, invite, know_company, know_person, uscc

pytestmark = pytest.mark.django_db
NAME = "南宁青禾软件科技有限公司"


def collect_company(
    serial: int = 1, *, name: str = NAME, request_id: str = "collect-0001", **more: object
) -> Subject:
    return subjects.collect_subject(
        kind=kinds.LEGAL_ENTITY,
        credential=credentials.USCC,
        number=uscc(serial),
        name=name,
        actor="system:test",
        now=NOW,
        request_id=request_id,
        **more,  # type: ignore[arg-type]
    )


def verified_company(serial: int = 1) -> Subject:
    know_company(number=uscc(serial), name=NAME, representative="韦大明", address="南宁市民族大道1号")
    subject = collect_company(serial)
    return subjects.verify_subject(subject_id=subject.public_id, actor="system:test", now=NOW)


def events(kind: str) -> list[OutboxEvent]:
    return list(OutboxEvent.objects.filter(type=f"subjects.subject.{kind}.v1"))


def test_a_company_that_agrees_with_its_source_is_verified_numbered_and_told() -> None:
    subject = verified_company()
    assert subject.status == kinds.VERIFIED
    assert numbers.is_valid_number(subject.network_number) and subject.network_number.startswith("45E1")
    assert subject.verified_by == "45"
    view = subjects.get_subject(subject_id=subject.public_id)
    assert view.particulars["representative_name"] == "韦大明"
    assert len(events("verified")) == 1
    trail = AuditEntry.objects.filter(
        action="subjects.subject.verify", subject=f"subject:{subject.public_id}"
    )
    assert trail.count() == 1


def test_of_a_person_neither_name_nor_number_travels() -> None:
    know_person(name="韦大明", number=card(1))
    subject = subjects.collect_subject(
        kind=kinds.NATURAL_PERSON, credential=credentials.ID_CARD, number=card(1), name="韦大明",
        actor="system:test", now=NOW, request_id="collect-person-1",
    )  # fmt: skip
    subjects.verify_subject(subject_id=subject.public_id, actor="system:test", now=NOW)
    sent = bytes(events("verified")[0].payload).decode()
    assert "韦大明" not in sent and card(1) not in sent
    trail = str(list(AuditEntry.objects.filter(action__startswith="subjects.").values()))
    assert card(1) not in trail


def test_numbers_lie_sealed_in_the_table() -> None:
    verified_company()
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM subjects_credential")
        assert uscc(1).encode() not in bytes(cursor.fetchone()[0])


def test_the_same_request_gets_the_first_answer_and_another_content_is_refused() -> None:
    first = collect_company()
    assert collect_company().pk == first.pk
    with pytest.raises(errors.RequestIdReused):
        collect_company(name="另一家有限公司")


def test_a_living_subject_is_unique_in_the_nation() -> None:
    collect_company()
    with pytest.raises(errors.AlreadyOnRecord):
        collect_company(request_id="collect-0002")
    assert Subject.objects.count() == 1


def test_a_number_that_its_source_denies_stays_free_for_its_owner() -> None:
    know_company(number=uscc(1), name=NAME)
    squatter = collect_company(name="冒名有限公司")
    squatter = subjects.verify_subject(subject_id=squatter.public_id, actor="system:test", now=NOW)
    assert (squatter.status, squatter.network_number) == (kinds.MISMATCH, "")
    owner = collect_company(request_id="collect-0002")
    owner = subjects.verify_subject(subject_id=owner.public_id, actor="system:test", now=NOW)
    assert owner.status == kinds.VERIFIED
    with pytest.raises(errors.AlreadyOnRecord):
        subjects.verify_subject(subject_id=squatter.public_id, actor="system:test", now=NOW)


def test_a_source_that_is_away_is_asked_again_with_growing_pauses(away: object) -> None:
    know_company(number=uscc(1), name=NAME)
    away()  # type: ignore[operator]
    collect_company()
    assert verifying.verify_due(NOW) == 1
    subject = Subject.objects.get()
    assert subject.status == kinds.UNVERIFIABLE
    assert subject.next_try_at == NOW + timedelta(minutes=1)
    assert verifying.verify_due(NOW + timedelta(seconds=59)) == 0
    assert verifying.verify_due(NOW + timedelta(minutes=1)) == 1
    subject.refresh_from_db()
    assert subject.next_try_at == NOW + timedelta(minutes=6)
    away(is_away=False)  # type: ignore[operator]
    assert verifying.verify_due(NOW + timedelta(minutes=6)) == 1
    subject.refresh_from_db()
    assert (subject.status, subject.next_try_at, subject.tries) == (kinds.VERIFIED, None, 0)
    assert [one.verdict for one in Check.objects.order_by("id")] == ["away", "away", "match"]


def test_a_source_that_never_answers_is_given_up_and_left_to_an_officer() -> None:
    know_company(number=uscc(1), name=NAME, is_slow=True)
    collect_company()
    at = NOW
    for _ in range(9):
        verifying.verify_due(at)
        at += timedelta(days=2)
    subject = Subject.objects.get()
    assert (subject.status, subject.next_try_at) == (kinds.UNVERIFIABLE, None)
    assert Check.objects.count() == 9


def test_a_subject_whose_asker_died_is_due_again() -> None:
    know_company(number=uscc(1), name=NAME)
    subject = collect_company()
    Subject.objects.update(status=kinds.VERIFYING, next_try_at=NOW + verifying.STUCK_AFTER)
    assert verifying.verify_due(NOW) == 0
    assert verifying.verify_due(NOW + verifying.STUCK_AFTER) == 1
    subject.refresh_from_db()
    assert subject.status == kinds.VERIFIED


def test_a_later_disagreement_makes_a_dispute_and_takes_no_power_away(world: World) -> None:
    code, _ = invite(world)
    subjects.accept_invitation(person_id=world.clerk.public_id, actor="system:test", now=NOW, code=code)
    company = Subject.objects.get(kind=kinds.LEGAL_ENTITY)
    know_company(number=world.company.tax_id, name="改了名字的有限公司")
    later = NOW + timedelta(days=91)
    assert verifying.recheck_due(later) >= 1
    company.refresh_from_db()
    assert company.status == kinds.DISPUTED
    review = Review.objects.get(kind="dispute", subject=company)
    assert "name" in review.reasons and review.due_on == later.date() + timedelta(days=14)
    held = identity.list_members(tax_id=world.company.tax_id, on=NOW.date())
    assert {one.duty for one in held} == {"01", "05", "03"}
    with pytest.raises(errors.NotVerified):
        invite(world, at=later, valid_from=later.date(), valid_to=later.date() + timedelta(days=5))


def test_a_disputed_company_gets_no_new_people_from_invitations_sent_before(world: World) -> None:
    code, _ = invite(world)
    subjects.ensure_company(tax_id=world.company.tax_id, name=world.company.name, actor="t", now=NOW)
    know_company(number=world.company.tax_id, name="改了名字的有限公司")
    company = Subject.objects.get(kind=kinds.LEGAL_ENTITY)
    subjects.verify_subject(subject_id=company.public_id, actor="system:test", now=NOW)
    with pytest.raises(errors.NotVerified):
        subjects.accept_invitation(person_id=world.clerk.public_id, actor="system:test", now=NOW, code=code)


def test_an_upheld_dispute_ends_and_a_cancelled_one_ends_everybodys_power(world: World) -> None:
    code, _ = invite(world)
    relation = subjects.accept_invitation(person_id=world.clerk.public_id, actor="t", now=NOW, code=code)
    company = Subject.objects.get(kind=kinds.LEGAL_ENTITY)
    know_company(number=world.company.tax_id, name=world.company.name, is_cancelled=True)
    subjects.verify_subject(subject_id=company.public_id, actor="system:test", now=NOW)
    review = Review.objects.get(kind="dispute")
    decide_review(review_id=review.public_id, decision="uphold", actor="web:officer", now=NOW)
    company.refresh_from_db()
    assert company.status == kinds.VERIFIED
    subjects.verify_subject(subject_id=company.public_id, actor="system:test", now=NOW)
    second = Review.objects.get(kind="dispute", decision="")
    decide_review(review_id=second.public_id, decision="cancel", actor="web:officer", now=NOW)
    company.refresh_from_db()
    relation.refresh_from_db()
    assert (company.status, relation.valid_to) == (kinds.CANCELLED, NOW.date())
    assert "03" not in {one.duty for one in identity.list_members(tax_id=world.company.tax_id, on=NOW.date())}
    with pytest.raises(errors.AlreadyDecided):
        decide_review(review_id=second.public_id, decision="uphold", actor="web:officer", now=NOW)


def test_a_disagreement_that_passes_ends_the_dispute() -> None:
    subject = verified_company()
    know_company(number=uscc(1), name="别的有限公司")
    subjects.verify_subject(subject_id=subject.public_id, actor="system:test", now=NOW)
    know_company(number=uscc(1), name=NAME, representative="韦大明")
    found = subjects.verify_subject(subject_id=subject.public_id, actor="system:test", now=NOW)
    assert found.status == kinds.VERIFIED
    assert Review.objects.get().decision == "agreed"


def test_a_source_that_is_away_disputes_nobody(away: object) -> None:
    subject = verified_company()
    away()  # type: ignore[operator]
    found = subjects.verify_subject(subject_id=subject.public_id, actor="system:test", now=NOW)
    assert found.status == kinds.VERIFIED and found.next_try_at is not None


def test_a_change_keeps_what_was_known_before_by_day_and_by_knowledge() -> None:
    subject = verified_company()
    tomorrow = NOW + timedelta(days=1)
    subjects.change_subject(
        subject_id=subject.public_id,
        particulars={"address": "南宁市金湖路8号"},
        on=tomorrow.date(),
        actor="t",
        now=tomorrow,
    )
    today, then = subjects.version_on(subject_id=subject.public_id, on=NOW.date()), tomorrow.date()
    assert today is not None and today.particulars["address"] == "南宁市民族大道1号"
    now_known = subjects.version_on(subject_id=subject.public_id, on=then)
    then_known = subjects.version_on(subject_id=subject.public_id, on=then, known_at=NOW)
    assert now_known is not None and now_known.particulars["address"] == "南宁市金湖路8号"
    assert then_known is not None and then_known.particulars["address"] == "南宁市民族大道1号"
    assert len(events("changed")) == 1


def test_a_verified_name_changes_only_with_its_source() -> None:
    subject = verified_company()
    tomorrow = NOW + timedelta(days=1)
    wanted = {
        "subject_id": subject.public_id,
        "name": "南宁新名有限公司",
        "on": tomorrow.date(),
        "actor": "t",
        "now": tomorrow,
    }
    with pytest.raises(errors.SourceDisagrees):
        subjects.change_subject(**wanted)  # type: ignore[arg-type]
    know_company(number=uscc(1), name="南宁新名有限公司", representative="韦大明")
    changed = subjects.change_subject(**wanted)  # type: ignore[arg-type]
    assert changed.name == "南宁新名有限公司"


@pytest.mark.parametrize("on", [date(2020, 1, 1), NOW.date() + timedelta(days=1)])
def test_a_change_cannot_begin_before_the_present_version_or_after_today(on: date) -> None:
    subject = verified_company()
    with pytest.raises(errors.BadEffectiveDay):
        subjects.change_subject(
            subject_id=subject.public_id, particulars={"phone": "07715550001"}, on=on, actor="t", now=NOW
        )


def test_a_change_that_says_what_is_known_is_refused() -> None:
    subject = verified_company()
    with pytest.raises(errors.NothingChanged):
        subjects.change_subject(subject_id=subject.public_id, name=NAME, on=NOW.date(), actor="t", now=NOW)


def test_a_cancelled_subject_frees_its_number_and_is_archived_after_ten_years() -> None:
    subject = verified_company()
    subjects.cancel_subject(subject_id=subject.public_id, reason="closed", actor="t", now=NOW)
    assert not Credential.objects.filter(is_held=True).exists()
    assert collect_company(request_id="collect-0002").pk != subject.pk
    assert (
        subjects.cancel_subject(subject_id=subject.public_id, reason="closed", actor="t", now=NOW).pk
        == subject.pk
    )
    assert len(events("cancelled")) == 1
    assert life.archive_cancelled(NOW + timedelta(days=3000)) == 0
    assert life.archive_cancelled(NOW + timedelta(days=3700)) == 1
    subject.refresh_from_db()
    assert subject.status == kinds.ARCHIVED


def test_a_device_needs_no_source() -> None:
    device = subjects.collect_subject(
        kind=kinds.DEVICE, credential=credentials.DEVICE_SERIAL, number="TX-2026 0001", name="税务UKey",
        actor="t", now=NOW, request_id="collect-device",
    )  # fmt: skip
    found = subjects.verify_subject(subject_id=device.public_id, actor="t", now=NOW)
    assert found.status == kinds.VERIFIED and found.network_number[2] == "D"


def test_a_real_world_without_connection_verifies_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    from goldentax.subjects.operations import sources as adapters

    know_company(number=uscc(1), name=NAME)
    real = type("Real", (), {"demo": False, "home": adapters.settings().home})()
    monkeypatch.setattr(adapters, "settings", lambda: real)
    subject = collect_company()
    found = subjects.verify_subject(subject_id=subject.public_id, actor="t", now=NOW)
    assert found.status == kinds.UNVERIFIABLE


def test_searching_part_of_a_card_number_finds_nobody() -> None:
    know_person(name="韦大明", number=card(5))
    subjects.collect_subject(
        kind=kinds.NATURAL_PERSON, credential=credentials.ID_CARD, number=card(5), name="韦大明",
        actor="t", now=NOW, request_id="collect-person-5",
    )  # fmt: skip
    assert len(subjects.search_subjects(text=card(5)).items) == 1
    assert not subjects.search_subjects(text=card(5)[:17]).items
    assert len(subjects.search_subjects(text="韦大").items) == 1
    assert len(subjects.search_subjects(text="wdm").items) == 1
    assert "*" in subjects.search_subjects(text="韦大").items[0].number


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_subject(committed_world: None) -> None:
    outcomes: list[str] = []

    def collect(number: int) -> None:
        try:
            collect_company(9, request_id=f"collect-race-{number}")
            outcomes.append("made")
        except errors.AlreadyOnRecord:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=collect, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["made", "refused", "refused", "refused"]
    with transaction.atomic():
        digest = digest_of(kind=credentials.USCC, number=uscc(9))
        assert Credential.objects.filter(is_held=True, digest=digest).count() == 1


def test_unknown_answers_of_a_source_are_refused_by_the_table() -> None:
    from django.db import IntegrityError

    subject = collect_company()
    with pytest.raises(IntegrityError), transaction.atomic():
        Check.objects.create(
            subject=subject, source=sources.MARKET_REGULATOR, verdict="yes", actor="t", at=NOW
        )
