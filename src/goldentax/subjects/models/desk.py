"""What lies on the desk of registration: drafts, questions that are counted, requests that were answered."""

import json

from django.db import models

from goldentax.kernel.crypto.fields import EncryptedTextField


class Draft(models.Model):
    """What somebody typed and has not finished (草稿); one for each person and purpose."""

    person_id = models.UUIDField()
    purpose = models.CharField(max_length=20)
    body = EncryptedTextField()  # JSON
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "subjects_draft"
        constraints = [models.UniqueConstraint(fields=["person_id", "purpose"], name="subjects_draft_once")]

    @property
    def values(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.body or "{}")
        return found


class Question(models.Model):
    """One question that is counted (查询计数), by who asked: a keyed hash of a network or a person."""

    purpose = models.CharField(max_length=20)
    asker = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table = "subjects_question"
        indexes = [models.Index(fields=["purpose", "asker", "at"], name="subjects_question_asker")]


class AnsweredRequest(models.Model):
    """A write that was done (受理记录): under which request id, with what content, to which result."""

    scope = models.CharField(max_length=40, blank=True)  # who asked: a person or program, "" for the system
    request_id = models.CharField(max_length=64)
    action = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)  # SM3 of the content, hex
    result_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "subjects_answered_request"
        constraints = [
            models.UniqueConstraint(fields=["scope", "request_id"], name="subjects_answered_request_once")
        ]
