"""The queue's tables, as Django made them of its models."""

from django.db import migrations

from queues.migrations import _job_tables, _other_tables


class Migration(migrations.Migration):
    """All tables at once; they stand in two files for the reader's sake."""

    initial = True
    dependencies = []
    operations = [*_job_tables.OPERATIONS, *_other_tables.OPERATIONS]
