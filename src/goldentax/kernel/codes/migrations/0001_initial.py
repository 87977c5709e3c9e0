"""The first tables of the code tables, and the two extensions their constraints and search need."""

import django.contrib.postgres.constraints
import django.contrib.postgres.indexes
import django.db.models.deletion
import goldentax.kernel.codes.models
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.CreateModel(
            name='CodeTable',
            fields=[
                ('name', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('label_zh', models.CharField(max_length=120)),
                ('label_en', models.CharField(max_length=120)),
                ('source', models.CharField(max_length=200)),
                ('is_built_in', models.BooleanField(default=False)),
                ('digest', models.CharField(blank=True, db_index=True, max_length=64)),
                ('version', models.PositiveIntegerField(default=0)),
                ('code_count', models.PositiveIntegerField(default=0)),
                ('imported_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'codes_table',
            },
        ),
        migrations.CreateModel(
            name='CodeVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60)),
                ('name', models.CharField(max_length=300)),
                ('short_name', models.CharField(blank=True, max_length=120)),
                ('parent', models.CharField(blank=True, max_length=60)),
                ('level', models.PositiveSmallIntegerField()),
                ('is_leaf', models.BooleanField()),
                ('description', models.TextField(blank=True)),
                ('attributes', models.JSONField(default=dict)),
                ('search', models.TextField()),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('source', models.CharField(max_length=200)),
                ('version', models.PositiveIntegerField()),
                ('table', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='codes.codetable')),
            ],
            options={
                'db_table': 'codes_version',
                'indexes': [models.Index(fields=['table', 'parent', 'code'], name='codes_version_children'), django.contrib.postgres.indexes.GinIndex(fields=['search'], name='codes_version_search', opclasses=['gin_trgm_ops'])],
                'constraints': [models.UniqueConstraint(fields=('table', 'code', 'valid_from'), name='codes_version_unique'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='codes_version_period'), models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='codes_version_code'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('table', '='), ('code', '='), (goldentax.kernel.codes.models.DateRange('valid_from', 'valid_to'), '&&')], name='codes_version_no_overlap')],
            },
        ),
    ]
