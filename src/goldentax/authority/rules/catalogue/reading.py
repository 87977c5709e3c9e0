"""Reading the catalogue from the lawbook: the day it holds on, the day it changes."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from goldentax.authority import errors
from goldentax.authority.rules.catalogue.entries import Duty, Function, FunctionSet, Post, SegregationRule
from goldentax.authority.rules.catalogue.whole import Catalogue
from goldentax.authority.rules.conditions import Condition
from goldentax.kernel import lawbook
from goldentax.kernel.lawbook import Row
from goldentax.kernel.lawbook.facts import days_of_change
from goldentax.kernel.refusals import Refusal

EVER = date(1970, 1, 1)
_FUNCTIONS = "authority/functions/"


def catalogue_on(day: date) -> Catalogue:
    """
    The catalogue of a day.

    :raises errors.BrokenCatalogue: if it contradicts itself.
    """
    # Between two days on which a row begins or ends the catalogue is the same.
    return _catalogue(lawbook.version(), changed_before(day))


def changed_before(day: date) -> date:
    """The last day until this one on which the catalogue became what it is; the first day of all, where none did."""
    return max((one for one in _days(lawbook.version()) if one <= day), default=EVER)


def changes_after(day: date) -> date:
    """The next day on which the catalogue is another one; the last day there is, where none is known."""
    return min((one for one in _days(lawbook.version()) if one > day), default=date.max)


def function_paths() -> list[str]:
    """The lawbook's tables of functions, one for each module."""
    return sorted(path for path in lawbook.book().tables if path.startswith(_FUNCTIONS))


@lru_cache(maxsize=8)
def _days(version: str) -> tuple[date, ...]:
    named = [
        f"authority/{name}" for name in ("posts", "duties", "function_sets", "segregation", "conditions")
    ]
    tables = [lawbook.book().tables[path] for path in (*function_paths(), *named)]
    return days_of_change(row for table in tables for row in table.rows)


@lru_cache(maxsize=8)
def _catalogue(version: str, day: date) -> Catalogue:
    found = read_catalogue(
        functions=[row for path in function_paths() for row in _rows(path, day)],
        function_sets=_rows("authority/function_sets", day),
        duties=_rows("authority/duties", day),
        posts=_rows("authority/posts", day),
        segregation=_rows("authority/segregation", day),
        conditions=_rows("authority/conditions", day),
    )
    problems = found.problems()
    if problems:
        raise errors.BrokenCatalogue("", problems="; ".join(problems[:20]))
    return found


def _rows(path: str, day: date) -> tuple[Row, ...]:
    try:
        return lawbook.table(path, on=day)
    except lawbook.MissingFact:
        return ()


def read_catalogue(
    *,
    functions: Iterable[Row],
    function_sets: Iterable[Row],
    duties: Iterable[Row],
    posts: Iterable[Row],
    segregation: Iterable[Row],
    conditions: Iterable[Row],
) -> Catalogue:
    """The catalogue that rows of the lawbook make; what stands in it is not yet held against itself."""
    return Catalogue(
        functions={
            row["code"]: Function(
                code=row["code"],
                label=row["label"],
                kind=row["kind"],
                sensitive=bool(row["sensitive"]),
                self_service=bool(row["self_service"]),
            )
            for row in functions
        },
        function_sets={
            row["code"]: FunctionSet(
                code=row["code"], label=row["label"], kind=row["kind"], functions=row["functions"]
            )
            for row in function_sets
        },
        duties={
            row["code"]: Duty(
                code=row["code"], label=row["label"], party=row["party"], function_sets=row["function_sets"]
            )
            for row in duties
        },
        posts={
            row["code"]: Post(
                code=row["code"],
                label=row["label"],
                levels=row["levels"],
                duties=row["duties"],
                gives=row["gives"] or (),
            )
            for row in posts
        },
        segregation=tuple(
            SegregationRule(code=row["code"], label=row["label"], left=row["left"], right=row["right"])
            for row in segregation
        ),
        conditions=tuple(
            Condition(
                code=row["code"],
                label=row["label"],
                functions=row["functions"],
                attribute=row["attribute"],
                operator=row["operator"],
                values=row["values"] or (),
            )
            for row in conditions
        ),
    )


def refuse_unknown(catalogue: Catalogue, *, via: str, code: str) -> None:
    """
    Hold a post or set against the catalogue.

    :raises errors.UnknownPost: if there is no such post.
    :raises errors.UnknownFunctionSet: if there is no such set.
    """
    wrong: Refusal | None = None
    if via == "post" and code not in catalogue.posts:
        wrong = errors.UnknownPost("post", post=code[:60])
    elif via == "set" and code not in catalogue.function_sets:
        wrong = errors.UnknownFunctionSet("code", function_set=code[:60])
    if wrong is not None:
        raise wrong
