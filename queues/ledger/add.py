"""Adding jobs: rows in the caller's transaction, ids to Redis when it commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection

from queues.errors import DuplicateJob
from queues.ids import uuid7
from queues.ledger import sql
from queues.order.scripts import Placed

#: Between the subjects of one row on their way to the server; no subject may contain it.
_SEPARATOR = "\x1f"
#: Rows in one statement.
BATCH = 5000
#: Times that an insert is tried whose unique key was freed meanwhile.
_UNIQUE_TRIES = 5

_INSERT = f"""
WITH new AS (
    INSERT INTO queues_job (id, queue, actor, tenant, priority, state, data, options, subjects, run, attempts_made,
        max_attempts, stalled, suspect, alone, cancel_requested, due_at, run_at, delayed_until, expires_at, unique_key,
        worker, error_class, error, reason)
    SELECT id, queue, actor, tenant, priority, CASE WHEN run_at > now THEN 'delayed' ELSE 'waiting' END,
        data::jsonb, options::jsonb, string_to_array(subjects, '{_SEPARATOR}'), 1, 0,
        max_attempts, 0, false, false, false, run_at, run_at, CASE WHEN run_at > now THEN run_at END, expires_at,
        unique_key, '', '', '', ''
    FROM (
        SELECT *, coalesce(wanted, now + delay_ms * interval '1 ms') AS run_at
        FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::text[], %s::text[], %s::text[],
            %s::smallint[], %s::timestamptz[], %s::bigint[], %s::timestamptz[], %s::text[])
            AS given(id, queue, actor, tenant, priority, data, options, subjects, max_attempts, wanted, delay_ms,
                expires_at, unique_key), (SELECT clock_timestamp() AS now) AS clock
    ) AS rows
    ON CONFLICT DO NOTHING
    RETURNING id, queue, subjects, tenant, priority, due_at, run_at, created_at, state
)
"""  # noqa: S608  constants only
_LINK = """, linked AS (
    INSERT INTO queues_jobsubject (subject, job_id)
    SELECT DISTINCT subject, id FROM new, unnest(subjects) AS subject
)
"""
_TOLD = f"""
SELECT id, queue, {sql.MEMBER.format("")}, {sql.DELAY_MS.format("")}, run_at, created_at, state FROM new
"""  # noqa: S608
_INSERT_LINKED, _INSERT_PLAIN = _INSERT + _LINK + _TOLD, _INSERT + _TOLD


@dataclass(slots=True)
class NewJob:
    """A job to be added. ``run_at`` (aware) wins over ``delay_ms``; data and options are JSON text."""

    queue: str
    actor: str
    data: str
    priority: int
    max_attempts: int
    tenant: str = ""
    subjects: tuple[str, ...] = ()
    options: str = "{}"
    run_at: datetime | None = None
    delay_ms: int = 0
    expires_at: datetime | None = None
    unique_key: str | None = None
    id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True, slots=True)
class Added:
    """What Redis is to be told of a row that was inserted."""

    id: UUID
    queue: str
    placed: Placed
    run_at: datetime
    created_at: datetime
    state: str


def insert(jobs: Sequence[NewJob]) -> list[Added]:
    """Insert rows in the current transaction and return those that were new.

    Ids and open unique keys that are there already are passed over.
    """
    added: list[Added] = []
    for start in range(0, len(jobs), BATCH):
        part = jobs[start : start + BATCH]
        columns = zip(
            *(
                (
                    job.id, job.queue, job.actor, job.tenant, job.priority, job.data, job.options,
                    _SEPARATOR.join(job.subjects), job.max_attempts, job.run_at, job.delay_ms, job.expires_at,
                    job.unique_key,
                )
                for job in part
            ),
            strict=True,
        )  # fmt: skip
        with connection.wrap_database_errors:
            statement = _INSERT_LINKED if any(job.subjects for job in part) else _INSERT_PLAIN
            returned = sql.rows(statement, [sql.text_array(column) for column in columns])
        added += [
            Added(job_id, queue, Placed(member, delay_ms), *row) for job_id, queue, member, delay_ms, *row in returned
        ]
    return added


def insert_or_find(job: NewJob) -> tuple[UUID, list[Added]]:
    """Insert one job, or find the open one that holds its unique key. :class:`DuplicateJob` for a repeated id."""
    for _ in range(_UNIQUE_TRIES):
        added = insert([job])
        if added:
            return job.id, added
        found = sql.rows(
            "SELECT id FROM queues_job WHERE queue = %s AND unique_key = %s AND finished_at IS NULL",
            [job.queue, job.unique_key],
        )
        if found:
            return found[0][0], []
        if sql.rows("SELECT 1 FROM queues_job WHERE id = %s", [job.id]):
            break
    raise DuplicateJob(job.id)
