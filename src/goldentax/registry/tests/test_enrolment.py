"""A company registers itself: only its legal representative, only once, and nothing typed is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from goldentax.authority import api as authority
from goldentax.identity import api as identity
from goldentax.kernel import access
from goldentax.kernel.values import identifiers
from goldentax.node.testing import NOW
from goldentax.registry import api as registry
from goldentax.registry.operations import enrolment
from goldentax.subjects import api as subjects

pytestmark = pytest.mark.django_db
NUMBER = identifiers.make_uscc(prefix="91450103", organisation8="MAY2TE01")
NAME = "南宁启程测试商贸有限公司"
CARD = identifiers.make_id_card("45010319880808" + "321")


@pytest.fixture
def owner(db: None) -> Any:
    """The company's legal representative, known to public security."""
    subjects.seed_local_source([subjects.person_record(subjects.KnownPerson(name="罗启程", id_card=CARD))])
    return identity.register_person(
        login="enrol.owner",
        name="罗启程",
        password="a-long-and-odd-passphrase-88",
        id_card_number=CARD,
        actor="system:test",
        now=NOW,
    )


@pytest.fixture
def known(owner: Any) -> Callable[..., None]:
    """Put the company on record at the market regulator."""

    def know(*, is_slow: bool = False, **changed: Any) -> None:
        right: dict[str, Any] = {
            "tax_id": NUMBER, "name": NAME, "representative": owner.name, "representative_id_card": CARD,
            "address": "南宁市青秀区民族大道9号", "division": "450103", "economic_type": "有限责任公司",
            "industry": "5121",
        }  # fmt: skip
        company = subjects.KnownCompany(**(right | changed))
        subjects.seed_local_source([subjects.company_record(company, is_slow=is_slow)])

    know()
    return know


@pytest.fixture
def browse(monkeypatch: pytest.MonkeyPatch, stopped_clock: Any) -> Callable[..., Client]:
    """A browser in which a person stands at the doors."""

    def make(person: Any) -> Client:
        actor = access.Actor(
            person_id=str(person.public_id),
            person_name=person.name,
            person_login=person.login,
            roles=frozenset({access.PUBLIC, access.PERSON}),
            assurance=1,
        )
        monkeypatch.setattr(access, "actor_of", lambda request: actor)
        return Client()

    return make


def enrol(person: Any, *, request_id: str = "enrol-0001", number: str = NUMBER, name: str = NAME) -> Any:
    return enrolment.register_company(
        number=number,
        name=name,
        person_id=person.public_id,
        actor="system:test",
        request_id=request_id,
        now=NOW,
    )


def duties_of(person: Any) -> set[str]:
    held = identity.list_memberships(person_id=person.public_id, on=NOW.date())
    return {one.duty for one in held if one.tax_id == NUMBER}


def test_a_representative_registers_their_company_and_may_act_for_it(owner: Any, known: Any) -> None:
    taxpayer = enrol(owner)
    assert (taxpayer.tax_id, taxpayer.kind, taxpayer.office_code) == (NUMBER, "small", "14501030000")
    assert taxpayer.industry_code == "51"  # the built-in table has divisions alone
    assert taxpayer.representative == "罗启程" and duties_of(owner) == {"01", "05"}
    subject = subjects.find_subject(credential="uscc", number=NUMBER)
    assert subject is not None and subject.is_verified and subject.network_number


def test_the_same_request_registers_once_and_another_is_refused(owner: Any, known: Any) -> None:
    first = enrol(owner)
    assert enrol(owner).public_id == first.public_id
    with pytest.raises(subjects.AlreadyRegisteredHere):
        enrol(owner, request_id="enrol-0002")


def test_the_code_of_somebody_else_registers_nothing(owner: Any, known: Any) -> None:
    card = identifiers.make_id_card("45010319900909" + "123")
    subjects.seed_local_source([subjects.person_record(subjects.KnownPerson(name="罗启程", id_card=card))])
    namesake = identity.register_person(
        login="enrol.namesake", name="罗启程", password="a-long-and-odd-passphrase-88", id_card_number=card,
        actor="system:test", now=NOW,
    )  # fmt: skip
    with pytest.raises(subjects.NotItsRepresentative):
        enrol(namesake)
    assert registry.find_taxpayer(tax_id=NUMBER) is None and duties_of(namesake) == set()
    enrol(owner)
    with pytest.raises(subjects.AlreadyRegisteredHere):
        enrol(namesake)


def test_somebody_without_a_verified_identity_registers_nothing(known: Any) -> None:
    nobody = identity.register_person(
        login="enrol.nobody",
        name="无证",
        password="a-long-and-odd-passphrase-88",
        actor="system:test",
        now=NOW,
    )
    with pytest.raises(subjects.NotVerified):
        enrol(nobody)


def test_a_refusal_of_the_register_leaves_no_subject_and_no_power(owner: Any, known: Any) -> None:
    known(division="990101")
    far = identifiers.make_uscc(prefix="91990101", organisation8="MAY2TE09")
    known(tax_id=far, division="990101")
    with pytest.raises(authority.UnknownOffice):
        enrol(owner, number=far)
    assert subjects.find_subject(credential="uscc", number=far) is None


def test_the_pages_look_up_confirm_and_register(owner: Any, known: Any, browse: Any) -> None:
    browser = browse(owner)
    looked = browser.post("/register/company", {"number": NUMBER.lower(), "step": "look"}).content.decode()
    assert NAME in looked and "罗**" in looked and "罗启程</dd>" not in looked
    sent = {"number": NUMBER, "name": NAME, "address": "", "phone": "0771-5550001", "step": "register"}
    done = browser.post("/register/company", sent | {"request_id": "enrol-web-1"})
    assert done.status_code == 200 and NUMBER in done.content.decode()
    assert duties_of(owner) == {"01", "05"}
    assert subjects.find_draft(person_id=owner.public_id, purpose=subjects.COMPANY) == {}


def test_a_source_that_is_away_keeps_the_draft(owner: Any, known: Any, browse: Any) -> None:
    subjects.switch_local_source(source="market_regulator", is_away=True)
    browser = browse(owner)
    answer = browser.post("/register/company", {"number": NUMBER, "step": "look"})
    assert answer.status_code == 503 and "SUB-SRC-01" in answer.content.decode()
    assert NUMBER in browser.get("/register/company").content.decode()
    subjects.switch_local_source(source="market_regulator", is_away=False)
    sent = {"number": NUMBER, "name": NAME, "step": "register", "request_id": "enrol-web-2"}
    assert browser.post("/register/company", sent).status_code == 200


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"is_cancelled": True}, "SUB-SRC-04"),
        ({"name": "登记的是另一个名字"}, "SUB-SRC-02"),
        ({"is_slow": True}, "SUB-SRC-01"),
        ({"representative": "别人"}, "SUB-REG-04"),
    ],
)
def test_each_reason_has_its_refusal_and_keeps_what_was_typed(
    owner: Any, known: Any, browse: Any, changed: dict[str, Any], code: str
) -> None:
    known(**changed)
    sent = {"number": NUMBER, "name": NAME, "phone": "0771-5550001", "step": "register"}
    page = browse(owner).post("/register/company", sent).content.decode()
    assert code in page and "0771-5550001" in page
    assert registry.find_taxpayer(tax_id=NUMBER) is None


def test_the_page_is_for_people_who_signed_in(client: Client) -> None:
    answer = client.get("/register/company")
    assert answer.status_code == 302 and "/sign-in" in answer.headers["Location"]
