"""What officers may do for people, and what is written down of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from goldentax.authority import api as authority
from goldentax.identity import operations, queries
from goldentax.identity.models import Person, UserSession
from goldentax.identity.tests.conftest import PASSWORD
from goldentax.kernel import access, clock
from goldentax.kernel.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
MakePerson = Callable[..., Person]
CARD = "45010219900307018X"


def _officer(make_person: MakePerson, post: str, *, assurance: int = 2) -> Client:
    """A browser in which an officer with a post has signed in, with that assurance."""
    person = make_person(f"officer-{post}")
    authority.appoint(
        person_id=person.public_id,
        office_code="14500000000",
        post=post,
        valid_from=clock.today(),
        actor="system:test",
        now=clock.now(),
    )
    client = Client()
    assert client.post("/sign-in", {"login": person.login, "password": PASSWORD}).status_code == 302
    UserSession.objects.filter(person=person).update(assurance=assurance)
    return client


@pytest.fixture
def guard(make_person: MakePerson) -> Client:
    return _officer(make_person, "security-admin")


@pytest.fixture
def person(make_person: MakePerson) -> Person:
    return make_person("citizen", duty="09", id_card_number=CARD)


def _allow(monkeypatch: pytest.MonkeyPatch, *functions: str) -> None:
    monkeypatch.setattr(access, "_decide", lambda *, actor, function: function in functions)


def test_people_are_found_by_name_login_and_whole_card_number_only(guard: Client, person: Person) -> None:
    for text in ("citizen", "CITIZEN ", CARD, CARD.lower(), "测试"):
        assert f"/people/{person.public_id}" in guard.post("/people", {"q": text}).content.decode(), text
    for text in (CARD[:17], CARD[4:], "itizen", "%", "___"):
        assert f"/people/{person.public_id}" not in guard.post("/people", {"q": text}).content.decode(), text


def test_what_is_searched_for_is_typed_in_one_line_and_never_in_the_address(guard: Client) -> None:
    page = guard.get("/people").content.decode()
    assert re.search(r'<input[^>]*name="q"', page) and 'method="post" action="/people"' in page


def test_numbers_are_masked_wherever_people_are_listed(guard: Client, person: Person) -> None:
    for page in (guard.post("/people", {"q": "citizen"}), guard.get(f"/people/{person.public_id}")):
        assert CARD not in page.content.decode()
        assert "4501**********018X" in page.content.decode()


def test_an_officer_without_the_function_sees_nobody(make_person: MakePerson, person: Person) -> None:
    plain = _officer(make_person, "invoice-manage")
    assert plain.get("/people").status_code == 403
    assert plain.get(f"/people/{person.public_id}").status_code == 403
    assert plain.post(f"/people/{person.public_id}/reset").status_code == 403


def test_what_is_sealed_is_shown_for_a_purpose_and_the_look_is_recorded(
    guard: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/people/{person.public_id}/unmask"
    assert (
        guard.post(address, {"purpose": "受理变更 12 号"}).status_code == 403
    )  # not among a guard's functions
    _allow(monkeypatch, "identity.person.read", "identity.person.unmask")
    refused = guard.post(address, {"purpose": " x "})
    assert refused.status_code == 422 and CARD not in refused.content.decode()
    assert not AuditEntry.objects.filter(category="look").exists()
    shown = guard.post(address, {"purpose": "受理变更 12 号"}).content.decode()
    assert CARD in shown
    row = AuditEntry.objects.get(category="look")
    assert row.subject == f"person:{person.public_id}"
    assert row.detail["purpose"] == "受理变更 12 号" and CARD not in str(row.detail)
    assert (
        CARD not in guard.get(f"/people/{person.public_id}").content.decode()
    )  # the next look is another one


def test_a_password_alone_unmasks_resets_and_ends_nothing(make_person: MakePerson, person: Person) -> None:
    weak = _officer(make_person, "security-admin", assurance=1)
    for act in ("reset", "sessions/end"):
        answer = weak.post(f"/people/{person.public_id}/{act}")
        assert answer["Location"].startswith("/step-up?"), act


def test_an_officer_hands_out_an_activation_code(guard: Client, person: Person) -> None:
    page = guard.get(f"/people/{person.public_id}").content.decode()
    request_id = re.search(r'name="request_id" value="([^"]+)"', page)
    assert request_id is not None
    made = guard.post(f"/people/{person.public_id}/reset", {"request_id": request_id[1]}).content.decode()
    code = re.search(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", made)
    assert code is not None
    again = guard.post(f"/people/{person.public_id}/reset", {"request_id": request_id[1]})
    assert again.status_code == 409 and code[0] not in again.content.decode()
    new = "another-odd-passphrase-77"
    operations.activate(login="citizen", code=code[0], new=new, address="10.0.0.9", now=clock.now())


def test_nobody_resets_their_own_account_as_an_officer(guard: Client) -> None:
    own = Person.objects.get(login="officer-security-admin").public_id
    answer = guard.post(f"/people/{own}/reset", {"request_id": "r"})
    assert answer.status_code == 403 and "IDN-PER-15" in answer.content.decode()


def test_an_officer_ends_a_persons_sessions(guard: Client, person: Person) -> None:
    clients: list[Any] = [Client(), Client()]
    for one in clients:
        one.post("/sign-in", {"login": "citizen", "password": PASSWORD})
    first = UserSession.objects.filter(person=person).order_by("id").first()
    assert first is not None
    guard.post(f"/people/{person.public_id}/sessions/end", {"session": str(first.public_id)})
    assert [one.get("/account").status_code for one in clients] == [302, 200]
    guard.post(f"/people/{person.public_id}/sessions/end")
    assert [one.get("/account").status_code for one in clients] == [302, 302]
    rows = AuditEntry.objects.filter(action="identity.session.end", subject=f"person:{person.public_id}")
    assert {row.category for row in rows} == {"privileged"}


def test_a_session_of_somebody_else_is_not_ended_by_a_wrong_address(guard: Client, person: Person) -> None:
    own = UserSession.objects.get(person__login="officer-security-admin")
    answer = guard.post(f"/people/{person.public_id}/sessions/end", {"session": str(own.public_id)})
    assert answer.status_code == 404
    assert guard.get("/account").status_code == 200


def test_closing_an_account_takes_everything_at_once(
    guard: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    _allow(monkeypatch, "identity.person.read", "identity.person.close")
    client = Client()
    client.post("/sign-in", {"login": "citizen", "password": PASSWORD})
    text, _ = operations.issue_token(
        person_id=person.public_id,
        tax_id="91450100MA5K1A2B3C",
        label="erp",
        scopes=["invoices:read"],
        days=1,
        actor="system:test",
        now=clock.now(),
    )
    bearer = {"Authorization": f"Bearer {text}"}
    assert Client().get("/api/v1/me", headers=bearer).status_code == 200
    assert guard.post(f"/people/{person.public_id}/close").status_code == 302
    assert client.get("/account").status_code == 302
    assert Client().get("/api/v1/me", headers=bearer).status_code == 401
    assert guard.post(f"/people/{person.public_id}/close", {"open": "yes"}).status_code == 302
    assert client.get("/account").status_code == 302  # what ended stays ended


def test_the_rooms_below_are_told_names(make_person: MakePerson) -> None:
    nong = make_person("directory.nong")
    directory = queries.Directory()
    unknown = "00000000-0000-7000-8000-000000000000"
    assert directory.names_of(frozenset({str(nong.public_id), unknown, "system"})) == {
        str(nong.public_id): "测试员"
    }
    assert directory.find(" Directory.NONG ") == str(nong.public_id) and directory.find("nobody.here") == ""
    among = [str(nong.public_id), unknown]
    assert [one.login for one in directory.search(text="测试", among=among, limit=5)] == ["directory.nong"]
    assert directory.search(text="测试", among=[unknown], limit=5) == []
