"""What a search of the trail asks, read from what people and programs type; and its place in the list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from goldentax.oversight import errors

WORDS_MAX = 120
CATEGORIES = ("change", "sign_in", "grant", "look", "privileged")  # those of goldentax.kernel.audit
FIELDS = ("person", "subject", "action", "category", "from", "to", "text", "request_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """Conditions that must all hold; "" and None ask nothing. The period is ``[from_, to)``."""

    person: str = ""  # public id of who did it
    subject: str = ""  # what it was done to: a person's id, a tax id, an invoice number …
    action: str = ""  # the beginning of the action's name
    category: str = ""
    from_: datetime | None = None
    to: datetime | None = None
    text: str = ""  # anywhere in the detail
    request_id: str = ""

    @property
    def is_empty(self) -> bool:
        return self == TrailFilter()

    def as_detail(self) -> dict[str, str]:
        """The conditions as the trail itself notes them."""
        named = {
            "person": self.person,
            "subject": self.subject,
            "action": self.action,
            "category": self.category,
            "from": self.from_.isoformat() if self.from_ else "",
            "to": self.to.isoformat() if self.to else "",
            "text": self.text,
            "request_id": self.request_id,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class TrailCursor:
    """The last row of a page: the next page begins below it."""

    at: datetime
    id: int

    @property
    def text(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}.{self.id}"

    @classmethod
    def read(cls, text: str, *, zone: tzinfo) -> "TrailCursor | None":
        """
        Read a cursor back; None for "".

        :raises BadCursor: if it is none.
        """
        if not text:
            return None
        micros, _, id_ = text.partition(".")
        if not (micros.isascii() and micros.isdigit() and id_.isascii() and id_.isdigit() and len(text) < 40):
            raise errors.BadCursor("cursor")
        try:
            seconds, rest = divmod(int(micros), 1_000_000)
            at = datetime.fromtimestamp(seconds, tz=zone) + timedelta(microseconds=rest)
        except (ValueError, OverflowError, OSError):
            raise errors.BadCursor("cursor") from None
        return cls(at, int(id_))


def read_filter(asked: Mapping[str, str], *, zone: tzinfo) -> TrailFilter:
    """
    Read conditions as typed: dates mean whole days, the last one included.

    :raises BadPeriod: if a date cannot be read, or the beginning is not before the end.
    :raises BadCategory: if there is no such category.
    """
    words = {name: asked.get(name, "").replace("\x00", "").strip()[:WORDS_MAX] for name in FIELDS}
    if words["category"] and words["category"] not in CATEGORIES:
        raise errors.BadCategory("category", category=words["category"])
    from_ = read_moment(words["from"], field="from", zone=zone)
    to = read_moment(words["to"], field="to", zone=zone, is_end=True)
    if from_ and to and from_ >= to:
        raise errors.BadPeriod("to")
    return TrailFilter(
        person=words["person"],
        subject=words["subject"],
        action=words["action"],
        category=words["category"],
        from_=from_,
        to=to,
        text=words["text"],
        request_id=words["request_id"],
    )


def read_moment(typed: str, *, field: str, zone: tzinfo, is_end: bool = False) -> datetime | None:
    """
    Read a day or a moment; a day as the end of a period means its whole.

    :raises BadPeriod: if it is neither.
    """
    if not typed:
        return None
    try:
        if len(typed) == 10:
            at = datetime.combine(date.fromisoformat(typed), time(), tzinfo=zone)
            return at + timedelta(days=1) if is_end else at
        at = datetime.fromisoformat(typed)
        return at if at.tzinfo else at.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise errors.BadPeriod(field) from None
