"""Who on record could be meant by the rows of a load."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from goldentax.subjects.models import Credential, Subject, SubjectVersion
from goldentax.subjects.models.subjects import digest_of
from goldentax.subjects.rules import credentials, kinds, names
from goldentax.subjects.rules.cleaning import Entry

T = TypeVar("T")

BATCH = 1000
"""Values of one question: the planner still uses the index."""
ON_RECORD_MAX = 40
"""Subjects on record with one sound of name that a row is compared with; more say that the name is a common one."""


def find_on_record(entries: Sequence[Entry]) -> tuple[list[Entry], list[Subject]]:
    """
    Subjects on record that an entry could mean: those with its number, and those whose name sounds the same.

    A slip in the number and another name at once is not found against the record (it is within a load): numbers are
    sealed, and only whole ones can be looked up.
    """
    digests = {digest_of(kind=one.credential, number=one.number) for one in entries if one.number}
    found: dict[int, Subject] = {}
    for part in _parts(sorted(digests)):
        held = Credential.objects.filter(digest__in=part, is_held=True).select_related("subject")
        found.update({one.subject_id: one.subject for one in held})
    sounds = {names.sound(one.name, is_person=one.kind in kinds.PEOPLE) for one in entries if one.name}
    for part in _parts(sorted(sounds)):
        rows = Subject.objects.filter(sound__in=part, status__in=sorted(kinds.LIVING))
        by_sound: dict[str, list[Subject]] = {}
        for subject in rows:
            by_sound.setdefault(subject.sound, []).append(subject)
        for same in by_sound.values():
            if len(same) <= ON_RECORD_MAX:
                found.update({one.pk: one for one in same})
    subjects = list(found.values())
    return _entries_of(subjects), subjects


def _entries_of(subjects: Sequence[Subject]) -> list[Entry]:
    ids = [one.pk for one in subjects]
    numbers: dict[int, Credential] = {}
    bodies: dict[int, SubjectVersion] = {}
    for part in _parts(ids):
        numbers.update(
            {one.subject_id: one for one in Credential.objects.filter(subject__in=part, is_held=True)}
        )
        present = SubjectVersion.objects.filter(
            subject__in=part, superseded_at__isnull=True, valid_to__isnull=True
        )
        bodies.update({one.subject_id: one for one in present})
    return [_entry_on_record(one, numbers.get(one.pk), bodies[one.pk]) for one in subjects]


def _entry_on_record(subject: Subject, held: Credential | None, version: SubjectVersion) -> Entry:
    known = version.particulars
    kind = held.kind if held else credentials.OF_KIND[subject.kind][0]
    number = held.number if held else ""
    return Entry(
        row=0,
        kind=subject.kind,
        credential=kind,
        number=number,
        is_number_valid=held is not None,
        name=subject.name,
        representative=known.get("representative_name", ""),
        phone=known.get("phone", ""),
        address=known.get("address", ""),
        division=known.get("division", "") or credentials.division_of(kind=kind, number=number),
    )


def _parts(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
