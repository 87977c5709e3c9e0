"""What is observed at the doors and how it was judged. People are named by their public ids; no secret is kept."""

from django.db import models


class SignIn(models.Model):
    """One attempt to sign in (登录记录), as far as habits and attacks are judged by it."""

    person_id = models.CharField(max_length=36, blank=True)  # "" where nobody has this login name
    login_digest = models.CharField(
        max_length=64
    )  # keyed by identity; the login name itself is not kept here
    network = models.CharField(max_length=64)
    device = models.CharField(max_length=64, blank=True)  # SM3 of the device's secret
    method = models.CharField(max_length=24)
    at = models.DateTimeField()
    has_succeeded = models.BooleanField()

    class Meta:
        db_table = "oversight_sign_in"
        indexes = [
            models.Index(fields=["person_id", "at"], name="oversight_sign_in_person"),
            models.Index(
                fields=["network", "at"],
                name="oversight_sign_in_network",
                condition=models.Q(has_succeeded=False),
            ),
            models.Index(
                fields=["login_digest", "at"],
                name="oversight_sign_in_login",
                condition=models.Q(has_succeeded=False),
            ),
        ]


class Device(models.Model):
    """A device a person has signed in from (已知设备), until they forget it."""

    public_id = models.UUIDField(unique=True)
    person_id = models.CharField(max_length=36)
    device = models.CharField(max_length=64)  # SM3 of the device's secret
    user_agent = models.CharField(max_length=200, blank=True)  # as the browser calls itself
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    last_network = models.CharField(max_length=64)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "oversight_device"
        constraints = [
            models.UniqueConstraint(fields=["person_id", "device"], name="oversight_device_once"),
        ]


class Assessment(models.Model):
    """One judgement (风险评估): what was judged, the score, the verdict and its reasons. Never changed."""

    public_id = models.UUIDField(unique=True)
    kind = models.CharField(max_length=12)  # sign_in, look, privileged, alarm
    person_id = models.CharField(max_length=36)
    network = models.CharField(max_length=64, blank=True)
    device = models.CharField(max_length=64, blank=True)
    function = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    score = models.SmallIntegerField()
    verdict = models.CharField(max_length=8)
    reasons = models.JSONField(default=list)  # [{code, weight, zh, en}]

    class Meta:
        db_table = "oversight_assessment"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score__gte=0, score__lte=100), name="oversight_assessment_score"
            ),
            models.CheckConstraint(
                condition=models.Q(verdict__in=("allow", "warn", "step_up", "block")),
                name="oversight_assessment_verdict",
            ),
        ]
        indexes = [models.Index(fields=["person_id", "at"], name="oversight_assessment_person")]


class Case(models.Model):
    """A judgement that a person of the audit looks into (风险事项): open, then handled with a note, once."""

    public_id = models.UUIDField(unique=True)
    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="case")
    person_id = models.CharField(max_length=36)
    opened_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    handled_by = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=12, blank=True)  # harmless, misuse, attack
    note = models.CharField(max_length=1000, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "oversight_case"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(handled_at__isnull=True, outcome="", handled_by="")
                | models.Q(handled_at__isnull=False, outcome__in=("harmless", "misuse", "attack"))
                & ~models.Q(handled_by="")
                & ~models.Q(note=""),
                name="oversight_case_handled_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["opened_at", "id"], name="oversight_case_opened"),
            models.Index(
                fields=["opened_at", "id"],
                name="oversight_case_waiting",
                condition=models.Q(handled_at__isnull=True),
            ),
        ]


class LookHour(models.Model):
    """How many people's data somebody looked at in one hour (查看个人信息计数)."""

    person_id = models.CharField(max_length=36)
    hour = models.DateTimeField()
    looks = models.IntegerField()

    class Meta:
        db_table = "oversight_look_hour"
        constraints = [
            models.UniqueConstraint(fields=["person_id", "hour"], name="oversight_look_hour_once"),
        ]
        indexes = [models.Index(fields=["hour"], name="oversight_look_hour_hour")]


class PeerMeasure(models.Model):
    """The colleagues' usual number of looks in an hour (同事查看中位数), measured from time to time."""

    at = models.DateTimeField(unique=True)
    people = models.IntegerField()
    hours = models.IntegerField()
    median = models.DecimalField(max_digits=12, decimal_places=2)
    spread = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        db_table = "oversight_peer_measure"


class FunctionUse(models.Model):
    """When a person first and last used a privileged function (特权功能使用), and how often."""

    person_id = models.CharField(max_length=36)
    function = models.CharField(max_length=80)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    uses = models.IntegerField()

    class Meta:
        db_table = "oversight_function_use"
        constraints = [
            models.UniqueConstraint(fields=["person_id", "function"], name="oversight_function_use_once"),
        ]
