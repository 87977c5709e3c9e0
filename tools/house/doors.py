"""
Rules of addresses: every page and operation says whom it serves, and holds to it.

Needs Django to be set up. The walk opens every address as every kind of person and holds the answer against
the declaration of `goldentax.kernel.access.open_to`; no answer may be a 5xx.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver

SAMPLES = {
    "int": "1",
    "str": "sample",
    "slug": "sample",
    "uuid": "0199a0b0-0000-7000-8000-000000000001",
    "path": "sample/one",
}
"""What stands for a variable part of an address, by its converter; callers name better ones by its name."""

_GUESSES = (*SAMPLES.values(), "sample.cer", "26452000000000000001", "2026-11", "2026-11-21", "a", "0" * 32)


@dataclass(frozen=True, slots=True)
class Address:
    """One address of the node, with what it declares."""

    method: str
    path: str
    door: Any | None  # a goldentax.kernel.access.Door; None where the view declares nothing
    source: str

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One kind of person, or of program: what they bring to a door."""

    roles: frozenset[str]
    scopes: frozenset[str] | None = None  # of a token; None for people, who are not asked for any
    functions: frozenset[str] = frozenset()
    assurance: int = 0


def pages(
    patterns: Sequence[URLPattern | URLResolver],
    *,
    prefix: str = "/",
    samples: Mapping[str, str] | None = None,
) -> Iterator[Address]:
    """
    Walk URL patterns; those of the API, which ninja makes, are left to :func:`operations`.

    :param samples: what stands for a variable part, by its name.
    """
    for one in patterns:
        path = prefix + filled(str(one.pattern), samples=samples)
        if isinstance(one, URLResolver):
            if one.app_name != "ninja":
                yield from pages(one.url_patterns, prefix=path, samples=samples)
            continue
        view = one.callback
        source = f"{view.__module__}.{getattr(view, '__qualname__', type(view).__name__)}"
        for method in ("GET", "POST"):
            yield Address(method, path, getattr(view, "door", None), source)


def operations(
    api: Any, *, prefix: str = "/api/v1/", samples: Mapping[str, str] | None = None
) -> Iterator[Address]:
    """Every operation of the API; a part of its address is filled as in :func:`pages`."""
    for _, router in api._routers:
        for route, view in router.path_operations.items():
            for operation in view.operations:
                function = operation.view_func
                for method in operation.methods:
                    path = prefix + filled(
                        route.lstrip("/").replace("{", "<").replace("}", ">"), samples=samples
                    )
                    source = f"{function.__module__}.{function.__qualname__}"
                    yield Address(method, path, getattr(function, "door", None), source)


def undeclared(addresses: Sequence[Address]) -> list[str]:
    """Addresses that do not say whom they serve."""
    return [
        f"{one.source} at {one.path} declares no access; put @access.open_to(…) on it"
        for one in addresses
        if one.door is None and (one.method == "GET" or one.is_api)
    ]


def walk(
    addresses: Sequence[Address],
    *,
    visitors: Mapping[str, Visitor],
    send: Callable[[str, Address], HttpResponse],
) -> list[str]:
    """
    Open every address as everybody.

    :param visitors: what each kind of person brings, by its name.
    :param send: opens one address as one kind of person.
    """
    wrong = []
    for address in addresses:
        for name, visitor in visitors.items():
            complaint = _complaint(opens(address, visitor), answer=send(name, address))
            if complaint:
                wrong.append(f"{address.method} {address.path} as {name} {complaint} ({address.source})")
    return wrong


def opens(address: Address, visitor: Visitor) -> bool:
    """Whether an address says that it serves this visitor, read from its declaration alone."""
    door = address.door
    if door is None:
        return False
    if "public" in door.roles:
        return True
    may_enter = bool(visitor.roles.intersection(door.roles))
    has_scope = not door.scope or visitor.scopes is None or door.scope in visitor.scopes
    has_function = not door.function or door.function in visitor.functions
    return may_enter and has_scope and has_function and visitor.assurance >= door.assurance


def _complaint(is_open: bool, *, answer: HttpResponse) -> str:
    """What is wrong with an answer; "" for one that fits the declaration."""
    status = answer.status_code
    if status >= 500 and status != 503:
        return f"answers {status}; a mistake of the caller is a coded refusal"
    if is_open:
        by_door = is_refused(answer) and getattr(answer, "held_by_door", True)
        return f"is refused with {status} though declared open" if by_door else ""
    return "" if is_refused(answer) else f"is let in with {status} though declared closed"


def is_refused(answer: HttpResponse) -> bool:
    """
    Whether the door was held: a redirect to the sign-in or the step-up page, or one of the refusals of access.

    A business may answer 401 or 403 as well (a wrong password, another taxpayer's matter): the code tells.
    """
    if answer.status_code == 302:
        where = answer.headers.get("Location", "").split("?")[0]
        return where.endswith(("/sign-in", "/step-up"))
    return answer.status_code in (401, 403) and any(
        code in answer.content for code in (b"KRN-ACC-01", b"KRN-ACC-02", b"KRN-ACC-03")
    )


def filled(pattern: str, *, samples: Mapping[str, str] | None = None) -> str:
    """Fill the variable parts of a route (``<uuid:id>``) or of an expression (``(?P<form>xml|pdf)``)."""
    known = samples or {}

    def of_route(found: re.Match[str]) -> str:
        kind, name = found.group(1) or "str", found.group(2)
        return known.get(name, SAMPLES.get(kind, SAMPLES["str"]))

    def of_expression(found: re.Match[str]) -> str:
        name, inside = found.groups()
        wished = (known[name],) if name in known else ()
        for guess in (*wished, *_GUESSES, *inside.split("|")):
            if re.fullmatch(inside, guess):
                return guess
        raise AssertionError(f"no sample fits {found.group()}; name one in samples")

    text = re.sub(r"\(\?P<(\w+)>((?:[^()]|\([^()]*\))*)\)", of_expression, pattern)
    text = re.sub(r"<(?:(\w+):)?(\w+)>", of_route, text)
    return text.removeprefix("^").replace("\\Z", "").replace("$", "").replace("\\.", ".").replace("\\-", "-")
