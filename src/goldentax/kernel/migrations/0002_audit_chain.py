"""
The audit trail is made ready for sealing: each row knows its kind and the transaction that wrote it.

Every row that was there before counts as written by this migration, in the order of its id.
"""

from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform

# The count of transactions of the whole cluster. A database that is restored from a dump into another cluster goes on
# from that cluster's count, which may be behind; then this number is replaced ("goldentax audit continue").
OFFSET = """
CREATE FUNCTION kernel_audit_offset() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT 0::bigint $$
"""
TRANSACTION = """
CREATE FUNCTION kernel_audit_tx() RETURNS bigint LANGUAGE sql STABLE
AS $$ SELECT pg_current_xact_id()::text::bigint + kernel_audit_offset() $$
"""
# All transactions below the horizon that could add a row have ended. Those that run in another database of the cluster
# cannot, so another node's long load does not hold up this node's trail; one whose database is not told counts.
HORIZON = """
CREATE FUNCTION kernel_audit_horizon() RETURNS bigint LANGUAGE sql VOLATILE AS $$
WITH taken AS MATERIALIZED (
    SELECT pg_current_snapshot() AS snapshot, pg_current_xact_id_if_assigned()::text::bigint AS own
), running AS MATERIALIZED (
    SELECT xid::text::bigint AS tx FROM taken, pg_snapshot_xip(snapshot) AS xid
), elsewhere AS (
    SELECT held.transactionid::text::bigint AS short
    FROM pg_locks AS held JOIN pg_stat_activity AS session ON session.pid = held.pid
    WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.granted
      AND session.datname <> current_database() AND EXISTS (SELECT FROM running)
)
SELECT least(
    (SELECT pg_snapshot_xmax(snapshot)::text::bigint FROM taken),
    (SELECT own FROM taken),
    (SELECT min(tx) FROM running WHERE tx % 4294967296 NOT IN (SELECT short FROM elsewhere))
) + kernel_audit_offset()
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0001_first'),
    ]

    operations = [
        migrations.RunSQL(OFFSET, "DROP FUNCTION kernel_audit_offset()"),
        migrations.RunSQL(TRANSACTION, "DROP FUNCTION kernel_audit_tx()"),
        migrations.RunSQL(HORIZON, "DROP FUNCTION kernel_audit_horizon()"),
        migrations.AddField(
            model_name='auditentry',
            name='category',
            field=models.CharField(db_default='change', default='change', max_length=12),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='tx',
            field=models.BigIntegerField(db_default=models.Func(function='kernel_audit_tx'), editable=False),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='at',
            field=models.DateTimeField(),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(models.OrderBy(models.F('at'), nulls_first=True), name='kernel_audit_at'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['action', 'at'], name='kernel_audit_action'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(condition=models.Q(('category', 'change'), _negated=True), fields=['category', 'at'], name='kernel_audit_kept'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(condition=models.Q(('request_id', ''), _negated=True), fields=['request_id'], name='kernel_audit_request'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['tx', 'id'], name='kernel_audit_tx_id'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(KeyTextTransform('person', 'detail'), models.F('at'), condition=models.Q(('category', 'grant')), name='kernel_audit_given'),
        ),
        migrations.AddConstraint(
            model_name='auditentry',
            constraint=models.CheckConstraint(condition=models.Q(('category__in', ('change', 'sign_in', 'grant', 'look', 'privileged'))), name='kernel_audit_category_known'),
        ),
    ]
