"""Officers' pages of clients: list, one, register, change, secrets, stop."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goldentax.kernel import access, clock
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.signon import errors, operations, queries
from goldentax.signon.models import Client
from goldentax.signon.operations import ClientDraft
from goldentax.signon.rules import jose, kinds, scopes
from goldentax.signon.web.places import Endpoints, issuer_of

READ, MANAGE = "signon.client.read", "signon.client.manage"
_LINES = ("redirect_uris", "post_logout_uris", "resources")
_TEXTS = (
    *("name_zh", "name_en", "kind", "owner_kind", "owner_code", "owner_name", "auth_method"),
    *("back_channel_uri", "id_token_alg", "sector", "resource_uri"),
)

_may_read = access.open_to(access.OFFICER, function=READ)
_may_manage = access.open_to(access.OFFICER, function=MANAGE, assurance=access.TWO_FACTORS)
# Whoever registers a client decides where people's data go: that is asked of two factors.


@never_cache
@_may_read
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every client, searched and paged."""
    wish = queries.ClientFilter(
        text=request.GET.get("q", "").strip()[:100].replace("\x00", ""),
        kind=request.GET.get("kind", "") if request.GET.get("kind") in kinds.KINDS else "",
        state=request.GET.get("state", "") if request.GET.get("state") in ("active", "stopped") else "",
        after=request.GET.get("after", "")[:40].replace("\x00", ""),
    )
    rows, after, count = queries.list_clients(wish)
    kept = {"q": wish.text, "kind": wish.kind, "state": wish.state}
    language = language_of(request)
    context = {
        "rows": [(row, kinds.KINDS[row.kind]) for row in rows],
        "count": count,
        "wish": wish,
        "next_url": "?" + urlencode(kept | {"after": after}) if after else "",
        "previous_url": "?" + urlencode(kept) if wish.after else "",
        "kinds": _options(kinds.KINDS, language, first=Text("全部类型", "Every kind")),
        "states": _options(
            {"active": Text("使用中", "In use"), "stopped": Text("已停用", "Stopped")},
            language,
            first=Text("全部状态", "Every state"),
        ),
        "may_manage": access.may(access.actor_of(request), MANAGE),
    }
    return render(request, "signon/clients.html", context)


@never_cache
@_may_read
@require_safe
def show(request: HttpRequest, client_id: str) -> HttpResponse:
    """One client: what is registered, its secrets, its sign-out notices."""
    client, now = queries.get_client(client_id), clock.now()
    endpoints = Endpoints(issuer_of(request))
    context = {
        "client": client,
        "kind": kinds.KINDS[client.kind],
        "method": kinds.AUTH_METHODS[client.auth_method],
        "scopes": [(one, scopes.SCOPES[one]) for one in client.scopes if one in scopes.SCOPES],
        "secrets": queries.list_secrets(client=client, now=now),
        "uses_secret": client.auth_method in kinds.SECRET_METHODS,
        "notices": queries.list_notices(client),
        "open_grants": queries.count_open_grants(client=client, now=now),
        "discovery": endpoints.of("configuration"),
        "issuer": endpoints.issuer,
        "request_id": str(new_public_id()),
        "may_manage": access.may(access.actor_of(request), MANAGE),
    }
    return render(request, "signon/client.html", context)


@never_cache
@_may_manage
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The form of a new client, and its secret, shown once."""
    if request.method != "POST":
        return _form(request, values=_first_values())
    try:
        client, secret = operations.add_client(
            draft=_draft_of(request),
            actor=access.actor_of(request).label,
            now=clock.now(),
            request_id=request.POST.get("request_id", "")[:64],
        )
    except Refusal as refusal:
        return _form(request, values=_typed(request), refusal=refusal)
    _say(request, Text("应用“{name}”已登记。", "“{name}” is registered."), client)
    return _with_secret(request, client, secret) if secret else _to(client)


@never_cache
@_may_manage
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, client_id: str) -> HttpResponse:
    """The form of a client that is there."""
    client = queries.get_client(client_id)
    if request.method != "POST":
        return _form(request, values=_values_of(client), client=client)
    try:
        client = operations.change_client(
            client_id=client_id,
            draft=_draft_of(request),
            actor=access.actor_of(request).label,
            now=clock.now(),
            request_id=request.POST.get("request_id", "")[:64],
        )
    except Refusal as refusal:
        return _form(request, values=_typed(request), client=client, refusal=refusal)
    _say(request, Text("应用“{name}”已保存。", "“{name}” is saved."), client)
    return _to(client)


@never_cache
@_may_manage
@require_POST
def renew_secret(request: HttpRequest, client_id: str) -> HttpResponse:
    """A new secret, shown once; the old one works a while longer."""
    client, secret = operations.renew_secret(
        client_id=client_id,
        actor=access.actor_of(request).label,
        now=clock.now(),
        request_id=request.POST.get("request_id", "")[:64],
    )
    return _with_secret(request, client, secret)


@_may_manage
@require_POST
def end_old_secrets(request: HttpRequest, client_id: str) -> HttpResponse:
    """End every secret but the newest now."""
    actor = access.actor_of(request).label
    operations.end_old_secrets(client_id=client_id, actor=actor, now=clock.now())
    client = queries.get_client(client_id)
    _say(request, Text("“{name}”的旧密钥已失效。", "The old secrets of “{name}” have ended."), client)
    return _to(client)


@_may_manage
@require_POST
def stop(request: HttpRequest, client_id: str) -> HttpResponse:
    """Stop a client at once."""
    actor = access.actor_of(request).label
    client = operations.stop_client(client_id=client_id, actor=actor, now=clock.now())
    _say(
        request,
        Text("“{name}”已停用，其令牌全部失效。", "“{name}” is stopped; its tokens have ended."),
        client,
    )
    return _to(client)


@_may_manage
@require_POST
def start(request: HttpRequest, client_id: str) -> HttpResponse:
    """Let a stopped client be used again."""
    actor = access.actor_of(request).label
    client = operations.start_client(client_id=client_id, actor=actor, now=clock.now())
    _say(request, Text("“{name}”已启用。", "“{name}” may be used again."), client)
    return _to(client)


def _draft_of(request: HttpRequest) -> ClientDraft:
    typed: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in _TEXTS}
    typed |= {name: tuple(request.POST.get(name, "").split()) for name in _LINES}
    return ClientDraft(
        **typed,
        scopes=tuple(request.POST.getlist("scopes")),
        public_keys=_keys_of(request.POST.get("public_keys", "")),
    )


def _keys_of(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise errors.BadPublicKeys("public_keys", reason="JSON") from error
    return found if isinstance(found, dict) else {"keys": found}


def _first_values() -> dict[str, Any]:
    return {
        "kind": kinds.OUTSIDE,
        "owner_kind": kinds.TAXPAYER,
        "auth_method": kinds.SECRET_BASIC,
        "id_token_alg": jose.ES256,
        "scopes": [scopes.OPENID, scopes.PROFILE, scopes.TAXPAYER],
    }


def _typed(request: HttpRequest) -> dict[str, Any]:
    return {name: request.POST.get(name, "") for name in (*_TEXTS, *_LINES, "public_keys")} | {
        "scopes": request.POST.getlist("scopes")
    }


def _values_of(client: Client) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(client, name) for name in _TEXTS}
    values |= {name: "\n".join(getattr(client, name)) for name in _LINES}
    keys = json.dumps(client.public_keys, ensure_ascii=False, indent=1) if client.public_keys else ""
    return values | {"scopes": client.scopes, "public_keys": keys}


def _form(
    request: HttpRequest,
    *,
    values: dict[str, Any],
    client: Client | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    language = language_of(request)
    context = {
        "client": client,
        "values": values,
        "kinds": _options(kinds.KINDS, language),
        "owners": _options(kinds.OWNERS, language),
        "methods": _options(kinds.AUTH_METHODS, language),
        "algorithms": [(one, one) for one in jose.ALGORITHMS],
        "scopes": list(scopes.SCOPES.items()),
        "request_id": str(new_public_id()),
        "errors": [one.as_error(language) for one in refusal.each()] if refusal else [],
    }
    return render(request, "signon/client_form.html", context, status=refusal.status if refusal else 200)


def _options(found: dict[str, Text], language: str, *, first: Text | None = None) -> list[tuple[str, str]]:
    options = [(key, text.in_language(language)) for key, text in found.items()]
    return [("", first.in_language(language)), *options] if first else options


def _with_secret(request: HttpRequest, client: Client, secret: str) -> HttpResponse:
    issuer = issuer_of(request)
    return render(
        request, "signon/client_secret.html", {"client": client, "secret": secret, "issuer": issuer}
    )


def _say(request: HttpRequest, words: Text, client: Client) -> None:
    language = language_of(request)
    messages.success(request, words.format(name=client.name.in_language(language)).in_language(language))


def _to(client: Client) -> HttpResponse:
    return HttpResponseRedirect(reverse("signon:client", args=[client.client_id]))
