"""Register clients, change them, stop them, give them secrets."""

import secrets
from datetime import datetime

from django.db import transaction

from goldentax.kernel import audit
from goldentax.kernel.refusals import raise_all
from goldentax.signon import errors, queries
from goldentax.signon.models import Client, ClientSecret, Grant
from goldentax.signon.operations.ending import STOPPED, end_grants
from goldentax.signon.rules import clients, kinds, tokens
from goldentax.signon.rules.clients import ClientDraft

_ID_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that people do not mistake for each other on the telephone."""

_FIELDS = (
    *("name_zh", "name_en", "owner_kind", "owner_code", "owner_name", "auth_method", "public_keys"),
    *("redirect_uris", "post_logout_uris", "back_channel_uri", "id_token_alg", "scopes"),
    *("resource_uri", "resources"),
)


@transaction.atomic
def add_client(*, draft: ClientDraft, actor: str, now: datetime, request_id: str = "") -> tuple[Client, str]:
    """
    Register a client; with its secret, which is shown here, this once ("" where it uses none).

    :raises SecretAlreadyShown: if this request made one before.
    :raises Refusal: every rule that the draft breaks.
    """
    if request_id and Client.objects.filter(request_id=request_id).exists():
        raise errors.SecretAlreadyShown()
    _check(draft, is_taken=bool(draft.resource_uri) and draft.resource_uri in queries.list_used_resources())
    client_id = "gt-" + "".join(secrets.choice(_ID_ALPHABET) for _ in range(12))
    client = Client.objects.create(
        client_id=client_id,
        kind=draft.kind,
        sector=clients.sector_of(draft, client_id=client_id),
        created_at=now,
        request_id=request_id,
        **_values(draft),
    )
    text = _add_secret(client, now=now) if client.auth_method in kinds.SECRET_METHODS else ""
    _note("add", client, actor=actor, now=now, request_id=request_id, detail=_values(draft))
    return client, text


@transaction.atomic
def change_client(
    *, client_id: str, draft: ClientDraft, actor: str, now: datetime, request_id: str = ""
) -> Client:
    """
    Change what is written down of a client; its kind and sector stay, because people are known by them.

    :raises NoSuchClient: if there is none.
    :raises BadKind: if the kind would change.
    :raises Refusal: every rule that the draft breaks.
    """
    client = _locked(client_id)
    if draft.kind != client.kind:
        raise errors.BadKind("kind", known=client.kind)
    is_new_name = draft.resource_uri not in ("", client.resource_uri)
    _check(draft, is_taken=is_new_name and draft.resource_uri in queries.list_used_resources())
    before = {name: getattr(client, name) for name in _FIELDS}
    after = _values(draft)
    for name, value in after.items():
        setattr(client, name, value)
    client.save(update_fields=list(_FIELDS))
    changed = {name: after[name] for name in _FIELDS if after[name] != before[name]}
    if changed:
        _note("change", client, actor=actor, now=now, request_id=request_id, detail=changed)
    return client


@transaction.atomic
def stop_client(*, client_id: str, actor: str, now: datetime, request_id: str = "") -> Client:
    """
    Stop a client at once: nobody signs in, and every token it holds ends. One stopped before stays so.

    :raises NoSuchClient: if there is none.
    """
    client = _locked(client_id)
    if client.stopped_at is None:
        client.stopped_at = now
        client.save(update_fields=["stopped_at"])
        queries.forget_proven_tokens()
        ended = end_grants(Grant.objects.filter(client=client), reason=STOPPED, actor=actor, now=now)
        _note("stop", client, actor=actor, now=now, request_id=request_id, detail={"grants_ended": ended})
    return client


@transaction.atomic
def start_client(*, client_id: str, actor: str, now: datetime, request_id: str = "") -> Client:
    """
    Let a stopped client be used again; its old tokens stay ended.

    :raises NoSuchClient: if there is none.
    """
    client = _locked(client_id)
    if client.stopped_at is not None:
        client.stopped_at = None
        client.save(update_fields=["stopped_at"])
        _note("start", client, actor=actor, now=now, request_id=request_id)
    return client


@transaction.atomic
def renew_secret(*, client_id: str, actor: str, now: datetime, request_id: str = "") -> tuple[Client, str]:
    """
    Give a client a new secret, shown here, this once; the one before works for :data:`SECRET_OVERLAP` more.

    :raises NoSuchClient: if there is none.
    :raises NoSecretInUse: if it proves itself otherwise.
    :raises ClientIsStopped: if it is stopped.
    :raises SecretAlreadyShown: if this request made one before.
    """
    client = _locked(client_id)
    if request_id and ClientSecret.objects.filter(request_id=request_id).exists():
        raise errors.SecretAlreadyShown()
    if client.auth_method not in kinds.SECRET_METHODS:
        raise errors.NoSecretInUse()
    if client.stopped_at is not None:
        raise errors.ClientIsStopped()
    working = queries.list_secrets(client=client, now=now)
    for number, secret in enumerate(working):
        # Only the newest goes on for a while; with it and the new one there are never more than two.
        ends_at = now + tokens.SECRET_OVERLAP if number == 0 else now
        if secret.ends_at is None or secret.ends_at > ends_at:
            ClientSecret.objects.filter(pk=secret.pk).update(ends_at=ends_at)
    text = _add_secret(client, now=now, request_id=request_id)
    _note("renew-secret", client, actor=actor, now=now, request_id=request_id)
    return client, text


@transaction.atomic
def end_old_secrets(*, client_id: str, actor: str, now: datetime, request_id: str = "") -> int:
    """
    End every secret but the newest at once, for one that leaked; how many.

    :raises NoSuchClient: if there is none.
    """
    client = _locked(client_id)
    old = [secret.pk for secret in queries.list_secrets(client=client, now=now)[1:]]
    ClientSecret.objects.filter(pk__in=old).update(ends_at=now)
    if old:
        _note("end-secrets", client, actor=actor, now=now, request_id=request_id, detail={"ended": len(old)})
    return len(old)


def _check(draft: ClientDraft, *, is_taken: bool) -> None:
    found = clients.refusals_of(draft, resources_known=queries.list_used_resources())
    if is_taken:
        found.append(errors.BadResource("resource_uri", uri=draft.resource_uri[:200]))
    raise_all(found)


def _locked(client_id: str) -> Client:
    client = Client.objects.select_for_update().filter(client_id=client_id).first()
    if client is None:
        raise errors.NoSuchClient("client_id")
    return client


def _values(draft: ClientDraft) -> dict[str, object]:
    values = {name: getattr(draft, name) for name in _FIELDS}
    for name, value in values.items():
        if isinstance(value, tuple):
            values[name] = list(dict.fromkeys(value))
        elif isinstance(value, str):
            values[name] = value.strip()
    return values


def _add_secret(client: Client, *, now: datetime, request_id: str = "") -> str:
    text = tokens.new_text(tokens.SECRET)
    ClientSecret.objects.create(
        client=client,
        digest=tokens.digest(text),
        prefix=text[: tokens.SHOWN_LENGTH],
        created_at=now,
        request_id=request_id,
    )
    return text


def _note(
    verb: str,
    client: Client,
    *,
    actor: str,
    now: datetime,
    request_id: str,
    detail: dict[str, object] | None = None,
) -> None:
    audit.record(
        actor=actor,
        action=f"signon.client.{verb}",
        subject=f"client:{client.client_id}",
        now=now,
        request_id=request_id,
        category=audit.PRIVILEGED,
        detail=detail,
    )
