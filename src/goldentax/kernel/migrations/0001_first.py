"""The first tables of the kernel. Audit rows are added, never changed: the database refuses else."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

REFUSE_CHANGE = """
CREATE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are added, never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION kernel_refuse_change()"),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('actor', models.CharField(max_length=120)),
                ('action', models.CharField(max_length=80)),
                ('subject', models.CharField(max_length=120)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('detail', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'kernel_audit',
                'indexes': [models.Index(fields=['subject', 'at'], name='kernel_audit_subject'), models.Index(fields=['actor', 'at'], name='kernel_audit_actor')],
            },
        ),
        migrations.CreateModel(
            name='OutboxEvent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('event_id', models.UUIDField(unique=True)),
                ('type', models.CharField(max_length=120)),
                ('key', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('payload', models.BinaryField()),
                ('sent_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'kernel_outbox',
                'indexes': [models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['id'], name='kernel_outbox_unsent')],
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER kernel_audit_append_only BEFORE UPDATE OR DELETE ON kernel_audit"
            " FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change()",
            "DROP TRIGGER kernel_audit_append_only ON kernel_audit",
        ),
    ]
