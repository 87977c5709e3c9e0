"""功能树: every function by system and centre, searched; one function with what gives it and who has it now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from goldentax.authority import api as authority
from goldentax.authority.queries import basis, listing
from goldentax.authority.web import asking, posts
from goldentax.kernel import access, clock
from goldentax.kernel.text import Text

READ = "authority.catalogue.read"
FOUND_MAX = 100

KINDS = {
    "system": Text("系统", "System"),
    "centre": Text("中心", "Centre"),
    "page": Text("查看", "Look"),
    "act": Text("办理", "Act"),
    "field": Text("字段", "Field"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A heading or function of the tree with what stands below it."""

    function: authority.Function
    below: "tuple[Node, ...]"
    count: int  # functions in it
    kind: Text


@access.open_to(access.OFFICER, function=READ)
@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """The tree of one system, or what a search finds in all of them."""
    catalogue = authority.get_catalogue(on=clock.today())
    asked = asking.values_of(request.GET, ("q", "system"), longest=60)
    systems = posts.systems_of(catalogue)
    context: dict[str, Any] = {
        "asked": asked,
        "total": len(catalogue.grantable),
        "tab": "functions",
    }
    if asked["q"]:
        found = search_functions(catalogue.functions.values(), asked["q"])
        context |= {
            "is_search": True,
            "found": [(one, KINDS[one.kind], path_of(catalogue, one.code)) for one in found[:FOUND_MAX]],
            "found_count": len(found),
        }
    else:
        # One system at a time is written out: whole, the tree has thousands of functions.
        context["tree"] = [
            {"node": node_of(catalogue, one.code), "is_open": one.code == asked["system"]} for one in systems
        ]
    return asking.page(request, "authority/functions.html", context)


def search_functions(functions: Iterable[authority.Function], text: str) -> list[authority.Function]:
    """The functions and headings whose code or name contains a text, those that begin with it first."""
    wanted = text.lower()
    found = [
        one
        for one in functions
        if wanted in one.code or wanted in one.label.zh.lower() or wanted in one.label.en.lower()
    ]
    return sorted(found, key=lambda one: (not one.label.zh.startswith(text), one.is_heading, one.code))


def node_of(catalogue: authority.Catalogue, code: str) -> Node:
    """A heading or function with everything below it."""
    below = tuple(node_of(catalogue, one) for one in catalogue.children.get(code, ()))
    function = catalogue.functions[code]
    count = sum(one.count for one in below) + (0 if function.is_heading else 1)
    return Node(function=function, below=below, count=count, kind=KINDS[function.kind])


def path_of(catalogue: authority.Catalogue, code: str) -> list[authority.Function]:
    """The headings above a function, the system first."""
    found: list[authority.Function] = []
    above = catalogue.functions[code].parent
    while above:
        found.append(catalogue.functions[above])
        above = catalogue.functions[above].parent
    return found[::-1]


def by_system(
    catalogue: authority.Catalogue, functions: Iterable[authority.Function]
) -> list[tuple[authority.Function, Sequence[authority.Function]]]:
    """Functions in the groups of their systems, in the order of the tree."""
    groups: dict[str, list[authority.Function]] = {}
    for one in functions:
        groups.setdefault(posts.system_of(one.code), []).append(one)
    return [(one, groups[one.code]) for one in posts.systems_of(catalogue) if one.code in groups]


@access.open_to(access.OFFICER, function=READ)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One function: what gives it, under which conditions, who holds it now in one's offices."""
    on = clock.today()
    catalogue = authority.get_catalogue(on=on)
    function = catalogue.functions.get(code)
    if function is None:
        raise asking.NotInCatalogue("code", code=code[:60])
    context: dict[str, Any] = {
        "function": function,
        "kind": KINDS[function.kind],
        "path": path_of(catalogue, code),
        "basis": basis.find_basis(kind="function", code=code, on=on),
    }
    if function.is_heading:
        context["node"] = node_of(catalogue, code)
    else:
        sets = sorted(catalogue.sets_of_function[code])
        context |= {
            "sets": [catalogue.function_sets[one] for one in sets],
            "duties": [one for one in catalogue.duties.values() if set(one.function_sets) & set(sets)],
            "posts": [one for key, one in catalogue.posts.items() if catalogue.sets_of_post[key] & set(sets)],
            "conditions": [one.label for one in catalogue.conditions_of(code)],
            "rules": [rule for rule, left, right in catalogue.sides if code in left or code in right],
            **posts.holders(request, codes=listing.codes_carrying(catalogue, sets=sets)),
        }
    return asking.page(request, "authority/function.html", context)
