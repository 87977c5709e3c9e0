"""Relations between subjects with their terms, and invitations into them."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from goldentax.kernel.crypto.fields import EncryptedTextField
from goldentax.kernel.ids import new_public_id
from goldentax.subjects.models.subjects import Subject
from goldentax.subjects.rules import invitations


def valid_on(day: date) -> Q:
    """The condition that a term ``[valid_from, valid_to)`` holds on a day."""
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


class Relation(models.Model):
    """
    One subject stands in a relation to another (主体关系) in ``[valid_from, valid_to)``.

    A relation that confers a duty points at identity's membership, which is the power; here is only the fact. It is
    ended, not deleted.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    from_subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="relations_out")
    to_subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="relations_in")
    kind = models.CharField(max_length=12)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    membership_id = models.UUIDField(null=True)  # identity's membership, where the relation confers a duty
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "subjects_relation"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="subjects_relation_term",
            ),
            models.CheckConstraint(condition=~Q(from_subject=F("to_subject")), name="subjects_relation_two"),
            ExclusionConstraint(
                name="subjects_relation_once",
                expressions=[
                    (F("from_subject"), RangeOperators.EQUAL),
                    (F("to_subject"), RangeOperators.EQUAL),
                    (F("kind"), RangeOperators.EQUAL),
                    (
                        Func("valid_from", "valid_to", RangeBoundary(), function="DATERANGE"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [models.Index(fields=["membership_id"], name="subjects_relation_membership")]


class Invitation(models.Model):
    """An invitation (邀请) to act for a taxpayer in a duty; its code is kept as a digest and good once."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    tax_id = models.CharField(max_length=20)
    taxpayer_public_id = models.UUIDField()
    taxpayer_name = models.CharField(max_length=200, blank=True)
    duty = models.CharField(max_length=2)
    valid_from = models.DateField()
    valid_to = models.DateField()
    invitee_name = models.CharField(max_length=80)
    invitee_tail = EncryptedTextField()  # the last characters of the person's card
    invitee_login = models.CharField(
        max_length=64, blank=True
    )  # in its normal form; "" where only the code is given
    code_digest = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, default=invitations.OPEN)
    tries = models.PositiveSmallIntegerField(default=0)
    invited_by = models.UUIDField()  # identity's person
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    accepted_by = models.UUIDField(null=True)
    relation = models.ForeignKey(Relation, on_delete=models.PROTECT, null=True, related_name="invitations")

    class Meta:
        db_table = "subjects_invitation"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=invitations.STATES), name="subjects_invitation_state"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("valid_from")), name="subjects_invitation_term"
            ),
        ]
        indexes = [
            models.Index(fields=["tax_id", "invited_at"], name="subjects_invitation_taxpayer"),
            models.Index(
                fields=["invitee_login"],
                name="subjects_invitation_login",
                condition=Q(state=invitations.OPEN) & ~Q(invitee_login=""),
            ),
        ]
