"""
The API of authority: offices, what one may, and why.

Decisions are explained to officers who have the function for it; one's own functions are told to everybody signed in.
"""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.params import functions as params
from pydantic import ConfigDict

from goldentax.authority import api as authority
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of

router = Router()


class OfficeOutput(Schema):
    code: str
    name: str
    short_name: str
    level: str
    parent_code: str
    division_code: str


class FunctionOutput(Schema):
    code: str
    name: str
    kind: str


class MyFunctions(Schema):
    """What the actor may, in the identity they act in."""

    acting_for: str = Field(description="a tax id, office:<code>, or nothing")
    assurance: int
    functions: list[FunctionOutput]


class QuestionInput(Schema):
    """Whether somebody may use a function on something."""

    model_config = ConfigDict(extra="forbid")

    person_id: str = Field(max_length=36, description="public id of the person")
    acting_for: str = Field("", max_length=40, description="a tax id, office:<code>, or nothing")
    assurance: int = Field(1, ge=0, le=3)
    channel: str = Field("web", max_length=10)
    function: str = Field(max_length=80)
    office: str = Field("", max_length=11)
    taxpayer: str = Field("", max_length=20)
    field: str = Field("", max_length=60)
    on_object: bool = Field(True, description="false asks whether anywhere")
    at: datetime | None = Field(None, description="any moment with its zone; now where left out")


class ReasonOutput(Schema):
    code: str
    text: str


class DecisionOutput(Schema):
    allowed: bool
    reasons: list[ReasonOutput]


@router.get("/offices", response=list[OfficeOutput])
@access.open_to(access.PUBLIC)
def list_offices(request: HttpRequest, level: Annotated[str, params.Query(max_length=10)] = "") -> Any:
    """List the tax offices (税务机关) this node knows, in the order of their codes."""
    return authority.list_offices(level=level.replace("\x00", ""))


@router.get("/me/functions", response=MyFunctions)
@access.open_to(access.PERSON, access.TAXPAYER, access.OFFICER)
def list_my_functions(request: HttpRequest) -> Any:
    """List the functions (功能) the actor may use somewhere, in the order of their codes."""
    actor, now = access.actor_of(request), clock.now()
    catalogue = authority.get_catalogue(on=now.date())
    mine = authority.functions_of(subject=authority.subject_of(actor), at=now)
    language = language_of(request)
    return {
        "acting_for": actor.acting_for,
        "assurance": actor.assurance,
        "functions": [
            {"code": code, "name": one.label.in_language(language), "kind": one.kind}
            for code, one in sorted(catalogue.functions.items())
            if code in mine
        ],
    }


@router.post("/authority/explain", response=DecisionOutput)
@access.open_to(access.OFFICER, scope="audit:read", function="authority.explain.read")
def explain_decision(request: HttpRequest, question: QuestionInput) -> Any:
    """Decide for somebody else and say why; asking is recorded, nothing else happens."""
    language = language_of(request)
    decision = authority.explain_for(
        actor=access.actor_of(request),
        subject=authority.Subject(
            question.person_id, question.acting_for, question.assurance, question.channel
        ),
        function=question.function,
        object=authority.Object(office=question.office, taxpayer=question.taxpayer, field=question.field)
        if question.on_object
        else None,
        at=question.at or clock.now(),
        now=clock.now(),
    )
    return {
        "allowed": decision.allowed,
        "reasons": [{"code": one.code, "text": one.in_language(language)} for one in decision.reasons],
    }
