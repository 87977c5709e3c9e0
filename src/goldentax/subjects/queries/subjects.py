"""Reading subjects: one, by number, by search; their versions, checks and relations. Numbers of people come masked."""

import base64
import binascii
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import Q

from goldentax.kernel import audit
from goldentax.subjects import errors
from goldentax.subjects.models import Check, Credential, Relation, Subject, SubjectVersion
from goldentax.subjects.models.subjects import digest_of
from goldentax.subjects.rules import credentials, kinds, names
from goldentax.subjects.rules.views import CredentialView, SubjectView

PAGE_SIZE = 50
TEXT_LENGTH_MAX = 100
PURPOSE_LENGTH_MIN, PURPOSE_LENGTH_MAX = 4, 200


@dataclass(frozen=True, slots=True)
class Page:
    """One page of subjects."""

    items: tuple[SubjectView, ...]
    next_cursor: str


def get_subject(*, subject_id: uuid.UUID | str) -> SubjectView:
    """
    One subject by its public id.

    :raises errors.UnknownSubject: if there is none.
    """
    return view_of(_row(subject_id))


def find_subject(*, credential: str, number: str) -> SubjectView | None:
    """The living subject that holds a number, however it is typed."""
    number = credentials.tidied(number)
    digest = digest_of(kind=credential, number=number)
    held = (
        Credential.objects.filter(kind=credential, digest=digest, is_held=True)
        .select_related("subject")
        .first()
    )
    return view_of(held.subject) if held else None


def find_subject_of_person(*, person_id: uuid.UUID | str) -> SubjectView | None:
    """The living subject of somebody who signs in."""
    row = Subject.objects.filter(person_id=person_id, status__in=sorted(kinds.LIVING)).first()
    return view_of(row) if row else None


def search_subjects(*, text: str = "", kind: str = "", status: str = "", cursor: str = "") -> Page:
    """
    One page of subjects in the order of collection: by the start of a name or its pinyin initials, by network
    identity number, or by a whole credential.

    Part of a card number finds nobody: numbers are sealed, and who may search must not be able to list them.

    :raises errors.BadCursor: if the cursor was not made by this list.
    """
    rows = Subject.objects.filter(_matching(text)).order_by("public_id")
    if kind in kinds.KIND_NAMES:
        rows = rows.filter(kind=kind)
    if status in kinds.STATUS_NAMES:
        rows = rows.filter(status=status)
    if cursor:
        rows = rows.filter(public_id__gt=read_cursor(cursor))
    found = list(rows[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    shown = found[:PAGE_SIZE]
    return Page(tuple(views_of(shown)), write_cursor(shown[-1].public_id) if more else "")


def version_on(
    *, subject_id: uuid.UUID | str, on: date, known_at: datetime | None = None
) -> SubjectVersion | None:
    """What held of a subject on a day, as it is known now or as it was known at a moment."""
    rows = SubjectVersion.objects.filter(subject__public_id=subject_id, valid_from__lte=on)
    rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    if known_at is None:
        rows = rows.filter(superseded_at__isnull=True)
    else:
        not_yet = Q(superseded_at__isnull=True) | Q(superseded_at__gt=known_at)
        rows = rows.filter(not_yet, recorded_at__lte=known_at)
    return rows.first()


def list_versions(*, subject_id: uuid.UUID | str) -> list[SubjectVersion]:
    """Every version of a subject as it is known now, the newest first."""
    rows = SubjectVersion.objects.filter(subject__public_id=subject_id, superseded_at__isnull=True)
    return list(rows.order_by("-number", "-valid_from"))


def list_checks(*, subject_id: uuid.UUID | str, limit: int = 50) -> list[Check]:
    """The questions to sources about a subject, the newest first."""
    return list(Check.objects.filter(subject__public_id=subject_id).order_by("-at", "-id")[:limit])


def list_relations(*, subject_id: uuid.UUID | str) -> list[Relation]:
    """Every relation of a subject, to either side, the newest first."""
    its = Q(from_subject__public_id=subject_id) | Q(to_subject__public_id=subject_id)
    rows = Relation.objects.filter(its).select_related("from_subject", "to_subject")
    return list(rows.order_by("-valid_from", "-id"))


def is_related(*, subject_id: uuid.UUID | str, to_id: uuid.UUID | str, on: date) -> bool:
    """Whether two subjects stand in any relation on a day, in whichever direction."""
    ways = Q(from_subject__public_id=subject_id, to_subject__public_id=to_id) | Q(
        from_subject__public_id=to_id, to_subject__public_id=subject_id
    )
    holds = Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return Relation.objects.filter(ways).filter(holds).exists()


def look_at_numbers(
    *, subject_id: uuid.UUID | str, purpose: str, actor: str, now: datetime
) -> list[tuple[str, str]]:
    """
    The numbers of a subject unmasked, by kind; the look is written down before anything is given.

    :raises errors.NoPurpose: if nobody says what for.
    :raises errors.UnknownSubject: if there is none.
    """
    purpose = " ".join(purpose.split())
    if not PURPOSE_LENGTH_MIN <= len(purpose) <= PURPOSE_LENGTH_MAX:
        raise errors.NoPurpose("purpose")
    row = _row(subject_id)
    held = list(row.credentials.order_by("id"))
    audit.note_look(
        actor=actor,
        subject=f"subject:{row.public_id}",
        fields=sorted({one.kind for one in held}),
        purpose=purpose,
        now=now,
    )
    return [(one.kind, one.number) for one in held]


def view_of(row: Subject) -> SubjectView:
    """One row as a value."""
    return views_of([row])[0]


def views_of(rows: Sequence[Subject]) -> list[SubjectView]:
    """Rows as values, with what belongs to them in two statements."""
    ids = [row.pk for row in rows]
    held: dict[int, list[Credential]] = {}
    for one in Credential.objects.filter(subject__in=ids).order_by("-is_held", "id"):
        held.setdefault(one.subject_id, []).append(one)
    present = SubjectVersion.objects.filter(
        subject__in=ids, superseded_at__isnull=True, valid_to__isnull=True
    )
    bodies = {one.subject_id: one.particulars for one in present}
    return [_view(row, held.get(row.pk, []), bodies.get(row.pk, {})) for row in rows]


def write_cursor(public_id: uuid.UUID) -> str:
    """A place in a list that is ordered by public id."""
    return base64.urlsafe_b64encode(public_id.bytes).decode().rstrip("=")


def read_cursor(cursor: str) -> uuid.UUID:
    """
    The place a cursor stands for.

    :raises errors.BadCursor: if it was not made by :func:`write_cursor`.
    """
    try:
        return uuid.UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise errors.BadCursor("cursor") from None


def _row(subject_id: uuid.UUID | str) -> Subject:
    try:
        row = Subject.objects.filter(public_id=subject_id).first()
    except ValidationError:
        row = None
    if row is None:
        raise errors.UnknownSubject("subject_id")
    return row


def _matching(text: str) -> Q:
    text = names.tidied(text)[:TEXT_LENGTH_MAX]
    if not text:
        return Q()
    found = Q(name__startswith=text)
    number = credentials.tidied(text)
    if number.isascii() and number.isalnum():
        found |= Q(network_number=number) | Q(initials__startswith=number.lower())
        holders = [kind for kind in credentials.NAMES if credentials.is_valid(kind=kind, number=number)]
        for kind in holders:
            found |= Q(credentials__kind=kind, credentials__digest=digest_of(kind=kind, number=number))
    return found


def _view(row: Subject, held: Iterable[Credential], particulars: dict[str, str]) -> SubjectView:
    return SubjectView(
        public_id=row.public_id,
        kind=row.kind,
        network_number=row.network_number,
        name=row.name,
        status=row.status,
        home=row.home,
        verified_by=row.verified_by,
        verified_at=row.verified_at,
        asked_at=row.asked_at,
        next_try_at=row.next_try_at,
        dispute_until=row.dispute_until,
        version=row.version,
        person_id=row.person_id,
        collected_at=row.collected_at,
        cancelled_on=row.cancelled_on,
        credentials=tuple(
            CredentialView(kind=one.kind, number=one.masked, is_held=one.is_held, added_at=one.added_at)
            for one in held
        ),
        particulars=particulars,
    )
