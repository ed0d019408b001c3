"""Adds the job of a tick: in the tick's transaction, due at the tick's time."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from queues import jobs, registry
from queues.config import QueueConfig


def check(queue: object, data: Any) -> tuple[QueueConfig, dict[str, Any], str]:
    """The queue's declaration, the data as it is stored, and its tenant.

    Raises :class:`queues.errors.UnknownQueue` and :class:`queues.errors.InvalidJobData`, as adding the job would.
    """
    config = registry.get(queue)
    job = jobs.new_job(config, data)
    return config, json.loads(job.data), job.tenant


def add(queue: str, data: Any, run_at: datetime, priority: int | None) -> UUID:
    """Insert the job in the current transaction; Redis hears of it when that commits. Errors as :func:`check`."""
    job = jobs.new_job(registry.get(queue), data, run_at=run_at, priority=priority)
    return jobs.store(job)[0]
