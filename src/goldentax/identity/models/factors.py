"""
Tables of the factors people sign in with: authenticators, recovery codes, passkeys, mobile numbers, and what was asked
of them.

Secrets and numbers are sealed at rest; codes and tickets are kept as digests only. A factor is removed, not deleted.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from goldentax.identity.models.people import Person
from goldentax.kernel.crypto.fields import EncryptedTextField
from goldentax.kernel.ids import new_public_id

NAME_LENGTH_MAX = 40
DIGEST = 64  # hexadecimal digits of a digest of 256 bits


class Authenticator(models.Model):
    """An authenticator app (验证器) of a person; at most one is set up, and one waits to be confirmed."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="authenticators")
    secret = EncryptedTextField(max_length=64)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(null=True)  # of the last code taken: it and all before are used up
    last_used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_authenticator"
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(removed_at__isnull=True, confirmed_at__isnull=False),
                name="identity_authenticator_one",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(removed_at__isnull=True, confirmed_at__isnull=True),
                name="identity_authenticator_waiting",
            ),
        ]


class RecoveryCode(models.Model):
    """One recovery code (恢复码) of a person's list; used once."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="recovery_codes")
    list_id = models.UUIDField()  # public id of the list
    digest = models.CharField(max_length=DIGEST, unique=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)  # a new list takes the place of the old one
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "identity_recovery_code"
        indexes = [models.Index(fields=["person", "list_id"], name="identity_recovery_list")]


class Passkey(models.Model):
    """A passkey (通行密钥) of a person: a key pair in a device, of which we keep the public half."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="passkeys")
    name = models.CharField(max_length=NAME_LENGTH_MAX)
    credential_id = models.BinaryField()
    credential_digest = models.CharField(max_length=DIGEST, unique=True)  # a credential id may be 1,023 bytes
    public_key = models.BinaryField()  # COSE
    sign_count = models.BigIntegerField()
    model_id = models.CharField(max_length=36, blank=True)  # AAGUID
    transports = ArrayField(models.CharField(max_length=20), default=list)
    is_backed_up = models.BooleanField()  # a copy lies with the maker of the device
    rp_id = models.CharField(max_length=253)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_passkey"
        indexes = [
            models.Index(
                fields=["person"], condition=Q(removed_at__isnull=True), name="identity_passkey_of_person"
            )
        ]


class MobileNumber(models.Model):
    """A mobile number (手机号) that a person proved to hold; one number, one person."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mobile_numbers")
    number = EncryptedTextField(max_length=11)
    number_index = models.CharField(max_length=DIGEST)
    masked = models.CharField(max_length=11)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_mobile_number"
        constraints = [
            models.UniqueConstraint(
                fields=["number_index"],
                condition=Q(removed_at__isnull=True),
                name="identity_mobile_one_person",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(removed_at__isnull=True), name="identity_mobile_one_number"
            ),
        ]


class SmsCode(models.Model):
    """One code by SMS (短信验证码), asked for in one browser for one purpose; to an unknown number, none leaves."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    purpose = models.CharField(max_length=10)
    binding_digest = models.CharField(max_length=DIGEST)
    number_index = models.CharField(max_length=DIGEST)
    number = EncryptedTextField(max_length=11)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    digest = models.CharField(max_length=DIGEST)
    network = models.CharField(max_length=43)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_sms_code"
        indexes = [
            models.Index(fields=["number_index", "created_at"], name="identity_sms_number"),
            models.Index(fields=["network", "created_at"], name="identity_sms_network"),
            models.Index(fields=["binding_digest", "purpose", "created_at"], name="identity_sms_binding"),
        ]


class SmsMessage(models.Model):
    """A message (短信) that waits for its provider; the worker sends it, so a page tells nothing by its speed."""

    WAITING, SENT, FAILED, NOBODY = "waiting", "sent", "failed", "nobody"

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    provider = models.CharField(max_length=20)
    number = EncryptedTextField(max_length=11)
    text = EncryptedTextField(max_length=200)
    state = models.CharField(max_length=8, default=WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_sms_message"
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="waiting"), name="identity_sms_waiting")
        ]


class OutboxSms(models.Model):
    """A message that the built-in provider keeps instead of sending it (演示短信箱); shown in a demo world only."""

    number = EncryptedTextField(max_length=11)
    text = EncryptedTextField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        db_table = "identity_outbox_sms"


class FactorChallenge(models.Model):
    """What a passkey, certificate or face provider was asked (挑战), by one browser for one purpose; answered once."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    method = models.CharField(max_length=16)
    purpose = models.CharField(max_length=10)
    binding_digest = models.CharField(max_length=DIGEST)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    asked = models.TextField()  # the text or nonce to sign; of a face provider: its own reference
    network = models.CharField(max_length=43)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_factor_challenge"
        indexes = [
            models.Index(
                fields=["binding_digest", "method", "created_at"], name="identity_challenge_binding"
            ),
            models.Index(fields=["network", "created_at"], name="identity_challenge_network"),
        ]


class ScanTicket(models.Model):
    """A ticket (扫码票据) by which a phone that is signed in signs in one desk; good for minutes, once."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    digest = models.CharField(max_length=DIGEST, unique=True)
    purpose = models.CharField(max_length=10)
    binding_digest = models.CharField(max_length=DIGEST)
    match_number = models.CharField(max_length=2)
    network = models.CharField(max_length=43)
    user_agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    refused_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    assurance = models.PositiveSmallIntegerField(default=0)  # of the phone's session, capped
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_scan_ticket"
        indexes = [
            models.Index(fields=["binding_digest", "created_at"], name="identity_scan_binding"),
            models.Index(fields=["network", "created_at"], name="identity_scan_network"),
        ]


class FactorAttempt(models.Model):
    """One try of a person's factor (验证尝试), counted before it is looked at."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    method = models.CharField(max_length=16)
    network = models.CharField(max_length=43)
    at = models.DateTimeField()
    has_failed = models.BooleanField(default=True)

    class Meta:
        db_table = "identity_factor_attempt"
        indexes = [models.Index(fields=["person", "method", "at"], name="identity_factor_attempt_at")]
