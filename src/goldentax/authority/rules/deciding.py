"""
The policy of one moment, compiled, and the decisions on it.

A :class:`Policy` never changes: a change of grants makes another, which shares with the first what is the same. What
it remembers besides is worked out from it alone (who holds what of a function's kind), so threads may share it.

Functions that are in the same sets, on the same sides and under the same conditions form one *class*; a person's lines
are looked up once for each class and identity, and then a decision is two dictionary look-ups and a walk over the few
lines that carry the function. Moments are whole microseconds since 1970.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from goldentax.authority.rules import reasons
from goldentax.authority.rules.catalogue import Catalogue, SegregationRule
from goldentax.authority.rules.conditions import Condition
from goldentax.authority.rules.values import (
    OFFICE_PREFIX,
    VIA_DUTY,
    Decision,
    Holding,
    Object,
    Reason,
    Subject,
)
from goldentax.kernel.clock import CHINA

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
FOREVER = 2**62
REMEMBERED_MAX = 200_000
"""Persons whose lines a policy remembers; beyond that it forgets all and begins again."""


def moment(at: datetime) -> int:
    """A moment in microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def day_begins(day: date) -> int:
    """The first moment of a day in China."""
    return moment(datetime.combine(day, time(), tzinfo=CHINA))


def moment_as_datetime(at: int) -> datetime:
    """The moment that so many microseconds since 1970 are, in China's zone."""
    return (_EPOCH + at * _MICROSECOND).astimezone(CHINA)


def day_of(at: int) -> date:
    """The day in China of a moment."""
    return moment_as_datetime(at).date()


@dataclass(slots=True)
class Held:
    """One holding, ready for comparison; made once, never changed."""

    sets: frozenset[str]
    begins: int
    ends: int
    office: str
    taxpayers: frozenset[str]
    fields: frozenset[str]
    rank: tuple[int, int]  # when it was granted: of two that must not meet, the later one gives way
    via: str
    code: str
    reference: str | int = ""


def held(holding: Holding, *, catalogue: Catalogue, number: int = 0) -> Held:
    """A holding, compiled."""
    granted = moment(holding.granted_at)
    ends = FOREVER if holding.valid_to is None else day_begins(holding.valid_to)
    if holding.ended_at is not None:
        ends = min(ends, moment(holding.ended_at))
    return Held(
        sets=catalogue.sets_of(via=holding.via, code=holding.code),
        begins=max(granted, day_begins(holding.valid_from)),
        ends=ends,
        office=holding.office,
        taxpayers=holding.taxpayers,
        fields=holding.fields,
        rank=(granted, number),
        via=holding.via,
        code=holding.code,
        reference=holding.reference,
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """What a function's side of one segregation rule must not meet."""

    rule: SegregationRule
    against: frozenset[str]  # the sets that carry the other side


@dataclass(frozen=True, slots=True)
class _Class:
    """Functions of which all the same is true."""

    number: int
    sets: frozenset[str]
    sides: tuple[_Side, ...]
    conditions: tuple[Condition, ...]
    self_service: bool


@dataclass(slots=True)
class _Lines:
    """A person's holdings that carry one class, and what they must not meet."""

    lines: tuple[Held, ...]
    rivals: tuple[tuple[Held, SegregationRule], ...]


@dataclass(slots=True)
class _Person:
    holdings: tuple[Held, ...]
    lines: dict[str, dict[int, _Lines]] = field(default_factory=dict)  # by identity, then class


NOTHING_HELD: tuple[Held, ...] = ()

Elsewhere = Callable[[str], tuple[tuple[Held, ...], bool]]
"""What others keep of a person, and whether the answer may be remembered."""


class Classes:
    """The functions of a catalogue by what is true of them; made once for each catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.of: dict[str, _Class] = {}
        known: dict[tuple[object, ...], _Class] = {}
        for code in sorted(catalogue.grantable):
            sides = tuple(self._sides(code))
            conditions = catalogue.conditions_of(code)
            sets, alone = catalogue.sets_of_function[code], catalogue.functions[code].self_service
            key = (sets, tuple((one.rule.code, one.against) for one in sides), conditions, alone)
            if key not in known:
                known[key] = _Class(
                    number=len(known), sets=sets, sides=sides, conditions=conditions, self_service=alone
                )
            self.of[code] = known[key]

    def _sides(self, code: str) -> Iterable[_Side]:
        for rule, left, right in self.catalogue.sides:
            for mine, other in ((left, right), (right, left)):
                if code in mine:
                    against = frozenset(
                        name
                        for name, functions in self.catalogue.functions_of_set.items()
                        if functions & other
                    )
                    yield _Side(rule, against)


class Policy:
    """Everything that decides, at one version of the grants and one catalogue."""

    def __init__(
        self,
        *,
        classes: Classes,
        lines: Mapping[str, tuple[str, ...]],
        granted: Mapping[str, tuple[Held, ...]],
        elsewhere: Elsewhere | None = None,
        since: int = 0,
        until: int = FOREVER,
    ) -> None:
        self.classes = classes
        self.lines = lines  # of every office, itself first
        self.granted = granted
        self.elsewhere = elsewhere
        self.since = since  # it knows everything about the moments in [since, until)
        self.until = until
        self._class_of = classes.of
        self._people: dict[str, _Person] = {}

    @property
    def catalogue(self) -> Catalogue:
        return self.classes.catalogue

    def but(
        self,
        *,
        granted: Mapping[str, tuple[Held, ...]] | None = None,
        lines: Mapping[str, tuple[str, ...]] | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> "Policy":
        """The same policy with something else in it; what it remembered of people is worked out anew."""
        return Policy(
            classes=self.classes,
            lines=self.lines if lines is None else lines,
            granted=self.granted if granted is None else granted,
            elsewhere=self.elsewhere if elsewhere is None else elsewhere,
            since=self.since,
            until=self.until,
        )

    def knows(self, now: int) -> bool:
        """Tell whether this policy knows everything about a moment."""
        return self.since <= now < self.until

    def may(self, subject: Subject, function: str, obj: Object | None, at: datetime, now: int) -> bool:
        """Tell whether a subject may at a moment, which is given twice: as it is said and as it is compared."""
        of = self._class_of.get(function)
        person_id = subject.person_id
        if of is None or not person_id:
            return False
        if obj is not None or not of.self_service:
            person = self._people.get(person_id) or self._person(person_id)
            # What :meth:`_lines` and :meth:`_reaches` do, without the two calls: this is asked for every row of a page.
            by_class = person.lines.get(subject.acting_for)
            found = by_class.get(of.number) if by_class is not None else None
            if found is None:
                found = self._line_up(person, subject.acting_for, of)
            for line in found.lines:
                if (
                    line.begins <= now < line.ends
                    and (obj is None or self._covers(line, obj))
                    and not (found.rivals and self._rival(found, line, now))
                ):
                    break
            else:
                return False
        for condition in of.conditions:  # noqa: SIM110 (the plain loop is half as long in time)
            if not condition.holds(subject=subject, obj=obj, at=at):
                return False
        return True

    def may_each(
        self, subject: Subject, function: str, objects: Iterable[Object | None], at: datetime, now: int
    ) -> list[bool]:
        """Tell it for many objects, such as the rows of a page; the subject is looked up once."""
        of = self._class_of.get(function)
        if of is None or not subject.person_id:
            return [False for _ in objects]
        lines = self._lines(self._person(subject.person_id), subject.acting_for, of)
        return [
            ((of.self_service and obj is None) or self._reaches(lines, obj, now))
            and all(one.holds(subject=subject, obj=obj, at=at) for one in of.conditions)
            for obj in objects
        ]

    def _lines(self, person: _Person, acting_for: str, of: _Class) -> _Lines:
        by_class = person.lines.get(acting_for)
        found = by_class.get(of.number) if by_class is not None else None
        return found if found is not None else self._line_up(person, acting_for, of)

    def _reaches(self, found: _Lines, obj: Object | None, now: int) -> bool:
        rivals = found.rivals
        for line in found.lines:
            if (
                line.begins <= now < line.ends
                and (obj is None or self._covers(line, obj))
                and not (rivals and self._rival(found, line, now))
            ):
                return True
        return False

    def decide(self, subject: Subject, function: str, obj: Object | None, at: datetime) -> Decision:
        """Decide and say why, in the order in which it is looked at."""
        of = self._class_of.get(function)
        if not subject.person_id:
            return Decision(False, (reasons.nobody(),))
        if of is None:
            return Decision(False, (reasons.unknown_function(function),))
        found: list[Reason] = []
        allowed = of.self_service and obj is None
        if allowed:
            found.append(reasons.self_service())
        else:
            allowed = self._explain_lines(subject, function, of, obj, moment(at), found)
        failing = [one for one in of.conditions if not one.holds(subject=subject, obj=obj, at=at)]
        found += [reasons.condition_fails(one.label) for one in failing]
        if allowed:
            found += [reasons.condition_holds(one.label) for one in of.conditions if one not in failing]
        return Decision(allowed and not failing, tuple(found))

    def functions_of(self, subject: Subject, at: datetime) -> frozenset[str]:
        """Every function the subject may use somewhere."""
        answers: dict[int, bool] = {}
        now = moment(at)
        for function, of in self._class_of.items():
            if of.number not in answers:
                answers[of.number] = self.may(subject, function, None, at, now)
        return frozenset(function for function, of in self._class_of.items() if answers[of.number])

    def holdings_of(self, person_id: str) -> tuple[Held, ...]:
        """Everything a person holds, whatever its term."""
        return self._person(person_id).holdings

    def covers(self, line: Held, obj: Object) -> bool:
        """Tell whether a holding reaches an object."""
        return self._covers(line, obj)

    def stopping(self, person_id: str, line: Held, function: str, at: int) -> SegregationRule | None:
        """The rule that keeps a person from using a function through this holding at a moment."""
        of = self._class_of[function]
        lines = self._lines_of(self._person(person_id).holdings, of)
        return self._rival(lines, line, at)

    def _person(self, person_id: str) -> _Person:
        found = self._people.get(person_id)
        if found is not None:
            return found
        holdings, keep = self.granted.get(person_id, NOTHING_HELD), True
        if self.elsewhere is not None:
            others, keep = self.elsewhere(person_id)
            holdings += others
        found = _Person(holdings)
        if keep:
            if len(self._people) >= REMEMBERED_MAX:
                self._people = {}
            self._people[person_id] = found
        return found

    def _line_up(self, person: _Person, acting_for: str, of: _Class) -> _Lines:
        all_of_class = self._lines_of(person.holdings, of)
        usable = tuple(line for line in all_of_class.lines if self.is_usable(line, acting_for))
        # Where nothing can stop anything, nothing need be compared.
        rivals = all_of_class.rivals if usable else ()
        found = _Lines(usable, rivals)
        person.lines.setdefault(acting_for, {})[of.number] = found
        return found

    @staticmethod
    def _lines_of(holdings: tuple[Held, ...], of: _Class) -> _Lines:
        lines = tuple(one for one in holdings if one.sets & of.sets)
        rivals = tuple((one, side.rule) for side in of.sides for one in holdings if one.sets & side.against)
        return _Lines(lines, rivals if lines else ())

    def is_usable(self, line: Held, acting_for: str) -> bool:
        """
        Tell whether a holding counts in an identity.

        A duty counts for its own taxpayer. What is held in offices counts in an office on its line: above it, or
        below, never beside it. Acting for oneself, nothing of either counts.
        """
        if line.via == VIA_DUTY:
            return bool(acting_for) and acting_for in line.taxpayers
        if not acting_for.startswith(OFFICE_PREFIX):
            return False
        office = acting_for[len(OFFICE_PREFIX) :]
        return line.office in self.lines.get(office, ()) or office in self.lines.get(line.office, ())

    def _covers(self, line: Held, obj: Object) -> bool:
        if line.office and line.office != obj.office and line.office not in self.lines.get(obj.office, ()):
            return False
        if line.taxpayers and obj.taxpayer not in line.taxpayers:
            return False
        return not (line.fields and obj.field and obj.field not in line.fields)

    @staticmethod
    def _rival(found: _Lines, line: Held, now: int) -> SegregationRule | None:
        for rival, rule in found.rivals:
            if rival.begins <= now < rival.ends and rival.rank < line.rank and rival is not line:
                return rule
        return None

    def _explain_lines(
        self, subject: Subject, function: str, of: _Class, obj: Object | None, now: int, found: list[Reason]
    ) -> bool:
        """Say of each holding that carries the function why it does or does not open it, until one does."""
        catalogue = self.catalogue
        person = self._person(subject.person_id)
        lines = self._lines_of(person.holdings, of)
        for line in lines.lines:
            name = catalogue.name_of(via=line.via, code=line.code)
            if not self.is_usable(line, subject.acting_for):
                found.append(reasons.other_identity(name))
            elif now < line.begins:
                found.append(reasons.not_yet(name, line.begins))
            elif now >= line.ends:
                found.append(reasons.over(name, line.ends))
            elif obj is not None and not self._covers(line, obj):
                found.append(self._why_outside(name, line, obj))
            elif (rule := self._rival(lines, line, now)) is not None:
                found.append(reasons.segregated(name, rule.label))
            else:
                found[:] = [reasons.held_through(name, line, catalogue.functions[function].label)]
                return True
        if not lines.lines:
            found.append(reasons.not_held(catalogue.functions[function].label))
        return False

    def _why_outside(self, name: object, line: Held, obj: Object) -> Reason:
        if line.office and line.office not in (obj.office, *self.lines.get(obj.office, ())):
            return reasons.outside_office(name, line.office, obj.office)
        if line.taxpayers and obj.taxpayer not in line.taxpayers:
            return reasons.outside_taxpayers(name, obj.taxpayer)
        return reasons.outside_fields(name, obj.field)
