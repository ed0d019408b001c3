"""Making new jobs of a declared queue from what a caller gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from queues import registry
from queues.config import QueueConfig
from queues.errors import InvalidJobData
from queues.ids import uuid7
from queues.ledger import payload
from queues.ledger.add import Added, NewJob, insert, insert_or_find
from queues.order.outbox import publish_on_commit
from queues.priorities import JobPriority

#: Longest delay accepted: ten years, in milliseconds.
DELAY_MAX_MS = 10 * 366 * 86_400_000
#: Most runs of a job.
ATTEMPTS_MAX = 1000
#: Most characters of a unique key.
KEY_LIMIT = 300


def new_job(  # one keyword for each thing a caller may say
    config: QueueConfig,
    data: Any,
    *,
    priority: int | None = None,
    delay: int | None = None,
    run_at: datetime | None = None,
    unique_key: str | None = None,
    attempts: int | None = None,
    expires_at: datetime | None = None,
    job_id: UUID | None = None,
) -> NewJob:
    """A checked job, not stored yet. Raises :class:`InvalidJobData` naming every field that is wrong."""
    check(
        priority=priority,
        delay=delay,
        run_at=run_at,
        unique_key=unique_key,
        attempts=attempts,
        expires_at=expires_at,
    )
    text, model = payload.validate(config, data)
    return NewJob(
        id=job_id or uuid7(),
        queue=str(config.name),
        actor=config.actor or "",
        data=text,
        priority=int(config.priority if priority is None else priority),
        max_attempts=attempts or config.attempts,
        tenant=payload.check_reference("tenant", config.tenant(model if model is not None else data)),
        subjects=payload.check_subjects(config.subjects(model if model is not None else data)),
        run_at=run_at,
        delay_ms=delay or 0,
        expires_at=expires_at,
        unique_key=unique_key,
    )


def check(
    *,
    priority: Any = None,
    delay: Any = None,
    run_at: Any = None,
    unique_key: Any = None,
    attempts: Any = None,
    expires_at: Any = None,
) -> None:
    """What a caller may say of a job, whatever it says; raises :class:`InvalidJobData` naming every wrong field."""
    errors: dict[str, str] = {}
    if delay is not None and not _whole(delay, 0, DELAY_MAX_MS):
        errors["delay"] = f"must be milliseconds from 0 to {DELAY_MAX_MS}."
    for name, when in (("run_at", run_at), ("expires_at", expires_at)):
        if when is not None and (not isinstance(when, datetime) or when.tzinfo is None):
            errors[name] = "must be an aware datetime: one with a time zone."
    if attempts is not None and not _whole(attempts, 1, ATTEMPTS_MAX):
        errors["attempts"] = f"must be a whole number from 1 to {ATTEMPTS_MAX}."
    if unique_key is not None and not isinstance(unique_key, str):
        errors["unique_key"] = "must be text."
    elif unique_key is not None:
        payload.check_text("unique_key", unique_key)
        if not 1 <= len(unique_key) <= KEY_LIMIT:
            errors["unique_key"] = f"must have 1 to {KEY_LIMIT} characters."
    if priority is not None and not _whole(priority, JobPriority.CRITICAL, JobPriority.LOW):
        errors["priority"] = "must be one of CRITICAL (0), HIGH (1), NORMAL (2), LOW (3)."
    if errors:
        raise InvalidJobData(errors)


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def store(job: NewJob) -> tuple[UUID, list[Added]]:
    """Insert it in the current transaction, or find the open job with its unique key; what is new is published."""
    job_id, added = insert_or_find(job)
    publish_on_commit((item.queue, item.placed) for item in added)
    return job_id, added


def store_all(jobs: list[NewJob]) -> list[UUID]:
    """Insert many at once; returns the ids of those that were new."""
    added = insert(jobs)
    publish_on_commit((item.queue, item.placed) for item in added)
    return [item.id for item in added]


def config_of(queue: object) -> QueueConfig:
    """The declaration of a queue given by name or enum; raises :class:`UnknownQueue`."""
    return registry.get(queue)
