"""Removes ended jobs with their subjects, attempts and logs."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from queues.retention.periods import Lane

#: Jobs removed in one statement.
BATCH = 1000

#: Jobs that somebody works on (a retry, a look under lock) are left for the next time. Subjects are removed by their
#: exact keys, which the job's row holds, so no index on the job of a subject is needed.
PRUNE = """
WITH due AS MATERIALIZED (
    SELECT id, finished_at FROM queues_job
    WHERE finished_at > %(after)s AND finished_at < clock_timestamp() - make_interval(secs => %(keep_s)s)
      AND state = %(state)s AND (queue = ANY (%(queues)s)) <> %(others)s
    ORDER BY finished_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM queues_job WHERE id = ANY (ARRAY(SELECT id FROM due)) RETURNING id, subjects
), subjects AS (
    DELETE FROM queues_jobsubject WHERE (subject, job_id) IN (SELECT unnest(subjects), id FROM gone)
), attempts AS (
    DELETE FROM queues_jobattempt WHERE job_id IN (SELECT id FROM gone)
), logs AS (
    DELETE FROM queues_joblog WHERE job_id IN (SELECT id FROM gone)
)
SELECT (SELECT count(*) FROM gone), (SELECT max(finished_at) FROM due)
"""

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


class JobPruner:
    """Removes one batch a call. Remembers how far each lane has come, so that what is kept longer is not read again."""

    #: From time to time a lane starts over, for jobs that were locked when it passed.
    START_OVER = timedelta(hours=1)

    def __init__(self, batch: int = BATCH) -> None:
        self._batch = batch
        self._after: dict[Lane, datetime] = {}
        self._started: dict[Lane, datetime] = {}

    def prune(self, lane: Lane) -> int:
        """Remove at most one batch of a lane's jobs; return how many went."""
        now = datetime.now(UTC)
        if now - self._started.get(lane, BEGINNING) > self.START_OVER:
            self._after[lane], self._started[lane] = BEGINNING, now
        with connection.cursor() as cursor:
            cursor.execute(
                PRUNE,
                {
                    "after": self._after[lane],
                    "keep_s": lane.keep_s,
                    "state": lane.state,
                    "queues": list(lane.queues),
                    "others": lane.others,
                    "limit": self._batch,
                },
            )
            gone, last = cursor.fetchone() or (0, None)
        if last is not None:
            # Others may have ended in the very same microsecond.
            self._after[lane] = last - timedelta(microseconds=1)
        return int(gone)
