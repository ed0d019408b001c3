"""Finishing: what came of attempts, many in one transaction, only where the token still matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

from queues.ledger import sql


class Kind(StrEnum):
    """How an attempt ended."""

    COMPLETED = "completed"
    RETRY = "retry"
    FAILED = "failed"
    CANCELLED = "cancelled"
    #: The actor asked for a later time; the attempt does not count.
    POSTPONED = "postponed"
    #: It did not end by itself (shutdown, ledger away); the attempt does not count.
    RELEASED = "released"


@dataclass(slots=True)
class Ended:
    """One ended attempt. ``wait_ms`` for retry, ``until`` (aware) for postponed."""

    id: UUID
    token: UUID
    kind: Kind
    wait_ms: int = 0
    until: datetime | None = None
    error_class: str = ""
    error: str = ""
    traceback: str = ""
    reason: str = ""
    #: Whether an earlier attempt of the run left a row of its own; then a success gets one too.
    first: bool = True


_FIRST_SUCCESS = """
UPDATE queues_job AS job
SET state = 'completed', attempts_made = job.attempts_made + 1, finished_at = clock_timestamp(), token = NULL,
    suspect = false, alone = false, cancel_requested = false
FROM (
    SELECT job.id FROM queues_job AS job, unnest(%s::uuid[], %s::uuid[]) AS ended(id, token)
    WHERE job.id = ended.id AND job.token = ended.token AND job.state = 'active'
    ORDER BY job.id FOR UPDATE OF job
) AS mine
WHERE job.id = mine.id
RETURNING job.id
"""

_ANY_OUTCOME = f"""
WITH ended AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[],
        %s::text[], %s::text[]) AS ended(id, token, kind, wait_ms, until, error_class, error, traceback, reason)
), mine AS (
    SELECT job.id, job.run, job.attempts_made, job.started_at, job.worker, job.unique_key,
        CASE WHEN job.cancel_requested AND ended.kind IN ('retry', 'postponed', 'released') THEN 'cancelled'
            ELSE ended.kind END AS kind,
        CASE ended.kind WHEN 'postponed' THEN greatest(ended.until, clock_timestamp() + interval '1 s')
            WHEN 'released' THEN job.run_at
            ELSE clock_timestamp() + ended.wait_ms * interval '1 ms' END AS next_at,
        ended.wait_ms, ended.error_class, ended.error, ended.traceback, ended.reason
    FROM ended JOIN queues_job AS job ON job.id = ended.id AND job.token = ended.token AND job.state = 'active'
    ORDER BY job.id FOR UPDATE OF job
), changed AS (
    UPDATE queues_job AS job
    SET state = CASE
            WHEN mine.kind IN ('completed', 'failed', 'cancelled') THEN mine.kind
            WHEN mine.next_at > clock_timestamp() THEN 'delayed' ELSE 'waiting' END,
        attempts_made = job.attempts_made + (mine.kind IN ('completed', 'failed', 'retry'))::int,
        run_at = CASE WHEN mine.kind IN ('retry', 'postponed') THEN mine.next_at ELSE job.run_at END,
        delayed_until = CASE WHEN mine.kind IN ('retry', 'postponed') AND mine.next_at > clock_timestamp()
            THEN mine.next_at END,
        finished_at = CASE WHEN mine.kind IN ('completed', 'failed', 'cancelled') THEN clock_timestamp() END,
        failed_at = CASE WHEN mine.kind = 'failed' THEN clock_timestamp() END,
        token = NULL, alone = false, suspect = job.suspect AND mine.kind = 'released', cancel_requested = false,
        error_class = CASE WHEN mine.error_class = '' THEN job.error_class ELSE mine.error_class END,
        error = CASE WHEN mine.error_class = '' THEN job.error ELSE mine.error END,
        reason = mine.reason
    FROM mine WHERE job.id = mine.id
    RETURNING job.id, {sql.DELAY_MS.format("job.")} AS delay_ms
), noted AS (
    INSERT INTO queues_jobattempt (job_id, run, number, outcome, started_at, finished_at, worker, error_class, error,
        traceback, wait_ms)
    SELECT id, run, attempts_made + 1, kind, started_at, clock_timestamp(), worker, error_class, error, traceback,
        CASE kind WHEN 'retry' THEN wait_ms
            WHEN 'postponed' THEN greatest(0, date_part('epoch', next_at - clock_timestamp()) * 1000)::bigint END
    FROM mine
)
SELECT id, delay_ms FROM changed
"""  # noqa: S608  constants only

_LOCK = "FOR UPDATE OF job"
#: Each statement as it waits for locked rows, and as it passes them over.
_COMPLETED = (_FIRST_SUCCESS, _FIRST_SUCCESS.replace(_LOCK, _LOCK + " SKIP LOCKED"))
_OTHERWISE = (_ANY_OUTCOME, _ANY_OUTCOME.replace(_LOCK, _LOCK + " SKIP LOCKED"))

_STILL_ACTIVE = """
SELECT job.id FROM queues_job AS job, unnest(%s::uuid[], %s::uuid[]) AS ended(id, token)
WHERE job.id = ended.id AND job.token = ended.token AND job.state = 'active'
"""


def still_active(ended: Sequence[Ended], wrapper: BaseDatabaseWrapper) -> set[UUID]:
    """Of attempts that :func:`finish` did not return, those it passed over because somebody has locked their rows."""
    params = [sql.uuid_array(item.id for item in ended), sql.uuid_array(item.token for item in ended)]
    return {row[0] for row in sql.rows(_STILL_ACTIVE, params, wrapper)}


def finish(ended: Sequence[Ended], wrapper: BaseDatabaseWrapper, *, pass_locked: bool = False) -> set[UUID]:
    """Write outcomes in the current transaction; returns the ids that were still their token's.

    With ``pass_locked``, rows that somebody has locked are not waited for, nor returned.

    What was postponed gets the ``wait_ms`` that PostgreSQL's clock makes of its ``until``: a worker's may be wrong.
    A first success touches its row and nothing else; everything besides gets a row of its own in the attempts.
    """
    plain = [item for item in ended if item.kind is Kind.COMPLETED and item.first and not item.reason]
    others = [item for item in ended if item.kind is not Kind.COMPLETED or not item.first or item.reason]
    kept: set[UUID] = set()
    if plain:
        params = [sql.uuid_array(item.id for item in plain), sql.uuid_array(item.token for item in plain)]
        kept.update(row[0] for row in sql.rows(_COMPLETED[pass_locked], params, wrapper))
    if others:
        columns = zip(
            *(
                (
                    item.id, item.token, str(item.kind), item.wait_ms, item.until, item.error_class, item.error,
                    item.traceback, item.reason,
                )
                for item in others
            ),
            strict=True,
        )  # fmt: skip
        delays = dict(sql.rows(_OTHERWISE[pass_locked], [list(column) for column in columns], wrapper))
        for item in others:
            if item.kind is Kind.POSTPONED:
                item.wait_ms = delays.get(item.id, 0)
        kept.update(delays)
    return kept
