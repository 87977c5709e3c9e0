"""Offices, grants with their steps, and the version of the policy; what was granted is never unwritten."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import goldentax.kernel.ids
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

# Who could do what on a past day is told from these rows: they are not deleted, what was given stays given to the same
# person in the same place, and the moments of giving and ending are written once.
KEEP_GRANTS = """
CREATE FUNCTION authority_keep_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a grant is ended, never deleted';
    END IF;
    IF (OLD.person_id, OLD.kind, OLD.code, OLD.office_code, OLD.taxpayers, OLD.fields, OLD.valid_from,
        OLD.requested_by, OLD.requested_at)
       IS DISTINCT FROM
       (NEW.person_id, NEW.kind, NEW.code, NEW.office_code, NEW.taxpayers, NEW.fields, NEW.valid_from,
        NEW.requested_by, NEW.requested_at)
       OR OLD.valid_to IS DISTINCT FROM NEW.valid_to
       OR (OLD.granted_at IS NOT NULL AND OLD.granted_at IS DISTINCT FROM NEW.granted_at)
       OR (OLD.ended_at IS NOT NULL AND OLD.ended_at IS DISTINCT FROM NEW.ended_at)
       OR (OLD.decided_by IS NOT NULL AND OLD.decided_by IS DISTINCT FROM NEW.decided_by) THEN
        RAISE EXCEPTION 'what was asked for, given or ended is not rewritten';
    END IF;
    RETURN NEW;
END $$
"""
KEEP_STEPS = """
CREATE FUNCTION authority_keep_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a step is added, never changed';
END $$
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=goldentax.kernel.ids.new_public_id, editable=False, unique=True)),
                ('person_id', models.UUIDField()),
                ('kind', models.CharField(max_length=4)),
                ('code', models.CharField(max_length=60)),
                ('title', models.CharField(blank=True, max_length=60)),
                ('office_code', models.CharField(max_length=11)),
                ('taxpayers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None)),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None)),
                ('scope_key', models.CharField(blank=True, max_length=64)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('state', models.CharField(max_length=9)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('requested_by', models.UUIDField(null=True)),
                ('requested_at', models.DateTimeField()),
                ('decided_by', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('granted_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, max_length=120)),
                ('revision', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'authority_grant',
                'indexes': [models.Index(fields=['person_id', 'state'], name='authority_grant_person'), models.Index(condition=models.Q(('granted_at__isnull', False)), fields=['code', 'office_code'], name='authority_grant_holders'), models.Index(condition=models.Q(('state', 'requested')), fields=['office_code', 'id'], name='authority_grant_waiting'), models.Index(fields=['office_code', 'state', 'id'], name='authority_grant_office'), models.Index(fields=['revision'], name='authority_grant_revision')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('post', 'set'))), name='authority_grant_kind'), models.CheckConstraint(condition=models.Q(('state__in', ['requested', 'active', 'refused', 'withdrawn', 'ended'])), name='authority_grant_state'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='authority_grant_term'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('granted_at__isnull', False), ('state', 'active')), models.Q(('ended_at__gte', models.F('granted_at')), ('granted_at__isnull', False), ('state', 'ended')), models.Q(('state__in', ['requested', 'refused', 'withdrawn']), ('ended_at__isnull', True), ('granted_at__isnull', True)), _connector='OR'), name='authority_grant_moments'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(models.Q(('decided_by', models.F('person_id')), _negated=True), models.Q(('requested_by__isnull', True), models.Q(('decided_by', models.F('requested_by')), _negated=True), _connector='OR')), _connector='OR'), name='authority_grant_four_eyes'), models.CheckConstraint(condition=models.Q(('requested_by__isnull', True), models.Q(('state__in', ['active', 'ended']), _negated=True), ('decided_by__isnull', False), _connector='OR'), name='authority_grant_decided'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state__in', ['requested', 'active'])), expressions=[('person_id', '='), ('kind', '='), ('code', '='), ('office_code', '='), ('scope_key', '='), (models.Func('valid_from', 'valid_to', models.Value('[)'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='authority_grant_once')],
            },
        ),
        migrations.CreateModel(
            name='Office',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=11, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('short_name', models.CharField(max_length=40)),
                ('level', models.CharField(max_length=10)),
                ('parent_code', models.CharField(blank=True, max_length=11)),
                ('division_code', models.CharField(max_length=6)),
            ],
            options={
                'db_table': 'authority_office',
                'indexes': [models.Index(fields=['parent_code', 'code'], name='authority_office_children')],
                'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^1[0-9]{10}$')), name='authority_office_code'), models.CheckConstraint(condition=models.Q(('level__in', ('hq', 'province', 'city', 'county', 'branch'))), name='authority_office_level'), models.CheckConstraint(condition=models.Q(models.Q(('level', 'hq'), ('parent_code', '')), models.Q(models.Q(('level', 'hq'), _negated=True), models.Q(('parent_code', ''), _negated=True)), _connector='OR'), name='authority_office_parent')],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.BigIntegerField()),
                ('stamp', models.UUIDField()),
                ('epoch', models.UUIDField()),
                ('offices_version', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'authority_policy_version',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='authority_policy_one_row')],
            },
        ),
        migrations.CreateModel(
            name='GrantStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=10)),
                ('at', models.DateTimeField()),
                ('actor', models.CharField(max_length=120)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='authority.grant')),
            ],
            options={
                'db_table': 'authority_grant_step',
                'constraints': [models.UniqueConstraint(condition=models.Q(('request_id', ''), _negated=True), fields=('request_id',), name='authority_grant_step_request')],
            },
        ),
        migrations.RunSQL(KEEP_GRANTS, "DROP FUNCTION authority_keep_grant()"),
        migrations.RunSQL(KEEP_STEPS, "DROP FUNCTION authority_keep_step()"),
        migrations.RunSQL(
            "CREATE TRIGGER authority_grant_kept BEFORE UPDATE OR DELETE ON authority_grant"
            " FOR EACH ROW EXECUTE FUNCTION authority_keep_grant()",
            "DROP TRIGGER authority_grant_kept ON authority_grant",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER authority_grant_step_append_only BEFORE UPDATE OR DELETE ON authority_grant_step"
            " FOR EACH ROW EXECUTE FUNCTION authority_keep_step()",
            "DROP TRIGGER authority_grant_step_append_only ON authority_grant_step",
        ),
    ]
