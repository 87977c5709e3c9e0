"""
The authorization endpoint: from a client's request to a code, through sign-in, step-up and consent.

The person goes away to identity's pages and comes back to ``/oidc/return``, a page that goes on by itself. It must be a
page: browsers hold the whole chain of redirects after a form against ``form-action``, so a sign-in form whose answer
led straight to the client's site would be stopped.
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.security import CONTENT_SECURITY_POLICY
from goldentax.signon import errors, operations, queries
from goldentax.signon.models import Client
from goldentax.signon.operations import Asker
from goldentax.signon.rules import interaction, redirects, requests, scopes
from goldentax.signon.rules.requests import Wish
from goldentax.signon.web import people
from goldentax.signon.web.answers import description
from goldentax.signon.web.places import issuer_of
from goldentax.signon.web.tickets import Ticket, new_ticket, read_ticket

SEE_OTHER = 303
"""A browser that follows it asks with GET, whatever it sent (RFC 9700 §4.12)."""

QUERY_LENGTH_MAX = 8000


@never_cache
@csrf_exempt
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Begin, or go on with, a request for a code."""
    if request.method == "POST":
        # Sent from the client's site, a form brings no session cookie (SameSite=Lax); asked anew, it does.
        return again_by_get(request, "signon:authorize")
    now = clock.now()
    if "ticket" in request.GET:
        return _go_on(request, read_ticket(request.GET["ticket"], now=now), now=now)
    values = requests.first_values(dict(request.GET.lists()))
    return _go_on(request, new_ticket(values=values, now=now), now=now)


@never_cache
@access.open_to(access.PUBLIC)
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """The page people land on after one of identity's pages; it goes on by itself."""
    ticket = read_ticket(request.GET.get("ticket", ""), now=clock.now())
    return render(
        request,
        "signon/return.html",
        {"url": f"{reverse('signon:authorize')}?{urlencode({'ticket': ticket.written()})}"},
    )


@never_cache
@access.open_to(access.PERSON)
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """The person's answer: yes or no, to exactly what the page showed them."""
    now = clock.now()
    ticket = read_ticket(request.POST.get("ticket", ""), now=now)
    asker = people.asker_of(request)
    if asker is None or interaction.CONSENT not in ticket.done or ticket.bound_to != _bound_to(asker):
        raise errors.StaleRequest()
    client = _client_of(ticket.values)
    if request.POST.get("answer") != "yes":
        return _answer(request, ticket.values, _error(errors.AccessDenied()))
    operations.give_consent(
        client=client,
        person_id=asker.person_id,
        person_name=access.actor_of(request).person_name,
        acting_for=asker.acting_for,
        scopes=scopes.read_scopes(ticket.values.get("scope", "")),
        actor=asker.label,
        now=now,
    )
    return _go_on(request, ticket, now=now)


@never_cache
@access.open_to(access.PERSON)
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """End the session of a person who agreed to sign in anew, and lead them there."""
    ticket = read_ticket(request.POST.get("ticket", ""), now=clock.now())
    asker = people.asker_of(request)
    if asker is not None and ticket.bound_to == _bound_to(asker):
        people.sign_out(request, asker)
    return _to_sign_in(ticket)


def again_by_get(request: HttpRequest, name: str) -> HttpResponse:
    """Ask the browser to send the same form as an address."""
    query = request.POST.urlencode()
    if len(query) > QUERY_LENGTH_MAX:
        raise errors.BadAuthorizationRequest("body", name="body", reason=f"> {QUERY_LENGTH_MAX}")
    return HttpResponseRedirect(f"{reverse(name)}?{query}", status=SEE_OTHER)


def with_form_target(answer: HttpResponse, uri: str) -> HttpResponse:
    """Let a page's form lead, through its redirect, to this address as well; and let it stand in no frame."""
    answer.headers["X-Frame-Options"] = "DENY"
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", f"form-action 'self' {redirects.origin_of(uri)}"
    )
    return answer


def _go_on(request: HttpRequest, ticket: Ticket, *, now: datetime) -> HttpResponse:
    client = _client_of(ticket.values)
    _check_address(client, ticket.values)
    try:
        wish = requests.read_wish(
            ticket.values, scopes_allowed=client.scopes, resources_allowed=client.resources
        )
        return _next(request, client, wish, ticket, now=now)
    except errors.StaleRequest:
        raise
    except errors.ProtocolRefusal as refusal:
        return _answer(request, ticket.values, _error(refusal))


def _next(request: HttpRequest, client: Client, wish: Wish, ticket: Ticket, *, now: datetime) -> HttpResponse:
    asker = people.asker_of(request)
    step = interaction.next_step(
        wish=wish,
        present=_present(client, wish, asker, now=now),
        progress=interaction.Progress(began_at=ticket.began_at, done=ticket.done),
        is_consent_held=asker is not None and _holds_consent(client, wish, asker),
        now=now,
    )
    if asker is None:
        return _to_sign_in(ticket)
    if step == interaction.SIGN_IN_ANEW:
        written = ticket.after(step, bound_to=_bound_to(asker)).written()
        return render(request, "signon/again.html", {"client": client, "ticket": written})
    if step == interaction.CHOOSE:
        return _to_identity("switch", ticket.after(step))
    if step == interaction.STEP_UP:
        return _to_identity("step-up", ticket.after(step), level=str(wish.level))
    if step == interaction.CONSENT:
        return _consent_page(request, client, wish, asker, ticket, now=now)
    code = operations.grant_code(
        client=client, wish=wish, asker=asker, ticket_id=ticket.id, issuer=issuer_of(request), now=now
    )
    return _answer(request, ticket.values, {"code": code})


def _present(client: Client, wish: Wish, asker: Asker | None, *, now: datetime) -> interaction.Present | None:
    if asker is None:
        return None
    is_hinted = True
    if wish.id_token_hint:
        hint = queries.read_id_token_hint(text=wish.id_token_hint, now=now)
        subject = queries.subject_of(client=client, person_id=asker.person_id)
        is_hinted = (hint["aud"], hint["sub"]) == (client.client_id, subject)
    return interaction.Present(
        signed_in_at=asker.signed_in_at, assurance=asker.assurance, is_hinted=is_hinted
    )


def _holds_consent(client: Client, wish: Wish, asker: Asker) -> bool:
    return client.is_ours or queries.covers(
        client=client, person_id=asker.person_id, acting_for=asker.acting_for, scopes=wish.scopes
    )


def _client_of(values: dict[str, str]) -> Client:
    client = queries.find_client(values.get("client_id", ""))
    if client is None or client.stopped_at is not None:
        raise errors.UnknownClient("client_id")
    return client


def _check_address(client: Client, values: dict[str, str]) -> None:
    if not redirects.is_registered(
        wanted=values.get("redirect_uri", ""), registered=client.redirect_uris, kind=client.kind
    ):
        raise errors.RedirectMismatch("redirect_uri")


def _consent_page(
    request: HttpRequest, client: Client, wish: Wish, asker: Asker, ticket: Ticket, *, now: datetime
) -> HttpResponse:
    language = language_of(request)
    person = queries.find_person(asker.person_id)
    assert person is not None, "whoever is signed in exists"
    facts = queries.facts_of(person=person, acting_for=asker.acting_for, on=now.date())
    context: dict[str, Any] = {
        "client": client,
        "rows": [
            (scope, scopes.SCOPES[scope], _shown(scope, facts, language))
            for scope in wish.scopes
            if scope != scopes.OPENID
        ],
        "host": redirects.host_of(wish.redirect_uri),
        "ticket": ticket.after(interaction.CONSENT, bound_to=_bound_to(asker)).written(),
    }
    return with_form_target(render(request, "signon/consent.html", context), wish.redirect_uri)


def _shown(scope: str, facts: scopes.Facts, language: str) -> str:
    """What exactly a scope would tell now, in a person's words."""
    if scope == scopes.PROFILE:
        return facts.name
    if scope == scopes.TAXPAYER and facts.tax_id:
        return " · ".join([facts.taxpayer_name, facts.tax_id, *(name for _, name in facts.duties)])
    if scope == scopes.OFFICE and facts.office_code:
        return " · ".join([facts.office_name, *facts.posts])
    if scope == scopes.PHONE and facts.phone:
        return scopes.masked_phone(facts.phone)
    return facts.phone if scope == scopes.WHOLE_PHONE else ""


def _bound_to(asker: Asker) -> str:
    return f"{asker.person_id} {asker.session_id} {asker.acting_for}"


def _to_sign_in(ticket: Ticket) -> HttpResponse:
    hint = ticket.values.get("login_hint", "")
    return _to_identity("sign-in", ticket.after(interaction.SIGN_IN), **({"login": hint} if hint else {}))


def _to_identity(page: str, ticket: Ticket, **more: str) -> HttpResponse:
    back = f"{reverse('signon:return')}?{urlencode({'ticket': ticket.written()})}"
    return HttpResponseRedirect(
        f"{reverse(f'identity:{page}')}?{urlencode({'next': back} | more)}", status=SEE_OTHER
    )


def _error(refusal: errors.ProtocolRefusal) -> dict[str, str]:
    return {"error": refusal.oauth, "error_description": f"{refusal.code} {description(refusal)}"}


def _answer(request: HttpRequest, values: dict[str, str], answer: dict[str, str]) -> HttpResponse:
    """Send the person back to the client with an answer, and with who gave it (RFC 9207)."""
    state = {"state": values["state"]} if "state" in values else {}
    told = answer | state | {"iss": issuer_of(request)}
    response = HttpResponseRedirect(redirects.with_parameters(values["redirect_uri"], told), status=SEE_OTHER)
    # The code stands in the address: whatever page comes next is not told where the person came from.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
