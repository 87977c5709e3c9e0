"""The version of everything that decides: one row, changed in every transaction that changes a grant or an office."""

from django.db import models


class PolicyVersion(models.Model):
    """
    The version of the policy (策略版本), one row.

    Whoever changes the policy changes this row first and so waits for others who do. Versions are counted without a
    gap in the order of their commits: a process that knows version *n* misses exactly the rows of a higher revision.
    """

    version = models.BigIntegerField()
    stamp = (
        models.UUIDField()
    )  # of this very change: a version that was rolled back and taken again has another
    epoch = models.UUIDField()  # of this row: a database that began anew has another
    offices_version = models.BigIntegerField(default=0)  # the version at which an office was last added

    class Meta:
        db_table = "authority_policy_version"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="authority_policy_one_row")]
