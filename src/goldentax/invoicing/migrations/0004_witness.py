from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0002_desks'),
    ]

    operations = [
        migrations.CreateModel(
            name='Witness',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('algorithm', models.CharField(max_length=8)),
                ('public_key', models.CharField(max_length=128)),
                ('added_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'invoicing_witness',
            },
        ),
        migrations.CreateModel(
            name='Cosignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('desk', models.SmallIntegerField()),
                ('tree_size', models.BigIntegerField()),
                ('witness', models.CharField(max_length=40)),
                ('at', models.DateTimeField()),
                ('algorithm', models.CharField(max_length=8)),
                ('public_key', models.CharField(max_length=128)),
                ('signature', models.BinaryField()),
            ],
            options={
                'db_table': 'invoicing_cosignature',
                'constraints': [models.UniqueConstraint(fields=('desk', 'tree_size', 'witness'), name='cosignature_one')],
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER invoicing_cosignature_append_only BEFORE UPDATE OR DELETE ON invoicing_cosignature"
            " FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change()"
        ),
    ]
