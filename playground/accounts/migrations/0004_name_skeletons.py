"""What the names that exist look like."""

from django.db import migrations, models

from playground.accounts.names import skeleton


def fill_in(apps, _schema_editor):
    user = apps.get_model("accounts", "User")
    for one in user.objects.only("pk", "username").iterator():
        user.objects.filter(pk=one.pk).update(name_skeleton=skeleton(one.username))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_token_scopes"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="name_skeleton",
            field=models.CharField(db_index=True, default="", editable=False, max_length=900),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
    ]
