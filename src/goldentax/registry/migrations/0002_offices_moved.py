
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0001_first'),
    ]

    operations = [
        migrations.DeleteModel(
            name='Office',
        ),
    ]
