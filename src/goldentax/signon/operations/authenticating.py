"""Let a client prove who it is (RFC 6749 §2.3, RFC 7523 §2.2): by exactly the way that was registered."""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, transaction

from goldentax.signon import errors, queries
from goldentax.signon.models import Client, UsedAssertion
from goldentax.signon.rules import assertions, jose, kinds, tokens

_TYPES = ("", "jwt", "client-authentication+jwt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a request brought to prove its client: the way, and the text."""

    client_id: str
    method: str
    text: str = ""  # a secret or a signed assertion


def authenticate_client(
    *, proof: Proof, audiences: Collection[str], now: datetime, is_public_welcome: bool = True
) -> Client:
    """
    Give the client that a request comes from.

    :param audiences: the names by which a signed assertion may address us.
    :param is_public_welcome: false where a client without any secret may not ask.
    :raises ClientNotProven: for an unknown or stopped client, another way than the registered one, and a wrong proof
        alike.
    """
    client = queries.find_client(proof.client_id)
    if client is None or client.stopped_at is not None or client.auth_method != proof.method:
        raise errors.ClientNotProven("client_id")
    if proof.method in kinds.SECRET_METHODS:
        _check_secret(client, proof.text, now=now)
    elif proof.method == kinds.PRIVATE_KEY:
        _check_assertion(client, proof.text, audiences=audiences, now=now)
    elif not is_public_welcome:
        raise errors.ClientNotProven("client_id")
    return client


def _check_secret(client: Client, text: str, *, now: datetime) -> None:
    shown = tokens.digest(text)
    held = [secret.digest for secret in queries.list_secrets(client=client, now=now)]
    if not any(hmac.compare_digest(shown, one) for one in held):
        raise errors.ClientNotProven("client_secret")


def _check_assertion(client: Client, text: str, *, audiences: Collection[str], now: datetime) -> None:
    try:
        told = jose.verify(text=text, keys=jose.read_client_keys(client.public_keys), types=_TYPES)
    except errors.BadSignedToken as refusal:
        raise errors.ClientNotProven("client_assertion") from refusal
    number, ends = assertions.check_assertion(
        claims=told, client_id=client.client_id, audiences=audiences, now=now
    )
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(
                client=client,
                digest=tokens.digest(number),
                ends_at=datetime.fromtimestamp(ends, tz=UTC) + tokens.CLOCK_SKEW,
            )
    except IntegrityError as error:
        raise errors.ClientNotProven("client_assertion") from error
