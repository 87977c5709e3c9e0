"""
The catalogue of posts and functions (岗责目录) as the lawbook has it on a day.

A *post* (岗位) carries *duties* (职责), a duty carries *function sets* (功能集), a set names functions of the *function
tree* (功能树): system, centre, function, by dotted code. Taxpayers' duties carry sets of their own. Tables:
``lawbook/authority/{posts,duties,function_sets,segregation,conditions}.yaml`` and ``functions/<module>.yaml``; every
module writes its own functions there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from goldentax.authority import errors
from goldentax.authority.rules.conditions import Condition, assurance_condition
from goldentax.kernel import lawbook
from goldentax.kernel.lawbook import Row
from goldentax.kernel.lawbook.facts import days_of_change
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

SYSTEM, CENTRE, PAGE, ACT, FIELD = "system", "centre", "page", "act", "field"
KINDS = (SYSTEM, CENTRE, PAGE, ACT, FIELD)
OFFICE_PARTY, TAXPAYER_PARTY = "office", "taxpayer"
TWO_FACTORS = 2

EVER = date(1970, 1, 1)
_FUNCTIONS = "authority/functions/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A node of the function tree (功能树): a heading, or a function (功能) that may be granted."""

    code: str  # dotted; the parent is the code before the last dot
    label: Text
    kind: str  # one of KINDS
    sensitive: bool = False  # asks for two factors
    self_service: bool = False  # everybody has it for themselves

    @property
    def parent(self) -> str:
        return self.code.rpartition(".")[0]

    @property
    def is_heading(self) -> bool:
        return self.kind in (SYSTEM, CENTRE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSet:
    """A function set (功能集): what is granted together."""

    code: str
    label: Text
    kind: str  # business, administration, security, audit, taxpayer
    functions: tuple[
        str, ...
    ]  # codes; a heading stands for everything below it, * for any word between two dots


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A duty (职责) of an office's post, or of a person for a taxpayer (办税身份)."""

    code: str
    label: Text
    party: str  # office or taxpayer
    function_sets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post (岗位) that offices of some levels have."""

    code: str
    label: Text
    levels: tuple[str, ...]
    duties: tuple[str, ...]
    gives: tuple[str, ...] = ()  # kinds of function sets, or sets, it may hand on without using them


@dataclass(frozen=True, slots=True, kw_only=True)
class SegregationRule:
    """Two sides that must not be in one hand (不相容职责)."""

    code: str
    label: Text
    left: tuple[
        str, ...
    ]  # functions; a heading or a * stands for acts and fields only: looking is no conflict
    right: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Everything that holds on one day, by code."""

    functions: Mapping[str, Function]
    function_sets: Mapping[str, FunctionSet]
    duties: Mapping[str, Duty]
    posts: Mapping[str, Post]
    segregation: tuple[SegregationRule, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The codes directly below each heading."""
        found: dict[str, list[str]] = {}
        for code, one in self.functions.items():
            found.setdefault(one.parent, []).append(code)
        return {parent: tuple(codes) for parent, codes in found.items()}

    @cached_property
    def grantable(self) -> frozenset[str]:
        """The codes that are functions and not headings."""
        return frozenset(code for code, one in self.functions.items() if not one.is_heading)

    @cached_property
    def functions_of_set(self) -> Mapping[str, frozenset[str]]:
        """Each set with its functions, headings resolved."""
        return {code: self.spread(one.functions) for code, one in self.function_sets.items()}

    @cached_property
    def sets_of_function(self) -> Mapping[str, frozenset[str]]:
        """Each function with the sets it is in."""
        found: dict[str, set[str]] = {code: set() for code in self.grantable}
        for code, functions in self.functions_of_set.items():
            for function in functions:
                found[function].add(code)
        return {function: frozenset(sets) for function, sets in found.items()}

    @cached_property
    def sets_of_post(self) -> Mapping[str, frozenset[str]]:
        """Each post with the sets its duties carry."""
        return {
            code: frozenset(name for duty in post.duties for name in self.duties[duty].function_sets)
            for code, post in self.posts.items()
        }

    @cached_property
    def sides(self) -> tuple[tuple[SegregationRule, frozenset[str], frozenset[str]], ...]:
        """Each segregation rule with the functions of its sides."""
        return tuple(
            (rule, self.spread(rule.left, looking=False), self.spread(rule.right, looking=False))
            for rule in self.segregation
        )

    def spread(self, codes: Iterable[str], *, looking: bool = True) -> frozenset[str]:
        """The functions that the codes stand for; without ``looking``, pages are left out unless they are named."""
        found: set[str] = set()
        for code in codes:
            one = self.functions.get(code)
            if one is not None and not one.is_heading:
                found.add(code)
                continue
            meant = self._matching(code) if one is None else self._below(code)
            found.update(it for it in meant if looking or self.functions[it].kind != PAGE)
        return frozenset(found)

    def _below(self, heading: str) -> list[str]:
        """The functions below a heading."""
        found, open_ = [], list(self.children.get(heading, ()))
        while open_:
            one = self.functions[open_.pop()]
            if one.is_heading:
                open_ += self.children.get(one.code, ())
            else:
                found.append(one.code)
        return found

    def _matching(self, pattern: str) -> list[str]:
        """The functions that a pattern means; none where it is no pattern."""
        words = pattern.split(".")
        if "*" not in words:
            return []
        return [
            code
            for code, parts in self._words
            if len(parts) == len(words)
            and all(mine in ("*", its) for mine, its in zip(words, parts, strict=True))
        ]

    @cached_property
    def _words(self) -> tuple[tuple[str, list[str]], ...]:
        return tuple((code, code.split(".")) for code in sorted(self.grantable))

    def sets_of(self, *, via: str, code: str) -> frozenset[str]:
        """The function sets that a post, a set or a duty carries; none where the code is not of this day."""
        if via == "post":
            return self.sets_of_post.get(code, frozenset())
        if via == "duty":
            duty = self.duties.get(code)
            return frozenset(duty.function_sets) if duty else frozenset()
        return frozenset((code,)) if code in self.function_sets else frozenset()

    def sets_given_by(self, post: str) -> frozenset[str]:
        """The sets that holders of a post may hand on without using them."""
        found = self.posts.get(post)
        gives = frozenset(found.gives) if found else frozenset()
        return frozenset(
            code for code, one in self.function_sets.items() if one.kind in gives or code in gives
        )

    def conditions_of(self, code: str) -> tuple[Condition, ...]:
        """What must be true besides a grant, the level of assurance first."""
        named = [
            one
            for one in self.conditions
            if any(code == at or code.startswith(f"{at}.") for at in one.functions)
        ]
        if self.functions[code].sensitive:
            named.insert(0, assurance_condition(TWO_FACTORS))
        return tuple(named)

    def name_of(self, *, via: str, code: str) -> Text:
        """How a post, set or duty is called; its code where it is no longer in the catalogue."""
        shelf: Mapping[str, Post | FunctionSet | Duty] = {
            "post": self.posts,
            "duty": self.duties,
        }.get(via, self.function_sets)  # type: ignore[assignment]
        found = shelf.get(code)
        return found.label if found else Text(code, code)

    def problems(self) -> list[str]:
        """Where the catalogue contradicts itself: names nobody defined, orphans, posts that break segregation."""
        return [*self._missing(), *(self._torn() if not self._missing() else ())]

    def _missing(self) -> list[str]:
        wrong = []
        for code, one in self.functions.items():
            above = self.functions.get(one.parent)
            if one.kind not in KINDS:
                wrong.append(f"{code} is of no kind: {one.kind}")
            if (one.kind == SYSTEM) != (one.parent == "") or (above is None) != (one.parent == ""):
                wrong.append(f"{code} has no heading {one.parent}")
            elif above is not None and not above.is_heading:
                wrong.append(f"{code} stands below {above.code}, which is no heading")
        sets, duties = self.function_sets.values(), self.duties.values()
        named = [
            *((f"set {one.code}", at) for one in sets for at in one.functions),
            *((f"rule {one.code}", at) for one in self.segregation for at in (*one.left, *one.right)),
            *((f"condition {one.code}", at) for one in self.conditions for at in one.functions),
        ]
        wrong += [f"{who} names {at}, which nobody defined" for who, at in named if not self._is_known(at)]
        wrong += [f"condition {one.code}: {fault}" for one in self.conditions if (fault := one.fault())]
        named = [(f"duty {one.code}", at) for one in duties for at in one.function_sets]
        wrong += [
            f"{who} names the set {at}, which is none" for who, at in named if at not in self.function_sets
        ]
        named = [(f"post {one.code}", at) for one in self.posts.values() for at in one.duties]
        return wrong + [
            f"{who} names the duty {at}, which is none" for who, at in named if at not in self.duties
        ]

    def _is_known(self, code: str) -> bool:
        return code in self.functions or bool(self._matching(code))

    def _torn(self) -> list[str]:
        carried = {f"post {code}": sets for code, sets in self.sets_of_post.items()}
        carried |= {f"duty {code}": frozenset(one.function_sets) for code, one in self.duties.items()}
        return [
            f"{who} holds both sides of {rule.code}"
            for who, sets in carried.items()
            for rule, left, right in self.sides
            if (functions := self.functions_in(sets)) & left and functions & right
        ]

    def functions_in(self, sets: Iterable[str]) -> frozenset[str]:
        """The functions of several sets."""
        return frozenset(one for code in sets for one in self.functions_of_set[code])


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
