"""Authorities, certificates and revocation lists. Of a certificate only its revocation is ever written again."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import goldentax.kernel.ids
from django.db import migrations, models


KEEP = '''
CREATE FUNCTION certificates_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL
       AND (to_jsonb(OLD) - 'revoked_at' - 'revocation_reason' - 'revoked_by')
         = (to_jsonb(NEW) - 'revoked_at' - 'revocation_reason' - 'revoked_by') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a certificate is issued, and revoked once; nothing else of it changes'
        USING ERRCODE = 'restrict_violation';
END $$
'''


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('kernel', '0003_data_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnsweredRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=100)),
                ('request_id', models.CharField(max_length=64)),
                ('action', models.CharField(max_length=60)),
                ('digest', models.CharField(max_length=64)),
                ('serial', models.CharField(max_length=40)),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'certificates_answered_request',
                'constraints': [models.UniqueConstraint(fields=('scope', 'request_id'), name='certificates_answered_request_once')],
            },
        ),
        migrations.CreateModel(
            name='Authority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=16)),
                ('algorithm', models.CharField(max_length=8)),
                ('serial', models.CharField(max_length=40, unique=True)),
                ('key_id', models.CharField(max_length=40, unique=True)),
                ('subject', models.BinaryField()),
                ('der', models.BinaryField()),
                ('sealed_key', models.BinaryField()),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revocation_reason', models.CharField(blank=True, max_length=32)),
                ('crl_number', models.BigIntegerField(default=0)),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='certificates.authority')),
            ],
            options={
                'db_table': 'certificates_authority',
            },
        ),
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=goldentax.kernel.ids.new_public_id, unique=True)),
                ('serial', models.CharField(max_length=40, unique=True)),
                ('holder_kind', models.CharField(max_length=16)),
                ('subject_id', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=200)),
                ('algorithm', models.CharField(max_length=8)),
                ('key_fingerprint', models.CharField(db_index=True, max_length=64)),
                ('der', models.BinaryField()),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField()),
                ('issued_at', models.DateTimeField()),
                ('issued_by', models.CharField(max_length=120)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revocation_reason', models.CharField(blank=True, max_length=32)),
                ('revoked_by', models.CharField(blank=True, max_length=120)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='certificates.authority')),
                ('renews', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='renewed_by', to='certificates.certificate')),
            ],
            options={
                'db_table': 'certificates_certificate',
            },
        ),
        migrations.CreateModel(
            name='RevocationList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField()),
                ('this_update', models.DateTimeField()),
                ('next_update', models.DateTimeField()),
                ('entry_count', models.IntegerField()),
                ('der', models.BinaryField()),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='certificates.authority')),
            ],
            options={
                'db_table': 'certificates_revocation_list',
            },
        ),
        migrations.AddConstraint(
            model_name='authority',
            constraint=models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('kind', 'algorithm', 'parent'), name='certificates_one_authority_signs', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='authority',
            constraint=models.CheckConstraint(condition=models.Q(('revoked_at__isnull', True), ('retired_at__isnull', False), _connector='OR'), name='certificates_revoked_authority_is_retired'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(fields=['holder_kind', 'subject_id', '-id'], name='certificates_of_holder'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(condition=models.Q(('revoked_at__isnull', False)), fields=['authority', 'id'], name='certificates_revoked'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=django.contrib.postgres.indexes.GinIndex(fields=['name'], name='certificates_name', opclasses=['gin_trgm_ops']),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revocation_reason', ''), ('revoked_at__isnull', True), ('revoked_by', '')), models.Q(('revoked_at__isnull', False), models.Q(('revocation_reason', ''), _negated=True)), _connector='OR'), name='certificates_revocation_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.CheckConstraint(condition=models.Q(('valid_from__lt', models.F('valid_to'))), name='certificates_period'),
        ),
        migrations.AddConstraint(
            model_name='revocationlist',
            constraint=models.UniqueConstraint(fields=('authority', 'number'), name='certificates_list_number_once'),
        ),
        migrations.RunSQL(KEEP, "DROP FUNCTION certificates_keep()"),
        migrations.RunSQL(
            "CREATE TRIGGER certificates_keep BEFORE UPDATE OR DELETE ON certificates_certificate"
            " FOR EACH ROW EXECUTE FUNCTION certificates_keep()",
            "DROP TRIGGER certificates_keep ON certificates_certificate",
        ),
    ]
