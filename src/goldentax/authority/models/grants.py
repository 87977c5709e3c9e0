"""
Grants: who holds which post or function set, where, since when and until when, and the steps that led there.

A grant is asked for, decided, given, ended; each step is one row that is never edited. The moments at which it was
given and ended are written once (a trigger holds that), so that what could be done on a past day stays told.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from goldentax.authority.rules.grants import KINDS, STATES
from goldentax.kernel.ids import new_public_id


class Grant(models.Model):
    """A grant (授权): a post in an office (岗位) or a function set (功能集), asked for or in force."""

    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    person_id = models.UUIDField()  # who gets it
    kind = models.CharField(max_length=4)
    code = models.CharField(max_length=60)  # of the post or the set
    title = models.CharField(max_length=60, blank=True)  # 职务, for a post
    office_code = models.CharField(max_length=11)  # reaches this office and all below
    taxpayers = ArrayField(models.CharField(max_length=20), default=list)  # only these; none named: all
    fields = ArrayField(models.CharField(max_length=60), default=list)  # only these; none named: all
    scope_key = models.CharField(max_length=64, blank=True)  # digest of the two lists
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    state = models.CharField(max_length=9)
    reason = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=200, blank=True)  # of the decision or the end
    requested_by = models.UUIDField(null=True)  # nobody: the system
    requested_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    granted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120, blank=True)  # label of the actor
    revision = models.BigIntegerField(default=0)  # the version of the policy that last touched it

    class Meta:
        db_table = "authority_grant"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="authority_grant_kind"),
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="authority_grant_state"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="authority_grant_term",
            ),
            models.CheckConstraint(
                condition=Q(state="active", granted_at__isnull=False, ended_at__isnull=True)
                | Q(state="ended", granted_at__isnull=False, ended_at__gte=F("granted_at"))
                | (
                    Q(state__in=["requested", "refused", "withdrawn"])
                    & Q(granted_at__isnull=True, ended_at__isnull=True)
                ),
                name="authority_grant_moments",
            ),
            # Whoever asks for it or gets it decides nothing of it, whichever program writes here.
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | (
                    ~Q(decided_by=F("person_id"))
                    & (Q(requested_by__isnull=True) | ~Q(decided_by=F("requested_by")))
                ),
                name="authority_grant_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(requested_by__isnull=True)
                | ~Q(state__in=["active", "ended"])
                | Q(decided_by__isnull=False),
                name="authority_grant_decided",
            ),
            ExclusionConstraint(
                name="authority_grant_once",
                expressions=[
                    ("person_id", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    ("office_code", RangeOperators.EQUAL),
                    ("scope_key", RangeOperators.EQUAL),
                    (
                        Func(
                            "valid_from",
                            "valid_to",
                            Value("[)"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state__in=["requested", "active"]),
            ),
        ]
        indexes = [
            models.Index(fields=["person_id", "state"], name="authority_grant_person"),
            models.Index(
                fields=["code", "office_code"],
                name="authority_grant_holders",
                condition=Q(granted_at__isnull=False),
            ),
            models.Index(
                fields=["office_code", "id"], name="authority_grant_waiting", condition=Q(state="requested")
            ),
            models.Index(fields=["office_code", "state", "id"], name="authority_grant_office"),
            models.Index(fields=["revision"], name="authority_grant_revision"),
        ]


class GrantStep(models.Model):
    """One step of a grant (办理环节): who did what when, by which request."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="steps")
    action = models.CharField(max_length=10)  # request, appoint, approve, refuse, withdraw, end
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    request_id = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)  # SM3 of what was asked, hex
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "authority_grant_step"
        constraints = [
            models.UniqueConstraint(
                fields=["request_id"], condition=~Q(request_id=""), name="authority_grant_step_request"
            ),
        ]
