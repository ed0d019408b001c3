"""Compares the counts with the jobs themselves, says so when they differ, and puts them right.

Counts drift only when somebody goes round the triggers (TRUNCATE, ``session_replication_role``, a partial restore).
"""

from dataclasses import dataclass

import structlog
from django.db import connection, transaction

log = structlog.get_logger(__name__)

#: Every so many checks, jobs are counted one by one instead of by index.
FULL_EVERY = 60

#: What folded counts and waiting deltas say, of one snapshot.
COUNTED = """
    SELECT queue, tenant, state, sum(jobs)::bigint AS jobs FROM (
        SELECT queue, tenant, state, jobs FROM queues_jobcount
        UNION ALL
        SELECT queue, tenant, state, delta FROM queues_jobcountdelta
        UNION ALL
        SELECT queue, '*', state, delta FROM queues_jobcountdelta
    ) AS parts GROUP BY queue, tenant, state
"""

#: Sums that the partial indexes answer alone. All parts see one snapshot, so writers cannot make them differ.
BY_INDEX = f"""
WITH counted AS (SELECT queue, state, jobs FROM ({COUNTED}) AS parts WHERE tenant = '*'),
said AS (
    SELECT queue, 'open' AS state, sum(jobs) AS jobs FROM counted
    WHERE state IN ('waiting', 'delayed', 'active') GROUP BY queue
    UNION ALL
    SELECT queue, state, jobs FROM counted WHERE state IN ('delayed', 'failed')
    UNION ALL
    SELECT '*', 'ended', sum(jobs) FROM counted WHERE state IN ('completed', 'failed', 'cancelled')
),
found AS (
    SELECT queue, 'open' AS state, count(*) AS jobs FROM queues_job WHERE finished_at IS NULL GROUP BY queue
    UNION ALL
    SELECT queue, 'delayed', count(*) FROM queues_job WHERE delayed_until IS NOT NULL GROUP BY queue
    UNION ALL
    SELECT queue, 'failed', count(*) FROM queues_job WHERE failed_at IS NOT NULL GROUP BY queue
    UNION ALL
    SELECT '*', 'ended', count(*) FROM queues_job WHERE finished_at IS NOT NULL
)
SELECT queue, '*', state, coalesce(said.jobs, 0)::bigint, coalesce(found.jobs, 0)::bigint
FROM said FULL JOIN found USING (queue, state)
WHERE coalesce(said.jobs, 0) <> coalesce(found.jobs, 0) ORDER BY 1, 3
"""  # noqa: S608  constants only

FOUND = """
    SELECT queue, tenant, state, count(*) AS jobs FROM queues_job GROUP BY queue, tenant, state
    UNION ALL
    SELECT queue, '*', state, count(*) FROM queues_job GROUP BY queue, state
"""

ONE_BY_ONE = f"""
SELECT queue, tenant, state, coalesce(said.jobs, 0)::bigint, coalesce(found.jobs, 0)::bigint
FROM ({COUNTED}) AS said FULL JOIN ({FOUND}) AS found USING (queue, tenant, state)
WHERE coalesce(said.jobs, 0) <> coalesce(found.jobs, 0) ORDER BY 1, 2, 3
"""  # noqa: S608  constants only

#: Adds what is missing, so deltas not folded yet still count once.
REPAIR = f"""
INSERT INTO queues_jobcount AS counted (queue, tenant, state, jobs)
SELECT queue, tenant, state, coalesce(found.jobs, 0) - coalesce(said.jobs, 0)
FROM ({COUNTED}) AS said FULL JOIN ({FOUND}) AS found USING (queue, tenant, state)
WHERE coalesce(said.jobs, 0) <> coalesce(found.jobs, 0) ORDER BY 1, 2, 3
ON CONFLICT (queue, tenant, state) DO UPDATE SET jobs = counted.jobs + EXCLUDED.jobs
"""  # noqa: S608  constants only


@dataclass(frozen=True, slots=True)
class Drift:
    """A count that is not what the jobs say. ``tenant='*'`` is the queue's sum."""

    queue: str
    tenant: str
    #: A state, or ``open`` and ``ended`` for the sums that an index answers.
    state: str
    counted: int
    found: int


def find_drift(*, full: bool = False) -> list[Drift]:
    """The counts that are wrong. By index alone unless ``full``, which reads every job and knows every tenant."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_BY_ONE if full else BY_INDEX)
        return [Drift(*row) for row in cursor.fetchall()]


def repair() -> int:
    """Set every count to what the jobs say; return how many were wrong. Reads every job; writers do not wait for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        # A fold between the two sides of the comparison would count its deltas twice.
        cursor.execute("LOCK TABLE queues_jobcount IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(REPAIR)
        return int(cursor.rowcount)


class SelfCheck:
    """The leader's check: by index each time, one by one now and then; drift is logged at error level and repaired."""

    def __init__(self, full_every: int = FULL_EVERY) -> None:
        self._full_every = full_every
        self._checks = 0

    def step(self) -> list[Drift]:
        """Check once; return what was wrong before it was put right."""
        self._checks += 1
        full = self._checks % self._full_every == 0
        drift = find_drift(full=full)
        if drift:
            repaired = repair()
            log.error(
                "job counts had drifted from the jobs and were set right; look for who goes round the triggers",
                drift=[f"{one.queue}/{one.tenant}/{one.state}: {one.counted}, not {one.found}" for one in drift[:20]],
                repaired=repaired,
            )
        return drift
