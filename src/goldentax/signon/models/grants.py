"""What people agreed to, and what clients hold by it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from goldentax.kernel.ids import new_public_id
from goldentax.signon.models.clients import URI_LENGTH, Client

SCOPE_LENGTH = 40
IDENTITY_LENGTH = 20


class Consent(models.Model):
    """A person agreed (同意) that a client learns and does these things, in one identity; until withdrawn."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="consents")
    person_id = models.UUIDField()
    person_name = models.CharField(max_length=80)  # a copy, for the taxpayer's administrator
    acting_for = models.CharField(max_length=IDENTITY_LENGTH, blank=True)
    scopes = ArrayField(models.CharField(max_length=SCOPE_LENGTH))
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "signon_consent"
        indexes = [
            models.Index(fields=["person_id"], name="signon_consent_person"),
            models.Index(fields=["acting_for"], name="signon_consent_identity"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "person_id", "acting_for"],
                condition=Q(withdrawn_at__isnull=True),
                name="signon_consent_one",
            ),
        ]


class Grant(models.Model):
    """
    One sign-in of a person at a client (授权): its code, tokens and their ends hang on it.

    All refresh tokens of a grant are one family: when a used one comes again, the grant ends.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="grants")
    person_id = models.UUIDField()
    session_id = models.CharField(max_length=40)  # public id of the web session
    acting_for = models.CharField(max_length=IDENTITY_LENGTH, blank=True)
    scopes = ArrayField(models.CharField(max_length=SCOPE_LENGTH))
    resource = models.CharField(max_length=URI_LENGTH, blank=True)  # "" for this node
    issuer = models.CharField(max_length=URI_LENGTH)
    nonce = models.CharField(max_length=255, blank=True)
    assurance = models.PositiveSmallIntegerField()
    methods = ArrayField(models.CharField(max_length=20))
    signed_in_at = models.DateTimeField()
    is_offline = models.BooleanField()
    ticket_id = models.CharField(max_length=40, unique=True)  # of the request; a request is answered once
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    session_ended_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=24, blank=True)

    class Meta:
        db_table = "signon_grant"
        indexes = [
            models.Index(
                fields=["session_id"],
                condition=Q(session_ended_at__isnull=True),
                name="signon_grant_session",
            ),
            models.Index(fields=["client", "created_at"], name="signon_grant_client"),
            models.Index(
                fields=["person_id", "client"], condition=Q(ended_at__isnull=True), name="signon_grant_open"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="")
                | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="signon_grant_end",
            ),
        ]


class Code(models.Model):
    """An authorization code (授权码): lives a minute, is exchanged once."""

    grant = models.OneToOneField(Grant, on_delete=models.CASCADE, related_name="code")
    digest = models.CharField(max_length=64, unique=True)
    redirect_uri = models.CharField(max_length=URI_LENGTH)
    challenge = models.CharField(max_length=43)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signon_code"


class AccessToken(models.Model):
    """An access token (访问令牌); only its hash is kept."""

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="access_tokens")
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=SCOPE_LENGTH))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signon_access_token"


class RefreshToken(models.Model):
    """A refresh token (刷新令牌), exchanged once for its successor; only its hash is kept."""

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="refresh_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signon_refresh_token"
