"""What a job is and what became of it: the row, its subjects, attempts, log and counts."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models

import queues.ids

OPERATIONS = [
    migrations.CreateModel(
        name="Job",
        fields=[
            ("id", models.UUIDField(default=queues.ids.uuid7, editable=False, primary_key=True, serialize=False)),
            ("queue", models.TextField()),
            ("actor", models.TextField()),
            ("tenant", models.TextField(blank=True, default="")),
            ("priority", models.SmallIntegerField()),
            (
                "state",
                models.TextField(
                    choices=[
                        ("waiting", "waiting"),
                        ("delayed", "delayed"),
                        ("active", "active"),
                        ("completed", "completed"),
                        ("failed", "failed"),
                        ("cancelled", "cancelled"),
                    ]
                ),
            ),
            ("data", models.JSONField()),
            ("options", models.JSONField(default=dict)),
            (
                "subjects",
                django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
            ),
            ("run", models.SmallIntegerField(default=1)),
            ("attempts_made", models.SmallIntegerField(default=0)),
            ("max_attempts", models.SmallIntegerField()),
            ("stalled", models.SmallIntegerField(default=0)),
            ("suspect", models.BooleanField(default=False)),
            ("alone", models.BooleanField(default=False)),
            ("cancel_requested", models.BooleanField(default=False)),
            ("due_at", models.DateTimeField()),
            ("run_at", models.DateTimeField()),
            ("delayed_until", models.DateTimeField(null=True)),
            ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ("started_at", models.DateTimeField(null=True)),
            ("finished_at", models.DateTimeField(null=True)),
            ("failed_at", models.DateTimeField(null=True)),
            ("expires_at", models.DateTimeField(null=True)),
            ("token", models.UUIDField(null=True)),
            ("worker", models.TextField(default="")),
            ("unique_key", models.TextField(null=True)),
            ("error_class", models.TextField(default="")),
            ("error", models.TextField(default="")),
            ("reason", models.TextField(default="")),
            ("progress", models.JSONField(null=True)),
        ],
        options={
            "db_table": "queues_job",
            "ordering": ["-id"],
            "permissions": [
                ("operate_job", "Can retry, cancel, promote and remove jobs"),
                ("administer_queue", "Can pause, empty and clean queues and edit recurring jobs"),
            ],
            "indexes": [
                models.Index(
                    condition=models.Q(("finished_at__isnull", True)),
                    fields=["queue", "run_at", "id"],
                    name="job_open",
                ),
                models.Index(
                    condition=models.Q(("delayed_until__isnull", False)),
                    fields=["queue", "delayed_until"],
                    name="job_delayed",
                ),
                models.Index(
                    condition=models.Q(("failed_at__isnull", False)),
                    fields=["queue", "-failed_at", "-id"],
                    name="job_failed",
                ),
                models.Index(
                    condition=models.Q(("finished_at__isnull", False)), fields=["finished_at"], name="job_finished"
                ),
                models.Index(fields=["tenant", "-id"], name="job_tenant"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("finished_at__isnull", True), ("unique_key__isnull", False)),
                    fields=("queue", "unique_key"),
                    name="job_unique_open",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("state__in", ["waiting", "delayed", "active", "completed", "failed", "cancelled"])
                    ),
                    name="job_state",
                ),
                models.CheckConstraint(condition=models.Q(("priority__range", (0, 3))), name="job_priority"),
            ],
        },
    ),
    migrations.CreateModel(
        name="JobSubject",
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "subject", "job_id", blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("subject", models.TextField()),
            ("job_id", models.UUIDField()),
        ],
        options={
            "db_table": "queues_jobsubject",
        },
    ),
    migrations.CreateModel(
        name="JobAttempt",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("job_id", models.UUIDField()),
            ("run", models.SmallIntegerField()),
            ("number", models.SmallIntegerField()),
            ("outcome", models.TextField()),
            ("started_at", models.DateTimeField(null=True)),
            ("finished_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ("worker", models.TextField(default="")),
            ("error_class", models.TextField(default="")),
            ("error", models.TextField(default="")),
            ("traceback", models.TextField(default="")),
            ("wait_ms", models.BigIntegerField(null=True)),
        ],
        options={
            "db_table": "queues_jobattempt",
            "ordering": ["id"],
            "indexes": [models.Index(fields=["job_id", "id"], name="jobattempt_job")],
        },
    ),
    migrations.CreateModel(
        name="JobLog",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("job_id", models.UUIDField()),
            ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ("run", models.SmallIntegerField(default=1)),
            ("attempt", models.SmallIntegerField(default=1)),
            ("level", models.TextField(default="info")),
            ("text", models.TextField()),
        ],
        options={
            "db_table": "queues_joblog",
            "ordering": ["id"],
            "indexes": [models.Index(fields=["job_id", "id"], name="joblog_job")],
        },
    ),
    migrations.CreateModel(
        name="JobCount",
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "queue", "tenant", "state", blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("queue", models.TextField()),
            ("tenant", models.TextField()),
            ("state", models.TextField()),
            ("jobs", models.BigIntegerField(default=0)),
        ],
        options={
            "db_table": "queues_jobcount",
        },
    ),
    migrations.CreateModel(
        name="JobCountDelta",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("queue", models.TextField()),
            ("tenant", models.TextField()),
            ("state", models.TextField()),
            ("delta", models.IntegerField()),
        ],
        options={
            "db_table": "queues_jobcountdelta",
            "indexes": [models.Index(fields=["queue"], name="jobcountdelta_queue")],
        },
    ),
    migrations.CreateModel(
        name="JobRollup",
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "queue", "tenant", "minute", blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("queue", models.TextField()),
            ("tenant", models.TextField()),
            ("minute", models.DateTimeField()),
            ("completed", models.IntegerField(default=0)),
            ("failed", models.IntegerField(default=0)),
            ("cancelled", models.IntegerField(default=0)),
            ("attempts_failed", models.IntegerField(default=0)),
            ("stalled", models.IntegerField(default=0)),
            (
                "wait_histogram",
                django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None),
            ),
            (
                "run_histogram",
                django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None),
            ),
        ],
        options={
            "db_table": "queues_jobrollup",
            "indexes": [models.Index(fields=["minute"], name="jobrollup_minute")],
        },
    ),
]
