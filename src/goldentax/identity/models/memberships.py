"""Whom people act for: their duties for taxpayers, and since when the record says so."""

from datetime import date, datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from goldentax.identity.models.people import Person
from goldentax.kernel.clock import CHINA
from goldentax.kernel.ids import new_public_id


def _days() -> Func:
    """The days of a term as a PostgreSQL range, for the constraint that terms do not overlap."""
    return Func("valid_from", "valid_to", RangeBoundary(), function="DATERANGE")


def valid_on(day: date) -> Q:
    """The condition that a term ``[valid_from, valid_to)`` holds on a business day."""
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def held_at(moment: datetime) -> Q:
    """
    The condition that a membership opened doors at a moment, past or present, by what was on record then.

    One that was ended early held until it was ended, on its last day too; one that was written down later did not
    hold before, whatever term it names.
    """
    day = moment.astimezone(CHINA).date()
    not_over = Q(valid_to__isnull=True) | Q(valid_to__gt=day) | Q(ended_at__gt=moment)
    return Q(valid_from__lte=day, granted_at__lte=moment) & not_over


class Membership(models.Model):
    """
    A person's duty for a taxpayer (办税授权) in a term.

    It ends, it is not deleted: who could act on a past day is read from it for ever (:func:`held_at`).
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    taxpayer_public_id = models.UUIDField()
    tax_id = models.CharField(max_length=20)
    taxpayer_name = models.CharField(max_length=200, blank=True)  # a copy, for the identity switch
    duty = models.CharField(max_length=2)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=120)  # as audit names the actor
    ended_at = models.DateTimeField(null=True)  # the moment somebody ended it before its term
    ended_by = models.CharField(max_length=120, blank=True)
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


class MembershipVersion(models.Model):
    """One row that every grant and every end counts up, so that others see at a glance whether anything changed."""

    number = models.BigIntegerField(default=0)

    class Meta:
        db_table = "identity_membership_version"

    @classmethod
    def count_up(cls) -> None:
        """Count one change, in the transaction that makes it."""
        cls.objects.get_or_create(pk=1)
        cls.objects.filter(pk=1).update(number=F("number") + 1)
