"""The row by which it is seen that the database takes a write."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Made of the models; see ``playground/experiments/models.py``."""

    dependencies: ClassVar = [("experiments", "0005_retention_and_takedown")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Pulse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
