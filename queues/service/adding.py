"""Adding jobs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from queues import jobs
from queues.errors import InvalidJobData
from queues.models import Job


def add_job(
    queue: object,
    data: dict[str, Any],
    *,
    priority: int | None = None,
    delay: int | None = None,
    unique_key: str | None = None,
    attempts: int | None = None,
    expires_at: datetime | None = None,
    job_id: UUID | None = None,
) -> Job:
    """Add a job to a declared queue, in the caller's transaction; it exists from the commit on.

    ``delay`` in milliseconds. ``attempts`` are runs in all. A second add with a ``unique_key`` whose job is still open
    returns that job. A job not started by ``expires_at`` is cancelled. Raises :class:`UnknownQueue`,
    :class:`InvalidJobData` (nothing is stored), :class:`DuplicateJob` for an id that exists.
    """
    config = jobs.config_of(queue)
    job = jobs.new_job(
        config,
        data,
        priority=priority,
        delay=delay,
        unique_key=unique_key,
        attempts=attempts,
        expires_at=expires_at,
        job_id=job_id,
    )
    return Job.objects.get(pk=jobs.store(job))


def add_jobs(queue: object, many: Iterable[dict[str, Any]], *, priority: int | None = None) -> list[UUID]:
    """Add many jobs of one queue in one statement; all or, if any data is invalid, none. Returns their ids."""
    config = jobs.config_of(queue)
    made = []
    for index, data in enumerate(many):
        try:
            made.append(jobs.new_job(config, data, priority=priority))
        except InvalidJobData as error:
            raise InvalidJobData({f"[{index}].{field}": text for field, text in error.errors.items()}) from None
    return jobs.store_all(made)


def add_job_with_priority(queue: object, data: dict[str, Any], priority: int) -> Job:
    """Add a job with a :class:`queues.priorities.JobPriority`."""
    return add_job(queue, data, priority=priority)


def schedule_job(
    queue: object,
    data: dict[str, Any],
    run_at: datetime,
    *,
    priority: int | None = None,
    unique_key: str | None = None,
    attempts: int | None = None,
    expires_at: datetime | None = None,
) -> Job:
    """Add a job that runs at ``run_at``, an aware datetime; one that is past runs now."""
    config = jobs.config_of(queue)
    if run_at is None:
        raise InvalidJobData({"run_at": "must be an aware datetime: one with a time zone."})
    job = jobs.new_job(
        config, data, priority=priority, run_at=run_at, unique_key=unique_key, attempts=attempts, expires_at=expires_at
    )
    return Job.objects.get(pk=jobs.store(job))
