"""What people may do to many jobs at once: clean and empty. Running jobs are never touched."""

from __future__ import annotations

from queues.ledger import sql
from queues.ledger.verbs import REMOVE_HISTORY
from queues.states import OPEN

#: Rows in one statement, so that none holds its locks for long.
BATCH = 1000

_DELETE = f"""
WITH gone AS (
    DELETE FROM queues_job WHERE id IN (
        SELECT id FROM queues_job
        WHERE queue = %(queue)s AND state = ANY(%(states)s) AND (%(tenant)s::text IS NULL OR tenant = %(tenant)s)
            AND {{0}} <= statement_timestamp() - %(grace)s * interval '1 second'
        ORDER BY {{1}} LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING id, subjects)
{REMOVE_HISTORY} SELECT count(*) FROM gone
"""  # noqa: S608  constants only
#: Each along an index, so that a batch costs what it removes.
_DELETE_OPEN = _DELETE.format("finished_at IS NULL AND created_at", "run_at, id")
_DELETE_ENDED = _DELETE.format("finished_at", "finished_at")


def delete_older(queue: str, states: list[str], grace_s: float, limit: int, tenant: str | None = None) -> int:
    """Delete up to ``limit`` jobs in ``states`` that ended (or, open ones, were added) ``grace_s`` ago or earlier.

    Each batch is a statement of its own; returns how many went.
    """
    statement = _DELETE_OPEN if set(states) <= OPEN else _DELETE_ENDED
    removed = 0
    while removed < limit:
        size = min(BATCH, limit - removed)
        params = {"queue": queue, "states": states, "tenant": tenant, "grace": grace_s, "limit": size}
        count = sql.rows(statement, params)[0][0]
        removed += count
        if count < size:
            break
    return removed
