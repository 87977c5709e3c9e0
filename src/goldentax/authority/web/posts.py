"""岗责目录: posts against function sets as a matrix, one post with its duties, one set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from goldentax.authority import api as authority
from goldentax.authority.queries import basis, giving, listing, people
from goldentax.authority.web import asking, offices
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of

READ, SEE_GRANTS = "authority.catalogue.read", "authority.grant.read"
ROWS_SHOWN = 40
HOLDERS_SHOWN = 50
Conflicts = Mapping[str, tuple[tuple[str, authority.SegregationRule], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Whether a post carries a set, and through which duties."""

    is_held: bool
    function_set: authority.FunctionSet
    duties: tuple[authority.Duty, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A post with its cells."""

    post: authority.Post
    cells: tuple[Cell, ...]
    levels: tuple[Any, ...]


@access.open_to(access.OFFICER, function=READ)
@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """Posts × the function sets of one system; the conditions stand in the address."""
    catalogue, language = authority.get_catalogue(on=clock.today()), language_of(request)
    asked = asking.values_of(request.GET, ("system", "level", "q", "duty", "after"), longest=60)
    system_codes = [one.code for one in systems_of(catalogue)]
    if asked["system"] not in system_codes:
        asked["system"] = system_codes[0] if system_codes else ""
    sets = sets_of_system(catalogue, asked["system"])
    posts = [one for one in catalogue.posts.values() if _fits(one, asked, language)]
    if request.GET.get("held") == "on":
        named = {one.code for one in sets}
        posts = [one for one in posts if catalogue.sets_of_post[one.code] & named]
    start = next((n + 1 for n, one in enumerate(posts) if one.code == asked["after"]), 0)
    page = posts[start : start + ROWS_SHOWN]
    conflicts = giving.conflicts_of_sets(catalogue)
    filters = {name: asked[name] for name in ("system", "level", "q")} | {
        "held": "on" if request.GET.get("held") == "on" else ""
    }
    path = reverse("authority:posts")
    context = {
        "asked": asked,
        "held": request.GET.get("held") == "on",
        "systems": [(one.code, one.label.in_language(language)) for one in systems_of(catalogue)],
        "system": catalogue.functions.get(asked["system"]),
        "levels": [("", "全部层级" if language == "zh" else "Every level")]
        + [(one, authority.LEVEL_NAMES[one].in_language(language)) for one in authority.OFFICE_LEVELS],
        "sets": [{"set": one, "rivals": _rivals(catalogue, conflicts, one.code)} for one in sets],
        "rows": [_row(catalogue, one, sets) for one in page],
        "conflicts": _pairs(catalogue, conflicts, {one.code for one in sets}),
        "count": len(posts),
        "next_url": asking.address(path, filters | {"after": page[-1].code})
        if start + ROWS_SHOWN < len(posts)
        else "",
        "first_url": asking.address(path, filters) if start else "",
        "is_filtered": any((asked["level"], asked["q"], filters["held"])),
        "tab": "posts",
    }
    return asking.page(request, "authority/posts.html", context)


def systems_of(catalogue: authority.Catalogue) -> list[authority.Function]:
    """The systems of the function tree, in its order."""
    return [one for one in catalogue.functions.values() if not one.parent]


def system_of(code: str) -> str:
    """The system a function belongs to."""
    return code.partition(".")[0]


def sets_of_system(catalogue: authority.Catalogue, system: str) -> list[authority.FunctionSet]:
    """The sets that carry a function of a system and that offices' posts may have."""
    return [
        one
        for code, one in catalogue.function_sets.items()
        if one.kind != "taxpayer" and any(system_of(it) == system for it in catalogue.functions_of_set[code])
    ]


def _fits(post: authority.Post, asked: dict[str, str], language: str) -> bool:
    text = asked["q"].lower()
    said = (post.code, post.label.zh, post.label.en.lower())
    return (not asked["level"] or asked["level"] in post.levels) and (
        not text or any(text in one for one in said)
    )


def _row(catalogue: authority.Catalogue, post: authority.Post, sets: list[authority.FunctionSet]) -> Row:
    held = catalogue.sets_of_post[post.code]
    duties = [catalogue.duties[one] for one in post.duties]
    return Row(
        post=post,
        levels=tuple(authority.LEVEL_NAMES[one] for one in post.levels),
        cells=tuple(
            Cell(
                is_held=one.code in held,
                function_set=one,
                duties=tuple(duty for duty in duties if one.code in duty.function_sets),
            )
            for one in sets
        ),
    )


def _rivals(catalogue: authority.Catalogue, conflicts: Conflicts, code: str) -> list[authority.FunctionSet]:
    return [catalogue.function_sets[other] for other, _ in conflicts.get(code, ()) if other != code]


def _pairs(catalogue: authority.Catalogue, conflicts: Conflicts, shown: set[str]) -> list[dict[str, Any]]:
    """Each pair of sets that must not meet, of which one is shown, once, with its rule."""
    seen: set[tuple[frozenset[str], str]] = set()
    found = []
    for code in sorted(shown):
        for other, rule in conflicts.get(code, ()):
            key = (frozenset((code, other)), rule.code)
            if key in seen or other == code:
                continue
            seen.add(key)
            found.append(
                {
                    "left": catalogue.function_sets[code],
                    "right": catalogue.function_sets[other],
                    "rule": rule,
                }
            )
    return found


@access.open_to(access.OFFICER, function=READ)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One post: duties, sets, functions; what must not stand beside it; who has it in one's offices."""
    on = clock.today()
    catalogue = authority.get_catalogue(on=on)
    post = catalogue.posts.get(code)
    if post is None:
        raise asking.NotInCatalogue("code", code=code[:60])
    duties = [
        {
            "duty": duty,
            "sets": [_set_with_functions(catalogue, one) for one in duty.function_sets],
        }
        for duty in (catalogue.duties[one] for one in post.duties)
    ]
    context = {
        "post": post,
        "levels": [authority.LEVEL_NAMES[one] for one in post.levels],
        "duties": duties,
        "function_count": len(authority.post_functions(post=code, on=on)),
        "gives": [catalogue.function_sets[one] for one in sorted(catalogue.sets_given_by(code))],
        "rivals": giving.rivals_of_post(catalogue, post=code),
        "basis": basis.find_basis(kind="post", code=code, on=on),
        **holders(request, codes=[("post", code)]),
    }
    return asking.page(request, "authority/post.html", context)


def _set_with_functions(catalogue: authority.Catalogue, code: str) -> dict[str, Any]:
    return {
        "set": catalogue.function_sets[code],
        "functions": [catalogue.functions[one] for one in sorted(catalogue.functions_of_set[code])],
    }


@access.open_to(access.OFFICER, function=READ)
@require_GET
def show_set(request: HttpRequest, code: str) -> HttpResponse:
    """One function set: its functions, the duties and posts that carry it, what must not stand beside it."""
    on = clock.today()
    catalogue = authority.get_catalogue(on=on)
    if code not in catalogue.function_sets:
        raise asking.NotInCatalogue("code", code=code[:60])
    conflicts = giving.conflicts_of_sets(catalogue).get(code, ())
    context = {
        **_set_with_functions(catalogue, code),
        "kind": SET_KINDS.get(catalogue.function_sets[code].kind),
        "duties": [one for one in catalogue.duties.values() if code in one.function_sets],
        "posts": [one for key, one in catalogue.posts.items() if code in catalogue.sets_of_post[key]],
        "rivals": [(catalogue.function_sets[other], rule) for other, rule in conflicts if other != code],
        "basis": basis.find_basis(kind="set", code=code, on=on),
        **holders(request, codes=listing.codes_carrying(catalogue, sets=[code])),
    }
    return asking.page(request, "authority/set.html", context)


def holders(request: HttpRequest, *, codes: Any) -> dict[str, Any]:
    """Who holds one of the posts or sets now in the offices where the actor may see grants."""
    on = clock.today()
    seen = asking.codes_of(asking.reach_of(request, SEE_GRANTS))
    wanted = listing.GrantFilter(offices=seen, standing=listing.CURRENT, codes=list(codes))
    page = listing.search_grants(wanted, on=on, limit=HOLDERS_SHOWN)
    cards = people.person_cards({one.person_id for one in page.items})
    return {
        "may_see_holders": bool(seen),
        "holders": [offices.grant_row(one, on=on, cards=cards) for one in page.items],
        "holders_count": listing.count_grants(wanted, on=on) if page.next_cursor else len(page.items),
    }


SET_KINDS = {
    "business": ("业务", "Business"),
    "administration": ("系统管理", "Administration"),
    "security": ("安全管理", "Security"),
    "audit": ("审计", "Audit"),
    "taxpayer": ("纳税人", "Taxpayers"),
}
"""Kinds of function sets: who may hand them on."""
