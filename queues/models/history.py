"""What happened to a job: attempts that did not succeed at once, and its log."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class JobAttempt(models.Model):
    """One claim of a job and how it ended. A job that succeeds at its first attempt has none."""

    OUTCOMES: ClassVar = ("completed", "retry", "failed", "cancelled", "postponed", "released", "stalled")

    id = models.BigAutoField(primary_key=True)
    job_id = models.UUIDField()
    run = models.SmallIntegerField()
    #: 1 for the first attempt of the run.
    number = models.SmallIntegerField()
    outcome = models.TextField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(db_default=Now())
    worker = models.TextField(default="")
    error_class = models.TextField(default="")
    error = models.TextField(default="")
    #: Redacted stack trace.
    traceback = models.TextField(default="")
    #: Milliseconds until the next attempt, if there is one.
    wait_ms = models.BigIntegerField(null=True)

    class Meta:
        db_table = "queues_jobattempt"
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["job_id", "id"], name="jobattempt_job")]

    def __str__(self) -> str:
        return f"{self.job_id} run {self.run} attempt {self.number}: {self.outcome}"


class JobLog(models.Model):
    """A line that an actor wrote about its job."""

    id = models.BigAutoField(primary_key=True)
    job_id = models.UUIDField()
    at = models.DateTimeField(db_default=Now())
    run = models.SmallIntegerField(default=1)
    attempt = models.SmallIntegerField(default=1)
    level = models.TextField(default="info")
    text = models.TextField()

    class Meta:
        db_table = "queues_joblog"
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["job_id", "id"], name="joblog_job")]

    def __str__(self) -> str:
        return self.text
