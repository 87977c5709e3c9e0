"""
Subjects over HTTP: one's own subject and those related to it, verifying a business partner, invitations.

A program sees only what its taxpayer stands in relation to. Inviting and ending need a scope of their own: a
token that issues invoices must not be able to let people in.
"""

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from goldentax.kernel import access, audit, clock
from goldentax.kernel.language import language_of
from goldentax.subjects import api as subjects
from goldentax.subjects import errors
from goldentax.subjects.operations import people as operations
from goldentax.subjects.operations.verifying import verify_party
from goldentax.subjects.queries import people
from goldentax.subjects.queries import subjects as queries
from goldentax.subjects.rules import credentials

router = Router()

PEOPLE_READ, PEOPLE_WRITE = "people:read", "people:write"


class _Input(Schema):
    model_config = ConfigDict(extra="forbid")


class SubjectOutput(Schema):
    """A subject (主体) as its related taxpayers may see it."""

    public_id: uuid.UUID
    kind: str
    kind_name: str
    network_number: str = Field(description="网络身份标识, empty before it is verified")
    name: str
    number: str = Field(description="its usual credential; masked for people")
    status: str
    status_name: str
    version: int
    verified_at: datetime | None


class PartyInput(_Input):
    """What is claimed of a business partner."""

    number: str = Field(max_length=40, description="统一社会信用代码")
    name: str = Field(max_length=200, description="名称")


class PartyOutput(Schema):
    """Whether the claims agree with the public register of companies."""

    verdict: str = Field(description="match, mismatch, not_found or away")
    fields: list[str] = Field(description="the claims that are wrong")
    status: str = Field(description="open, cancelled, revoked, or empty for unknown")


class InvitationInput(_Input):
    """Whom to invite, for what, until when (邀请办税人员)."""

    request_id: str = Field(max_length=64)
    duty: str = Field(max_length=2, description="人员类型: 02, 03, 05, 08, 09, 10")
    valid_from: date
    valid_to: date = Field(description="the first day without the duty")
    name: str = Field(max_length=80)
    tail: str = Field(min_length=4, max_length=18, description="the last four or more characters of the card")
    login: str = Field("", max_length=64)


class InvitationOutput(Schema):
    public_id: uuid.UUID
    duty: str
    duty_name: str
    valid_from: date
    valid_to: date
    name: str
    login: str
    state: str = Field(description="open, accepted, declined, withdrawn or expired")
    invited_at: datetime
    expires_at: datetime


class NewInvitationOutput(InvitationOutput):
    code: str = Field(description="shown this once")


class MemberOutput(Schema):
    membership_id: uuid.UUID
    name: str
    duty: str
    duty_name: str
    valid_from: date
    valid_to: date | None
    state: str = Field(description="current, coming or ended")


class EndInput(_Input):
    valid_to: date = Field(description="the first day without the duty; today ends it at once")


@router.get("/company/subject", response=SubjectOutput, summary="One's own company as a subject 本企业主体")
@access.open_to(access.TAXPAYER, scope=PEOPLE_READ)
def get_own_subject(request: HttpRequest) -> Any:
    """Show the subject of the taxpayer acted for."""
    actor = access.actor_of(request)
    own = subjects.find_subject(credential=credentials.USCC, number=actor.taxpayer_id)
    if own is None:
        raise errors.UnknownSubject("subject_id")
    return _subject(request, own)


@router.post(
    "/subjects/verify", response=PartyOutput, summary="Does this name belong to this code? 核验购销方"
)
@access.open_to(access.TAXPAYER, scope=PEOPLE_READ)
def verify(request: HttpRequest, data: PartyInput) -> Any:
    """
    Hold the name of a business partner against the public register of companies, before invoicing it.

    Companies only: of people nothing is told.
    """
    actor, now = access.actor_of(request), clock.now()
    answer = verify_party(number=data.number, name=data.name, asker=actor.taxpayer_id, now=now)
    audit.record(
        actor=actor.label,
        action="subjects.party.verify",
        subject=f"taxpayer:{actor.taxpayer_id}",
        now=now,
        detail={"number": credentials.tidied(data.number)[:18], "verdict": answer.verdict},
        category=audit.LOOK,
    )
    return {
        "verdict": answer.verdict,
        "fields": list(answer.fields),
        "status": answer.facts.get("status", ""),
    }


# After /subjects/verify: the first route that fits an address takes it.
@router.get("/subjects/{subject_id}", response=SubjectOutput, summary="A subject one is related to 查询主体")
@access.open_to(access.TAXPAYER, scope=PEOPLE_READ)
def get_subject(request: HttpRequest, subject_id: uuid.UUID) -> Any:
    """Show one's own subject, or one that stands in a relation to it today."""
    actor = access.actor_of(request)
    own = subjects.find_subject(credential=credentials.USCC, number=actor.taxpayer_id)
    is_own = own is not None and own.public_id == subject_id
    if own is None or not (
        is_own or queries.is_related(subject_id=subject_id, to_id=own.public_id, on=clock.today())
    ):
        raise errors.UnknownSubject("subject_id")
    return _subject(request, queries.get_subject(subject_id=subject_id))


@router.get("/company/people", response=list[MemberOutput], summary="Who acts for the company 办税人员")
@access.open_to(access.TAXPAYER, scope=PEOPLE_READ)
def list_people(request: HttpRequest) -> Any:
    """List everybody who acts, acted or will act for the company."""
    actor, language = access.actor_of(request), language_of(request)
    found = people.list_people(tax_id=actor.taxpayer_id, giver_id=actor.person_id, on=clock.today())
    return [
        {
            "membership_id": one.membership_id,
            "name": one.name,
            "duty": one.duty,
            "duty_name": one.duty_name.in_language(language),
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            "state": one.state,
        }
        for one in found
    ]


@router.post("/company/people/{membership_id}/end", response={204: None}, summary="End a duty 终止授权")
@access.open_to(access.TAXPAYER, scope=PEOPLE_WRITE)
def end_duty(request: HttpRequest, membership_id: uuid.UUID, data: EndInput) -> Any:
    """End somebody's duty; the same call again is refused, for it has ended."""
    actor = access.actor_of(request)
    subjects.end_duty(
        tax_id=actor.taxpayer_id,
        membership_id=membership_id,
        valid_to=data.valid_to,
        giver_id=actor.person_id,
        actor=actor.label,
        now=clock.now(),
    )
    return Status(204, None)


@router.get("/invitations", response=list[InvitationOutput], summary="The company's invitations 邀请列表")
@access.open_to(access.TAXPAYER, scope=PEOPLE_READ)
def list_invitations(request: HttpRequest) -> Any:
    """List the company's invitations, the newest first; no code is told again."""
    actor = access.actor_of(request)
    found = people.list_invitations(tax_id=actor.taxpayer_id, now=clock.now())
    return [_invitation(request, one) for one in found]


@router.post("/invitations", response={201: NewInvitationOutput}, summary="Invite somebody 邀请办税人员")
@access.open_to(access.TAXPAYER, scope=PEOPLE_WRITE)
def invite(request: HttpRequest, data: InvitationInput) -> Any:
    """Invite somebody to act for the company; what may be given follows from the token holder's own duties."""
    actor, now = access.actor_of(request), clock.now()
    code, made = operations.invite(
        company=subjects.Company(
            tax_id=actor.taxpayer_id, public_id=actor.taxpayer_public_id, name=actor.taxpayer_name
        ),
        wish=subjects.Wish(**data.dict(exclude={"request_id"})),
        giver_id=actor.person_id,
        actor=actor.label,
        now=now,
        request_id=data.request_id,
    )
    view = people.invitation_view(made, now=now)
    return Status(201, _invitation(request, view) | {"code": code})


@router.delete(
    "/invitations/{invitation_id}", response=InvitationOutput, summary="Withdraw an invitation 撤回邀请"
)
@access.open_to(access.TAXPAYER, scope=PEOPLE_WRITE)
def withdraw(request: HttpRequest, invitation_id: uuid.UUID) -> Any:
    """Withdraw an invitation; again, it stays withdrawn."""
    actor, now = access.actor_of(request), clock.now()
    made = subjects.withdraw_invitation(
        tax_id=actor.taxpayer_id,
        invitation_id=invitation_id,
        giver_id=actor.person_id,
        actor=actor.label,
        now=now,
    )
    return _invitation(request, people.invitation_view(made, now=now))


def _subject(request: HttpRequest, view: subjects.SubjectView) -> dict[str, Any]:
    language = language_of(request)
    return {
        "public_id": view.public_id,
        "kind": view.kind,
        "kind_name": view.kind_name.in_language(language),
        "network_number": view.network_number,
        "name": view.name,
        "number": view.number,
        "status": view.status,
        "status_name": view.status_name.in_language(language),
        "version": view.version,
        "verified_at": view.verified_at,
    }


def _invitation(request: HttpRequest, view: people.InvitationView) -> dict[str, Any]:
    return {
        "public_id": view.public_id,
        "duty": view.duty,
        "duty_name": view.duty_name.in_language(language_of(request)),
        "valid_from": view.valid_from,
        "valid_to": view.valid_to,
        "name": view.name,
        "login": view.login,
        "state": view.state,
        "invited_at": view.invited_at,
        "expires_at": view.expires_at,
    }
