"""
What must be true besides a grant (条件): attributes of the subject, of the object, of the hour.

A condition compares one attribute by one of few operators with values the lawbook gives. Attributes: ``assurance``,
``channel``, ``hour`` (HH:MM in China), ``weekday`` (1 Monday … 7 Sunday), ``object.<name>`` (what the caller says of
the object), ``object.kind``. An attribute that is not known fails the condition; only ``differs_from_self`` passes
then, because nobody is meant.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from goldentax.authority.rules.values import Object, Subject
from goldentax.kernel.clock import CHINA
from goldentax.kernel.text import Text

Ask = Callable[[Subject, Object | None, datetime], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison (条件) that functions ask for."""

    code: str
    label: Text
    functions: tuple[str, ...]  # codes, or headings for all below
    attribute: str
    operator: str  # one of OPERATORS
    values: tuple[str, ...] = ()

    def holds(self, *, subject: Subject, obj: Object | None, at: datetime) -> bool:
        """Tell whether it is true of this subject, object and moment; of no object, what it says of one is open."""
        if obj is None and self.attribute.startswith("object."):
            return True
        return OPERATORS[self.operator](_attribute(self.attribute, subject, obj, at), self.values, subject)

    def fault(self) -> str:
        """What is wrong with how it is written; "" where nothing is."""
        count = _VALUES.get(self.operator)
        if count is None:
            return f"no operator {self.operator}"
        if self.attribute not in ATTRIBUTES and not self.attribute.startswith("object."):
            return f"no attribute {self.attribute}"
        if not count[0] <= len(self.values) <= count[1]:
            return f"{self.operator} takes {count[0]} to {count[1]} values"
        if self.operator == "at_least" and not self.values[0].isdigit():
            return "at_least takes a whole number"
        return ""


def _attribute(name: str, subject: Subject, obj: Object | None, at: datetime) -> object:
    if name == "assurance":
        return subject.assurance
    if name == "channel":
        return subject.channel
    if name == "hour":
        return f"{at.astimezone(CHINA):%H:%M}"
    if name == "weekday":
        return at.astimezone(CHINA).isoweekday()
    if obj is None:
        return None
    if name == "object.kind":
        return obj.kind
    return obj.attributes.get(name.removeprefix("object."))


def _at_least(found: object, values: tuple[str, ...], subject: Subject) -> bool:
    return isinstance(found, int) and found >= int(values[0])


def _among(found: object, values: tuple[str, ...], subject: Subject) -> bool:
    return found is not None and str(found) in values


def _not_among(found: object, values: tuple[str, ...], subject: Subject) -> bool:
    return found is not None and str(found) not in values


def _between(found: object, values: tuple[str, ...], subject: Subject) -> bool:
    return found is not None and values[0] <= str(found) < values[1]


def _differs_from_self(found: object, values: tuple[str, ...], subject: Subject) -> bool:
    return str(found or "") != subject.person_id


OPERATORS: Mapping[str, Callable[[object, tuple[str, ...], Subject], bool]] = {
    "at_least": _at_least,
    "among": _among,
    "not_among": _not_among,
    "between": _between,
    "differs_from_self": _differs_from_self,
}

ATTRIBUTES = ("assurance", "channel", "hour", "weekday")
"""What is known of every decision; besides, ``object.<name>``."""

_VALUES = {
    "at_least": (1, 1),
    "among": (1, 50),
    "not_among": (1, 50),
    "between": (2, 2),
    "differs_from_self": (0, 0),
}
"""How many values each operator takes, at least and at most."""


def assurance_condition(level: int) -> Condition:
    """The condition of a sensitive function: a sign-in at least that sure (认证强度)."""
    return Condition(
        code=f"assurance-{level}",
        label=Text(f"认证强度须达到 {level} 级", f"a sign-in of assurance level {level}"),
        functions=(),
        attribute="assurance",
        operator="at_least",
        values=(str(level),),
    )
