"""Reads of identity: people, whom they may act for today, who stands behind a token."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import OuterRef

from goldentax.identity import errors
from goldentax.identity.models import ApiToken, Membership, OfficerPost, Person, valid_on
from goldentax.identity.rules import duties, logins, tokens
from goldentax.kernel import access
from goldentax.kernel.clock import CHINA

OFFICE_PREFIX = "office:"
"""Begins the key of an officer's identity; every other key is a tax id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One identity (办税身份) a person may take today: a taxpayer they act for, or a post in an office."""

    key: str  # a tax id, or office:<code>
    name: str
    duties: tuple[str, ...] = ()
    tax_id: str = ""
    taxpayer_public_id: str = ""
    title: str = ""  # of an officer
    until: date | None = None  # the first day without it, where that is known

    @property
    def is_office(self) -> bool:
        return self.key.startswith(OFFICE_PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """An account of a demo world, shown on its sign-in page and in the table a start ends with."""

    user: str  # the login name
    password: str
    who_zh: str  # who that is, for instance: 桂海新能源 · 开票员 韦晓燕
    who_en: str
    node: str  # the code of the node that has it
    url: str = ""


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Who stands behind a token, and whether its use should be noted."""

    actor: access.Actor
    token_id: UUID
    is_note_due: bool


def get_person(person_id: str | UUID) -> Person:
    """
    Give a person by public id.

    :raises NoSuchPerson: if there is none.
    """
    try:
        person = Person.objects.filter(public_id=person_id).first()
    except ValidationError:
        person = None
    if person is None:
        raise errors.NoSuchPerson("person_id")
    return person


def find_person(*, login: str) -> Person | None:
    """Find a person by login name, in whatever form it is typed."""
    return Person.objects.filter(login=logins.normal_login(login)).first()


def list_memberships(*, person_id: str | UUID, on: date | None = None) -> list[Membership]:
    """A person's memberships, the newest first; with ``on``, only those that hold on that day."""
    found = Membership.objects.filter(person__public_id=person_id)
    if on is not None:
        found = found.filter(valid_on(on))
    return list(found.order_by("-valid_from", "tax_id", "duty"))


def list_identities(*, person: Person, on: date) -> list[Identity]:
    """Every identity a person may take on a day: taxpayers by name, then offices."""
    by_tax_id: dict[str, list[Membership]] = {}
    for membership in Membership.objects.filter(valid_on(on), person=person).order_by("duty"):
        by_tax_id.setdefault(membership.tax_id, []).append(membership)
    found = sorted((_of_taxpayer(rows) for rows in by_tax_id.values()), key=lambda one: (one.name, one.key))
    return found + [_of_office(post) for post in OfficerPost.objects.filter(valid_on(on), person=person)]


def actor_of_person(*, person: Person, acting_for: str, on: date, language: str) -> access.Actor:
    """
    The actor of somebody signed in who acts for ``acting_for``: a tax id, ``office:<code>``, or nobody.

    Asked at every request: a membership that has ended opens nothing, whatever the session remembers.
    """
    who = access.Actor(
        person_id=str(person.public_id),
        person_name=person.name,
        roles=frozenset({access.PUBLIC, access.PERSON}),
        language=language,
    )
    if acting_for.startswith(OFFICE_PREFIX):
        office = acting_for.removeprefix(OFFICE_PREFIX)
        if OfficerPost.objects.filter(person=person, office_code=office).filter(valid_on(on)).exists():
            return replace(who, roles=who.roles | {access.OFFICER})
    elif acting_for:
        rows = list(Membership.objects.filter(person=person, tax_id=acting_for).filter(valid_on(on)))
        if rows:
            return replace(
                who,
                roles=duties.roles_for_taxpayer(frozenset(row.duty for row in rows)),
                taxpayer_id=acting_for,
                taxpayer_name=_name_of(rows),
                taxpayer_public_id=str(rows[0].taxpayer_public_id),
            )
    return who


def list_tokens(*, person_id: str | UUID) -> list[ApiToken]:
    """A person's tokens, the newest first, the revoked and expired ones too."""
    return list(ApiToken.objects.filter(person__public_id=person_id).order_by("-created_at", "-id"))


def find_actor_by_token(*, text: str, now: datetime, language: str) -> access.Actor:
    """
    The actor of a program that sent a token.

    :raises UnknownToken: if there is no such token.
    :raises RevokedToken: if it was revoked.
    :raises ExpiredToken: if its time is over.
    :raises TokenWithoutDuty: if its holder no longer acts for the taxpayer, or their account is closed.
    """
    return find_token_holder(text=text, now=now, language=language).actor


def find_token_holder(*, text: str, now: datetime, language: str) -> TokenHolder:
    """Like `find_actor_by_token`, with what is needed to note the use. One statement."""
    if not tokens.is_token(text):
        raise errors.UnknownToken()
    held = Membership.objects.filter(person=OuterRef("person"), tax_id=OuterRef("tax_id")).filter(
        valid_on(now.date())
    )
    token = (
        ApiToken.objects.filter(digest=tokens.digest(text))
        .select_related("person")
        .annotate(
            held_duties=ArraySubquery(held.order_by("duty").values("duty")),
            held_names=ArraySubquery(held.order_by("duty").values("taxpayer_name")),
        )
        .first()
    )
    if token is None:
        raise errors.UnknownToken()
    _check_alive(token, now=now)
    held_duties = frozenset(token.held_duties)
    scopes = frozenset(token.scopes)
    actor = access.Actor(
        person_id=str(token.person.public_id),
        person_name=token.person.name,
        roles=duties.roles_of_token(duties=held_duties, scopes=scopes),
        taxpayer_id=token.tax_id,
        taxpayer_name=next((name for name in token.held_names if name), ""),
        taxpayer_public_id=str(token.taxpayer_public_id),
        channel="api",
        language=language,
        scopes=scopes,
    )
    is_note_due = token.last_used_at is None or now - token.last_used_at >= tokens.USE_NOTED_AFTER
    return TokenHolder(actor, token.public_id, is_note_due)


def find_issuing_membership(*, on: date, login: str = "", tax_id: str = "") -> Membership | None:
    """The first membership that may issue on a day, of that person and taxpayer where they are named."""
    found = Membership.objects.filter(duty__in=duties.ISSUING_DUTIES, person__is_active=True).filter(
        valid_on(on)
    )
    if login:
        found = found.filter(person__login=logins.normal_login(login))
    if tax_id:
        found = found.filter(tax_id=tax_id)
    return found.select_related("person").order_by("id").first()


def list_demo_accounts(*, path: Path, node: str = "") -> list[DemoAccount]:
    """The accounts of a demo world, as the node that made it wrote them; none where there is no file."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    found = [DemoAccount(**{name: str(row.get(name, "")) for name in DemoAccount.__slots__}) for row in rows]
    return [one for one in found if not node or one.node in (node, "")]


def _check_alive(token: ApiToken, *, now: datetime) -> None:
    if token.revoked_at is not None:
        raise errors.RevokedToken()
    if token.expires_at <= now:
        raise errors.ExpiredToken(at=f"{token.expires_at.astimezone(CHINA):%Y-%m-%d %H:%M}")
    if not token.person.is_active or not token.held_duties:  # type: ignore[attr-defined]
        raise errors.TokenWithoutDuty(tax_id=token.tax_id)


def _name_of(rows: list[Membership]) -> str:
    return next((row.taxpayer_name for row in rows if row.taxpayer_name), "")


def _of_taxpayer(rows: list[Membership]) -> Identity:
    ends = [row.valid_to for row in rows]
    return Identity(
        key=rows[0].tax_id,
        name=_name_of(rows) or rows[0].tax_id,
        duties=tuple(row.duty for row in rows),
        tax_id=rows[0].tax_id,
        taxpayer_public_id=str(rows[0].taxpayer_public_id),
        until=None if None in ends else max(end for end in ends if end),
    )


def _of_office(post: OfficerPost) -> Identity:
    return Identity(
        key=f"{OFFICE_PREFIX}{post.office_code}",
        name=post.office_name or post.office_code,
        title=post.title,
        until=post.valid_to,
    )
