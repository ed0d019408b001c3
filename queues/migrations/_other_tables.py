"""What stands beside the jobs: queues, recurring jobs and their ticks, workers, the audit."""

import django.db.models.functions.datetime
from django.db import migrations, models

OPERATIONS = [
    migrations.CreateModel(
        name="Queue",
        fields=[
            ("name", models.TextField(primary_key=True, serialize=False)),
            ("paused", models.BooleanField(default=False)),
            ("paused_by", models.TextField(blank=True, default="")),
            ("paused_at", models.DateTimeField(blank=True, null=True)),
            ("paused_reason", models.TextField(blank=True, default="")),
            ("global_concurrency", models.PositiveIntegerField(blank=True, null=True)),
            ("rate_count", models.PositiveIntegerField(blank=True, null=True)),
            ("rate_per_ms", models.PositiveIntegerField(blank=True, null=True)),
            ("weight_high", models.PositiveSmallIntegerField(blank=True, null=True)),
            ("weight_normal", models.PositiveSmallIntegerField(blank=True, null=True)),
            ("weight_low", models.PositiveSmallIntegerField(blank=True, null=True)),
            ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
        ],
        options={
            "db_table": "queues_queue",
            "ordering": ["name"],
        },
    ),
    migrations.CreateModel(
        name="QueueTenant",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("queue", models.TextField()),
            ("tenant", models.TextField()),
            ("paused", models.BooleanField(default=False)),
            ("paused_by", models.TextField(blank=True, default="")),
            ("paused_at", models.DateTimeField(blank=True, null=True)),
            ("paused_reason", models.TextField(blank=True, default="")),
        ],
        options={
            "db_table": "queues_queuetenant",
            "constraints": [models.UniqueConstraint(fields=("queue", "tenant"), name="queuetenant_one")],
        },
    ),
    migrations.CreateModel(
        name="RecurringJob",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("name", models.TextField()),
            ("queue", models.TextField()),
            ("tenant", models.TextField(blank=True, default="")),
            ("data", models.JSONField(default=dict)),
            ("cron", models.TextField()),
            ("timezone", models.TextField(default="UTC")),
            ("enabled", models.BooleanField(default=True)),
            ("revision", models.IntegerField(default=1)),
            ("misfire", models.TextField(choices=[("skip", "skip"), ("run_once", "run once")], default="run_once")),
            ("priority", models.SmallIntegerField(blank=True, null=True)),
            ("source", models.TextField(default="code")),
            ("edited_by", models.TextField(blank=True, default="")),
            ("reconciled_until", models.DateTimeField(blank=True, null=True)),
            ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
        ],
        options={
            "db_table": "queues_recurringjob",
            "ordering": ["queue", "name"],
            "constraints": [
                models.UniqueConstraint(fields=("queue", "name"), name="recurringjob_name"),
                models.CheckConstraint(
                    condition=models.Q(("misfire__in", ["skip", "run_once"])), name="recurringjob_misfire"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Tick",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("recurring_job_id", models.BigIntegerField()),
            ("scheduled_for", models.DateTimeField()),
            (
                "outcome",
                models.TextField(
                    choices=[
                        ("ran", "ran"),
                        ("late", "late"),
                        ("skipped", "skipped"),
                        ("missed", "missed"),
                        ("manual", "manual"),
                    ]
                ),
            ),
            ("job_id", models.UUIDField(null=True)),
            ("count", models.IntegerField(default=1)),
            ("note", models.TextField(default="")),
            ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
        ],
        options={
            "db_table": "queues_tick",
            "ordering": ["-scheduled_for"],
            "indexes": [models.Index(fields=["created_at"], name="tick_created")],
            "constraints": [models.UniqueConstraint(fields=("recurring_job_id", "scheduled_for"), name="tick_once")],
        },
    ),
    migrations.CreateModel(
        name="Worker",
        fields=[
            ("id", models.TextField(primary_key=True, serialize=False)),
            ("kind", models.TextField(choices=[("worker", "worker"), ("scheduler", "scheduler")])),
            ("host", models.TextField()),
            ("pid", models.IntegerField()),
            ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ("heartbeat_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ("leads", models.BooleanField(default=False)),
            ("threads", models.IntegerField(default=0)),
            ("active", models.IntegerField(default=0)),
            ("queues", models.JSONField(default=list)),
            ("details", models.JSONField(default=dict)),
        ],
        options={
            "db_table": "queues_worker",
            "ordering": ["kind", "id"],
        },
    ),
    migrations.CreateModel(
        name="AuditEntry",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ("user_id", models.TextField(default="")),
            ("user_name", models.TextField(default="")),
            ("action", models.TextField()),
            ("queue", models.TextField(default="")),
            ("tenant", models.TextField(default="")),
            ("object_type", models.TextField()),
            ("object_id", models.TextField()),
            ("reason", models.TextField(default="")),
            ("before", models.JSONField(null=True)),
            ("after", models.JSONField(null=True)),
        ],
        options={
            "db_table": "queues_auditentry",
            "ordering": ["-id"],
            "indexes": [models.Index(fields=["object_type", "object_id"], name="auditentry_object")],
        },
    ),
]
