"""
The home page: what must I do today, what is my money, what changed.

The portal knows no module: quick actions and cards are what the modules registered for the actor's roles.
"""

import logging
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from goldentax.kernel import access, clock, registry
from goldentax.kernel.language import language_of
from goldentax.kernel.node import all_nodes, this_node
from goldentax.portal.rules import greetings

log = logging.getLogger("goldentax.portal")


@access.open_to(access.PUBLIC)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The home of whoever comes: the public, a person, a taxpayer, an officer."""
    actor = access.actor_of(request)
    language = language_of(request)
    context: dict[str, Any] = {
        "quick_actions": registry.quick_actions_for(actor.roles),
        "zones": _zones(request),
        "today": clock.today(),
        "greeting": greetings.greeting(clock.now()).in_language(language),
        "weekday": greetings.weekday(clock.today()).in_language(language),
    }
    if not actor.is_signed_in:
        return render(request, "portal/public_home.html", context)
    if access.OFFICER in actor.roles:
        return render(request, "portal/officer_home.html", context | _node_state(language))
    return render(request, "portal/home.html", context)


def _zones(request: HttpRequest) -> list[dict[str, Any]]:
    """The cards by the question they answer; a zone without cards is left out."""
    cards: dict[str, list[str]] = {zone: [] for zone in registry.HOME_ZONES}
    for card in registry.home_cards_for(access.actor_of(request).roles):
        drawn = _draw(card, request)
        if drawn:
            cards[card.zone].append(drawn)
    return [
        {"key": zone, "title": greetings.ZONE_TITLES[zone].in_language(language_of(request)), "cards": found}
        for zone, found in cards.items()
        if found
    ]


def _draw(card: registry.HomeCard, request: HttpRequest) -> str:
    try:
        context = card.context(request)
        return render_to_string(card.template, context, request) if context else ""
    except Exception:
        # A hall is an edge: one card that breaks must not take the home page from everybody.
        bug = uuid.uuid4().hex[:12]
        log.exception("%s in the home card %s", bug, card.key)
        return render_to_string("portal/parts/broken_card.html", {"bug": bug}, request)


def _node_state(language: str) -> dict[str, Any]:
    node = this_node()
    checks = []
    for probe in registry.probes():
        wrong = probe.check()
        checks.append({"label": probe.label.in_language(language), "wrong": wrong, "needed": probe.needed})
    return {
        "node": node,
        "node_name": node.name.in_language(language),
        "peers": [
            f"{one.code} {one.name.in_language(language)}" for one in all_nodes() if one.code in node.peers
        ],
        "checks": checks,
        "is_ready": not any(check["wrong"] for check in checks if check["needed"]),
    }
