"""
What modules offer to the halls: menu entries, quick actions, home cards, search, commands, probes, jobs.

A hall (portal, workbench, operations) shows what everyone has; nobody imports a hall. Modules register in
their ``offers`` file when Django starts; the halls read here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import click
from django.http import HttpRequest

from goldentax.kernel import access
from goldentax.kernel.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """One entry of the main menu, seen by the roles it names, and by those who have the function."""

    key: str
    label: Text
    url: str  # a path such as /invoices/
    icon: str  # a Tabler icon name without "ti-"
    order: int
    roles: tuple[str, ...]
    function: str = ""  # a code of the function catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One check of health: returns "" when well, else what is wrong; fast, and safe to run at any time."""

    key: str
    label: Text
    check: Callable[[], str]
    needed: bool = True  # readiness depends on it


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickAction:
    """One thing people come for, offered as a large link on the home page."""

    key: str
    label: Text
    hint: Text
    url: str
    icon: str  # a Tabler icon name without "ti-"
    order: int
    roles: tuple[str, ...]
    primary: bool = False  # the one blue button among them


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeCard:
    """One card of the home page; it answers one of its three questions (``zone``)."""

    key: str
    order: int
    roles: tuple[str, ...]
    template: str  # rendered with what ``context`` gives; it draws one ``<section class="card">``
    context: Callable[[HttpRequest], dict[str, Any]]  # an empty dict leaves the card out
    zone: str = "today"  # one of HOME_ZONES


HOME_ZONES = ("today", "money", "changes")
"""What must I do today, what is my money, what changed: the questions a home page answers, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing the search over everything found."""

    title: str
    url: str
    sub: str = ""


class FindHits(Protocol):
    """Looks for a text on behalf of an actor; gives at most ``limit`` hits, the best first."""

    def __call__(self, *, actor: Any, text: str, limit: int) -> list[Hit]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchProvider:
    """One kind of thing the search over everything knows; it sees only what the actor may see."""

    key: str
    label: Text
    roles: tuple[str, ...]
    find: FindHits
    order: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that every node's worker does again and again; safe to run in two workers at once."""

    key: str
    label: Text
    every_s: float
    run: Callable[[datetime], int]  # gives how many things it did


_menu: dict[str, MenuEntry] = {}
_quick_actions: dict[str, QuickAction] = {}
_home_cards: dict[str, HomeCard] = {}
_search_providers: dict[str, SearchProvider] = {}
_probes: dict[str, Probe] = {}
_jobs: dict[str, Job] = {}
commands: dict[str, click.Command] = {}
routers: dict[str, Any] = {}
"""API routers by module, mounted below /api/v1."""
page_patterns: dict[str, list[Any]] = {}
"""URL patterns by module, mounted at the root."""


def menu_entry(
    *, key: str, label: Text, url: str, icon: str, order: int, roles: tuple[str, ...], function: str = ""
) -> None:
    """Offer a menu entry; the same key again replaces it."""
    _menu[key] = MenuEntry(
        key=key, label=label, url=url, icon=icon, order=order, roles=roles, function=function
    )


def menu_for(actor: access.Actor) -> list[MenuEntry]:
    """The entries an actor sees, in order."""
    seen = [
        entry
        for entry in _menu.values()
        if actor.roles.intersection(entry.roles) and (not entry.function or access.may(actor, entry.function))
    ]
    return sorted(seen, key=lambda entry: (entry.order, entry.key))


def quick_action(
    *,
    key: str,
    label: Text,
    hint: Text,
    url: str,
    icon: str,
    order: int,
    roles: tuple[str, ...],
    primary: bool = False,
) -> None:
    """Offer a quick action on the home page; the same key again replaces it."""
    _quick_actions[key] = QuickAction(
        key=key, label=label, hint=hint, url=url, icon=icon, order=order, roles=roles, primary=primary
    )


def quick_actions_for(roles: frozenset[str]) -> list[QuickAction]:
    """The quick actions of an actor with these roles, in order."""
    seen = [action for action in _quick_actions.values() if roles.intersection(action.roles)]
    return sorted(seen, key=lambda action: (action.order, action.key))


def home_card(
    *,
    key: str,
    order: int,
    roles: tuple[str, ...],
    template: str,
    context: Callable[[HttpRequest], dict[str, Any]],
    zone: str = "today",
) -> None:
    """Offer a card on the home page; the same key again replaces it."""
    assert zone in HOME_ZONES, zone
    _home_cards[key] = HomeCard(
        key=key, order=order, roles=roles, template=template, context=context, zone=zone
    )


def home_cards_for(roles: frozenset[str]) -> list[HomeCard]:
    """The home cards of an actor with these roles, by zone and order."""
    seen = [card for card in _home_cards.values() if roles.intersection(card.roles)]
    return sorted(seen, key=lambda card: (HOME_ZONES.index(card.zone), card.order, card.key))


def search_provider(
    *, key: str, label: Text, roles: tuple[str, ...], find: FindHits, order: int = 50
) -> None:
    """Offer something to the search over everything; the same key again replaces it."""
    _search_providers[key] = SearchProvider(key=key, label=label, roles=roles, find=find, order=order)


def search_providers_for(roles: frozenset[str]) -> list[SearchProvider]:
    """What an actor with these roles may search, in order."""
    seen = [one for one in _search_providers.values() if roles.intersection(one.roles)]
    return sorted(seen, key=lambda one: (one.order, one.key))


def probe(*, key: str, label: Text, check: Callable[[], str], needed: bool = True) -> None:
    """Offer a health check."""
    _probes[key] = Probe(key=key, label=label, check=check, needed=needed)


def probes() -> list[Probe]:
    """Every health check, by key."""
    return [_probes[key] for key in sorted(_probes)]


def job(*, key: str, label: Text, every_s: float, run: Callable[[datetime], int]) -> None:
    """Offer recurring work; the same key again replaces it."""
    assert every_s > 0, every_s
    _jobs[key] = Job(key=key, label=label, every_s=every_s, run=run)


def jobs() -> list[Job]:
    """All recurring work, by key."""
    return [_jobs[key] for key in sorted(_jobs)]
