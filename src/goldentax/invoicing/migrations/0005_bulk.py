import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0004_witness'),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(unique=True)),
                ('tax_id', models.CharField(max_length=20)),
                ('taxpayer_name', models.CharField(max_length=200)),
                ('person_id', models.CharField(max_length=36)),
                ('person_name', models.CharField(max_length=100)),
                ('channel', models.CharField(max_length=8)),
                ('language', models.CharField(max_length=2)),
                ('file_name', models.CharField(max_length=200)),
                ('file_hash', models.CharField(max_length=64)),
                ('state', models.CharField(default='waiting', max_length=8)),
                ('item_count', models.PositiveIntegerField()),
                ('issued_count', models.PositiveIntegerField(default=0)),
                ('refused_count', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('turn_at', models.DateTimeField(null=True)),
                ('held_until', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'invoicing_bulk_job',
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'working'])), fields=['turn_at'], name='bulk_job_open'), models.Index(fields=['tax_id', '-created_at'], name='bulk_job_of_taxpayer')],
                'constraints': [models.UniqueConstraint(fields=('tax_id', 'file_hash'), name='bulk_job_one'), models.CheckConstraint(condition=models.Q(('item_count__gte', django.db.models.expressions.CombinedExpression(models.F('issued_count'), '+', models.F('refused_count')))), name='bulk_job_counts')],
            },
        ),
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('place', models.PositiveIntegerField()),
                ('reference', models.CharField(max_length=64)),
                ('draft', models.BinaryField()),
                ('state', models.CharField(default='waiting', max_length=8)),
                ('number', models.CharField(max_length=20)),
                ('is_repeat', models.BooleanField(default=False)),
                ('problem', models.JSONField(null=True)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='invoicing.bulkjob')),
            ],
            options={
                'db_table': 'invoicing_bulk_item',
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['job', 'position'], name='bulk_item_open')],
                'constraints': [models.UniqueConstraint(fields=('job', 'position'), name='bulk_item_one')],
            },
        ),
    ]
