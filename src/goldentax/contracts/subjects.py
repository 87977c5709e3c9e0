"""
What subjects tell the others.

Of a natural person neither name nor number travels in an event: whoever may have them asks the home node.
"""

from datetime import date, datetime

from goldentax.contracts.events import Event


class SubjectVerifiedV1(Event, frozen=True):
    """A subject (主体) agrees with its source and has its network identity number; the nation knows it once."""

    public_id: str
    network_number: str
    kind: str
    version: int
    uscc: str | None  # None: no organisation
    name: str | None  # None: a person
    home: str  # the province that has charge of it
    verified_by: str  # the node that asked the source; 00 has the last word
    at: datetime


class SubjectChangedV1(Event, frozen=True):
    """A subject has a new version, or its source disagrees since (``status``)."""

    public_id: str
    network_number: str
    kind: str
    version: int
    status: str
    fields: tuple[str, ...]  # what is different, by name only
    valid_from: date
    home: str
    at: datetime


class SubjectCancelledV1(Event, frozen=True):
    """A subject lives no longer: its credentials are free, its relations have ended."""

    public_id: str
    network_number: str
    kind: str
    reason: str
    cancelled_on: date
    home: str
    at: datetime


class SubjectRoutedV1(Event, frozen=True):
    """A subject that was collected at one node belongs to another, which takes it over."""

    public_id: str
    kind: str
    collected_by: str  # the node that collected it
    home: str  # the node it goes to
    load_id: str | None  # the bulk load it came with
    at: datetime
