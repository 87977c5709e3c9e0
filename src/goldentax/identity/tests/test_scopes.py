"""What a token may be given: nothing nobody chose, a company's scopes for a company, an office's for an office."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from goldentax.authority import api as authority
from goldentax.identity import errors, operations
from goldentax.identity.models import ApiToken, Person, UserSession
from goldentax.identity.queries import tokens as proofs
from goldentax.identity.tests.conftest import PASSWORD, TAX_ID
from goldentax.kernel import access, clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
MakePerson = Callable[..., Person]
OFFICE = "14500000000"
ACTS_FOR_OFFICE = {"tax_id": f"office:{OFFICE}", "label": "审计取数", "days": "30", "scopes": ["audit:read"]}


@pytest.fixture(autouse=True)
def _no_proofs() -> Iterator[None]:
    proofs._proofs.clear()
    yield
    proofs._proofs.clear()


@pytest.fixture
def auditor(make_person: MakePerson) -> Person:
    person = make_person("auditor")
    authority.appoint(
        person_id=person.public_id,
        office_code=OFFICE,
        post="audit-admin",
        valid_from=clock.today(),
        actor="system:test",
        now=clock.now(),
    )
    return person


def issue(person: Person, **given: Any) -> str:
    told = {"label": "test", "scopes": ["audit:read"], "days": 30, "actor": "system:test", "now": clock.now()}
    return operations.issue_token(person_id=person.public_id, **(told | given))[0]


def call(text: str, path: str) -> Any:
    return Client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {text}"})


def test_a_token_of_an_office_reads_the_trail_and_nothing_of_taxpayers(auditor: Person) -> None:
    text = issue(auditor, office_code=OFFICE)
    assert call(text, "/audit").status_code == 200
    told = call(text, "/me").json()
    assert (told["office_code"], told["taxpayer_id"], told["roles"]) == (OFFICE, "", ["officer", "public"])
    assert call(text, "/invoices").status_code == 403
    assert call(text, "/company/people").status_code == 403


def test_a_token_of_an_office_falls_with_the_post(auditor: Person) -> None:
    text = issue(auditor, office_code=OFFICE)
    assert call(text, "/me").status_code == 200
    authority.end_all_of_person(person_id=auditor.public_id, actor="system:test", now=clock.now())
    proofs._proofs.clear()
    assert call(text, "/me").json()["code"] == "IDN-TOK-04"


def test_only_who_holds_a_post_gets_a_token_of_the_office(make_person: MakePerson) -> None:
    with pytest.raises(errors.NotYourIdentity):
        issue(make_person("clerk", duty="09"), office_code=OFFICE)


@pytest.mark.parametrize(
    ("acts_for", "scope"),
    [({"tax_id": TAX_ID}, "audit:read"), ({"office_code": OFFICE}, "people:write")],
)
def test_scopes_of_one_kind_of_identity_are_refused_to_the_other(
    make_person: MakePerson, acts_for: dict[str, str], scope: str
) -> None:
    with pytest.raises(errors.BadScope):
        issue(make_person("clerk", duty="09"), scopes=[scope], **acts_for)


def test_a_token_asks_the_doors_of_people_for_its_scope(make_token: Callable[..., str]) -> None:
    assert call(make_token(), "/invitations").status_code == 403
    ApiToken.objects.all().delete()
    assert call(make_token(duty="05", scopes=("people:read",)), "/invitations").status_code == 200


def test_the_page_ticks_what_most_programs_are_for_and_nothing_else(make_person: MakePerson) -> None:
    make_person("clerk", duty="09")
    client = Client()
    client.post("/sign-in", {"login": "clerk", "password": PASSWORD})
    page = client.get("/account").content.decode()
    assert 'value="invoices:write" checked' in page and 'value="invoices:read" checked' in page
    assert 'value="people:read">' in page and 'value="people:write">' in page
    assert "audit:read" not in page, "only officers are offered what is for offices"


def test_a_token_of_an_office_asks_for_a_second_factor(auditor: Person) -> None:
    client = Client()
    client.post("/sign-in", {"login": "auditor", "password": PASSWORD})
    asked = client.post("/account/tokens", ACTS_FOR_OFFICE)
    assert asked.status_code == 302 and "/step-up" in asked["Location"]
    assert not ApiToken.objects.exists()
    UserSession.objects.update(assurance=access.TWO_FACTORS)
    assert client.post("/account/tokens", ACTS_FOR_OFFICE).status_code == 200
    assert ApiToken.objects.get().office_code == OFFICE
    assert OFFICE in client.get("/account").content.decode()


def test_a_form_that_names_nobody_to_act_for_is_refused(make_person: MakePerson) -> None:
    make_person("clerk", duty="09")
    client = Client()
    client.post("/sign-in", {"login": "clerk", "password": PASSWORD})
    answer = client.post("/account/tokens", {"label": "x", "days": "7", "scopes": ["invoices:read"]})
    assert answer.status_code in (403, 422) and "IDN-DUTY-03" in answer.content.decode()
    assert client.post("/account/tokens", {}).status_code == 422
