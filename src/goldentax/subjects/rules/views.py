"""Subjects as plain values, for other modules and for pages; numbers of people come masked."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from goldentax.kernel.text import Text
from goldentax.subjects.rules import credentials, kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialView:
    """One credential as it may be shown."""

    kind: str
    number: str  # whole for companies and devices, masked for people
    is_held: bool
    added_at: datetime

    @property
    def kind_name(self) -> Text:
        return credentials.NAMES[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectView:
    """A subject as it is on record now."""

    public_id: uuid.UUID
    kind: str
    network_number: str
    name: str
    status: str
    home: str
    verified_by: str
    verified_at: datetime | None
    asked_at: datetime | None
    next_try_at: datetime | None
    dispute_until: date | None
    version: int
    person_id: uuid.UUID | None
    collected_at: datetime
    cancelled_on: date | None
    credentials: tuple[CredentialView, ...]
    particulars: dict[str, str]

    @property
    def is_person(self) -> bool:
        return self.kind in kinds.PEOPLE

    @property
    def is_verified(self) -> bool:
        """Verified, and its source has not disagreed since."""
        return self.status == kinds.VERIFIED

    @property
    def kind_name(self) -> Text:
        return kinds.kind_name(self.kind)

    @property
    def status_name(self) -> Text:
        return kinds.status_name(self.status)

    @property
    def tone(self) -> str:
        """The colour of its status."""
        return kinds.TONES.get(self.status, "plain")

    @property
    def number(self) -> str:
        """Its usual credential as it may be shown: what it holds, else what it held."""
        return next((one.number for one in self.credentials), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """One invented record for a local source."""

    source: str  # sources.MARKET_REGULATOR or PUBLIC_SECURITY
    number: str
    facts: dict[str, str]  # by sources.FIELD_NAMES and sources.PUBLIC_FACTS
    is_slow: bool = False  # never answers in time


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a load has come."""

    public_id: uuid.UUID
    state: str
    rows_total: int
    rows_done: int
    outcomes: dict[str, int]
