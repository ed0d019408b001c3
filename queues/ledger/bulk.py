"""What people may do to many jobs at once: clean and empty. Running jobs are never touched."""

from __future__ import annotations

from queues.ledger import sql
from queues.ledger.verbs import REMOVE_HISTORY

#: Rows in one statement, so that none holds its locks for long.
BATCH = 1000

_CLEAN = f"""
WITH gone AS (
    DELETE FROM queues_job WHERE id IN (
        SELECT id FROM queues_job
        WHERE queue = %(queue)s AND state = ANY(%(states)s) AND (%(tenant)s::text IS NULL OR tenant = %(tenant)s)
            AND coalesce(finished_at, created_at) <= clock_timestamp() - %(grace)s * interval '1 second'
        ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING id, subjects)
{REMOVE_HISTORY} SELECT count(*) FROM gone
"""  # noqa: S608  constants only


def delete_older(queue: str, states: list[str], grace_s: float, limit: int, tenant: str | None = None) -> int:
    """Delete up to ``limit`` jobs in ``states`` that ended (or, open ones, were added) ``grace_s`` ago or earlier.

    Each batch is a statement of its own; returns how many went.
    """
    removed = 0
    while removed < limit:
        size = min(BATCH, limit - removed)
        params = {"queue": queue, "states": states, "tenant": tenant, "grace": grace_s, "limit": size}
        count = sql.rows(_CLEAN, params)[0][0]
        removed += count
        if count < size:
            break
    return removed
