"""Bull's five counts and whether a queue is paused: exact at every instant, and no dearer with a million jobs."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from queues import registry
from queues.counts.fold import EVERY_TENANT
from queues.inspection.scoping import counted_tenants

#: Folded counts and what has not been folded yet, of one snapshot; delayed jobs whose time has come count as waiting.
STATS = """
SELECT queue, state, sum(jobs)::bigint FROM (
    SELECT queue, state, jobs FROM queues_jobcount WHERE queue = ANY (%(queues)s) AND tenant = ANY (%(tenants)s)
    UNION ALL
    SELECT queue, state, delta FROM queues_jobcountdelta
    WHERE queue = ANY (%(queues)s) AND (%(everyone)s OR tenant = ANY (%(tenants)s))
    UNION ALL
    SELECT queue, 'due', 1 FROM queues_job
    WHERE queue = ANY (%(queues)s) AND delayed_until <= statement_timestamp()
      AND (%(everyone)s OR tenant = ANY (%(tenants)s))
    UNION ALL
    SELECT name, 'paused', 1 FROM queues_queue WHERE name = ANY (%(queues)s) AND paused
    UNION ALL
    SELECT queue, 'paused', 1 FROM queues_queuetenant
    WHERE queue = ANY (%(queues)s) AND paused AND tenant = %(tenant)s
) AS parts GROUP BY queue, state
"""

#: Queues that are not declared, but that plain actors put jobs into.
COUNTED_QUEUES = """
SELECT DISTINCT queue FROM queues_jobcount WHERE tenant = '*' UNION SELECT DISTINCT queue FROM queues_jobcountdelta
"""


@dataclass(frozen=True, slots=True)
class QueueStats:
    """How many jobs of a queue are where. Cancelled jobs are in none of the five."""

    #: Ready to start, whether or not somebody has marked them so yet.
    waiting: int = 0
    active: int = 0
    completed: int = 0
    #: The dead letters: their attempts are used up, staff may retry them.
    failed: int = 0
    #: Their time is ahead: scheduled, postponed or between two attempts.
    delayed: int = 0
    #: Nothing new starts: the queue is paused, or this tenant in it, if one was asked for.
    paused: bool = False

    @classmethod
    def of(cls, counts: dict[str, int]) -> "QueueStats":
        """From jobs by state, besides ``due`` (delayed, but their time has come) and ``paused``."""
        due = counts.get("due", 0)
        return cls(
            waiting=max(counts.get("waiting", 0) + due, 0),
            active=max(counts.get("active", 0), 0),
            completed=max(counts.get("completed", 0), 0),
            failed=max(counts.get("failed", 0), 0),
            delayed=max(counts.get("delayed", 0) - due, 0),
            paused=counts.get("paused", 0) > 0,
        )


def get_queue_stats(queue: object, tenant: str | None = None, *, tenants: frozenset[str] | None = None) -> QueueStats:
    """The counts of one queue, or of one tenant in it. One statement. Raises ``UnknownQueue``."""
    name = str(registry.get(queue).name)
    return stats_of([name], tenant, tenants)[name]


def get_all_queue_stats(tenant: str | None = None, *, tenants: frozenset[str] | None = None) -> dict[str, QueueStats]:
    """The counts of every queue by its name, those of plain actors too. Two statements, however many queues."""
    return stats_of(all_names(), tenant, tenants)


def all_names() -> list[str]:
    """Declared queues in their order, then all others that ever had a job."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED_QUEUES)
        counted = sorted(row[0] for row in cursor.fetchall())
    declared = registry.names()
    return declared + [name for name in counted if name not in declared]


def stats_of(
    queues: list[str], tenant: str | None = None, tenants: frozenset[str] | None = None
) -> dict[str, QueueStats]:
    """The counts of the named queues, in one statement."""
    counted = counted_tenants(tenant, tenants)
    asked: dict[str, Any] = {
        "queues": queues,
        "tenants": counted,
        "everyone": counted == [EVERY_TENANT],
        "tenant": tenant,
    }
    counts: dict[str, dict[str, int]] = {queue: {} for queue in queues}
    with connection.cursor() as cursor:
        cursor.execute(STATS, asked)
        for queue, state, jobs in cursor.fetchall():
            counts[queue][state] = jobs
    return {queue: QueueStats.of(of_queue) for queue, of_queue in counts.items()}
