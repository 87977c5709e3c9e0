"""What sources were asked and answered; and the local source of a world that is not connected to real ones."""

from django.db import models
from django.db.models import Q

from goldentax.kernel.crypto.fields import EncryptedTextField
from goldentax.subjects.models.subjects import Subject
from goldentax.subjects.rules import sources


class Check(models.Model):
    """One question to a source about a subject, and its answer (核验记录)."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="checks")
    source = models.CharField(max_length=20)
    verdict = models.CharField(max_length=10)
    fields = models.JSONField(default=list)  # names of the claims that are wrong, never their values
    reference = models.CharField(max_length=60, blank=True)
    actor = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        db_table = "subjects_check"
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=sources.ANSWERS), name="subjects_check_verdict")
        ]
        indexes = [models.Index(fields=["subject", "at"], name="subjects_check_subject")]


class LocalRecord(models.Model):
    """One invented record of a local source (本地数据源): what a real source would have on record."""

    source = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)  # blind index of the number
    body = EncryptedTextField()  # JSON by the names of sources.FIELD_NAMES and PUBLIC_FACTS
    is_slow = models.BooleanField(default=False)  # does not answer in time, for whoever asks

    class Meta:
        db_table = "subjects_local_record"
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="subjects_local_record_once")
        ]


class LocalSource(models.Model):
    """Whether a local source is switched away (数据源开关), as a real one is down on a Sunday."""

    source = models.CharField(max_length=20, unique=True)
    is_away = models.BooleanField(default=False)

    class Meta:
        db_table = "subjects_local_source"
