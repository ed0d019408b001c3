"""Taking back the jobs of a lost worker: ledger first, then Redis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from queues.ledger import sql
from queues.order.member import member_text

_RESCUE = f"""
WITH lost AS (
    SELECT job.id, job.run, job.attempts_made, job.started_at, job.worker,
        CASE WHEN job.cancel_requested THEN 'cancelled'
            WHEN job.alone AND job.stalled + 1 > %s THEN 'failed' ELSE 'waiting' END AS state
    FROM queues_job AS job, unnest(%s::uuid[], %s::uuid[]) AS ended(id, token)
    WHERE job.id = ended.id AND job.token = ended.token AND job.state = 'active'
    ORDER BY job.id FOR UPDATE OF job SKIP LOCKED
), changed AS (
    UPDATE queues_job AS job
    SET state = lost.state, stalled = job.stalled + job.alone::int, suspect = lost.state = 'waiting', alone = false,
        token = NULL, cancel_requested = false,
        finished_at = CASE WHEN lost.state <> 'waiting' THEN clock_timestamp() END,
        failed_at = CASE WHEN lost.state = 'failed' THEN clock_timestamp() END,
        error_class = CASE WHEN lost.state = 'failed' THEN 'WorkerLost' ELSE job.error_class END,
        error = CASE WHEN lost.state = 'failed'
            THEN 'The worker died while it ran this job alone, more often than max_stalled allows.'
            ELSE job.error END
    FROM lost WHERE job.id = lost.id
    RETURNING job.id, job.queue, job.tenant, job.priority, {sql.DUE_MS.format("job.")} AS due_ms, job.state
), noted AS (
    INSERT INTO queues_jobattempt (job_id, run, number, outcome, started_at, finished_at, worker, error_class, error,
        traceback)
    SELECT id, run, attempts_made + 1, 'stalled', started_at, clock_timestamp(), worker, 'WorkerLost',
        'The worker that ran this attempt was lost.', '' FROM lost
)
SELECT id, queue, tenant, priority, due_ms, state FROM changed
"""  # noqa: S608  constants only


class Rescued(NamedTuple):
    """A job taken back from a lost worker; ``state`` is waiting, failed (poison) or cancelled."""

    id: UUID
    queue: str
    member: str
    state: str


def rescue(lost: Sequence[tuple[UUID, UUID]], max_stalled: int) -> list[Rescued]:
    """Take back the (id, token) attempts that are still active under their token.

    An attempt that is not (it was never claimed, or has ended) is no stall and is not returned.
    """
    params = [max_stalled, [job_id for job_id, _ in lost], [token for _, token in lost]]
    return [
        Rescued(job_id, queue, member_text(due_ms, priority, job_id, tenant), state)
        for job_id, queue, tenant, priority, due_ms, state in sql.rows(_RESCUE, params)
    ]
