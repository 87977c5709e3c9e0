"""People and companies register themselves; strangers learn nothing, and nothing typed is lost."""

import itertools
from typing import Any

import pytest

from goldentax.identity import api as identity
from goldentax.node.testing import NOW
from goldentax.subjects import api as subjects
from goldentax.subjects import errors
from goldentax.subjects.models import Question, Subject
from goldentax.subjects.rules import kinds, throttle
from goldentax.subjects.tests.conftest import PASSWORD, card, know_company, know_person, uscc

pytestmark = pytest.mark.django_db
_requests = itertools.count(1)


def register(*, name: str = "覃新人", number: str = "", request_id: str = "", **more: str) -> Subject:
    values = {"mobile": "13800000001", "login": "new.person", "password": PASSWORD} | more
    return subjects.register_person(
        new=subjects.NewPerson(name=name, id_card=number or card(700), **values),  # type: ignore[arg-type]
        network="10.0.0.1",
        now=NOW,
        request_id=request_id or f"register-{next(_requests):04d}",
    )


def test_a_person_whom_public_security_knows_registers_and_is_verified() -> None:
    know_person(name="覃新人", number=card(700))
    subject = register()
    assert (subject.status, subject.home) == (kinds.VERIFIED, "45")
    person = identity.find_person(login="new.person")
    assert person is not None and person.public_id == subject.person_id
    assert identity.get_person(person.public_id).id_card_number == card(700)


def test_the_mobile_number_is_the_login_name_where_none_is_given() -> None:
    know_person(name="覃新人", number=card(700))
    register(login="")
    assert identity.find_person(login="13800000001") is not None


def test_the_same_request_registers_once() -> None:
    know_person(name="覃新人", number=card(700))
    first = register(request_id="register-same-1")
    assert register(request_id="register-same-1").pk == first.pk


def test_a_wrong_check_character_is_refused_before_anybody_is_asked() -> None:
    good = card(700)
    with pytest.raises(errors.BadCredential):
        register(number=good[:-1] + ("1" if good[-1] != "1" else "2"))


def _says(**wanted: str) -> tuple[str, str]:
    with pytest.raises(errors.CannotRegister) as refused:
        register(**wanted)
    return refused.value.code, refused.value.message("zh")


def test_one_answer_covers_unknown_wrong_and_registered_people(make_person: Any) -> None:
    know_person(name="覃新人", number=card(700))
    make_person("老用户", login="old.user")
    register()
    known = identity.find_person(login="old.user")
    assert known is not None
    answers = {
        _says(name="覃新人", number=card(701), login="a.login"),  # nobody has that number
        _says(name="覃别人", number=card(700), login="b.login"),  # another name
        _says(name="覃新人", number=card(700), login="c.login"),  # registered already
        _says(name="覃别人", number=card(701), login="old.user"),  # and the login name is taken, too
    }
    assert len(answers) == 1


def test_a_taken_login_name_is_told_only_to_who_proved_their_identity(make_person: Any) -> None:
    make_person("老用户", login="old.user")
    assert _says(name="假", number=card(700), login="old.user") == _says(
        name="假", number=card(700), login="free.user"
    )
    know_person(name="覃新人", number=card(700))
    with pytest.raises(identity.LoginTaken):
        register(login="old.user")


def test_a_source_that_is_away_writes_nothing_and_tells_no_login_names(make_person: Any, away: Any) -> None:
    make_person("老用户", login="old.user")
    know_person(name="覃新人", number=card(700))
    away("public_security")
    for login in ("old.user", "free.user"):
        with pytest.raises(errors.SourceAway):
            register(login=login)
    assert identity.find_person(login="free.user") is None
    assert not Subject.objects.exists()
    away("public_security", is_away=False)
    assert register().status == kinds.VERIFIED


def test_a_weak_password_is_refused_before_anybody_is_asked() -> None:
    with pytest.raises(identity.WeakPassword):
        register(password="password12")


def test_registering_again_and_again_from_one_network_is_slowed() -> None:
    Question.objects.all().delete()
    limit = throttle.LIMITS[throttle.REGISTER_PERSON]
    for _ in range(limit):
        with pytest.raises(errors.BadMobile):
            register(mobile="1")
    with pytest.raises(errors.TooManyQuestions) as refused:
        register()
    assert refused.value.facts["retry_after_s"]
    assert not Question.objects.filter(asker__contains="10.0.0").exists()


def test_a_subject_that_was_loaded_before_gets_its_account() -> None:
    know_person(name="覃新人", number=card(700))
    loaded = subjects.collect_subject(
        kind="natural_person", credential="id_card", number=card(700), name="覃新人",
        actor="t", now=NOW, request_id="loaded-0001",
    )  # fmt: skip
    assert register().pk == loaded.pk


def test_a_lookup_fills_the_form_and_counts(make_person: Any) -> None:
    owner = make_person("唐老板")
    know_company(number=uscc(60), name="南宁新店有限公司", representative="唐老板", address="青秀区1号")
    facts = subjects.ask_company(number=f" {uscc(60).lower()} ", person_id=owner.public_id, now=NOW)
    assert (facts["name"], facts["address"]) == ("南宁新店有限公司", "青秀区1号")
    assert "representative_id_card" not in facts
    for _ in range(throttle.LIMITS[throttle.REGISTER_COMPANY] - 1):
        subjects.ask_company(number=uscc(60), person_id=owner.public_id, now=NOW)
    with pytest.raises(errors.TooManyQuestions):
        subjects.ask_company(number=uscc(60), person_id=owner.public_id, now=NOW)


def claim(person: Any, *, number: str = "", name: str = "南宁新店有限公司") -> subjects.Claim:
    return subjects.claim_company(
        number=number or uscc(60), name=name, person_id=person.public_id, actor="t", now=NOW
    )


def test_only_its_legal_representative_claims_a_company(make_person: Any) -> None:
    owner, namesake, stranger = make_person("唐老板"), make_person("唐老板"), make_person("外人")
    know_company(
        number=uscc(60),
        name="南宁新店有限公司",
        representative="唐老板",
        representative_id_card=owner.id_card_number,
    )
    assert claim(owner).number == uscc(60)
    for other in (namesake, stranger):
        with pytest.raises(errors.NotItsRepresentative):
            claim(other)
    assert not Subject.objects.filter(kind="legal_entity").exists()


def test_each_way_a_company_cannot_be_claimed_has_its_refusal(make_person: Any, away: Any) -> None:
    owner = make_person("唐老板")
    known = {"representative": "唐老板", "representative_id_card": owner.id_card_number}
    know_company(number=uscc(60), name="南宁新店有限公司", **known)
    know_company(number=uscc(61), name="已注销公司", is_cancelled=True, **known)
    know_company(number=uscc(62), name="很慢的公司", is_slow=True, **known)
    with pytest.raises(errors.SourceDisagrees):
        claim(owner, name="另一个名字")
    with pytest.raises(errors.CompanyClosed):
        claim(owner, number=uscc(61), name="已注销公司")
    with pytest.raises(errors.SourceAway):
        claim(owner, number=uscc(62), name="很慢的公司")
    with pytest.raises(errors.NotOnRecord):
        claim(owner, number=uscc(63))
    with pytest.raises(errors.BadCredential):
        claim(owner, number="91450103MAY0TE0")
    away()
    with pytest.raises(errors.SourceAway):
        claim(owner)


def test_a_draft_is_kept_sealed_and_dropped(make_person: Any) -> None:
    owner = make_person("唐老板")
    subjects.save_draft(
        person_id=owner.public_id, purpose=subjects.COMPANY, values={"number": uscc(60)}, now=NOW
    )
    assert subjects.find_draft(person_id=owner.public_id, purpose=subjects.COMPANY) == {"number": uscc(60)}
    subjects.drop_draft(person_id=owner.public_id, purpose=subjects.COMPANY)
    assert subjects.find_draft(person_id=owner.public_id, purpose=subjects.COMPANY) == {}
