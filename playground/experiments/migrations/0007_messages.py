"""Verdicts and failures as messages instead of sentences; what was said before stays in the words it was said in."""

import json

from django.db import migrations, models

_BATCH = 500


def _say_as_before(apps, schema_editor):
    runs = apps.get_model("experiments", "Run").objects
    said = runs.exclude(verdict_sentence="", failure_sentence="").only("pk", "verdict_sentence", "failure_sentence")
    batch = []
    for run in said.iterator(chunk_size=_BATCH):
        run.verdict_messages, run.failure_messages = _legacy(run.verdict_sentence), _legacy(run.failure_sentence)
        batch.append(run)
        if len(batch) == _BATCH:
            runs.bulk_update(batch, ["verdict_messages", "failure_messages"])
            batch = []
    runs.bulk_update(batch, ["verdict_messages", "failure_messages"])


def _legacy(sentence):
    return json.dumps([{"code": "legacy", "params": {"text": sentence}}]) if sentence else ""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0006_pulse")]

    operations = [
        migrations.AddField(
            "run", "verdict_messages", models.TextField(blank=True, default=""), preserve_default=False
        ),
        migrations.AddField(
            "run", "failure_messages", models.TextField(blank=True, default=""), preserve_default=False
        ),
        migrations.RunPython(_say_as_before, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField("run", "verdict_sentence"),
        migrations.RemoveField("run", "failure_sentence"),
    ]
