"""How the bench's client uses this project."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from bench.ours.apps import QUEUES
from queues import jobs, service
from queues.order.outbox import publisher

#: Jobs in one call of a bulk add.
BULK = 10_000
TABLES = "queues_job, queues_jobsubject, queues_jobattempt, queues_joblog, queues_jobcount, queues_jobcountdelta"


def add(kind: str, data: dict[str, Any], delay_ms: int = 0) -> None:
    """Add one job, in a transaction of its own."""
    service.add_job(QUEUES[kind].name, data, delay=delay_ms)


def add_many(kind: str, many: list[dict[str, Any]], delay_ms: int = 0) -> None:
    """Add many at once."""
    for start in range(0, len(many), BULK):
        part = many[start : start + BULK]
        if delay_ms:
            jobs.store_all([jobs.new_job(QUEUES[kind], data, delay=delay_ms) for data in part])
        else:
            service.add_jobs(QUEUES[kind].name, part)


def remaining(kind: str) -> int:
    """Jobs that are not on record as ended."""
    stats = service.get_queue_stats(QUEUES[kind].name)
    return stats.waiting + stats.delayed + stats.active


def counts() -> dict[str, int]:
    """Jobs by state, as staff see them."""
    stats = service.get_queue_stats(QUEUES["noop"].name)
    return {"waiting": stats.waiting, "completed": stats.completed}


def clear() -> None:
    """Forget all jobs; Redis keeps nothing of them either."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES}")
    publisher.client().command("FLUSHDB")


def fill(jobs_ended: int) -> None:
    """Have so many completed jobs on record, of a hundred tenants."""
    for statement in _filling(jobs_ended):
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _filling(jobs_ended: int) -> Iterator[str]:
    step = 100_000
    for first in range(0, jobs_ended, step):
        last = min(first + step, jobs_ended)
        yield f"""
            INSERT INTO queues_job (id, queue, actor, tenant, priority, state, data, options, subjects, run,
                attempts_made, max_attempts, stalled, suspect, alone, cancel_requested, due_at, run_at, started_at,
                finished_at, worker, error_class, error, reason)
            SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '{QUEUES["noop"].name}',
                'bench_noop', 't' || n % 100, 2, 'completed', '{{"number": 1}}', '{{}}', '{{}}', 1, 1, 3, 0, false,
                false, false, now(), now(), now(), now(), '', '', '', ''
            FROM generate_series({first}, {last - 1}) AS n
        """  # noqa: S608  numbers and a name of our own
    yield "VACUUM ANALYZE queues_job"
