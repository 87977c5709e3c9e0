"""
What is asked and what is answered: who, on what, may they, and why.

A *subject* is a person in the identity they act in; an *object* is what they touch, as far as the caller can say.
Part of an object that is left out is not known: a grant that is limited in that respect does not cover it. An object
that is not given at all asks "anywhere?", as the doors of pages do.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from goldentax.kernel.text import Text

OFFICE_PREFIX = "office:"
"""Begins what an officer acts for; every other text is a tax id, and "" is the person alone."""

VIA_POST, VIA_GRANT, VIA_DUTY, VIA_SELF = "post", "grant", "duty", "self"
"""How somebody comes to hold functions: by a post, a granted function set, a duty for a taxpayer, or for oneself."""

NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Subject:
    """A person (主体) in the identity they act in."""

    person_id: str
    acting_for: str = ""  # a tax id, office:<code>, or "" for oneself
    assurance: int = 1
    channel: str = "web"


@dataclass(frozen=True, slots=True)
class Object:
    """What a function is used on (客体)."""

    kind: str = ""
    office: str = ""  # 税务机关代码 in whose care it lies
    taxpayer: str = ""  # 纳税人识别号 it belongs to
    field: str = ""  # one field of it; "" for the whole
    attributes: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of a decision, in a sentence of both languages."""

    code: str
    text: Text
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def in_language(self, language: str) -> str:
        """The sentence with its facts in it."""
        said = {
            name: fact.in_language(language) if isinstance(fact, Text) else fact
            for name, fact in self.facts.items()
        }
        return self.text.in_language(language).format(**said)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a subject may, and why (决定)."""

    allowed: bool
    reasons: tuple[Reason, ...]

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """
    Something a person holds: a post, a function set, or a duty (持有).

    It counts on a day in ``[valid_from, valid_to)``, and from the moment it was granted until the moment it was ended.
    """

    person_id: str
    via: str  # post, grant, duty
    code: str  # of the post, the function set, the duty
    valid_from: date
    valid_to: date | None = None
    granted_at: datetime
    ended_at: datetime | None = None
    office: str = ""  # the office it reaches, with all below it; "" for wherever
    taxpayers: frozenset[str] = frozenset()  # the taxpayers it reaches; none named: all
    fields: frozenset[str] = frozenset()  # the fields it opens; none named: all
    reference: str = ""  # public id of the grant or membership
    source: str = "authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who could use a function on an object at a moment, and by what (持有人)."""

    person_id: str
    function: str  # "" where it was asked for any
    function_set: str
    via: str
    code: str
    office: str
    taxpayers: frozenset[str]
    fields: frozenset[str]
    valid_from: date
    valid_to: date | None
    granted_at: datetime
    ended_at: datetime | None
    reference: str
    source: str
    conditions: tuple[Text, ...] = ()  # what had to be true besides, such as two factors


class GrantSource(Protocol):
    """Where holdings come from that another module keeps, such as memberships."""

    key: str

    def of_person(self, person_id: str) -> list[Holding]:
        """Everything the person holds, held or will hold; ended things with the moment they ended."""
        ...

    def over_taxpayer(self, tax_id: str) -> list[Holding]:
        """Everything anybody holds, held or will hold over a taxpayer."""
        ...

    def version(self) -> int:
        """A number that changes whenever an answer would; asked about twice a second in every process."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A person's post in an office (任职) in a term."""

    public_id: str
    person_id: str
    office_code: str
    office_name: str
    post: str
    post_name: Text
    title: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantView:
    """One grant (授权) with all its steps."""

    public_id: str
    person_id: str
    kind: str  # post or set
    code: str
    name: Text
    title: str
    office_code: str
    office_name: str
    taxpayers: tuple[str, ...]
    fields: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    state: str  # see rules.grants.STATES
    reason: str
    note: str  # of the decision or the end
    requested_by: str  # "" for the system
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    granted_at: datetime | None
    ended_at: datetime | None
    ended_by: str
