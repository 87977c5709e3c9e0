"""Random small policies, and their dictionary twin: the slow, plain answer that the compiled policy must give too."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from goldentax.authority.rules.catalogue import (
    ACT,
    CENTRE,
    PAGE,
    SYSTEM,
    Catalogue,
    Duty,
    Function,
    FunctionSet,
    Post,
    SegregationRule,
)
from goldentax.authority.rules.conditions import Condition
from goldentax.authority.rules.deciding import Classes, Policy, held
from goldentax.authority.rules.offices import lines_of
from goldentax.authority.rules.values import Holding, Object, Subject
from goldentax.kernel.clock import CHINA
from goldentax.kernel.text import Text

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=CHINA)
PARENTS = {"H": "", "P": "H", "C1": "P", "C2": "P", "B1": "C1"}
FUNCTIONS = ("s.a.f0", "s.a.f1", "s.a.f2", "s.b.f3", "s.b.f4", "s.b.f5")
PEOPLE = ("ann", "bob")
TAXPAYERS = ("T1", "T2")
SETS = ("set0", "set1", "set2", "set3")
LABEL = Text("名", "name")


def _functions(marks: Mapping[str, tuple[str, bool, bool]]) -> dict[str, Function]:
    heads = [
        Function(code="s", label=LABEL, kind=SYSTEM),
        Function(code="s.a", label=LABEL, kind=CENTRE),
        Function(code="s.b", label=LABEL, kind=CENTRE),
    ]
    leaves = [
        Function(code=code, label=LABEL, kind=kind, sensitive=sensitive, self_service=own)
        for code, (kind, sensitive, own) in marks.items()
    ]
    return {one.code: one for one in (*heads, *leaves)}


_named = st.lists(st.sampled_from((*FUNCTIONS, "s.a", "s.b", "s.*.f3", "s.a.*")), min_size=1, max_size=3)


@st.composite
def catalogues(draw: Any) -> Catalogue:
    """A catalogue of six functions in four sets, with duties, posts, rules and conditions."""
    marks = {
        code: (draw(st.sampled_from((PAGE, ACT, ACT))), draw(st.booleans()), draw(st.integers(0, 9)) == 0)
        for code in FUNCTIONS
    }
    sets = {
        code: FunctionSet(code=code, label=LABEL, kind="business", functions=tuple(draw(_named)))
        for code in SETS
    }
    some_sets = st.lists(st.sampled_from(SETS), min_size=1, max_size=2, unique=True).map(tuple)
    duties = {
        code: Duty(code=code, label=LABEL, party="office", function_sets=draw(some_sets))
        for code in ("d0", "d1", "01")
    }
    posts = {
        code: Post(code=code, label=LABEL, levels=("city",), duties=(draw(st.sampled_from(("d0", "d1"))),))
        for code in ("p0", "p1")
    }
    rules = [
        SegregationRule(code=f"r{number}", label=LABEL, left=tuple(draw(_named)), right=tuple(draw(_named)))
        for number in range(draw(st.integers(0, 2)))
    ]
    conditions = draw(
        st.lists(
            st.sampled_from(
                (
                    Condition(
                        code="c-channel",
                        label=LABEL,
                        functions=("s.a",),
                        attribute="channel",
                        operator="among",
                        values=("web",),
                    ),
                    Condition(
                        code="c-hour",
                        label=LABEL,
                        functions=("s.b.f3",),
                        attribute="hour",
                        operator="between",
                        values=("08:00", "18:00"),
                    ),
                    Condition(
                        code="c-own",
                        label=LABEL,
                        functions=("s.a.f1",),
                        attribute="object.requested_by",
                        operator="differs_from_self",
                    ),
                )
            ),
            max_size=2,
            unique_by=lambda one: one.code,
        )
    )
    return Catalogue(
        functions=_functions(marks),
        function_sets=sets,
        duties=duties,
        posts=posts,
        segregation=tuple(rules),
        conditions=tuple(conditions),
    )


_days = st.sampled_from((-3, -1, -1, 0, 0, 1)).map(lambda days: DAY + timedelta(days=days))
_moments = st.sampled_from((-48, -24, -12, -2, -1, 0, 1, 24)).map(lambda hours: NOON + timedelta(hours=hours))


@st.composite
def holdings(draw: Any) -> Holding:
    """Something one of two people holds about the tenth of March."""
    via, code = draw(
        st.sampled_from([("post", "p0"), ("post", "p1"), ("duty", "01"), *(("grant", code) for code in SETS)])
    )
    begins, granted = draw(_days), draw(_moments)
    is_duty = via == "duty"
    return Holding(
        person_id=draw(st.sampled_from(("ann", "ann", "bob"))),
        via=via,
        code=code,
        valid_from=begins,
        valid_to=draw(st.none() | st.integers(1, 5).map(lambda days: begins + timedelta(days=days))),
        granted_at=granted,
        ended_at=draw(st.none() | st.integers(0, 72).map(lambda hours: granted + timedelta(hours=hours))),
        office="" if is_duty else draw(st.sampled_from(("C1", "C1", "C2", "P", "B1", "H"))),
        taxpayers=frozenset({draw(st.sampled_from(TAXPAYERS))})
        if is_duty or draw(st.integers(0, 3)) == 0
        else frozenset(),
        fields=frozenset({"phone"}) if draw(st.integers(0, 4)) == 0 else frozenset(),
    )


subjects = st.builds(
    Subject,
    person_id=st.sampled_from((*PEOPLE, "")),
    acting_for=st.sampled_from(("", "T1", "T2", "office:P", "office:C1", "office:C2", "office:B1")),
    assurance=st.integers(1, 3),
    channel=st.sampled_from(("web", "api")),
)
objects = st.none() | st.builds(
    Object,
    office=st.sampled_from(("", *PARENTS)),
    taxpayer=st.sampled_from(("", *TAXPAYERS)),
    field=st.sampled_from(("", "phone", "address")),
    attributes=st.sampled_from(({}, {"requested_by": "ann"}, {"requested_by": "bob"})),
)


@dataclass(frozen=True)
class Question:
    """One question to a policy."""

    subject: Subject
    function: str
    object: Object | None
    at: datetime


questions = st.builds(
    Question,
    subject=subjects,
    function=st.sampled_from((*FUNCTIONS, "s.a", "none")),
    object=objects,
    at=_moments,
)


GRID = tuple(
    Question(subject, function, obj, NOON + timedelta(hours=hours))
    for subject in (
        Subject("ann", "office:C1", 2, "web"),
        Subject("ann", "office:C2", 1, "api"),
        Subject("ann", "T1", 2, "web"),
        Subject("bob", "office:P", 3, "web"),
        Subject("bob", "", 2, "web"),
    )
    for function in FUNCTIONS
    for obj in (
        None,
        Object(office="B1", taxpayer="T1"),
        Object(office="C1", field="phone", attributes={"requested_by": "ann"}),
    )
    for hours in (0, 1, 8)
)
"""Questions that are asked of every random policy."""


def compiled(catalogue: Catalogue, held_things: list[Holding]) -> Policy:
    """The policy as the product makes it; duties come from elsewhere, as they do there."""
    mine = [one for one in enumerate(held_things) if one[1].via != "duty"]
    others = [one for one in enumerate(held_things) if one[1].via == "duty"]

    def of(person: str, things: list[tuple[int, Holding]]) -> tuple[Any, ...]:
        return tuple(
            held(one, catalogue=catalogue, number=number) for number, one in things if one.person_id == person
        )

    return Policy(
        classes=Classes(catalogue),
        lines=lines_of(PARENTS),
        granted={person: of(person, mine) for person in PEOPLE},
        elsewhere=lambda person: (of(person, others), True),
    )


class Twin:
    """The same policy, answered from plain dictionaries and by no other way than the rules are told to people."""

    def __init__(self, catalogue: Catalogue, held_things: list[Holding]) -> None:
        self.catalogue, self.holdings = catalogue, held_things

    def may(self, question: Question) -> bool:
        subject, obj, at = question.subject, question.object, question.at
        function = self.catalogue.functions.get(question.function)
        if function is None or function.kind in (SYSTEM, CENTRE) or not subject.person_id:
            return False
        if not self._conditions_hold(function, subject, obj, at):
            return False
        if function.self_service and obj is None:
            return True
        return any(
            self._opens(number, one, function.code, subject, obj, at)
            for number, one in enumerate(self.holdings)
        )

    def _opens(
        self, number: int, one: Holding, function: str, subject: Subject, obj: Object | None, at: datetime
    ) -> bool:
        return (
            one.person_id == subject.person_id
            and function in self._functions(one)
            and _in_force(one, at)
            and _in_identity(one, subject.acting_for)
            and (obj is None or _covers(one, obj))
            and not self._kept_apart(number, one, function, at)
        )

    def _functions(self, one: Holding) -> set[str]:
        catalogue = self.catalogue
        if one.via == "post":
            names = [
                name
                for duty in catalogue.posts[one.code].duties
                for name in catalogue.duties[duty].function_sets
            ]
        elif one.via == "duty":
            names = list(catalogue.duties[one.code].function_sets)
        else:
            names = [one.code]
        return {code for name in names for code in self._meant(catalogue.function_sets[name].functions)}

    def _meant(self, codes: tuple[str, ...], *, acts_only: bool = False) -> set[str]:
        found = set()
        for code in codes:
            for function in FUNCTIONS:
                words, parts = code.split("."), function.split(".")
                is_below = function.startswith(code + ".")
                fits = "*" in words and all(a in ("*", b) for a, b in zip(words, parts, strict=False))
                named = code == function
                looking = self.catalogue.functions[function].kind == PAGE
                if named or ((is_below or (fits and len(words) == 3)) and not (acts_only and looking)):
                    found.add(function)
        return found

    def _kept_apart(self, number: int, one: Holding, function: str, at: datetime) -> bool:
        for rule in self.catalogue.segregation:
            left = self._meant(rule.left, acts_only=True)
            right = self._meant(rule.right, acts_only=True)
            for mine, other in ((left, right), (right, left)):
                if function not in mine:
                    continue
                for place, rival in enumerate(self.holdings):
                    if (
                        place != number
                        and rival.person_id == one.person_id
                        and self._functions(rival) & other
                        and _in_force(rival, at)
                        and (rival.granted_at, place) < (one.granted_at, number)
                    ):
                        return True
        return False

    def _conditions_hold(
        self, function: Function, subject: Subject, obj: Object | None, at: datetime
    ) -> bool:
        if function.sensitive and subject.assurance < 2:
            return False
        for one in self.catalogue.conditions:
            if not any(function.code == at_ or function.code.startswith(at_ + ".") for at_ in one.functions):
                continue
            if one.code == "c-channel" and subject.channel != "web":
                return False
            if one.code == "c-hour" and not 8 <= at.astimezone(CHINA).hour < 18:
                return False
            if (
                one.code == "c-own"
                and obj is not None
                and obj.attributes.get("requested_by", "") == subject.person_id
            ):
                return False
        return True


def _in_force(one: Holding, at: datetime) -> bool:
    day = at.astimezone(CHINA).date()
    return (
        one.valid_from <= day
        and (one.valid_to is None or day < one.valid_to)
        and one.granted_at <= at
        and (one.ended_at is None or at < one.ended_at)
    )


def _above(office: str) -> set[str]:
    found = set()
    while office:
        found.add(office)
        office = PARENTS[office]
    return found


def _in_identity(one: Holding, acting_for: str) -> bool:
    if one.via == "duty":
        return acting_for in one.taxpayers
    if not acting_for.startswith("office:"):
        return False
    office = acting_for.removeprefix("office:")
    return one.office in _above(office) or office in _above(one.office)


def _covers(one: Holding, obj: Object) -> bool:
    return (
        (not one.office or one.office in _above(obj.office))
        and (not one.taxpayers or obj.taxpayer in one.taxpayers)
        and (not one.fields or not obj.field or obj.field in one.fields)
    )


def at_assurance(question: Question, level: int) -> Question:
    """The same question of somebody known more or less surely."""
    return replace(question, subject=replace(question.subject, assurance=level))
