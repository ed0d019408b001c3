"""Counts of jobs by state, as append-only deltas and their sums; and what each minute brought."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class JobCountDelta(models.Model):
    """A change of a count, written by statement-level triggers on the job table and folded by the leader."""

    id = models.BigAutoField(primary_key=True)
    queue = models.TextField()
    tenant = models.TextField()
    state = models.TextField()
    delta = models.IntegerField()

    class Meta:
        db_table = "queues_jobcountdelta"
        indexes: ClassVar = [models.Index(fields=["queue"], name="jobcountdelta_queue")]

    def __str__(self) -> str:
        return f"{self.queue}/{self.tenant}/{self.state} {self.delta:+d}"


class JobCount(models.Model):
    """How many jobs of a tenant are in a state; ``tenant='*'`` sums all tenants of the queue."""

    pk = models.CompositePrimaryKey("queue", "tenant", "state")
    queue = models.TextField()
    tenant = models.TextField()
    state = models.TextField()
    jobs = models.BigIntegerField(default=0)

    class Meta:
        db_table = "queues_jobcount"

    def __str__(self) -> str:
        return f"{self.queue}/{self.tenant}/{self.state} {self.jobs}"


class JobRollup(models.Model):
    """One minute of one queue (``tenant='*'``) or of one tenant in it."""

    pk = models.CompositePrimaryKey("queue", "tenant", "minute")
    queue = models.TextField()
    tenant = models.TextField()
    minute = models.DateTimeField()
    completed = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    cancelled = models.IntegerField(default=0)
    #: Attempts that did not succeed (retries, failures, lost workers).
    attempts_failed = models.IntegerField(default=0)
    stalled = models.IntegerField(default=0)
    #: Jobs by the logarithmic bucket of their wait, see queues.counts.histogram.
    wait_histogram = ArrayField(models.IntegerField(), default=list)
    run_histogram = ArrayField(models.IntegerField(), default=list)

    class Meta:
        db_table = "queues_jobrollup"
        indexes: ClassVar = [models.Index(fields=["minute"], name="jobrollup_minute")]

    def __str__(self) -> str:
        return f"{self.queue}/{self.tenant} {self.minute:%H:%M}"
