"""What changed with each revision, found out once."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("experiments", "0008_dependency_locks")]

    operations = [
        migrations.CreateModel(
            name="RevisionSummary",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("blob", models.BinaryField()),
                (
                    "revision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="summary",
                        to="experiments.revision",
                    ),
                ),
            ],
        )
    ]
