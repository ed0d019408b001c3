"""What health and metrics both need to know of some queues, in a constant number of statements."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from queues.inspection.scoping import counted_tenants
from queues.models import Queue, QueueTenant

#: The first due job that nobody runs yet, by the open jobs' index; active ones before it are passed over.
OLDEST = """
SELECT name, (
    SELECT extract(epoch FROM statement_timestamp() - run_at)::float8 FROM queues_job
    WHERE queue = name AND finished_at IS NULL AND state <> 'active' AND run_at <= statement_timestamp()
      AND (%(everyone)s OR tenant = ANY (%(tenants)s))
    ORDER BY run_at LIMIT 1
) FROM unnest(%(queues)s::text[]) AS name
"""

ALIVE = """
SELECT kind, leads, queues::text FROM queues_worker
WHERE heartbeat_at > statement_timestamp() - make_interval(secs => %s)
"""

FINISHED = """
SELECT queue, sum(completed)::bigint, sum(failed)::bigint FROM queues_jobrollup
WHERE queue = ANY (%(queues)s) AND tenant = ANY (%(tenants)s)
  AND minute >= statement_timestamp() - make_interval(secs => %(window_s)s) GROUP BY queue
"""


@dataclass(frozen=True, slots=True)
class Pause:
    """Who stopped a queue, or one tenant in it, when and why. ``tenant`` is None for the whole queue."""

    tenant: str | None
    by: str
    since: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Processes:
    """The processes whose heart beat lately."""

    #: Live workers by the queue that they consume.
    workers: dict[str, int] = field(default_factory=dict)
    schedulers: int = 0
    #: Whether one of them leads the relay.
    relay: bool = False


def oldest_waiting_s(queues: list[str], tenant: str | None, tenants: frozenset[str] | None) -> dict[str, float]:
    """Seconds for which the oldest due job of each queue has been waiting; queues in which none waits are missing."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST, _asked(queues, tenant, tenants))
        return {name: max(age, 0.0) for name, age in cursor.fetchall() if age is not None}


def finished(
    queues: list[str], tenant: str | None, tenants: frozenset[str] | None, window_s: int
) -> dict[str, tuple[int, int]]:
    """Completed and failed runs of each queue in the last ``window_s`` seconds, by whole minutes."""
    with connection.cursor() as cursor:
        cursor.execute(FINISHED, {**_asked(queues, tenant, tenants), "window_s": window_s})
        return {name: (completed, failed) for name, completed, failed in cursor.fetchall()}


def pauses(queues: list[str], tenant: str | None, tenants: frozenset[str] | None) -> dict[str, list[Pause]]:
    """Pauses of the named queues: of the whole queue first, then of the tenants that were asked for."""
    found: dict[str, list[Pause]] = {}
    of_queues = Queue.objects.filter(name__in=queues, paused=True)
    for name, by, since, reason in of_queues.values_list("name", "paused_by", "paused_at", "paused_reason"):
        found.setdefault(name, []).append(Pause(None, by, since, reason))
    of_tenants = QueueTenant.objects.filter(queue__in=queues, paused=True).order_by("tenant")
    if tenant is not None or tenants is not None:
        of_tenants = of_tenants.filter(tenant__in=counted_tenants(tenant, tenants))
    columns = ("queue", "tenant", "paused_by", "paused_at", "paused_reason")
    for name, whose, by, since, reason in of_tenants.values_list(*columns):
        found.setdefault(name, []).append(Pause(whose, by, since, reason))
    return found


def processes() -> Processes:
    """What is alive: everything heard of within the settings' heartbeat threshold, on PostgreSQL's clock."""
    silence = settings.QUEUES.health.heartbeat_s
    workers: dict[str, int] = {}
    schedulers, relay = 0, False
    with connection.cursor() as cursor:
        cursor.execute(ALIVE, [silence])
        alive = cursor.fetchall()
    for kind, leads, queues in alive:
        schedulers += kind == "scheduler"
        relay = relay or leads
        for name in json.loads(queues) if kind == "worker" else ():
            workers[name] = workers.get(name, 0) + 1
    return Processes(workers, schedulers, relay)


def _asked(queues: list[str], tenant: str | None, tenants: frozenset[str] | None) -> dict[str, Any]:
    counted = counted_tenants(tenant, tenants)
    return {"queues": queues, "tenants": counted, "everyone": tenant is None and tenants is None}
