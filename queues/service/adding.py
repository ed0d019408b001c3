"""Adding jobs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from queues import jobs
from queues.errors import InvalidJobData
from queues.ledger.add import NewJob
from queues.models import Job
from queues.states import JobState


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
    return _store(job)


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
    return _store(job)


def _store(job: NewJob) -> Job:
    """Insert, or find by unique key; the row as it is, without reading back what was just written."""
    job_id, added = jobs.store(job)
    if not added:
        return Job.objects.get(pk=job_id)
    row = Job(
        id=job.id,
        queue=job.queue,
        actor=job.actor,
        tenant=job.tenant,
        priority=job.priority,
        state=added[0].state,
        data=json.loads(job.data),
        options=json.loads(job.options),
        subjects=list(job.subjects),
        max_attempts=job.max_attempts,
        due_at=added[0].run_at,
        run_at=added[0].run_at,
        delayed_until=added[0].run_at if added[0].state == JobState.DELAYED else None,
        created_at=added[0].created_at,
        expires_at=job.expires_at,
        unique_key=job.unique_key,
    )
    row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001  what Model.from_db does
    return row
