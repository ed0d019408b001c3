"""One job: look at it, retry, cancel, promote, reschedule, remove; progress and log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import redis
from django.db import transaction

from queues import audit, jobs, registry
from queues.errors import InvalidJobData, JobNotFound, UniqueConflict
from queues.ledger import notes, verbs
from queues.models import Job
from queues.order.client import UNREACHABLE
from queues.order.outbox import publish_on_commit, publisher
from queues.order.scripts import ask_cancel


def parse_id(queue: str, job_id: object) -> UUID:
    """The id as a UUID; what is none names no job."""
    if isinstance(job_id, UUID):
        return job_id
    try:
        text = str(job_id)
        parsed = UUID(text)
    except (ValueError, AttributeError):
        raise JobNotFound(queue, job_id) from None
    if text.lower() != str(parsed):
        raise JobNotFound(queue, job_id)
    return parsed


def _named(queue: object) -> str:
    name = str(getattr(queue, "value", queue))
    return name if Job.objects.filter(queue=name).exists() else str(jobs.config_of(queue).name)


def get_job(queue: object, job_id: object, *, tenants: Collection[str] | None = None) -> Job:
    """The job's row; raises :class:`JobNotFound`."""
    name = _named(queue)
    found = Job.objects.filter(pk=parse_id(name, job_id), queue=name)
    job = (found if tenants is None else found.filter(tenant__in=list(tenants))).first()
    if job is None:
        raise JobNotFound(name, job_id)
    return job


def retry_job(
    queue: object, job_id: object, *, by: Any = None, reason: str = "", tenants: Collection[str] | None = None
) -> Job:
    """Give a failed or cancelled job a new run with a fresh set of attempts; the old ones stay on record.

    Of many people at once one succeeds, the others get :class:`InvalidTransition`. :class:`UniqueConflict` if a newer
    job with its unique key is open.
    """
    name = _named(queue)
    key = parse_id(name, job_id)
    before = get_job(name, key, tenants=tenants)
    config = registry.find(name)
    attempts = config.attempts if config and config.actor == before.actor else before.max_attempts
    try:
        with transaction.atomic():
            tenant, placed = verbs.retry(name, key, attempts, tenants)
            _audit(by, "retry", name, key, tenant, reason, {"state": before.state, "run": before.run})
    except UniqueConflict:
        holder = verbs.holder_of_unique_key(name, key)
        raise UniqueConflict(holder[0] if holder else "", holder[1] if holder else key) from None
    publish_on_commit([(name, placed)])
    return get_job(name, key)


def promote_job(
    queue: object, job_id: object, *, by: Any = None, reason: str = "", tenants: Collection[str] | None = None
) -> Job:
    """Let a delayed job run now."""
    name = _named(queue)
    key = parse_id(name, job_id)
    with transaction.atomic():
        tenant, placed = verbs.promote(name, key, tenants)
        _audit(by, "promote", name, key, tenant, reason, {"state": "delayed"})
    publish_on_commit([(name, placed)])
    return get_job(name, key)


def reschedule_job(
    queue: object,
    job_id: object,
    run_at: datetime,
    *,
    by: Any = None,
    reason: str = "",
    tenants: Collection[str] | None = None,
) -> Job:
    """Give an open job another time, an aware datetime."""
    if not isinstance(run_at, datetime) or run_at.tzinfo is None:
        raise InvalidJobData({"run_at": "must be an aware datetime: one with a time zone."})
    name = _named(queue)
    key = parse_id(name, job_id)
    before = get_job(name, key, tenants=tenants)
    with transaction.atomic():
        tenant, placed = verbs.reschedule(name, key, run_at, tenants)
        _audit(by, "reschedule", name, key, tenant, reason, {"run_at": before.run_at.isoformat()})
    publish_on_commit([(name, placed)])
    return get_job(name, key)


def cancel_job(
    queue: object,
    job_id: object,
    *,
    by: Any = None,
    reason: str = "cancelled",
    tenants: Collection[str] | None = None,
) -> Job:
    """Cancel a job that waits, or ask a running one to stop.

    A running one ends as cancelled when its worker hears of it, or with the attempt, whichever comes first.
    """
    name = _named(queue)
    key = parse_id(name, job_id)
    with transaction.atomic():
        tenant, token = verbs.cancel(name, key, reason, tenants)
        _audit(by, "cancel", name, key, tenant, reason, {"state": "active" if token else "waiting"})
        if token:
            transaction.on_commit(lambda: _ask(name, token, key), robust=True)
    return get_job(name, key)


def remove_job(
    queue: object, job_id: object, *, by: Any = None, reason: str = "", tenants: Collection[str] | None = None
) -> None:
    """Delete a job that does not run, with its history; its audit entries stay."""
    name = _named(queue)
    key = parse_id(name, job_id)
    before = get_job(name, key, tenants=tenants)
    with transaction.atomic():
        tenant = verbs.remove(name, key, tenants)
        _audit(by, "remove", name, key, tenant, reason, {"state": before.state, "run": before.run})


def update_progress(queue: object, job_id: object, progress: dict[str, Any]) -> None:
    """Store a job's newest progress."""
    notes.set_progress(parse_id(str(queue), job_id), progress)


def add_log(queue: object, job_id: object, text: str, level: str = "info") -> None:
    """Add a line to a job's log."""
    notes.add_log(parse_id(str(queue), job_id), text, level)


def _ask(queue: str, token: UUID, job_id: UUID) -> None:
    try:
        ask_cancel(publisher.client(), queue, [(token, job_id)])
    except (*UNREACHABLE, redis.RedisError):
        return  # the relay asks again: the wish stands in the row


def _audit(by: Any, action: str, queue: str, job_id: UUID, tenant: str, reason: str, before: dict[str, Any]) -> None:
    if by is not None:
        audit.record(by, action, "job", job_id, queue=queue, tenant=tenant, reason=reason, before=before)
