"""Give a code to a client for a person who signed in and, where it is asked of them, consented."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from goldentax.kernel import audit
from goldentax.signon import errors
from goldentax.signon.models import Client, Code, Grant
from goldentax.signon.rules import scopes, tokens
from goldentax.signon.rules.requests import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who sits in front of the browser, as their web session says."""

    person_id: str
    session_id: str
    acting_for: str
    signed_in_at: datetime
    assurance: int
    methods: tuple[str, ...]
    label: str


def grant_code(
    *, client: Client, wish: Wish, asker: Asker, ticket_id: str, issuer: str, now: datetime
) -> str:
    """
    Write down the grant and give its code.

    :param ticket_id: of the request; one request is answered once, however often its page is sent.
    :raises StaleRequest: if it was answered before.
    """
    try:
        with transaction.atomic():
            grant = _write_grant(
                client=client, wish=wish, asker=asker, ticket_id=ticket_id, issuer=issuer, now=now
            )
            text = tokens.new_text(tokens.CODE)
            Code.objects.create(
                grant=grant,
                digest=tokens.digest(text),
                redirect_uri=wish.redirect_uri,
                challenge=wish.challenge,
                expires_at=now + tokens.CODE_LIVES,
            )
    except IntegrityError as error:
        if "ticket_id" not in str(error):
            raise
        raise errors.StaleRequest() from error
    return text


def _write_grant(
    *, client: Client, wish: Wish, asker: Asker, ticket_id: str, issuer: str, now: datetime
) -> Grant:
    is_offline = scopes.OFFLINE in wish.scopes
    grant = Grant.objects.create(
        client=client,
        person_id=asker.person_id,
        session_id=asker.session_id,
        acting_for=asker.acting_for,
        scopes=list(wish.scopes),
        resource=wish.resource,
        issuer=issuer,
        nonce=wish.nonce,
        assurance=asker.assurance,
        methods=list(asker.methods),
        signed_in_at=asker.signed_in_at,
        is_offline=is_offline,
        ticket_id=ticket_id,
        created_at=now,
        ends_at=tokens.grant_ends_at(signed_in_at=asker.signed_in_at, is_offline=is_offline, now=now),
    )
    audit.record(
        actor=asker.label,
        action="signon.grant.give",
        subject=f"person:{asker.person_id}",
        now=now,
        category=audit.SIGN_IN,
        detail={
            "client": client.client_id,
            "grant": str(grant.public_id),
            "session": asker.session_id,
            "acting_for": asker.acting_for,
            "scopes": list(wish.scopes),
        },
    )
    return grant
