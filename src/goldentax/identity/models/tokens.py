"""API tokens."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from goldentax.identity.models.people import Person
from goldentax.kernel.ids import new_public_id


class ApiToken(models.Model):
    """A token (接口令牌) by which a person's program acts for one taxpayer, or one office; only its hash is kept."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=12)  # what is shown to tell tokens apart
    label = models.CharField(max_length=60)
    tax_id = models.CharField(max_length=20, blank=True)  # "" where it acts for an office
    taxpayer_public_id = models.UUIDField(null=True)
    office_code = models.CharField(max_length=11, blank=True, default="", db_default="")
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)  # to about ten minutes
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "identity_api_token"
        constraints = [
            models.UniqueConstraint(
                fields=["request_id"], condition=~Q(request_id=""), name="identity_api_token_request"
            ),
            models.CheckConstraint(
                condition=Q(office_code="", taxpayer_public_id__isnull=False) & ~Q(tax_id="")
                | ~Q(office_code="") & Q(tax_id="", taxpayer_public_id__isnull=True),
                name="identity_api_token_acts_for_one",
            ),
        ]
