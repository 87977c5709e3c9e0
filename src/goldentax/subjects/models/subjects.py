"""Subjects with their versions and credentials; what is personal is sealed, what must be unique is so by an index."""

import json
from collections.abc import Mapping

from django.db import models
from django.db.models import F, Q

from goldentax.kernel.crypto.fields import EncryptedTextField, blind_index
from goldentax.kernel.ids import new_public_id
from goldentax.subjects.rules import credentials, kinds


def digest_of(*, kind: str, number: str) -> str:
    """The blind index of a tidied number: by it a credential is found and held unique."""
    return blind_index(number, f"subjects.credential.{kind}")


class Subject(models.Model):
    """A subject (主体): a company, a person, an agency, an officer, a device; once in the nation."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    kind = models.CharField(max_length=14)
    network_number = models.CharField(max_length=14, blank=True)  # 网络身份标识, "" before it is verified
    name = models.CharField(max_length=200)
    initials = models.CharField(max_length=100, blank=True)  # of the name's pinyin, for search
    sound = models.CharField(max_length=200, blank=True)  # the name's pinyin, for de-duplication
    status = models.CharField(max_length=12, default=kinds.COLLECTED)
    home = models.CharField(max_length=2)  # the node that has charge of it: a province's two digits
    verified_by = models.CharField(
        max_length=2, blank=True
    )  # the node that asked the source; 00 has the last word
    verified_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)  # when a source answered last
    next_try_at = models.DateTimeField(null=True)  # when the worker asks (again); empty: nothing is due
    tries = models.PositiveSmallIntegerField(default=0)  # questions without an answer, since the last answer
    dispute_until = models.DateField(null=True)  # by when an officer decides
    version = models.PositiveIntegerField(default=1)
    person_id = models.UUIDField(null=True)  # identity's person, of a natural person who signs in
    collected_at = models.DateTimeField()
    cancelled_on = models.DateField(null=True)

    class Meta:
        db_table = "subjects_subject"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=list(kinds.KIND_NAMES)), name="subjects_subject_kind"
            ),
            models.CheckConstraint(
                condition=Q(status__in=list(kinds.STATUS_NAMES)), name="subjects_subject_status"
            ),
            models.CheckConstraint(
                condition=~Q(network_number="") | ~Q(status__in=[kinds.VERIFIED, kinds.DISPUTED]),
                name="subjects_subject_number_needed",
            ),
            models.UniqueConstraint(
                fields=["network_number"], condition=~Q(network_number=""), name="subjects_subject_number"
            ),
            models.UniqueConstraint(
                fields=["person_id"],
                condition=Q(person_id__isnull=False, status__in=sorted(kinds.LIVING)),
                name="subjects_subject_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], name="subjects_subject_due", condition=Q(next_try_at__isnull=False)
            ),
            models.Index(
                fields=["asked_at"], name="subjects_subject_asked", condition=Q(status=kinds.VERIFIED)
            ),
            models.Index(fields=["name"], name="subjects_subject_name", opclasses=["text_pattern_ops"]),
            models.Index(
                fields=["initials"], name="subjects_subject_initials", opclasses=["text_pattern_ops"]
            ),
            models.Index(fields=["sound"], name="subjects_subject_sound"),
        ]

    @property
    def is_person(self) -> bool:
        return self.kind in kinds.PEOPLE

    @property
    def is_living(self) -> bool:
        return self.status in kinds.LIVING


class SubjectVersion(models.Model):
    """
    What is known of a subject (主体版本) in ``[valid_from, valid_to)``, as it was on record in ``[recorded_at,
    superseded_at)``. Rows are superseded, never changed: both "what was so then" and "what did we know then" stay.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    body = EncryptedTextField()  # JSON: address, phone, representative_name, division …
    reason = models.CharField(max_length=40)  # collected, source, change, merge, cancel
    origin = models.CharField(max_length=120)  # source and its reference, load and row, or the actor
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "subjects_subject_version"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "number"],
                condition=Q(superseded_at__isnull=True),
                name="subjects_version_once",
            ),
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(superseded_at__isnull=True, valid_to__isnull=True),
                name="subjects_version_one_open",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="subjects_version_term",
            ),
        ]

    @property
    def particulars(self) -> dict[str, str]:
        """What is known besides the name."""
        found: dict[str, str] = json.loads(self.body or "{}")
        return found


def sealed_particulars(particulars: Mapping[str, str]) -> str:
    """Particulars as a version keeps them."""
    kept = {name: value for name, value in particulars.items() if value}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


class Credential(models.Model):
    """A number by which the world knows a subject (证件); sealed, found by its blind index, unique while it is held."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=14)
    number = EncryptedTextField()
    digest = models.CharField(max_length=64)
    is_held = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "subjects_credential"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "digest"],
                condition=Q(is_held=True),
                name="subjects_credential_once_in_the_nation",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=list(credentials.NAMES)), name="subjects_credential_kind"
            ),
        ]
        indexes = [models.Index(fields=["digest"], name="subjects_credential_digest")]

    @property
    def masked(self) -> str:
        return credentials.masked(kind=self.kind, number=self.number)


class NumberSeries(models.Model):
    """How far a series of network identity numbers was given out (标识序列)."""

    province = models.CharField(max_length=2)
    kind = models.CharField(max_length=14)
    issuer = models.CharField(max_length=1)
    last = models.BigIntegerField(default=0)

    class Meta:
        db_table = "subjects_number_series"
        constraints = [
            models.UniqueConstraint(fields=["province", "kind", "issuer"], name="subjects_number_series_once")
        ]
