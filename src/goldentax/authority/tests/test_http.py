"""The API of authority: offices for everybody, one's own functions, explanations for those who may ask."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from goldentax.authority import api as authority
from goldentax.authority import http, offers
from goldentax.identity import api as identity
from goldentax.kernel import access
from goldentax.kernel.access import OFFICER, PERSON, Actor
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.models import AuditEntry
from goldentax.kernel.refusals import Refusal
from goldentax.node.testing import NOW

pytestmark = pytest.mark.django_db
CITY = "14501000000"


def test_offices_are_public() -> None:
    offices = Client().get("/api/v1/offices", {"level": "city"}).json()
    assert len(offices) == 14
    assert offices[0]["name"] == "国家税务总局南宁市税务局"
    assert set(offices[0]) == {"code", "name", "short_name", "level", "parent_code", "division_code"}


def test_a_token_tells_the_functions_of_its_duties(
    accounts: dict[str, dict[str, str]], stopped_clock: Any
) -> None:
    assert Client().get("/api/v1/me/functions").status_code == 401
    person = identity.find_person(login="demo-seller")
    assert person is not None
    text, _ = identity.issue_token(
        person_id=person.public_id,
        tax_id=accounts["demo-seller"]["tax_id"],
        label="test",
        scopes=("invoices:read",),
        days=1,
        actor="test",
        now=NOW,
    )
    answer = Client(headers={"authorization": f"Bearer {text}"}).get("/api/v1/me/functions")
    assert answer.status_code == 200, answer.content.decode()
    mine = {one["code"] for one in answer.json()["functions"]}
    assert {"invoicing.own.issue", "invoicing.own.read", "identity.account.manage"} <= mine
    assert "filing.own.file" not in mine and answer.json()["acting_for"] == accounts["demo-seller"]["tax_id"]


def test_the_decider_of_doors_is_authority(stopped_clock: Any) -> None:
    person = str(new_public_id())
    authority.appoint(
        person_id=person,
        office_code=CITY,
        post="security-admin",
        valid_from=NOW.date(),
        actor="test",
        now=NOW - timedelta(minutes=1),
    )
    actor = Actor(person_id=person, office_code=CITY, roles=frozenset({PERSON, OFFICER}), assurance=1)
    assert access.may(actor, "authority.grant.approve"), "the door asks for the level of assurance besides"
    assert not access.may(actor, "authority.grant.request")
    assert not access.may(actor, "no.such.function")
    assert not access.may(access.NOBODY, "identity.account.manage")
    assert access.may(actor, "identity.account.manage")
    assert offers.decide(actor=actor, function="authority.explain.read")


def _explain(actor: Actor, **question: Any) -> Any:
    request = HttpRequest()
    request.actor = actor  # type: ignore[attr-defined]
    request.LANGUAGE_CODE = "zh-hans"  # type: ignore[attr-defined]
    return http.explain_decision(request, http.QuestionInput(**question))


def test_an_explanation_is_for_officers_with_the_function_and_leaves_a_trace(stopped_clock: Any) -> None:
    reader, clerk = str(new_public_id()), str(new_public_id())
    for person, post in ((reader, "audit-admin"), (clerk, "invoice-manage")):
        authority.appoint(
            person_id=person, office_code=CITY, post=post, valid_from=NOW.date(), actor="test", now=NOW
        )
    roles = frozenset({PERSON, OFFICER})
    question = {
        "person_id": clerk,
        "acting_for": f"office:{CITY}",
        "function": "invoicing.ticket.kind.review",
        "office": "14501030000",
    }
    auditor = Actor(person_id=reader, office_code=CITY, roles=roles, assurance=1)
    answer = _explain(auditor, **question)
    assert answer["allowed"] and "发票管理岗" in answer["reasons"][0]["text"]
    refused = _explain(auditor, **{**question, "office": "14502000000"})
    assert not refused["allowed"] and refused["reasons"][0]["code"] == "outside-office"
    trail = AuditEntry.objects.filter(action="authority.decision.explain", actor=auditor.label)
    assert trail.count() == 2 and trail[0].subject == f"person:{clerk}"
    with pytest.raises(access.NotYours):
        _explain(Actor(person_id=clerk, office_code=CITY, roles=roles), **question)
    with pytest.raises(Refusal) as caught:
        _explain(auditor, **{**question, "person_id": "x\x00"})
    assert caught.value.code == "AUT-GRT-01"
    with pytest.raises(Refusal) as caught:
        _explain(auditor, **{**question, "at": "2026-01-01T00:00:00"})
    assert caught.value.code == "AUT-REQ-03"
