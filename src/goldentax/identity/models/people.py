"""People who sign in, their earlier passwords, and the codes by which they get a new one."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from goldentax.identity.rules import logins
from goldentax.kernel.crypto.fields import EncryptedTextField
from goldentax.kernel.ids import new_public_id


class People(BaseUserManager["Person"]):
    """Finds people by their login name, in whatever form it is typed; what is sealed of them is opened when asked."""

    def get_queryset(self) -> "models.QuerySet[Person]":
        return super().get_queryset().defer("id_card_number")

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(login=logins.normal_login(username or ""))


class Person(AbstractBaseUser):
    """A person (人员) who signs in: for themselves, for a taxpayer, or as an officer."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    login = models.CharField(max_length=64, unique=True)  # in its normal form
    name = models.CharField(max_length=80)
    id_card_number = EncryptedTextField(
        max_length=18, blank=True
    )  # shown whole to officers with a purpose only
    id_card_index = models.CharField(max_length=64, blank=True)  # the blind index beside it
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=2, default="zh")
    acting_for = models.CharField(max_length=20, blank=True, default="")  # the identity taken last
    password_changed_at = models.DateTimeField(null=True)
    password_fits_officers = models.BooleanField(default=False)  # it met their longer minimum when it was set
    second_factor_always = models.BooleanField(default=True)  # else only where the risk asks for it
    created_at = models.DateTimeField()
    request_id = models.CharField(max_length=64, blank=True)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = People()

    class Meta:
        db_table = "identity_person"
        indexes = [
            # Of patterns, so that it finds names by their beginning.
            models.Index(fields=["name"], name="identity_person_name", opclasses=["varchar_pattern_ops"])
        ]
        constraints = [
            models.CheckConstraint(condition=Q(language__in=("zh", "en")), name="identity_person_language"),
            models.UniqueConstraint(
                fields=["request_id"], condition=~Q(request_id=""), name="identity_person_request"
            ),
            models.UniqueConstraint(
                fields=["id_card_index"], condition=~Q(id_card_index=""), name="identity_person_id_card"
            ),
        ]

    @property
    def masked_id_card(self) -> str:
        return logins.masked_id_card(self.id_card_number)


class EarlierPassword(models.Model):
    """A password a person had before (历史密码), as its hash; it may not come back for a while."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="earlier_passwords")
    password = models.CharField(max_length=128)
    ended_at = models.DateTimeField()

    class Meta:
        db_table = "identity_earlier_password"
        indexes = [models.Index(fields=["person", "ended_at"], name="identity_earlier_password_of")]


class ActivationCode(models.Model):
    """A code (激活码) that an officer hands to a person, who sets a password with it, once; only its hash is kept."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="activation_codes")
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=120)  # as audit names the actor
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # used, or followed by another
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "identity_activation_code"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at__isnull=True), name="identity_activation_code_one"
            ),
            models.UniqueConstraint(
                fields=["request_id"], condition=~Q(request_id=""), name="identity_activation_code_request"
            ),
        ]
