"""Offices are renamed and closed on a day; each step is a row that is added, never changed."""

import django.db.models.deletion
from django.db import migrations, models

KEEP_CHANGES = """
CREATE FUNCTION authority_keep_office_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a step in the life of an office is added, never changed';
END $$;
CREATE TRIGGER authority_office_change_kept BEFORE UPDATE OR DELETE ON authority_office_change
    FOR EACH ROW EXECUTE FUNCTION authority_keep_office_change();
"""


class Migration(migrations.Migration):
    dependencies = [("authority", "0001_first")]

    operations = [
        migrations.AddField(
            model_name="office",
            name="closed_date",
            field=models.DateField(null=True),
        ),
        migrations.CreateModel(
            name="OfficeChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("action", models.CharField(max_length=6)),
                ("name_before", models.CharField(blank=True, max_length=120)),
                ("name", models.CharField(max_length=120)),
                ("effective_date", models.DateField()),
                ("basis", models.CharField(blank=True, max_length=120)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=120)),
                ("request_id", models.CharField(max_length=64, unique=True)),
                ("digest", models.CharField(max_length=64)),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="authority.office",
                    ),
                ),
            ],
            options={
                "db_table": "authority_office_change",
                "indexes": [models.Index(fields=["office", "id"], name="authority_office_changes")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ("add", "rename", "close"))),
                        name="authority_office_change_action",
                    )
                ],
            },
        ),
        migrations.RunSQL(
            KEEP_CHANGES,
            "DROP TRIGGER authority_office_change_kept ON authority_office_change;"
            " DROP FUNCTION authority_keep_office_change()",
        ),
    ]
