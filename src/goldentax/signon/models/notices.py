"""What clients are told when a session ends."""

from django.db import models
from django.db.models import Q

from goldentax.kernel.ids import new_public_id
from goldentax.signon.models.clients import URI_LENGTH, Client


class LogoutNotice(models.Model):
    """One sign-out notice to one client (退出通知, back-channel logout): tried until taken or given up."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="notices")
    session_id = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)  # as this client knows the person
    issuer = models.CharField(max_length=URI_LENGTH)
    created_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)  # null: delivered or given up
    delivered_at = models.DateTimeField(null=True)
    gave_up_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=120, blank=True)  # of the last try: a status, or what went wrong

    class Meta:
        db_table = "signon_logout_notice"
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="signon_notice_due"
            ),
            models.Index(fields=["client", "created_at"], name="signon_notice_client"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["client", "session_id"], name="signon_notice_once"),
        ]
