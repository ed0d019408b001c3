"""Folds the deltas that the job table's triggers wrote into the counts that people read."""

from django.db import connection

#: Deltas folded in one statement, rows.
BATCH = 5000
#: Statements in one call of `fold_all`, so that other chores get their turn.
MOST_BATCHES = 20

#: The tenant whose row sums all tenants of a queue.
EVERY_TENANT = "*"

#: One statement, so nothing is counted twice or forgotten wherever it stops. Two folders at once take different
#: deltas (SKIP LOCKED) and write the counts in the same order, so neither waits for the other in a circle.
FOLD = """
WITH gone AS (
    DELETE FROM queues_jobcountdelta WHERE id = ANY (ARRAY(
        SELECT id FROM queues_jobcountdelta ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    )) RETURNING queue, tenant, state, delta
), changed AS (
    SELECT queue, tenant, state, sum(delta) AS jobs FROM (
        SELECT queue, tenant, state, delta FROM gone
        UNION ALL
        SELECT queue, '*', state, delta FROM gone
    ) AS each_and_all GROUP BY queue, tenant, state HAVING sum(delta) <> 0
), folded AS (
    INSERT INTO queues_jobcount AS counted (queue, tenant, state, jobs)
    SELECT queue, tenant, state, jobs FROM changed ORDER BY queue, tenant, state
    ON CONFLICT (queue, tenant, state) DO UPDATE SET jobs = counted.jobs + EXCLUDED.jobs
)
SELECT count(*) FROM gone
"""


def fold(limit: int = BATCH) -> int:
    """Fold at most ``limit`` deltas; return how many there were. Safe when it runs twice or at once elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD, [limit])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def fold_all(limit: int = BATCH, most_batches: int = MOST_BATCHES) -> int:
    """Fold until nothing is left, at most ``most_batches`` times; return how many deltas there were."""
    total = 0
    for _ in range(most_batches):
        folded = fold(limit)
        total += folded
        if folded < limit:
            break
    return total
