"""Writing actors: the decorator for a declared queue, and what a running job knows of itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import dramatiq
from django.utils import timezone

from queues.broker.attempt import Attempt, current
from queues.config import QueueConfig
from queues.errors import PermanentJobError, Postpone, QueueError
from queues.ledger import notes


def queue_actor(config: QueueConfig, **options: Any) -> Callable[[Callable[[dict[str, Any]], Any]], Any]:
    """Make a function the actor of a declared queue: it takes the job's data, a dict, as its one argument.

    Attempts, waits and time limit are the queue's. ``options`` are Dramatiq's.
    """
    if config.actor is None:
        raise ValueError(f"Queue {config.name} names no actor; give its QueueConfig one.")
    merged = {"throws": (PermanentJobError, Postpone), "time_limit": config.time_limit_ms, **options}
    return dramatiq.actor(actor_name=config.actor, queue_name=str(config.name), **merged)


@dataclass(frozen=True, slots=True)
class CurrentJob:
    """The job that the current thread or coroutine is on."""

    id: UUID
    queue: str
    #: Which attempt of its run this is, from 1; and how many there may be.
    attempt: int
    attempts: int
    run: int
    tenant: str
    #: When its time limit strikes.
    deadline: datetime

    @property
    def is_last_attempt(self) -> bool:
        """Whether a failure now is final."""
        return self.attempt >= self.attempts

    def progress(self, done: int, total: int | None = None, **info: Any) -> None:
        """Report how far it is; staff see the newest."""
        notes.set_progress(
            self.id, {"done": done, "total": total, **info, "at": timezone.now().isoformat(timespec="seconds")}
        )

    def log(self, text: str, level: str = "info") -> None:
        """Add a line to the job's log. Ids and counts only: staff of the whole queue may read it."""
        notes.add_log(self.id, text, level)


def current_job() -> CurrentJob:
    """The job in hand; raises :class:`QueueError` outside an actor that runs as a job."""
    attempt: Attempt | None = current.get()
    if attempt is None:
        raise QueueError("There is no current job: this code does not run in an actor of a worker.")
    left = attempt.time_limit_ms / 1000 - (time.monotonic() - attempt.started_at)
    return CurrentJob(
        attempt.job.id,
        attempt.queue,
        attempt.number,
        attempt.job.max_attempts,
        attempt.job.run,
        attempt.job.tenant,
        datetime.now(UTC) + timedelta(seconds=left),
    )
