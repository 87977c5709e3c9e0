"""Requests that were answered, so that the same request gets the first answer back."""

from django.db import models


class AnsweredRequest(models.Model):
    """A write that was done (受理记录): under which request id, with what content, to which result."""

    scope = models.CharField(max_length=20, blank=True)  # tax id of the list's owner, "" for the register
    request_id = models.CharField(max_length=64)
    action = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)  # SM3 of the content, hex
    result_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "registry_answered_request"
        constraints = [
            models.UniqueConstraint(fields=["scope", "request_id"], name="registry_answered_request_once"),
        ]
