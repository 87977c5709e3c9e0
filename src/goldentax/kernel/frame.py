"""
What a page needs to know about its surroundings: the node, the actor, the menu, the language, the colours.

The frame asks no database: it must stand when nothing else does, around the page that says so.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from goldentax.kernel import access, registry
from goldentax.kernel.language import language_of
from goldentax.kernel.node import NodeDescription, this_node
from goldentax.kernel.settings import settings

THEME_COOKIE = "goldentax_theme"
THEMES = ("light", "dark")
"""What a person may choose; without the cookie the page follows the system."""

# The styles and scripts that come through the package managers, by their places below the static files.
STYLES = "vendor/tabler/tabler.min.css"
ICONS = "vendor/tabler-icons"
HTMX = "django_htmx/htmx-2.min.js"
ALPINE = "vendor/alpine/alpine-csp.min.js"
CHARTS = "vendor/echarts/echarts.min.js"


@dataclass(frozen=True, slots=True)
class MenuLink:
    """A menu entry as the page shows it."""

    label: str
    url: str
    icon: str
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Everything around the content of a page."""

    language: str  # zh or en
    html_lang: str
    other_language_url: str
    theme: str  # light, dark, or "" to follow the system
    node: NodeDescription
    office: str
    office_short: str
    is_demo: bool
    actor: access.Actor
    menu: list[MenuLink]
    path: str
    query: str
    scripts: dict[str, str]


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor of every template: one name, ``frame``."""
    language = language_of(request)
    node = this_node()
    theme = request.COOKIES.get(THEME_COOKIE, "")
    actor = access.actor_of(request)
    return {
        "frame": Frame(
            language=language,
            html_lang="en" if language == "en" else "zh-CN",
            other_language_url=_in_other_language(request, language=language),
            theme=theme if theme in THEMES else "",
            node=node,
            office=node.bureau_name.in_language(language),
            office_short=node.name.in_language(language),
            is_demo=settings().demo,
            actor=actor,
            menu=menu_links(actor=actor, path=request.path, language=language),
            path=request.path,
            query=request.GET.get("q", "") if request.path == "/search" else "",
            scripts={"styles": STYLES, "htmx": HTMX, "alpine": ALPINE, "charts": CHARTS},
        )
    }


def menu_links(*, actor: access.Actor, path: str, language: str) -> list[MenuLink]:
    """The menu of an actor; the entry with the longest address that begins the path is where they are."""
    entries = registry.menu_for(actor)
    here = max((e.url for e in entries if _is_below(path, e.url)), key=len, default="")
    return [
        MenuLink(
            label=entry.label.in_language(language),
            url=entry.url,
            icon=entry.icon,
            is_here=entry.url == here,
        )
        for entry in entries
    ]


@cache
def icon_svg(name: str) -> SafeString:
    """
    The drawing of a Tabler icon, to stand in the page itself so that it takes the colour of its text.

    An icon that is not installed is left out: a page without front-end assets still reads.
    """
    assert name.replace("-", "").isalnum(), name
    found = finders.find(f"{ICONS}/{name}.svg")
    if not found:
        return SafeString("")
    drawing = Path(found).read_text(encoding="utf-8")
    inner = drawing.partition(">")[2].rpartition("</svg>")[0]
    paths = "".join(line.strip() for line in inner.splitlines() if 'd="M0 0h24v24H0z"' not in line)
    # The files are our own packages', not anybody's input.
    return mark_safe(  # noqa: S308
        '<svg class="gt-icon" width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
        f"{paths}</svg>"
    )


def _is_below(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))


def _in_other_language(request: HttpRequest, *, language: str) -> str:
    query = request.GET.copy()
    query["lang"] = "zh" if language == "en" else "en"
    return f"?{query.urlencode()}"
