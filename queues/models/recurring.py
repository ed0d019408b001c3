"""Jobs that come again by a cron expression, and the ticks at which they came."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class RecurringJob(models.Model):
    """What is added to which queue, when."""

    MISFIRE: ClassVar = [("skip", "skip"), ("run_once", "run once")]

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    queue = models.TextField()
    tenant = models.TextField(default="", blank=True)
    data = models.JSONField(default=dict)
    cron = models.TextField()
    #: IANA name; the cron expression is read on this zone's clock.
    timezone = models.TextField(default="UTC")
    enabled = models.BooleanField(default=True)
    #: One more at each edit; a tick fired for an older one makes no job.
    revision = models.IntegerField(default=1)
    #: What a late tick does: ``skip`` it, or ``run_once`` for all that were missed.
    misfire = models.TextField(choices=MISFIRE, default="run_once")
    priority = models.SmallIntegerField(null=True, blank=True)
    #: ``settings``, ``code`` or ``staff``: who keeps it. Once staff edit it, settings leave it alone.
    source = models.TextField(default="code")
    edited_by = models.TextField(default="", blank=True)
    #: Reconciliation has dealt with every tick up to here.
    reconciled_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "queues_recurringjob"
        ordering: ClassVar = ["queue", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["queue", "name"], name="recurringjob_name"),
            models.CheckConstraint(name="recurringjob_misfire", condition=Q(misfire__in=["skip", "run_once"])),
        ]

    def __str__(self) -> str:
        return self.name


class Tick(models.Model):
    """One time at which a recurring job was due, and what became of it."""

    OUTCOMES: ClassVar = [(name, name) for name in ("ran", "late", "skipped", "missed", "manual")]

    id = models.BigAutoField(primary_key=True)
    recurring_job_id = models.BigIntegerField()
    scheduled_for = models.DateTimeField()
    outcome = models.TextField(choices=OUTCOMES)
    job_id = models.UUIDField(null=True)
    #: More than one only in a summary of ticks missed in a long outage.
    count = models.IntegerField(default=1)
    note = models.TextField(default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "queues_tick"
        ordering: ClassVar = ["-scheduled_for"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recurring_job_id", "scheduled_for"], name="tick_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="tick_created")]

    def __str__(self) -> str:
        return f"{self.recurring_job_id} at {self.scheduled_for}: {self.outcome}"
