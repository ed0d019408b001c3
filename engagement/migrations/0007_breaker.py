from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engagement", "0006_one_workplace")]

    operations = [
        migrations.AddIndex(
            model_name="deliveryattempt",
            index=models.Index(
                condition=models.Q(("outcome", "transient")), fields=["-started_at"], name="attempt_transient"
            ),
        ),
    ]
