"""The first tables of oversight. Blocks, judgements and observed sign-ins are added, never changed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('kernel', '0002_audit_chain'),
    ]

    operations = [
        migrations.CreateModel(
            name='PeerMeasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(unique=True)),
                ('people', models.IntegerField()),
                ('hours', models.IntegerField()),
                ('median', models.DecimalField(decimal_places=2, max_digits=12)),
                ('spread', models.DecimalField(decimal_places=2, max_digits=12)),
            ],
            options={
                'db_table': 'oversight_peer_measure',
            },
        ),
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(unique=True)),
                ('kind', models.CharField(max_length=12)),
                ('person_id', models.CharField(max_length=36)),
                ('network', models.CharField(blank=True, max_length=64)),
                ('device', models.CharField(blank=True, max_length=64)),
                ('function', models.CharField(blank=True, max_length=80)),
                ('at', models.DateTimeField()),
                ('score', models.SmallIntegerField()),
                ('verdict', models.CharField(max_length=8)),
                ('reasons', models.JSONField(default=list)),
            ],
            options={
                'db_table': 'oversight_assessment',
                'indexes': [models.Index(fields=['person_id', 'at'], name='oversight_assessment_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 100)), name='oversight_assessment_score'), models.CheckConstraint(condition=models.Q(('verdict__in', ('allow', 'warn', 'step_up', 'block'))), name='oversight_assessment_verdict')],
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('node', models.CharField(max_length=12)),
                ('first_tx', models.BigIntegerField()),
                ('first_id', models.BigIntegerField()),
                ('last_tx', models.BigIntegerField()),
                ('last_id', models.BigIntegerField()),
                ('rows', models.IntegerField()),
                ('root', models.BinaryField()),
                ('previous', models.BinaryField(unique=True)),
                ('hash', models.BinaryField(unique=True)),
                ('sealed_at', models.DateTimeField()),
                ('public_key', models.CharField(max_length=128)),
                ('signature', models.BinaryField()),
                ('leaves', models.BinaryField()),
            ],
            options={
                'db_table': 'oversight_block',
                'indexes': [models.Index(fields=['last_tx', 'last_id'], name='oversight_block_last')],
                'constraints': [models.CheckConstraint(condition=models.Q(('number__gt', 0), ('rows__gt', 0)), name='oversight_block_holds_rows')],
            },
        ),
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(unique=True)),
                ('person_id', models.CharField(max_length=36)),
                ('device', models.CharField(max_length=64)),
                ('user_agent', models.CharField(blank=True, max_length=200)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('last_network', models.CharField(max_length=64)),
                ('forgotten_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'oversight_device',
                'constraints': [models.UniqueConstraint(fields=('person_id', 'device'), name='oversight_device_once')],
            },
        ),
        migrations.CreateModel(
            name='FunctionUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.CharField(max_length=36)),
                ('function', models.CharField(max_length=80)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('uses', models.IntegerField()),
            ],
            options={
                'db_table': 'oversight_function_use',
                'constraints': [models.UniqueConstraint(fields=('person_id', 'function'), name='oversight_function_use_once')],
            },
        ),
        migrations.CreateModel(
            name='LookHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.CharField(max_length=36)),
                ('hour', models.DateTimeField()),
                ('looks', models.IntegerField()),
            ],
            options={
                'db_table': 'oversight_look_hour',
                'indexes': [models.Index(fields=['hour'], name='oversight_look_hour_hour')],
                'constraints': [models.UniqueConstraint(fields=('person_id', 'hour'), name='oversight_look_hour_once')],
            },
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.CharField(blank=True, max_length=36)),
                ('login_digest', models.CharField(max_length=64)),
                ('network', models.CharField(max_length=64)),
                ('device', models.CharField(blank=True, max_length=64)),
                ('method', models.CharField(max_length=24)),
                ('at', models.DateTimeField()),
                ('has_succeeded', models.BooleanField()),
            ],
            options={
                'db_table': 'oversight_sign_in',
                'indexes': [models.Index(fields=['person_id', 'at'], name='oversight_sign_in_person'), models.Index(condition=models.Q(('has_succeeded', False)), fields=['network', 'at'], name='oversight_sign_in_network'), models.Index(condition=models.Q(('has_succeeded', False)), fields=['login_digest', 'at'], name='oversight_sign_in_login')],
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(unique=True)),
                ('person_id', models.CharField(max_length=36)),
                ('opened_at', models.DateTimeField()),
                ('handled_at', models.DateTimeField(null=True)),
                ('handled_by', models.CharField(blank=True, max_length=120)),
                ('outcome', models.CharField(blank=True, max_length=12)),
                ('note', models.CharField(blank=True, max_length=1000)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('assessment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='case', to='oversight.assessment')),
            ],
            options={
                'db_table': 'oversight_case',
                'indexes': [models.Index(fields=['opened_at', 'id'], name='oversight_case_opened'), models.Index(condition=models.Q(('handled_at__isnull', True)), fields=['opened_at', 'id'], name='oversight_case_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('handled_at__isnull', True), ('handled_by', ''), ('outcome', '')), models.Q(('handled_at__isnull', False), ('outcome__in', ('harmless', 'misuse', 'attack')), models.Q(('handled_by', ''), _negated=True), models.Q(('note', ''), _negated=True)), _connector='OR'), name='oversight_case_handled_whole')],
            },
        ),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change()",
                f"DROP TRIGGER {table}_append_only ON {table}",
            )
            for table in ("oversight_block", "oversight_assessment", "oversight_sign_in")
        ),
    ]
