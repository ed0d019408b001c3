"""A whole queue, or one tenant in it: pause, resume, clean, empty."""

from __future__ import annotations

from typing import Any

import redis
from django.db import transaction
from django.db.models.functions import Now

from queues import audit, registry
from queues.errors import InvalidTransition
from queues.ledger.bulk import delete_older
from queues.models import Queue, QueueTenant
from queues.order.client import UNREACHABLE
from queues.order.outbox import publisher
from queues.order.scripts import assert_settings
from queues.relay.wanted import order_settings
from queues.states import TRANSITIONS, JobState

#: Jobs that one call of clean or empty removes at the most, unless it says otherwise.
LIMIT = 1_000_000


def pause_queue(queue: object, *, tenant: str | None = None, by: Any = None, reason: str = "") -> None:
    """Start no job of the queue (or of one tenant in it) any more; running ones go on.

    Exact: no claim that begins after this has committed starts one, even while Redis is away.
    """
    _set_paused(queue, tenant, by, reason, paused=True)


def resume_queue(queue: object, *, tenant: str | None = None, by: Any = None, reason: str = "") -> None:
    """Start jobs again."""
    _set_paused(queue, tenant, by, reason, paused=False)


def _set_paused(queue: object, tenant: str | None, by: Any, reason: str, *, paused: bool) -> None:
    name = registry.get(queue).name
    who = by.get_username() if by is not None else ""
    values = {
        "paused": paused,
        "paused_by": who if paused else "",
        "paused_at": Now() if paused else None,
        "paused_reason": reason if paused else "",
    }
    with transaction.atomic():
        if tenant is None:
            Queue.objects.update_or_create(name=name, defaults={**values, "updated_at": Now()})
        else:
            QueueTenant.objects.update_or_create(queue=name, tenant=tenant, defaults=values)
        action = "pause" if paused else "resume"
        audit.record(by, action, "queue", name, queue=name, tenant=tenant or "", reason=reason)
        transaction.on_commit(lambda: _tell_redis(str(name)), robust=True)


def _tell_redis(queue: str) -> None:
    try:
        assert_settings(publisher.client(), queue, order_settings(queue))
    except (*UNREACHABLE, redis.RedisError):
        return  # the relay asserts them again; until then the claim checks the rows


def clean_queue(  # one keyword for each thing the seed names
    queue: object,
    grace_seconds: float,
    status: str,
    *,
    limit: int = LIMIT,
    tenant: str | None = None,
    by: Any = None,
    reason: str = "",
) -> int:
    """Remove jobs in ``status`` that ended (or, open ones, were added) at least ``grace_seconds`` ago; how many went.

    Active jobs are refused with :class:`InvalidTransition`.
    """
    name = registry.get(queue).name
    removable = TRANSITIONS["remove"][0]
    if status not in removable:
        raise InvalidTransition("clean", str(status)[:50], sorted(removable))
    removed = delete_older(name, [str(JobState(status))], grace_seconds, limit, tenant)
    after = {"status": status, "grace_seconds": grace_seconds, "removed": removed}
    audit.record(by, "clean", "queue", name, queue=name, tenant=tenant or "", reason=reason, after=after)
    return removed


def empty_queue(queue: object, *, tenant: str | None = None, by: Any = None, reason: str = "") -> int:
    """Remove all waiting and delayed jobs; running and ended ones stay. Returns how many went."""
    name = registry.get(queue).name
    removed = delete_older(name, [JobState.WAITING, JobState.DELAYED], 0, LIMIT, tenant)
    audit.record(by, "empty", "queue", name, queue=name, tenant=tenant or "", reason=reason, after={"removed": removed})
    return removed
