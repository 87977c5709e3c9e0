"""
Sign-out that a client begins (OpenID Connect RP-Initiated Logout 1.0).

A client that shows the identity token of this very session signs its person out at once. Anybody else's request, which
any page in the world can make a browser send, only asks the person whether they want to.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from goldentax.kernel import access, clock
from goldentax.signon import errors, queries
from goldentax.signon.models import Client
from goldentax.signon.operations import Asker
from goldentax.signon.rules import redirects
from goldentax.signon.web import people
from goldentax.signon.web.authorize import SEE_OTHER, again_by_get, with_form_target
from goldentax.signon.web.tickets import new_ticket, read_ticket

NAMES = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
_STEP = "end_session"


@never_cache
@csrf_exempt
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def end_session(request: HttpRequest) -> HttpResponse:
    """Sign out, or ask."""
    if request.method == "POST":
        return again_by_get(request, "signon:end-session")
    values = _values_of(request)
    hint, client = _who(values)
    uri = _address_of(client, values)
    asker = people.asker_of(request)
    if asker is None:
        return _gone(request, values, uri)
    if hint.get("sid") == asker.session_id:
        people.sign_out(request, asker)
        return _gone(request, values, uri)
    ticket = new_ticket(values=values, now=clock.now()).after(_STEP, bound_to=asker.session_id)
    answer = render(request, "signon/end_session.html", {"client": client, "ticket": ticket.written()})
    return with_form_target(answer, uri) if uri else answer


@never_cache
@access.open_to(access.PERSON)
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """The person said that they want to sign out."""
    ticket = read_ticket(request.POST.get("ticket", ""), now=clock.now())
    asker: Asker | None = people.asker_of(request)
    if asker is None or _STEP not in ticket.done or ticket.bound_to != asker.session_id:
        raise errors.StaleRequest()
    _, client = _who(ticket.values)
    people.sign_out(request, asker)
    return _gone(request, ticket.values, _address_of(client, ticket.values))


def _values_of(request: HttpRequest) -> dict[str, str]:
    found = {}
    for name in NAMES:
        values = request.GET.getlist(name)
        if len(values) > 1:
            raise errors.BadLogoutRequest(name, name=name)
        if values:
            found[name] = values[0]
    return found


def _who(values: dict[str, str]) -> tuple[dict[str, Any], Client | None]:
    """What the hint says, and the client that asks; both may be missing."""
    hint: dict[str, Any] = {}
    if values.get("id_token_hint"):
        hint = queries.read_id_token_hint(text=values["id_token_hint"], now=clock.now())
    client_id = values.get("client_id") or hint.get("aud", "")
    if hint and client_id != hint["aud"]:
        raise errors.BadLogoutRequest("client_id", name="client_id")
    return hint, queries.find_client(client_id) if client_id else None


def _address_of(client: Client | None, values: dict[str, str]) -> str:
    """Where the person goes afterwards: a registered address, letter for letter, or "" for our own page."""
    uri = values.get("post_logout_redirect_uri", "")
    if uri and (client is None or client.stopped_at is not None or uri not in client.post_logout_uris):
        raise errors.BadLogoutRedirect("post_logout_redirect_uri")
    return uri


def _gone(request: HttpRequest, values: dict[str, str], uri: str) -> HttpResponse:
    if not uri:
        return render(request, "signon/signed_out.html")
    state = {"state": values["state"]} if "state" in values else {}
    return HttpResponseRedirect(redirects.with_parameters(uri, state), status=SEE_OTHER)
