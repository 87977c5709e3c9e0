"""Clients, and how they prove who they are."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from goldentax.kernel.ids import new_public_id
from goldentax.kernel.text import Text
from goldentax.signon.rules import jose, kinds

URI_LENGTH = 500


class Client(models.Model):
    """A program that lets people sign in here (接入应用): a portal of ours, an outside system, a native app."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    client_id = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    kind = models.CharField(max_length=8)
    owner_kind = models.CharField(max_length=8)
    owner_code = models.CharField(max_length=20)  # a tax id or the code of an office
    owner_name = models.CharField(max_length=200)
    auth_method = models.CharField(max_length=20)
    public_keys = models.JSONField(default=dict)  # a JWK set, for private_key_jwt
    redirect_uris = ArrayField(models.CharField(max_length=URI_LENGTH))
    post_logout_uris = ArrayField(models.CharField(max_length=URI_LENGTH), default=list)
    back_channel_uri = models.CharField(max_length=URI_LENGTH, blank=True)
    id_token_alg = models.CharField(max_length=8, default=jose.ES256)
    scopes = ArrayField(models.CharField(max_length=40))
    sector = models.CharField(max_length=253)  # clients of one sector get the same identifier of a person
    resource_uri = models.CharField(max_length=URI_LENGTH, blank=True)  # what it is called as a resource
    resources = ArrayField(models.CharField(max_length=URI_LENGTH), default=list)  # which it may ask for
    created_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "signon_client"
        indexes = [models.Index(fields=["owner_code"], name="signon_client_owner")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=tuple(kinds.KINDS)), name="signon_client_kind"),
            models.CheckConstraint(
                condition=Q(auth_method__in=tuple(kinds.AUTH_METHODS)), name="signon_client_auth_method"
            ),
            models.CheckConstraint(
                condition=Q(kind=kinds.NATIVE, auth_method=kinds.NONE)
                | (~Q(kind=kinds.NATIVE) & ~Q(auth_method=kinds.NONE)),
                name="signon_client_proof",
            ),
            models.CheckConstraint(
                condition=Q(id_token_alg__in=jose.ALGORITHMS), name="signon_client_algorithm"
            ),
            models.UniqueConstraint(
                fields=["resource_uri"], condition=~Q(resource_uri=""), name="signon_client_resource"
            ),
            models.UniqueConstraint(
                fields=["request_id"], condition=~Q(request_id=""), name="signon_client_request"
            ),
        ]

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)

    @property
    def is_ours(self) -> bool:
        """Whether the client is a portal of ours: it asks nobody for consent and knows people by their public id."""
        return self.kind == kinds.PORTAL


class ClientSecret(models.Model):
    """A secret of a client; only its hash is kept. Two may work at once, while the client changes over."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="secrets")
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "signon_client_secret"
        constraints = [
            models.UniqueConstraint(
                fields=["request_id"], condition=~Q(request_id=""), name="signon_client_secret_request"
            ),
        ]


class UsedAssertion(models.Model):
    """The number of a signed assertion that a client has used; it proves nothing a second time."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "signon_used_assertion"
        constraints = [
            models.UniqueConstraint(fields=["client", "digest"], name="signon_used_assertion_once"),
        ]
