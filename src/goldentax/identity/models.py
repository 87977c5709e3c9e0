"""Tables of identity: people, whom they act for, officers' posts, API tokens, attempts to sign in."""

from datetime import date
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from goldentax.identity.rules import logins
from goldentax.kernel.ids import new_public_id


class People(BaseUserManager["Person"]):
    """Finds people by their login name, in whatever form it is typed."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(login=logins.normal_login(username or ""))


class Person(AbstractBaseUser):
    """A person (人员) who signs in: for themselves, for a taxpayer, or as an officer."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    login = models.CharField(max_length=64, unique=True)  # in its normal form
    name = models.CharField(max_length=80)
    id_card_number = models.CharField(max_length=18, blank=True)  # never shown whole
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=2, default="zh")
    acting_for = models.CharField(max_length=20, blank=True, default="")  # the identity taken last
    created_at = models.DateTimeField()
    request_id = models.CharField(max_length=64, blank=True)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = People()

    class Meta:
        db_table = "identity_person"
        constraints = [
            models.CheckConstraint(condition=Q(language__in=("zh", "en")), name="identity_person_language"),
            models.UniqueConstraint(
                fields=["request_id"], condition=~Q(request_id=""), name="identity_person_request"
            ),
        ]

    @property
    def masked_id_card(self) -> str:
        return logins.masked_id_card(self.id_card_number)


def _days() -> Func:
    """The days of a term as a PostgreSQL range, for the constraint that terms do not overlap."""
    return Func("valid_from", "valid_to", RangeBoundary(), function="DATERANGE")


def valid_on(day: date) -> Q:
    """The condition that a term ``[valid_from, valid_to)`` holds on a business day."""
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


class Membership(models.Model):
    """A person's duty for a taxpayer (办税授权) in a term; it ends, it is not deleted."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    taxpayer_public_id = models.UUIDField()
    tax_id = models.CharField(max_length=20)
    taxpayer_name = models.CharField(max_length=200, blank=True)  # a copy, for the identity switch
    duty = models.CharField(max_length=2)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "identity_membership"
        indexes = [models.Index(fields=["tax_id"], name="identity_membership_taxpayer")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="identity_membership_term",
            ),
            models.UniqueConstraint(
                fields=["request_id"], condition=~Q(request_id=""), name="identity_membership_request"
            ),
            ExclusionConstraint(
                name="identity_membership_once",
                expressions=[
                    (F("person"), RangeOperators.EQUAL),
                    (F("tax_id"), RangeOperators.EQUAL),
                    (F("duty"), RangeOperators.EQUAL),
                    (_days(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class OfficerPost(models.Model):
    """An officer's post in a tax office (税务人员岗位) in a term."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="posts")
    office_code = models.CharField(max_length=11)
    office_name = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=80)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "identity_officer_post"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="identity_officer_post_term",
            ),
            models.UniqueConstraint(
                fields=["request_id"], condition=~Q(request_id=""), name="identity_officer_post_request"
            ),
        ]


class ApiToken(models.Model):
    """A token (接口令牌) by which a person's program acts for one taxpayer; only its hash is kept."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=12)  # what is shown to tell tokens apart
    label = models.CharField(max_length=60)
    tax_id = models.CharField(max_length=20)
    taxpayer_public_id = models.UUIDField()
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
        ]


class SignInAttempt(models.Model):
    """One attempt to sign in (登录尝试); only a keyed hash of the login: people type passwords there."""

    login_digest = models.CharField(max_length=64)
    network = models.CharField(max_length=43)
    at = models.DateTimeField()
    has_failed = models.BooleanField(default=True)

    class Meta:
        db_table = "identity_sign_in_attempt"
        indexes = [
            models.Index(fields=["network", "at"], name="identity_attempt_network"),
            models.Index(fields=["login_digest", "network", "at"], name="identity_attempt_login"),
            models.Index(fields=["at"], name="identity_attempt_at"),
        ]
