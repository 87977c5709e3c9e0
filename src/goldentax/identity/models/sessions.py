"""Sessions on the web, and attempts to sign in."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from goldentax.identity.models.people import Person
from goldentax.kernel.ids import new_public_id

METHOD_LENGTH_MAX = 20


class UserSession(models.Model):
    """
    One stay of a person on the web (登录会话), from the sign-in to its end; it ends, it is not deleted.

    Django's session, which the cookie names, holds a secret; here stands its hash only. Both the cookie's key and the
    secret change whenever what the session may do changes. ``assurance`` is what the sign-in proved,
    ``raised_assurance`` what was proved later, for a while.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sessions")
    key_digest = models.CharField(max_length=64, unique=True)
    device_digest = models.CharField(max_length=64, blank=True)  # "" once the device is forgotten
    network = models.CharField(max_length=43)
    user_agent = models.CharField(max_length=80, blank=True)  # a summary: browser and system
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # to about a minute
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=20, blank=True)
    assurance = models.PositiveSmallIntegerField()
    raised_assurance = models.PositiveSmallIntegerField(default=0)
    raised_until = models.DateTimeField(null=True)
    methods = ArrayField(models.CharField(max_length=METHOD_LENGTH_MAX))
    acting_for = models.CharField(max_length=20, blank=True)

    class Meta:
        db_table = "identity_session"
        indexes = [
            models.Index(
                fields=["person", "started_at"],
                condition=Q(ended_at__isnull=True),
                name="identity_session_open",
            ),
            models.Index(
                fields=["person", "device_digest"],
                condition=~Q(device_digest=""),
                name="identity_session_device",
            ),
            models.Index(
                fields=["seen_at"], condition=Q(ended_at__isnull=True), name="identity_session_seen"
            ),
            models.Index(fields=["device_digest"], name="identity_session_digest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="")
                | (Q(ended_at__gte=F("started_at")) & ~Q(end_reason="")),
                name="identity_session_end",
            ),
            models.CheckConstraint(condition=Q(assurance__range=(1, 3)), name="identity_session_assurance"),
        ]


class SignInAttempt(models.Model):
    """One attempt to sign in (登录尝试); only a keyed hash of the login: people type passwords there."""

    login_digest = models.CharField(max_length=64)
    network = models.CharField(max_length=43)
    device_digest = models.CharField(
        max_length=64, blank=True
    )  # only of a device that signed in as this login
    at = models.DateTimeField()
    has_failed = models.BooleanField(default=True)

    class Meta:
        db_table = "identity_sign_in_attempt"
        indexes = [
            models.Index(fields=["network", "at"], name="identity_attempt_network"),
            models.Index(fields=["login_digest", "at"], name="identity_attempt_login"),
            models.Index(fields=["at"], name="identity_attempt_at"),
        ]
