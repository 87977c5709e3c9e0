"""The first tables of invoicing. Invoices, signatures and limit entries are added, never changed."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [("kernel", "0001_first")]

    operations = [
        migrations.CreateModel(
            name='DocumentSignature',
            fields=[
                ('number', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('signed_at', models.DateTimeField()),
                ('key_id', models.CharField(max_length=16)),
                ('value', models.BinaryField()),
            ],
            options={
                'db_table': 'invoicing_document_signature',
            },
        ),
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('number', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(unique=True)),
                ('kind', models.CharField(max_length=2)),
                ('is_red', models.BooleanField(default=False)),
                ('seller_tax_id', models.CharField(max_length=20)),
                ('buyer_tax_id', models.CharField(blank=True, max_length=20)),
                ('buyer_name', models.CharField(max_length=300)),
                ('goods', models.CharField(max_length=300)),
                ('line_count', models.PositiveSmallIntegerField()),
                ('amount_fen', models.BigIntegerField()),
                ('tax_fen', models.BigIntegerField()),
                ('gross_fen', models.BigIntegerField()),
                ('issued_at', models.DateTimeField()),
                ('issue_date', models.DateField()),
                ('drawer', models.CharField(max_length=300)),
                ('channel', models.CharField(max_length=8)),
                ('request_id', models.CharField(max_length=64)),
                ('request_hash', models.BinaryField(max_length=32)),
                ('document', models.BinaryField()),
                ('document_hash', models.BinaryField(max_length=32)),
                ('receipt', models.BinaryField()),
                ('search_text', models.TextField()),
            ],
            options={
                'db_table': 'invoicing_invoice',
                'indexes': [models.Index(fields=['seller_tax_id', '-issued_at', '-number'], name='invoice_by_seller'), models.Index(fields=['buyer_tax_id', '-issued_at', '-number'], name='invoice_by_buyer'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('search_text'), name='gin_trgm_ops'), name='invoice_search')],
                'constraints': [models.UniqueConstraint(fields=('seller_tax_id', 'request_id'), name='invoice_first_answer'), models.CheckConstraint(condition=models.Q(('gross_fen', django.db.models.expressions.CombinedExpression(models.F('amount_fen'), '+', models.F('tax_fen')))), name='invoice_adds_up'), models.CheckConstraint(condition=models.Q(('number__regex', '^\\d{20}$')), name='invoice_number_form'), models.CheckConstraint(condition=models.Q(('kind__in', ['81', '82'])), name='invoice_kind')],
            },
        ),
        migrations.CreateModel(
            name='LimitAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tax_id', models.CharField(max_length=20)),
                ('period', models.CharField(max_length=6)),
                ('total_fen', models.BigIntegerField()),
                ('used_fen', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'invoicing_limit_account',
                'constraints': [models.UniqueConstraint(fields=('tax_id', 'period'), name='limit_account_one_a_month'), models.CheckConstraint(condition=models.Q(('used_fen__gte', 0), ('used_fen__lte', models.F('total_fen'))), name='limit_account_not_overdrawn')],
            },
        ),
        migrations.CreateModel(
            name='LimitGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tax_id', models.CharField(max_length=20)),
                ('monthly_fen', models.BigIntegerField()),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('basis', models.CharField(max_length=200)),
                ('request_id', models.CharField(max_length=64)),
                ('granted_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'invoicing_limit_grant',
                'indexes': [models.Index(fields=['tax_id', 'valid_from'], name='limit_grant_by_taxpayer')],
                'constraints': [models.UniqueConstraint(fields=('tax_id', 'request_id'), name='limit_grant_first_answer'), models.CheckConstraint(condition=models.Q(('monthly_fen__gte', 0)), name='limit_grant_not_negative'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='limit_grant_span')],
            },
        ),
        migrations.CreateModel(
            name='NumberSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('channel', models.CharField(max_length=1)),
                ('next_sequence', models.BigIntegerField(default=1)),
            ],
            options={
                'db_table': 'invoicing_number_series',
                'constraints': [models.UniqueConstraint(fields=('year', 'channel'), name='number_series_one')],
            },
        ),
        migrations.CreateModel(
            name='SavedDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(unique=True)),
                ('tax_id', models.CharField(max_length=20)),
                ('person_id', models.CharField(max_length=36)),
                ('title', models.CharField(blank=True, max_length=300)),
                ('fields', models.JSONField(default=dict)),
                ('saved_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'invoicing_saved_draft',
                'indexes': [models.Index(fields=['tax_id', '-saved_at'], name='saved_draft_by_taxpayer')],
            },
        ),
        migrations.CreateModel(
            name='VerificationCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20)),
                ('day', models.DateField()),
                ('client', models.CharField(max_length=64)),
                ('tries', models.PositiveIntegerField(default=0)),
            ],
            options={
                'db_table': 'invoicing_verification_count',
                'constraints': [models.UniqueConstraint(fields=('number', 'day', 'client'), name='verification_count_one')],
            },
        ),
        migrations.CreateModel(
            name='LimitEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('movement', models.CharField(max_length=8)),
                ('amount_fen', models.BigIntegerField()),
                ('invoice_number', models.CharField(blank=True, max_length=20)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='invoicing.limitaccount')),
            ],
            options={
                'db_table': 'invoicing_limit_entry',
                'indexes': [models.Index(fields=['account', 'id'], name='limit_entry_by_account')],
            },
        ),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change()",
                f"DROP TRIGGER {table}_append_only ON {table}",
            )
            for table in ("invoicing_invoice", "invoicing_limit_entry", "invoicing_document_signature")
        ),
    ]
