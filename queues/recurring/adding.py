"""Adds the job of a tick: in the tick's transaction, due at the tick's time."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from queues import registry
from queues.broker import policy
from queues.config import QueueConfig
from queues.ids import uuid7
from queues.ledger import payload
from queues.ledger.add import NewJob, insert
from queues.order.outbox import publish_on_commit


def check(queue: object, data: Any) -> tuple[QueueConfig, dict[str, Any], str]:
    """The queue's declaration, the data as it is stored, and its tenant.

    Raises :class:`queues.errors.UnknownQueue` and :class:`queues.errors.InvalidJobData`, as adding the job would.
    """
    config = registry.get(queue)
    text, model = payload.validate(config, data)
    return config, json.loads(text), config.tenant(model) if model is not None else ""


def add(queue: str, data: Any, run_at: datetime, priority: int | None) -> UUID:
    """Insert the job in the current transaction; Redis hears of it when that commits. Errors as :func:`check`."""
    config = registry.get(queue)
    text, model = payload.validate(config, data)
    job = NewJob(
        id=uuid7(),
        queue=config.name,
        actor=config.actor or "",
        data=text,
        priority=int(config.priority if priority is None else priority),
        max_attempts=policy.max_attempts(config.name, {}, {}),
        tenant=config.tenant(model) if model is not None else "",
        subjects=config.subjects(model) if model is not None else (),
        run_at=run_at,
    )
    publish_on_commit((added.queue, added.placed) for added in insert([job]))
    return job.id
