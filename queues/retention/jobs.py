"""Removes ended jobs with their subjects, attempts and logs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from queues.retention.periods import Lane

#: Jobs removed in one statement.
BATCH = 1000

#: Jobs that somebody works on (a retry, a look under lock) are left for the next time. The statement's time, unlike the
#: clock's, can bound an index scan; with the clock's each lane would read everything that is kept.
PRUNE = """
WITH due AS MATERIALIZED (
    SELECT id, finished_at FROM queues_job
    WHERE finished_at > %(after)s AND finished_at < statement_timestamp() - make_interval(secs => %(keep_s)s)
      AND state = %(state)s AND (queue = ANY (%(queues)s)) <> %(others)s
    ORDER BY finished_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
DELETE FROM queues_job AS job USING due WHERE job.id = due.id RETURNING job.id, job.subjects, due.finished_at
"""

#: What belonged to the jobs, by exact keys handed in as arrays: so the planner knows how many there are, and goes by
#: index however many subjects there are.
SUBJECTS = """
DELETE FROM queues_jobsubject AS linked USING unnest(%s::text[], %s::uuid[]) AS gone (subject, job_id)
WHERE linked.subject = gone.subject AND linked.job_id = gone.job_id
"""
ATTEMPTS = "DELETE FROM queues_jobattempt WHERE job_id = ANY (%s)"
LOGS = "DELETE FROM queues_joblog WHERE job_id = ANY (%s)"

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
        asked: dict[str, Any] = {
            "after": self._after[lane],
            "keep_s": lane.keep_s,
            "state": lane.state,
            "queues": list(lane.queues),
            "others": lane.others,
            "limit": self._batch,
        }
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PRUNE, asked)
            gone = cursor.fetchall()
            if not gone:
                return 0
            ids = [job_id for job_id, _subjects, _ended in gone]
            linked = sorted((subject, job_id) for job_id, subjects, _ended in gone for subject in subjects)
            cursor.execute(SUBJECTS, [[subject for subject, _ in linked], [job_id for _, job_id in linked]])
            cursor.execute(ATTEMPTS, [ids])
            cursor.execute(LOGS, [ids])
        # Others may have ended in the very same microsecond.
        self._after[lane] = max(ended for _id, _subjects, ended in gone) - timedelta(microseconds=1)
        return len(gone)
