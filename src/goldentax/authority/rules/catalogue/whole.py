"""The catalogue of one day: what its entries mean together, and where they contradict each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from goldentax.authority.rules.catalogue.entries import (
    KINDS,
    PAGE,
    SYSTEM,
    Duty,
    Function,
    FunctionSet,
    Post,
    SegregationRule,
)
from goldentax.authority.rules.conditions import Condition, assurance_condition
from goldentax.kernel.text import Text

TWO_FACTORS = 2


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
