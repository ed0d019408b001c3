"""Claiming: from ids that Redis handed out to rows that this process, and no other, may run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

from queues.ledger import sql

#: Milliseconds after which a job that could not be claimed because its row is locked is offered again.
LOCKED_MS = 50
#: The same where the queue or tenant is paused and Redis does not know it yet.
PAUSED_MS = 500

_COLUMNS = "id, actor, tenant, priority, data, options, run, attempts_made, max_attempts, suspect"

_PAUSED = """(
    EXISTS (SELECT FROM queues_queue WHERE name = {0}queue AND paused)
    OR EXISTS (SELECT FROM queues_queuetenant t WHERE t.queue = {0}queue AND t.tenant = {0}tenant AND t.paused)
)"""

_CLAIM = f"""
WITH claimable AS (
    SELECT id FROM queues_job AS job
    WHERE id = ANY(%(ids)s::uuid[]) AND queue = %(queue)s AND state IN ('waiting', 'delayed')
        AND run_at <= clock_timestamp() AND (expires_at IS NULL OR expires_at > clock_timestamp())
        AND suspect <= %(alone)s AND NOT {_PAUSED.format("job.")}
    ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE queues_job AS job
SET state = 'active', token = %(token)s, worker = %(worker)s, started_at = clock_timestamp(), alone = %(alone)s,
    delayed_until = NULL
FROM claimable WHERE job.id = claimable.id
RETURNING {", ".join("job." + name for name in _COLUMNS.split(", "))}, {sql.DUE_MS.format("job.")}
"""  # noqa: S608  constants only

_REASONS = f"""
SELECT id, state, token = %(token)s, suspect, {sql.DELAY_MS.format("")}, {_PAUSED.format("job.")},
    expires_at <= clock_timestamp(), queue = %(queue)s, {_COLUMNS}, {sql.DUE_MS.format("")}
FROM queues_job AS job WHERE id = ANY(%(ids)s::uuid[])
"""  # noqa: S608

_UNDO = """
UPDATE queues_job SET state = 'waiting', token = NULL, alone = false
WHERE id IN (SELECT id FROM queues_job WHERE id = ANY(%s) AND token = %s AND state = 'active' ORDER BY id FOR UPDATE)
RETURNING id
"""

_EXPIRE = """
UPDATE queues_job SET state = 'cancelled', reason = 'expired', finished_at = clock_timestamp(), delayed_until = NULL
WHERE id IN (SELECT id FROM queues_job WHERE id = ANY(%s) AND state IN ('waiting', 'delayed')
    AND expires_at <= clock_timestamp() ORDER BY id FOR UPDATE SKIP LOCKED)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that may run now, under the token it was claimed with. data and options are JSON text."""

    id: UUID
    actor: str
    tenant: str
    priority: int
    data: str
    options: str
    run: int
    attempts_made: int
    max_attempts: int
    suspect: bool
    #: The row's place in its flow; the id that Redis handed out may be of an earlier one.
    due_ms: int = 0


@dataclass(frozen=True, slots=True)
class NotClaimed:
    """A job that may not run now. ``delay_ms`` None: drop the id; else offer it again after so long."""

    id: UUID
    delay_ms: int | None
    suspect: bool = False


def claim(
    queue: str, ids: Sequence[UUID], token: UUID, worker: str, *, alone: bool, wrapper: BaseDatabaseWrapper
) -> tuple[list[Claimed], list[NotClaimed]]:
    """Claim what may run, in one statement, and say of the rest why not.

    May be asked again with the same token after a lost connection: what the token already holds is answered again.
    """
    params = {"ids": sql.uuid_array(ids), "queue": queue, "token": token, "worker": worker, "alone": alone}
    claimed = [Claimed(*row) for row in sql.rows(_CLAIM, params, wrapper)]
    if len(claimed) == len(ids):
        return claimed, []
    got = {job.id for job in claimed}
    left = [job_id for job_id in ids if job_id not in got]
    mine, rest = _why_not(left, {**params, "ids": sql.uuid_array(left)}, alone=alone, wrapper=wrapper)
    return claimed + mine, rest


def _why_not(
    ids: list[UUID], params: dict[str, object], *, alone: bool, wrapper: BaseDatabaseWrapper
) -> tuple[list[Claimed], list[NotClaimed]]:
    mine: list[Claimed] = []
    rest: list[NotClaimed] = []
    expired: list[UUID] = []
    for job_id, state, own, suspect, delay_ms, paused, past, here, *columns in sql.rows(_REASONS, params, wrapper):
        if state == "active" and own:
            mine.append(Claimed(*columns))
        elif state not in ("waiting", "delayed") or not here:
            rest.append(NotClaimed(job_id, None))
        elif past:
            expired.append(job_id)
            rest.append(NotClaimed(job_id, None))
        elif delay_ms > 0:
            rest.append(NotClaimed(job_id, delay_ms))
        elif paused:
            # A suspect too: among the suspects it would be taken again at once, and its process run empty each time.
            rest.append(NotClaimed(job_id, PAUSED_MS))
        elif suspect and not alone:
            rest.append(NotClaimed(job_id, 0, suspect=True))
        else:
            rest.append(NotClaimed(job_id, LOCKED_MS))
    if expired:
        expire(expired, wrapper)
    known = {item.id for item in rest} | {job.id for job in mine}
    rest += [NotClaimed(job_id, None) for job_id in ids if job_id not in known]
    return mine, rest


def undo(ids: Sequence[UUID], token: UUID, wrapper: BaseDatabaseWrapper | None = None) -> list[UUID]:
    """Take a claim back whose jobs were not started; returns the ids that were still this token's."""
    return [row[0] for row in sql.rows(_UNDO, [list(ids), token], wrapper)]


def expire(ids: Iterable[UUID], wrapper: BaseDatabaseWrapper | None = None) -> list[UUID]:
    """Cancel jobs that were not started by their ``expires_at``; returns those that were."""
    return [row[0] for row in sql.rows(_EXPIRE, [list(ids)], wrapper)]
