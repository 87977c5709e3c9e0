"""Reading who acts for a company, who was invited, and what one may give."""

import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from goldentax.identity import api as identity
from goldentax.kernel.text import Text
from goldentax.subjects.models import Draft, Invitation, Relation
from goldentax.subjects.rules import invitations, names, relations

CURRENT, COMING, ENDED = "current", "coming", "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One duty of somebody for a company."""

    membership_id: uuid.UUID
    person_id: uuid.UUID
    name: str
    duty: str
    duty_name: Text
    valid_from: date
    valid_to: date | None
    state: str  # CURRENT, COMING, ENDED
    since: datetime  # when it was granted
    granted_by: str
    ended_by: str
    may_change: bool  # by who looks


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationView:
    """An invitation as inviter or invitee sees it; the code is in neither."""

    public_id: uuid.UUID
    tax_id: str
    taxpayer_name: str
    duty: str
    duty_name: Text
    valid_from: date
    valid_to: date
    name: str
    login: str
    state: str  # one of invitations.STATES, or "expired"
    invited_at: datetime
    expires_at: datetime
    tries: int


def list_people(*, tax_id: str, giver_id: uuid.UUID | str, on: date) -> list[Member]:
    """Everybody who acts, acted or will act for a company: those of today first."""
    members = identity.list_members(tax_id=tax_id)
    held = {
        one.duty
        for one in members
        if str(one.person.public_id) == str(giver_id) and _state(one, on) == CURRENT
    }
    may_give = relations.duties_given_by(held=held, on=on)
    found = [
        Member(
            membership_id=one.public_id,
            person_id=one.person.public_id,
            name=one.person.name,
            duty=one.duty,
            duty_name=identity.DUTIES[one.duty],
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            state=_state(one, on),
            since=one.granted_at,
            granted_by=one.granted_by,
            ended_by=one.ended_by,
            may_change=one.duty in may_give and _state(one, on) != ENDED,
        )
        for one in members
    ]
    order = {CURRENT: 0, COMING: 1, ENDED: 2}
    return sorted(found, key=lambda one: (order[one.state], one.duty, one.name))


def list_own(*, person_id: uuid.UUID | str, on: date) -> list[dict[str, object]]:
    """What somebody does for whom, the newest first, with the company's name."""
    rows = identity.list_memberships(person_id=person_id)
    return [
        {
            "row": one,
            "duty_name": identity.DUTIES[one.duty],
            "state": _state(one, on),
            "may_end": _state(one, on) != ENDED and one.duty != relations.REPRESENTATIVE,
        }
        for one in rows
    ]


def list_invitations(*, tax_id: str, now: datetime, limit: int = 100) -> list[InvitationView]:
    """The invitations of a company, the newest first."""
    rows = Invitation.objects.filter(tax_id=tax_id).order_by("-invited_at", "-id")[:limit]
    return [invitation_view(one, now=now) for one in rows]


def list_invitations_for(*, login: str, now: datetime) -> list[InvitationView]:
    """The open invitations that were addressed to a login name; "" is nobody's."""
    if not login:
        return []
    rows = Invitation.objects.filter(invitee_login=login, state=invitations.OPEN, expires_at__gt=now)
    return [invitation_view(one, now=now) for one in rows.order_by("-invited_at")[:20]]


def invitation_view(row: Invitation, *, now: datetime) -> InvitationView:
    """One invitation as a value."""
    is_over = row.state == invitations.OPEN and row.expires_at <= now
    return InvitationView(
        public_id=row.public_id,
        tax_id=row.tax_id,
        taxpayer_name=row.taxpayer_name,
        duty=row.duty,
        duty_name=identity.DUTIES[row.duty],
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        name=row.invitee_name,
        login=row.invitee_login,
        state="expired" if is_over else row.state,
        invited_at=row.invited_at,
        expires_at=row.expires_at,
        tries=row.tries,
    )


def givable_duties(*, held: frozenset[str], on: date) -> list[tuple[str, Text, date]]:
    """What somebody may give: code, name, and the latest day it may end when it begins today."""
    return [
        (duty, identity.DUTIES[duty], relations.longest_end(duty=duty, valid_from=on, on=on))
        for duty in sorted(relations.duties_given_by(held=held, on=on))
    ]


def relation_of_membership(membership_id: uuid.UUID) -> Relation | None:
    """The relation behind a membership."""
    return Relation.objects.filter(membership_id=membership_id).first()


def find_draft(*, person_id: uuid.UUID | str, purpose: str) -> dict[str, str]:
    """What somebody typed and did not finish; empty where there is nothing."""
    draft = Draft.objects.filter(person_id=person_id, purpose=purpose).first()
    return draft.values if draft else {}


def masked_name(name: str) -> str:
    """A person's name with only its first character."""
    return names.masked(name)


def _state(membership: object, on: date) -> str:
    valid_from, valid_to = membership.valid_from, membership.valid_to  # type: ignore[attr-defined]
    if valid_to is not None and valid_to <= on:
        return ENDED
    return CURRENT if valid_from <= on else COMING


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoNewcomer:
    """Somebody, or some company, that a demo world's sources know and nobody has registered yet."""

    kind: str  # person or company
    name: str
    number: str
    what: Text
    representative: str = ""


def list_demo_newcomers(*, path: Path, kind: str) -> list[DemoNewcomer]:
    """Who may be registered in a demo world, as its maker wrote it down; nobody where there is no file."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [
            DemoNewcomer(
                kind=kind,
                name=str(row["name"]),
                number=str(row["number"]),
                what=Text(str(row["what_zh"]), str(row["what_en"])),
                representative=str(row.get("representative", "")),
            )
            for row in rows
            if row["kind"] == kind
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []
