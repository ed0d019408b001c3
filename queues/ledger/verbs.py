"""What people may do to one job: each verb one guarded statement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from queues.errors import InvalidTransition, JobNotFound, UniqueConflict
from queues.ledger import sql
from queues.order.member import member_text
from queues.order.scripts import Placed
from queues.states import allowed_from, allowed_verbs

#: Subjects of removed rows: the exact keys stand in the row, so no index by job is needed.
REMOVE_HISTORY = """
, subjects AS (DELETE FROM queues_jobsubject AS s USING gone, unnest(gone.subjects) AS named(subject)
    WHERE s.subject = named.subject AND s.job_id = gone.id)
, attempts AS (DELETE FROM queues_jobattempt AS a USING gone WHERE a.job_id = gone.id)
, logs AS (DELETE FROM queues_joblog AS l USING gone WHERE l.job_id = gone.id)
"""

_MINE = "id = %(id)s AND queue = %(queue)s AND (%(tenants)s::text[] IS NULL OR tenant = ANY(%(tenants)s))"
_PLACED = f"RETURNING tenant, priority, {sql.DUE_MS.format('')}, {sql.DELAY_MS.format('')}"

_RETRY = f"""
UPDATE queues_job SET state = 'waiting', run = run + 1, attempts_made = 0, max_attempts = %(attempts)s, stalled = 0,
    suspect = false, cancel_requested = false, due_at = clock_timestamp(), run_at = clock_timestamp(),
    finished_at = NULL, failed_at = NULL, expires_at = NULL, error_class = '', error = '', reason = '', progress = NULL
WHERE {_MINE} AND state = ANY(%(states)s) {_PLACED}
"""  # noqa: S608  constants only

_PROMOTE = f"""
UPDATE queues_job SET state = 'waiting', run_at = clock_timestamp(), delayed_until = NULL,
    due_at = least(due_at, clock_timestamp())
WHERE {_MINE} AND state = ANY(%(states)s) {_PLACED}
"""  # noqa: S608

_RESCHEDULE = f"""
UPDATE queues_job SET run_at = %(run_at)s, due_at = %(run_at)s,
    state = CASE WHEN %(run_at)s > clock_timestamp() THEN 'delayed' ELSE 'waiting' END,
    delayed_until = CASE WHEN %(run_at)s > clock_timestamp() THEN %(run_at)s::timestamptz END
WHERE {_MINE} AND state = ANY(%(states)s) {_PLACED}
"""  # noqa: S608

_CANCEL = f"""
UPDATE queues_job SET state = 'cancelled', reason = %(reason)s, finished_at = clock_timestamp(), delayed_until = NULL
WHERE {_MINE} AND state = ANY(%(states)s) RETURNING tenant
"""  # noqa: S608

_ASK_CANCEL = (
    f"UPDATE queues_job SET cancel_requested = true WHERE {_MINE} AND state = 'active' RETURNING tenant, token"  # noqa: S608
)

_REMOVE = f"""
WITH gone AS (DELETE FROM queues_job WHERE {_MINE} AND state = ANY(%(states)s) RETURNING id, tenant, subjects)
{REMOVE_HISTORY} SELECT tenant FROM gone
"""  # noqa: S608


def _params(queue: str, job_id: UUID, tenants: Collection[str] | None, verb: str) -> dict[str, Any]:
    states = [str(state) for state in allowed_from(verb)]
    return {"id": job_id, "queue": queue, "tenants": None if tenants is None else list(tenants), "states": states}


def _refuse(params: dict[str, Any], verb: str) -> Exception:
    found = sql.rows(f"SELECT state FROM queues_job WHERE {_MINE}", params)  # noqa: S608
    if not found:
        return JobNotFound(params["queue"], params["id"])
    return InvalidTransition(verb, found[0][0], allowed_verbs(found[0][0]))


def _place(verb: str, statement: str, params: dict[str, Any]) -> tuple[str, Placed]:
    found = sql.rows(statement, params)
    if not found:
        raise _refuse(params, verb)
    tenant, priority, due_ms, delay_ms = found[0]
    return tenant, Placed(member_text(due_ms, priority, params["id"], tenant), delay_ms)


def retry(queue: str, job_id: UUID, attempts: int, tenants: Collection[str] | None = None) -> tuple[str, Placed]:
    """Open a new run with a fresh set of attempts; of many at once, one. Returns (tenant, what to publish)."""
    params = {**_params(queue, job_id, tenants, "retry"), "attempts": attempts}
    try:
        return _place("retry", _RETRY, params)
    except psycopg.errors.UniqueViolation:
        raise UniqueConflict("", job_id) from None


def holder_of_unique_key(queue: str, job_id: UUID) -> tuple[str, UUID] | None:
    """(unique key, open job) that stands in the way of retrying ``job_id``, if one does."""
    found = sql.rows(
        "SELECT open.unique_key, open.id FROM queues_job AS job JOIN queues_job AS open USING (queue, unique_key)"
        " WHERE job.id = %s AND job.queue = %s AND open.finished_at IS NULL AND open.id <> job.id",
        [job_id, queue],
    )
    return found[0] if found else None


def promote(queue: str, job_id: UUID, tenants: Collection[str] | None = None) -> tuple[str, Placed]:
    """Let a delayed job run now; one that was scheduled takes its place among those that are due now."""
    return _place("promote", _PROMOTE, _params(queue, job_id, tenants, "promote"))


def reschedule(
    queue: str, job_id: UUID, run_at: datetime, tenants: Collection[str] | None = None
) -> tuple[str, Placed]:
    """Give an open job another time."""
    return _place("reschedule", _RESCHEDULE, {**_params(queue, job_id, tenants, "reschedule"), "run_at": run_at})


def cancel(queue: str, job_id: UUID, reason: str, tenants: Collection[str] | None = None) -> tuple[str, UUID | None]:
    """Cancel a job that waits, or ask a running one to stop. Returns (tenant, token of the attempt that runs)."""
    params = {**_params(queue, job_id, tenants, "cancel"), "reason": reason}
    if found := sql.rows(_CANCEL, params):
        return found[0][0], None
    if found := sql.rows(_ASK_CANCEL, params):
        return found[0][0], found[0][1]
    raise _refuse(params, "cancel")


def remove(queue: str, job_id: UUID, tenants: Collection[str] | None = None) -> str:
    """Delete a job that does not run, with its history. Returns its tenant."""
    params = _params(queue, job_id, tenants, "remove")
    if found := sql.rows(_REMOVE, params):
        return str(found[0][0])
    raise _refuse(params, "remove")
