"""The API: a program sees what its taxpayer is related to, and lets people in only with the scope for it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from goldentax.identity import api as identity
from goldentax.kernel import access
from goldentax.kernel.models import AuditEntry
from goldentax.node.testing import NOW
from goldentax.subjects import api as subjects
from goldentax.subjects.tests.conftest import TAX_ID, World, acting, know_company, uscc

pytestmark = pytest.mark.django_db
Program = Callable[..., Client]


@pytest.fixture
def program(browse: Callable[..., Client], world: World) -> Program:
    def make(person: Any = None, *, scopes: tuple[str, ...] = ("people:read", "people:write")) -> Client:
        known = acting(world, person or world.administrator)
        return browse(**known, channel="api", scopes=frozenset(scopes))

    return make


def send(client: Client, path: str, body: dict[str, Any], *, method: str = "post") -> Any:
    return getattr(client, method)(f"/api/v1{path}", json.dumps(body), content_type="application/json")


def invitation(world: World, **changed: Any) -> dict[str, Any]:
    right = {
        "request_id": "erp-invite-1", "duty": "03", "name": world.clerk.name, "tail": world.clerk.id_card_number[-4:],
        "valid_from": NOW.date().isoformat(), "valid_to": (NOW.date() + timedelta(days=9)).isoformat(),
    }  # fmt: skip
    return right | changed


def test_a_program_invites_lists_and_withdraws(program: Program, world: World) -> None:
    client = program()
    made = send(client, "/invitations", invitation(world))
    assert made.status_code == 201, made.content
    assert len(made.json()["code"]) == 14
    listed = client.get("/api/v1/invitations").json()
    assert [one["state"] for one in listed] == ["open"] and "code" not in listed[0]
    gone = client.delete(f"/api/v1/invitations/{made.json()['public_id']}")
    assert gone.json()["state"] == "withdrawn"


def test_a_token_that_issues_invoices_lets_nobody_in(program: Program, world: World) -> None:
    client = program(scopes=("invoices:read", "invoices:write", "people:read"))
    assert send(client, "/invitations", invitation(world)).status_code == 403
    assert client.get("/api/v1/invitations").status_code == 200


def test_a_program_gives_no_more_than_its_holder_could(program: Program, world: World) -> None:
    answer = send(program(), "/invitations", invitation(world, duty="05"))
    assert (answer.status_code, answer.json()["code"]) == (403, "SUB-REL-07")


def test_the_same_request_invites_once(program: Program, world: World) -> None:
    client = program()
    send(client, "/invitations", invitation(world))
    answer = send(client, "/invitations", invitation(world))
    assert (answer.status_code, answer.json()["code"]) == (409, "SUB-INV-05")


def test_unknown_fields_are_refused(program: Program, world: World) -> None:
    assert send(program(), "/invitations", invitation(world, giver_id="x")).status_code == 422


def test_people_are_listed_and_ended(program: Program, world: World) -> None:
    code = send(program(), "/invitations", invitation(world)).json()["code"]
    subjects.accept_invitation(person_id=world.clerk.public_id, code=code, actor="t", now=NOW)
    client = program()
    found = {one["duty"]: one for one in client.get("/api/v1/company/people").json()}
    assert set(found) == {"01", "03", "05"}
    ended = send(
        client, f"/company/people/{found['03']['membership_id']}/end", {"valid_to": NOW.date().isoformat()}
    )
    assert ended.status_code == 204
    assert not identity.list_memberships(person_id=world.clerk.public_id, on=NOW.date())


def test_a_program_sees_its_own_company_and_its_people_and_nobody_else(
    program: Program, world: World
) -> None:
    company = subjects.ensure_company(tax_id=TAX_ID, name=world.company.name, actor="t", now=NOW)
    know_company(number=uscc(90), name="别家公司")
    other = subjects.ensure_company(tax_id=uscc(90), name="别家公司", actor="t", now=NOW)
    client = program()
    own = client.get("/api/v1/company/subject").json()
    assert own["public_id"] == str(company.public_id) and own["status"] == "verified"
    assert client.get(f"/api/v1/subjects/{company.public_id}").status_code == 200
    answer = client.get(f"/api/v1/subjects/{other.public_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "SUB-SUB-01")
    clerk = subjects.ensure_person(person_id=world.clerk.public_id, actor="t", now=NOW)
    assert client.get(f"/api/v1/subjects/{clerk.public_id}").status_code == 404
    code = send(client, "/invitations", invitation(world)).json()["code"]
    subjects.accept_invitation(person_id=world.clerk.public_id, code=code, actor="t", now=NOW)
    seen = client.get(f"/api/v1/subjects/{clerk.public_id}").json()
    assert "*" in seen["number"] and world.clerk.id_card_number not in json.dumps(seen)


def test_a_partner_is_verified_and_the_question_written_down(program: Program) -> None:
    know_company(number=uscc(91), name="购买方公司", representative="谁")
    client = program()
    good = send(client, "/subjects/verify", {"number": uscc(91), "name": "购买方公司"}).json()
    assert good == {"verdict": "match", "fields": [], "status": "open"}
    bad = send(client, "/subjects/verify", {"number": uscc(91), "name": "别的公司"}).json()
    assert bad == {"verdict": "mismatch", "fields": ["name"], "status": "open"}
    none = send(client, "/subjects/verify", {"number": uscc(92), "name": "没有"}).json()
    assert none["verdict"] == "not_found"
    assert AuditEntry.objects.filter(action="subjects.party.verify").count() == 3


def test_people_cannot_be_verified_by_strangers(program: Program, world: World) -> None:
    answer = send(
        program(), "/subjects/verify", {"number": world.clerk.id_card_number, "name": world.clerk.name}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "SUB-CRE-02")


def test_verifying_is_counted(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from goldentax.subjects.rules import throttle

    monkeypatch.setitem(throttle.LIMITS, throttle.VERIFY_PARTY, 1)
    client = program()
    send(client, "/subjects/verify", {"number": uscc(91), "name": "购买方公司"})
    answer = send(client, "/subjects/verify", {"number": uscc(91), "name": "购买方公司"})
    assert (answer.status_code, answer.json()["code"]) == (429, "SUB-REG-02")


def test_nobody_without_a_token_sees_anything(browse: Callable[..., Client]) -> None:
    client = browse()
    for path in ("/api/v1/company/people", "/api/v1/invitations", "/api/v1/company/subject"):
        assert client.get(path).status_code == 401


def test_every_operation_says_what_it_is_for() -> None:
    from goldentax.subjects.http import router

    for operations in router.path_operations.values():
        for operation in operations.operations:
            assert operation.summary and operation.view_func.door.scope.startswith("people:")
            assert access.TAXPAYER in operation.view_func.door.roles
