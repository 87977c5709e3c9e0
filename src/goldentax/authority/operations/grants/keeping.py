"""Rows of grants: making one, its steps with their audit rows, the repeat question of a step."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from goldentax.authority import errors, store
from goldentax.authority.models import Grant, GrantStep
from goldentax.authority.operations import requests
from goldentax.authority.queries import grants as views
from goldentax.authority.rules import catalogue as catalogues
from goldentax.authority.rules import grants as rules
from goldentax.authority.rules.grants import ENDED, POST, REQUESTED, Scope, Wish
from goldentax.authority.rules.values import VIA_GRANT, VIA_POST, GrantView
from goldentax.kernel import audit
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto import sm

TEXT_LENGTH_MAX = 200


def person_of(person_id: str | UUID) -> str:
    """
    The public id of a person in its one form.

    :raises errors.UnknownPerson: if it is none.
    """
    try:
        return str(UUID(str(person_id)))
    except ValueError:
        raise errors.UnknownPerson("person_id", person=str(person_id)[:40]) from None


def content_of(person: str, wish: Wish) -> dict[str, Any]:
    """What a request asks for, as its digest is made over it."""
    return {
        "person": person,
        "kind": wish.kind,
        "code": wish.code,
        "office": wish.scope.office,
        "taxpayers": sorted(wish.scope.taxpayers),
        "fields": sorted(wish.scope.fields),
        "from": str(wish.valid_from),
        "to": str(wish.valid_to or ""),
    }


def scope_key(scope: Scope) -> str:
    """ "" for a grant that names neither taxpayers nor fields, else a digest of both lists."""
    if not scope.taxpayers and not scope.fields:
        return ""
    return sm.sm3("|".join([*sorted(scope.taxpayers), "", *sorted(scope.fields)]).encode()).hex()


def wish_of(grant: Grant) -> Wish:
    """What was wished for when a grant was asked for."""
    return Wish(
        kind=grant.kind,
        code=grant.code,
        scope=Scope(
            office=grant.office_code, taxpayers=frozenset(grant.taxpayers), fields=frozenset(grant.fields)
        ),
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
    )


def via_of(kind: str) -> str:
    """By what a grant of a kind brings its function sets."""
    return VIA_POST if kind == POST else VIA_GRANT


def clean(text: str, longest: int = TEXT_LENGTH_MAX) -> str:
    """What somebody wrote, as the database takes it."""
    return text.replace("\x00", "")[:longest]


def create_grant(*, person: str, wish: Wish, **particulars: Any) -> Grant:
    """
    Write the row of a grant.

    :raises errors.HeldAlready: if the person has the same there on one of the days.
    """
    try:
        with transaction.atomic():
            return Grant.objects.create(
                person_id=UUID(person),
                kind=wish.kind,
                code=wish.code,
                office_code=wish.scope.office,
                taxpayers=sorted(wish.scope.taxpayers),
                fields=sorted(wish.scope.fields),
                scope_key=scope_key(wish.scope),
                valid_from=wish.valid_from,
                valid_to=wish.valid_to,
                **particulars,
            )
    except IntegrityError as error:
        name = catalogues.catalogue_on(wish.valid_from).name_of(via=via_of(wish.kind), code=wish.code)
        raise errors.HeldAlready("code", what=name) from error


def keep_step(
    grant: Grant, *, action: str, actor: str, now: datetime, request_id: str, asked: str, note: str = ""
) -> None:
    """One step of the grant, and its row in the audit trail."""
    GrantStep.objects.create(
        grant=grant,
        action=action,
        at=now,
        actor=actor[:120],
        request_id=request_id,
        digest=asked,
        note=clean(note),
    )
    audit.record(
        actor=actor,
        action=f"authority.grant.{action}",
        subject=f"grant:{grant.public_id}",
        now=now,
        request_id=request_id,
        category=audit.GRANT,
        detail={
            "person": str(grant.person_id),
            "kind": grant.kind,
            "code": grant.code,
            "office": grant.office_code,
            "from": str(grant.valid_from),
            "to": str(grant.valid_to or ""),
            "state": grant.state,
        },
    )


def begin_step(
    action: str,
    *,
    grant_id: str | UUID,
    actor: Actor,
    note: str,
    request_id: str,
    state: str = REQUESTED,
) -> tuple[str, Grant, GrantView | None]:
    """The repeat question, then the grant, locked, in the state this step begins from."""
    asked = requests.digest(action, {"grant": str(grant_id), "by": actor.person_id, "note": note})
    first = requests.find_first_answer(request_id=request_id, asked=asked)
    if first is not None:
        return asked, first, views.as_view(first)
    found = views.find_row(grant_id)
    if found is None:
        raise errors.UnknownGrant("grant_id")
    requests.wait_for(f"person:{found.person_id}")
    grant = Grant.objects.select_for_update().get(id=found.id)
    if grant.state != state:
        raise errors.WrongState("grant_id", state=rules.STATES[grant.state])
    return asked, grant, None


def end_each(
    grants: Sequence[Grant], *, actor: str, now: datetime, note: str, request_id: str = "", asked: str = ""
) -> None:
    """End grants that are in force at this moment, each with its step."""
    revision = store.touch()
    for grant in grants:
        assert grant.granted_at is not None
        grant.state, grant.ended_at, grant.ended_by = ENDED, max(now, grant.granted_at), actor[:120]
        grant.note, grant.revision = clean(note) or grant.note, revision
        grant.save()
        keep_step(grant, action="end", actor=actor, now=now, request_id=request_id, asked=asked, note=note)
