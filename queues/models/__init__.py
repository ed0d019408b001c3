"""The tables of the queue."""

from queues.models.audit import AuditEntry
from queues.models.counts import JobCount, JobCountDelta, JobRollup
from queues.models.history import JobAttempt, JobLog
from queues.models.job import Job, JobSubject
from queues.models.queue import Queue, QueueTenant
from queues.models.recurring import RecurringJob, Tick
from queues.models.worker import Worker

__all__ = [
    "AuditEntry",
    "Job",
    "JobAttempt",
    "JobCount",
    "JobCountDelta",
    "JobLog",
    "JobRollup",
    "JobSubject",
    "Queue",
    "QueueTenant",
    "RecurringJob",
    "Tick",
    "Worker",
]
