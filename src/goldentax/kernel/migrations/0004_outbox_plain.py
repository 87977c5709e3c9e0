"""Events are kept as they are: they leave within the second, so no time is spent on pressing them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_data_keys")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE kernel_outbox ALTER COLUMN payload SET STORAGE EXTERNAL",
            "ALTER TABLE kernel_outbox ALTER COLUMN payload SET STORAGE EXTENDED",
        )
    ]
