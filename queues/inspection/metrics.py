"""How fast, how well and how long: a queue's figures over the last minute, five minutes, hour and day."""

import time
from dataclasses import dataclass
from typing import Any

from django.db import connection
from redis import RedisError

from queues import registry
from queues.counts import histogram
from queues.counts.fold import EVERY_TENANT
from queues.inspection import facts
from queues.inspection.scoping import counted_tenants
from queues.inspection.stats import QueueStats, all_names, stats_of
from queues.order.client import OrderClient

#: Name of each window and its length, seconds.
WINDOWS = {"1m": 60, "5m": 300, "1h": 3600, "24h": 86_400}

#: Sums of whole minutes; the minute that still runs counts, and its seconds belong to the window.
SUMS = """
SELECT queue, span, sum(completed)::bigint, sum(failed)::bigint, sum(cancelled)::bigint, sum(attempts_failed)::bigint,
       sum(stalled)::bigint,
       extract(epoch FROM statement_timestamp() - date_trunc('minute', statement_timestamp()))::float8
FROM queues_jobrollup
JOIN unnest(%(spans)s::int[]) AS span
  ON minute >= date_trunc('minute', statement_timestamp()) - make_interval(secs => span)
WHERE queue = ANY (%(queues)s) AND tenant = ANY (%(tenants)s) GROUP BY queue, span
"""

#: Each histogram's buckets, added up per window.
HISTOGRAMS = """
SELECT queue, span, kind, place - 1, sum(jobs)::bigint
FROM queues_jobrollup
JOIN unnest(%(spans)s::int[]) AS span
  ON minute >= date_trunc('minute', statement_timestamp()) - make_interval(secs => span)
CROSS JOIN LATERAL (
    SELECT 'wait', place, jobs FROM unnest(wait_histogram) WITH ORDINALITY AS w (jobs, place) WHERE jobs > 0
    UNION ALL
    SELECT 'run', place, jobs FROM unnest(run_histogram) WITH ORDINALITY AS r (jobs, place) WHERE jobs > 0
) AS buckets (kind, place, jobs)
WHERE queue = ANY (%(queues)s) AND tenant = ANY (%(tenants)s) GROUP BY queue, span, kind, place
"""

#: Jobs that failed because they cost a worker its life once too often, by the failed jobs' index.
POISON = """
SELECT queue, span, count(*) FROM queues_job
JOIN unnest(%(spans)s::int[]) AS span
  ON failed_at >= date_trunc('minute', statement_timestamp()) - make_interval(secs => span)
WHERE queue = ANY (%(queues)s) AND failed_at IS NOT NULL AND error_class = 'WorkerLost'
  AND (%(everyone)s OR tenant = ANY (%(tenants)s)) GROUP BY queue, span
"""

#: How long Redis may take to tell its memory, and how long it is left alone after it did not, seconds.
REDIS_TIMEOUT_S = 0.25
REDIS_REST_S = 5.0


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Milliseconds that half, 95 % and 99 % of the jobs did not exceed, within 10 %; None if there were none."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None

    @classmethod
    def of(cls, counts: list[int]) -> "Percentiles":
        """Of a histogram."""
        return cls(*(histogram.percentile(counts, share) for share in (0.5, 0.95, 0.99)))


@dataclass(frozen=True, slots=True)
class WindowMetrics:
    """What happened in one window of time."""

    #: Length of the window, seconds.
    seconds: int
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    #: Runs that ended, a second.
    throughput: float = 0.0
    #: Share of failed among completed and failed, 0.0 to 1.0; None if none ended.
    failure_rate: float | None = None
    #: Attempts that did not succeed: retried, failed for good, or lost with their worker.
    attempts_failed: int = 0
    #: Attempts lost with their worker.
    stalled: int = 0
    #: Those of them whose job was put back to run again; the rest failed as poison.
    rescued: int = 0
    #: Milliseconds from due to started, and from started to ended, of each run's last attempt.
    wait_ms: Percentiles = Percentiles()
    run_ms: Percentiles = Percentiles()


@dataclass(frozen=True, slots=True)
class QueueMetrics:
    """A queue's figures."""

    name: str
    stats: QueueStats
    #: By the names in ``WINDOWS``.
    windows: dict[str, WindowMetrics]
    #: Seconds for which the oldest due job has been waiting; 0 if none waits.
    oldest_waiting_s: float
    #: Live workers that consume it.
    workers: int
    #: Bytes that the whole Redis server uses; None while it does not answer.
    redis_memory_bytes: int | None


def get_queue_metrics(
    queue: object, tenant: str | None = None, *, tenants: frozenset[str] | None = None
) -> QueueMetrics:
    """The figures of one queue, or of one tenant in it. Raises ``UnknownQueue``."""
    name = str(registry.get(queue).name)
    return metrics_of([name], tenant, tenants)[name]


def get_all_queue_metrics(
    tenant: str | None = None, *, tenants: frozenset[str] | None = None
) -> dict[str, QueueMetrics]:
    """The figures of every queue by its name, in a constant number of statements."""
    return metrics_of(all_names(), tenant, tenants)


def metrics_of(
    queues: list[str], tenant: str | None = None, tenants: frozenset[str] | None = None
) -> dict[str, QueueMetrics]:
    """The figures of the named queues."""
    stats = stats_of(queues, tenant, tenants)
    oldest = facts.oldest_waiting_s(queues, tenant, tenants)
    alive = facts.processes()
    memory = redis_memory()
    windows = _windows(queues, counted_tenants(tenant, tenants))
    return {
        name: QueueMetrics(name, stats[name], windows[name], oldest.get(name, 0.0), alive.workers.get(name, 0), memory)
        for name in queues
    }


def _windows(queues: list[str], tenants: list[str]) -> dict[str, dict[str, WindowMetrics]]:
    asked: dict[str, Any] = {"queues": queues, "tenants": tenants, "spans": list(WINDOWS.values())}
    asked["everyone"] = tenants == [EVERY_TENANT]
    buckets: dict[tuple[str, int, str], list[tuple[int, int]]] = {}
    sums: dict[tuple[str, int], tuple[Any, ...]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SUMS, asked)
        for queue, span, *figures in cursor.fetchall():
            sums[queue, span] = tuple(figures)
        cursor.execute(HISTOGRAMS, asked)
        for queue, span, kind, place, jobs in cursor.fetchall():
            buckets.setdefault((queue, span, kind), []).append((place, jobs))
        cursor.execute(POISON, asked)
        poison = {(queue, span): jobs for queue, span, jobs in cursor.fetchall()}

    def window(queue: str, span: int) -> WindowMetrics:
        if (queue, span) not in sums:
            return WindowMetrics(span)
        completed, failed, cancelled, attempts_failed, stalled, running_s = sums[queue, span]
        ended = completed + failed
        return WindowMetrics(
            span,
            completed,
            failed,
            cancelled,
            throughput=ended / (span + running_s),
            failure_rate=failed / ended if ended else None,
            attempts_failed=attempts_failed,
            stalled=stalled,
            rescued=max(stalled - poison.get((queue, span), 0), 0),
            wait_ms=Percentiles.of(histogram.from_buckets(buckets.get((queue, span, "wait"), []))),
            run_ms=Percentiles.of(histogram.from_buckets(buckets.get((queue, span, "run"), []))),
        )

    return {queue: {name: window(queue, span) for name, span in WINDOWS.items()} for queue in queues}


class _RedisMemory:
    """Asks Redis, and leaves it alone for a while when it does not answer."""

    def __init__(self) -> None:
        self._client: OrderClient | None = None
        self._rests_until = 0.0

    def read(self) -> int | None:
        if time.monotonic() < self._rests_until:
            return None
        if self._client is None:
            self._client = OrderClient(REDIS_TIMEOUT_S)
        try:
            answer = self._client.command("INFO", "memory")
            text = answer.decode() if isinstance(answer, bytes) else str(answer)
            return next((int(line[12:]) for line in text.splitlines() if line.startswith("used_memory:")), None)
        except (RedisError, OSError):
            self._rests_until = time.monotonic() + REDIS_REST_S
            return None


_memory = _RedisMemory()


def redis_memory() -> int | None:
    """Bytes that the Redis server uses; None while it does not answer within a quarter of a second."""
    return _memory.read()
