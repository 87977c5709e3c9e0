"""Data keys of the vault, sealed under the master key."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("kernel", "0002_audit_chain"),
    ]

    operations = [
        migrations.CreateModel(
            name='DataKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.BinaryField(unique=True)),
                ('purpose', models.CharField(max_length=120)),
                ('version', models.PositiveIntegerField()),
                ('sealed_key', models.BinaryField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('retired_at', models.DateTimeField(null=True)),
                ('emptied_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'kernel_data_key',
                'constraints': [models.UniqueConstraint(fields=('purpose', 'version'), name='kernel_data_key_version_once')],
            },
        ),
    ]
