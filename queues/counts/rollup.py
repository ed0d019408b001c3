"""What each minute brought, computed by the leader from finished jobs and from attempts.

A minute is computed anew as often as one likes: figures only grow, so a job that staff retried or removed meanwhile
stays in the history of the minute in which it ended.
"""

import json
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from queues.counts import histogram
from queues.counts.fold import EVERY_TENANT

MINUTE = timedelta(minutes=1)
#: A minute is computed for the last time so long after its end: what ended in it has been committed by then.
GRACE = timedelta(seconds=5)
#: Shortest time between two looks at the minute that still runs, seconds.
CURRENT_EVERY_S = 15.0
#: … and it may take this share of the leader's time.
CURRENT_SHARE = 0.05
#: Time that one step may spend on minutes missed while nobody led, seconds.
BUDGET_S = 0.2
#: How far back such minutes are computed, hours.
CATCH_UP_HOURS = 24

ENDED = """
SELECT queue, tenant, state,
       width_bucket(extract(epoch FROM started_at - run_at)::float8 * 1000, %(bounds)s::float8[]),
       width_bucket(extract(epoch FROM finished_at - started_at)::float8 * 1000, %(bounds)s::float8[]),
       count(*)
FROM queues_job WHERE finished_at >= %(start)s AND finished_at < %(end)s GROUP BY 1, 2, 3, 4, 5
"""

#: A failure whose job staff have retried since is no longer on the job's row, only among the attempts.
ATTEMPTS = """
SELECT job.queue, job.tenant,
       count(*) FILTER (WHERE attempt.outcome IN ('retry', 'failed', 'stalled')),
       count(*) FILTER (WHERE attempt.outcome = 'stalled'),
       count(*) FILTER (WHERE attempt.outcome = 'failed' AND (job.failed_at IS NULL OR job.run <> attempt.run))
FROM queues_jobattempt AS attempt JOIN queues_job AS job ON job.id = attempt.job_id
WHERE attempt.finished_at >= %(start)s AND attempt.finished_at < %(end)s GROUP BY 1, 2
"""

WRITE = """
INSERT INTO queues_jobrollup AS old (queue, tenant, minute, completed, failed, cancelled, attempts_failed, stalled,
                                     wait_histogram, run_histogram)
SELECT queue, tenant, %(start)s, completed, failed, cancelled, attempts_failed, stalled, wait_histogram, run_histogram
FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (queue text, tenant text, completed int, failed int, cancelled int,
    attempts_failed int, stalled int, wait_histogram int[], run_histogram int[])
ORDER BY queue, tenant
ON CONFLICT (queue, tenant, minute) DO UPDATE SET
    completed = greatest(old.completed, EXCLUDED.completed),
    failed = greatest(old.failed, EXCLUDED.failed),
    cancelled = greatest(old.cancelled, EXCLUDED.cancelled),
    attempts_failed = greatest(old.attempts_failed, EXCLUDED.attempts_failed),
    stalled = greatest(old.stalled, EXCLUDED.stalled),
    wait_histogram = CASE WHEN EXCLUDED.completed + EXCLUDED.failed >= old.completed + old.failed
                          THEN EXCLUDED.wait_histogram ELSE old.wait_histogram END,
    run_histogram = CASE WHEN EXCLUDED.completed + EXCLUDED.failed >= old.completed + old.failed
                         THEN EXCLUDED.run_histogram ELSE old.run_histogram END
"""

CLOCK = """
SELECT clock_timestamp(), greatest(
    coalesce((SELECT max(minute) FROM queues_jobrollup),
             (SELECT date_trunc('minute', min(finished_at)) FROM queues_job WHERE finished_at IS NOT NULL),
             date_trunc('minute', clock_timestamp())),
    date_trunc('minute', clock_timestamp()) - make_interval(hours => %s))
"""


@dataclass(slots=True)
class _Minute:
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    attempts_failed: int = 0
    stalled: int = 0
    wait_histogram: list[int] = field(default_factory=list)
    run_histogram: list[int] = field(default_factory=list)


def compute(minute: datetime) -> int:
    """Compute one minute, for every queue and every tenant in it; return how many rows were written."""
    span: dict[str, Any] = {"start": minute, "end": minute + MINUTE, "bounds": list(histogram.BOUNDS)}
    minutes: defaultdict[tuple[str, str], _Minute] = defaultdict(_Minute)
    with connection.cursor() as cursor:
        cursor.execute(ENDED, span)
        for queue, tenant, state, wait, run, jobs in cursor.fetchall():
            for whose in (tenant, EVERY_TENANT):
                row = minutes[queue, whose]
                setattr(row, state, getattr(row, state) + jobs)
                if state != "cancelled" and wait is not None:
                    row.wait_histogram = histogram.add(row.wait_histogram, histogram.from_buckets([(wait, jobs)]))
                    row.run_histogram = histogram.add(row.run_histogram, histogram.from_buckets([(run, jobs)]))
        cursor.execute(ATTEMPTS, span)
        for queue, tenant, failed_attempts, stalled, failed in cursor.fetchall():
            for whose in (tenant, EVERY_TENANT):
                row = minutes[queue, whose]
                row.attempts_failed += failed_attempts
                row.stalled += stalled
                row.failed += failed
        if minutes:
            rows = [{"queue": queue, "tenant": tenant, **asdict(row)} for (queue, tenant), row in minutes.items()]
            cursor.execute(WRITE, {"start": minute, "rows": json.dumps(rows)})
    return len(minutes)


class Rollup:
    """The leader's place in time: closed minutes once, the current one now and then."""

    def __init__(self) -> None:
        #: Every minute before this one has its last figures.
        self._next: datetime | None = None
        self._current_due = 0.0

    def step(self, now: float) -> bool:
        """Compute the minutes that have closed, and the current one if it is due. ``now`` is monotonic, seconds.

        Return whether closed minutes are left for a next step.
        """
        with connection.cursor() as cursor:
            cursor.execute(CLOCK, [CATCH_UP_HOURS])
            clock, oldest = cursor.fetchone() or (None, None)
        if clock is None or oldest is None:
            return False
        minute = self._next or oldest
        deadline = time.monotonic() + BUDGET_S
        while minute + MINUTE + GRACE <= clock and time.monotonic() < deadline:
            compute(minute)
            minute += MINUTE
        self._next = minute
        current = clock.replace(second=0, microsecond=0)
        behind: bool = minute < current - MINUTE
        if now >= self._current_due and not behind:
            began = time.monotonic()
            compute(current)
            self._current_due = now + max(CURRENT_EVERY_S, (time.monotonic() - began) / CURRENT_SHARE)
        return behind
