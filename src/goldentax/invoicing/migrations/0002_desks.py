import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.db import migrations, models

# What stood in the invoice itself and is now kept beside it.
MOVE_OUT = """
INSERT INTO invoicing_first_answer (seller_tax_id, request_id, request_hash, number, month)
SELECT seller_tax_id, request_id, request_hash, number, to_char(issue_date, 'YYYYMM')::int FROM invoicing_invoice;
INSERT INTO invoicing_search_text (number, month, seller_tax_id, text)
SELECT number, to_char(issue_date, 'YYYYMM')::int, seller_tax_id, search_text FROM invoicing_invoice;
INSERT INTO invoicing_number_block (desk, year, channel, month, first, last, next)
SELECT -1, extract(year FROM issue_date), substr(number, 5, 1), to_char(issue_date, 'YYYYMM')::int,
       min(substr(number, 6)::bigint), max(substr(number, 6)::bigint), max(substr(number, 6)::bigint) + 1
FROM invoicing_invoice GROUP BY 2, 3, 4;
DROP TRIGGER invoicing_invoice_append_only ON invoicing_invoice
"""

# The table by month. Earlier invoices come over as they are, with desk -1: they stand in no log and keep their receipt.
BY_MONTH = """
UPDATE invoicing_invoice SET month = to_char(issue_date, 'YYYYMM')::int, desk = -1, actor = channel, leaf = place.n
FROM (SELECT number, row_number() OVER (ORDER BY issued_at, number) - 1 AS n FROM invoicing_invoice) AS place
WHERE place.number = invoicing_invoice.number;
ALTER TABLE invoicing_invoice RENAME TO invoicing_invoice_before;
ALTER TABLE invoicing_invoice_before RENAME CONSTRAINT invoicing_invoice_pkey TO invoice_before_pkey;
ALTER TABLE invoicing_invoice_before DROP CONSTRAINT invoice_adds_up;
DROP INDEX invoice_by_seller, invoice_by_buyer, invoice_by_leaf;

CREATE TABLE invoicing_invoice (
    number varchar(20) NOT NULL,
    month integer NOT NULL,
    desk smallint NOT NULL,
    leaf bigint NOT NULL,
    kind varchar(2) NOT NULL,
    is_red boolean NOT NULL,
    seller_tax_id varchar(20) NOT NULL,
    buyer_tax_id varchar(20) NOT NULL,
    buyer_name varchar(300) NOT NULL,
    goods varchar(300) NOT NULL,
    line_count smallint NOT NULL,
    amount_fen bigint NOT NULL,
    tax_fen bigint NOT NULL,
    gross_fen bigint NOT NULL,
    issued_at timestamptz NOT NULL,
    issue_date date NOT NULL,
    drawer varchar(300) NOT NULL,
    channel varchar(8) NOT NULL,
    actor varchar(120) NOT NULL,
    request_id varchar(64) NOT NULL,
    document bytea NOT NULL,
    document_hash bytea NOT NULL,
    receipt bytea,
    CONSTRAINT invoice_adds_up CHECK (gross_fen = amount_fen + tax_fen),
    PRIMARY KEY (number, month)
) PARTITION BY RANGE (month);
CREATE INDEX invoice_by_seller ON invoicing_invoice (seller_tax_id, issued_at DESC, number DESC);
CREATE INDEX invoice_by_buyer ON invoicing_invoice (buyer_tax_id, issued_at DESC, number DESC);
CREATE INDEX invoice_by_leaf ON invoicing_invoice (desk, leaf);
CREATE TRIGGER invoicing_invoice_append_only BEFORE UPDATE OR DELETE ON invoicing_invoice
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change();

CREATE FUNCTION invoicing_add_month(wanted integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part text := 'invoicing_invoice_' || wanted;
BEGIN
    IF to_regclass(part) IS NOT NULL THEN
        RETURN;
    END IF;
    -- A lock of the table, not an advisory one: only the former makes this session look anew at what others made.
    LOCK TABLE invoicing_invoice IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass(part) IS NULL THEN
        -- Made apart and attached: the months that stand go on serving meanwhile.
        -- A document of usual length stays in its row as it is: no time is spent on pressing it.
        EXECUTE format('CREATE TABLE %I (LIKE invoicing_invoice INCLUDING DEFAULTS INCLUDING CONSTRAINTS)'
            ' WITH (toast_tuple_target = 4080)', part);
        EXECUTE format(
            'ALTER TABLE invoicing_invoice ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', part, wanted, wanted + 1);
    END IF;
END $$;
SELECT invoicing_add_month(month) FROM (SELECT DISTINCT month FROM invoicing_invoice_before) AS months;
INSERT INTO invoicing_invoice (number, month, desk, leaf, kind, is_red, seller_tax_id, buyer_tax_id, buyer_name, goods,
    line_count, amount_fen, tax_fen, gross_fen, issued_at, issue_date, drawer, channel, actor, request_id, document,
    document_hash, receipt)
SELECT number, month, desk, leaf, kind, is_red, seller_tax_id, buyer_tax_id, buyer_name, goods,
    line_count, amount_fen, tax_fen, gross_fen, issued_at, issue_date, drawer, channel, actor, request_id, document,
    document_hash, receipt
FROM invoicing_invoice_before;
DROP TABLE invoicing_invoice_before
"""

# Said at the end of the one statement that commits a batch: all of it stands, or none.
ASSERT = """
CREATE FUNCTION invoicing_assert(fenced bigint, blocks bigint, charged bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF fenced = 0 THEN
        RAISE EXCEPTION 'desk lost' USING ERRCODE = 'GT001';
    ELSIF blocks <> 0 THEN
        RAISE EXCEPTION 'block moved' USING ERRCODE = 'GT002';
    ELSIF charged <> 0 THEN
        RAISE EXCEPTION 'limit short' USING ERRCODE = 'GT003';
    END IF;
    RETURN true;
END $$
"""
APPEND_ONLY = ("invoicing_first_answer", "invoicing_tree_head")


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='Desk',
            fields=[
                ('id', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('tree_size', models.BigIntegerField(default=0)),
                ('frontier', models.BinaryField(default=bytes)),
                ('head_hash', models.BinaryField(default=bytes)),
                ('last_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'invoicing_desk',
            },
        ),
        migrations.CreateModel(
            name='FirstAnswer',
            fields=[
                ('pk', models.CompositePrimaryKey('seller_tax_id', 'request_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('seller_tax_id', models.CharField(max_length=20)),
                ('request_id', models.CharField(max_length=64)),
                ('request_hash', models.BinaryField(max_length=32)),
                ('number', models.CharField(max_length=20)),
                ('month', models.IntegerField()),
            ],
            options={
                'db_table': 'invoicing_first_answer',
            },
        ),
        migrations.CreateModel(
            name='LogFollower',
            fields=[
                ('pk', models.CompositePrimaryKey('name', 'desk', blank=True, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40)),
                ('desk', models.SmallIntegerField()),
                ('position', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'invoicing_log_follower',
            },
        ),
        migrations.CreateModel(
            name='NumberBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('desk', models.SmallIntegerField()),
                ('year', models.PositiveSmallIntegerField()),
                ('channel', models.CharField(max_length=1)),
                ('month', models.IntegerField()),
                ('first', models.BigIntegerField()),
                ('last', models.BigIntegerField()),
                ('next', models.BigIntegerField()),
            ],
            options={
                'db_table': 'invoicing_number_block',
            },
        ),
        migrations.CreateModel(
            name='SearchText',
            fields=[
                ('number', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('month', models.IntegerField()),
                ('seller_tax_id', models.CharField(max_length=20)),
                ('text', models.TextField()),
            ],
            options={
                'db_table': 'invoicing_search_text',
            },
        ),
        migrations.CreateModel(
            name='TreeHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('desk', models.SmallIntegerField()),
                ('tree_size', models.BigIntegerField()),
                ('count', models.IntegerField()),
                ('at', models.DateTimeField()),
                ('root', models.BinaryField(max_length=32)),
                ('previous', models.BinaryField(default=bytes)),
                ('frontier', models.BinaryField(default=bytes)),
                ('key_id', models.CharField(max_length=16)),
                ('signature', models.BinaryField()),
            ],
            options={
                'db_table': 'invoicing_tree_head',
            },
        ),
        migrations.RunSQL(MOVE_OUT),
        migrations.RemoveConstraint(
            model_name='invoice',
            name='invoice_first_answer',
        ),
        migrations.RemoveConstraint(
            model_name='invoice',
            name='invoice_number_form',
        ),
        migrations.RemoveConstraint(
            model_name='invoice',
            name='invoice_kind',
        ),
        migrations.RemoveConstraint(
            model_name='limitaccount',
            name='limit_account_not_overdrawn',
        ),
        migrations.RemoveIndex(
            model_name='invoice',
            name='invoice_search',
        ),
        migrations.RemoveField(
            model_name='invoice',
            name='public_id',
        ),
        migrations.RemoveField(
            model_name='invoice',
            name='request_hash',
        ),
        migrations.RemoveField(
            model_name='invoice',
            name='search_text',
        ),
        migrations.AddField(
            model_name='invoice',
            name='actor',
            field=models.CharField(default=0, max_length=120),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='desk',
            field=models.SmallIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='leaf',
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='month',
            field=models.IntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='limitaccount',
            name='reserved_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='limitentry',
            name='desk',
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='limitentry',
            name='leaf_count',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='limitentry',
            name='leaf_from',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='limitentry',
            name='reservation',
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name='limitentry',
            name='account',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='invoicing.limitaccount'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='receipt',
            field=models.BinaryField(null=True),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['desk', 'leaf'], name='invoice_by_leaf'),
        ),
        migrations.AddConstraint(
            model_name='limitaccount',
            constraint=models.CheckConstraint(condition=models.Q(('used_fen__gte', 0), ('reserved_fen__gte', 0), ('total_fen__gte', django.db.models.expressions.CombinedExpression(models.F('used_fen'), '+', models.F('reserved_fen')))), name='limit_account_not_overdrawn'),
        ),
        migrations.AddIndex(
            model_name='numberblock',
            index=models.Index(fields=['desk', 'month', 'channel'], name='number_block_by_desk'),
        ),
        migrations.AddConstraint(
            model_name='numberblock',
            constraint=models.UniqueConstraint(fields=('year', 'channel', 'first'), name='number_block_one'),
        ),
        migrations.AddConstraint(
            model_name='numberblock',
            constraint=models.CheckConstraint(condition=models.Q(('next__gte', models.F('first')), ('next__lte', django.db.models.expressions.CombinedExpression(models.F('last'), '+', models.Value(1)))), name='number_block_within'),
        ),
        migrations.AddIndex(
            model_name='searchtext',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('text'), name='gin_trgm_ops'), name='invoice_search'),
        ),
        migrations.AddConstraint(
            model_name='treehead',
            constraint=models.UniqueConstraint(fields=('desk', 'tree_size'), name='tree_head_one'),
        ),
        migrations.AddConstraint(
            model_name='treehead',
            constraint=models.CheckConstraint(condition=models.Q(('count__gt', 0)), name='tree_head_adds'),
        ),
        migrations.RunSQL(BY_MONTH),
        migrations.RunSQL(ASSERT),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change()"
            )
            for table in APPEND_ONLY
        ),
    ]
