"""A job: the row that is its whole truth, and the subjects it is found by."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from queues.ids import uuid7
from queues.states import JobState

STATES = [(state.value, state.value) for state in JobState]


class Job(models.Model):
    """One piece of work and where it stands.

    No index names ``state``: claiming a row then touches no index and stays a heap-only update. ``finished_at`` is null
    while the job is open, ``failed_at`` is set only while it is failed, ``delayed_until`` only while it is delayed.
    Written by :mod:`queues.ledger` alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    queue = models.TextField()
    actor = models.TextField()
    tenant = models.TextField(default="", blank=True)
    priority = models.SmallIntegerField()
    state = models.TextField(choices=STATES)
    #: The data of a declared queue's job; ``{"args": […], "kwargs": {…}}`` for a plain actor.
    data = models.JSONField()
    #: Dramatiq's options that travel with the message (pipe_target, on_success …).
    options = models.JSONField(default=dict)
    subjects = ArrayField(models.TextField(), default=list)
    #: 1 for the first life of the job, one more for each retry by staff.
    run = models.SmallIntegerField(default=1)
    #: Attempts of this run that ended by themselves.
    attempts_made = models.SmallIntegerField(default=0)
    max_attempts = models.SmallIntegerField()
    #: Times that a worker died while it ran this job alone.
    stalled = models.SmallIntegerField(default=0)
    #: Its worker was lost: the next attempt runs alone in its process.
    suspect = models.BooleanField(default=False)
    #: The attempt in hand runs alone in its process.
    alone = models.BooleanField(default=False)
    cancel_requested = models.BooleanField(default=False)
    #: Place within the flow; fixed for a run.
    due_at = models.DateTimeField()
    #: The next start.
    run_at = models.DateTimeField()
    #: Equal to run_at while the job is delayed, else null.
    delayed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    #: Start of the newest attempt.
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    #: Not started by then: cancelled.
    expires_at = models.DateTimeField(null=True)
    #: The attempt that holds the job.
    token = models.UUIDField(null=True)
    worker = models.TextField(default="")
    unique_key = models.TextField(null=True)  # noqa: DJ001  null is no key, and no key is unique to nobody
    error_class = models.TextField(default="")
    #: Redacted text of the newest error.
    error = models.TextField(default="")
    #: Why it was skipped, cancelled or postponed.
    reason = models.TextField(default="")
    #: The newest progress that the actor reported.
    progress = models.JSONField(null=True)

    class Meta:
        db_table = "queues_job"
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["queue", "run_at", "id"], name="job_open", condition=Q(finished_at__isnull=True)),
            models.Index(
                fields=["queue", "delayed_until"], name="job_delayed", condition=Q(delayed_until__isnull=False)
            ),
            models.Index(
                fields=["queue", "-failed_at", "-id"], name="job_failed", condition=Q(failed_at__isnull=False)
            ),
            models.Index(fields=["finished_at"], name="job_finished", condition=Q(finished_at__isnull=False)),
            models.Index(fields=["tenant", "-id"], name="job_tenant"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["queue", "unique_key"],
                name="job_unique_open",
                condition=Q(unique_key__isnull=False, finished_at__isnull=True),
            ),
            models.CheckConstraint(name="job_state", condition=Q(state__in=[state.value for state in JobState])),
            models.CheckConstraint(name="job_priority", condition=Q(priority__range=(0, 3))),
        ]
        permissions: ClassVar = [
            ("operate_job", "Can retry, cancel, promote and remove jobs"),
            ("administer_queue", "Can pause, empty and clean queues and edit recurring jobs"),
        ]

    def __str__(self) -> str:
        return f"{self.queue} {self.id}"


class JobSubject(models.Model):
    """Whom or what a job is about: an opaque reference such as ``patient:<uuid>``."""

    pk = models.CompositePrimaryKey("subject", "job_id")
    subject = models.TextField()
    job_id = models.UUIDField()

    class Meta:
        db_table = "queues_jobsubject"

    def __str__(self) -> str:
        return f"{self.subject} {self.job_id}"
