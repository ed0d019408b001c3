"""Hot statements on a raw psycopg cursor over Django's connection: server-side binding, prepared if it prepares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

#: A job's place in its flow, ms since the epoch; everywhere the same expression, since members are compared as text.
DUE_MS = "greatest(0, floor(date_part('epoch', {0}due_at) * 1000))::bigint"
#: The job's member in Redis, as :meth:`queues.order.member.Member.encode` writes it.
MEMBER = f"{DUE_MS} || '|' || {{0}}priority || '|' || {{0}}id || '|' || {{0}}tenant"
#: Milliseconds until the next start by PostgreSQL's clock, 0 if it is past.
DELAY_MS = "greatest(0, ceil(date_part('epoch', {0}run_at - clock_timestamp()) * 1000))::bigint"

#: The connection is gone; what was sent may or may not have happened.
LOST = (psycopg.OperationalError, psycopg.InterfaceError)
#: Not our fault and not final: the same statement may succeed when tried again, on a new connection. The last three: a
#: failover that leads to a standby, a migration that changed a column's type, a pooler that forgot what was prepared.
TRANSIENT = (
    *LOST,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.InvalidSqlStatementName,
)

Params = Sequence[Any] | Mapping[str, Any]


def execute(
    statement: str, params: Params, wrapper: BaseDatabaseWrapper | None = None
) -> psycopg.Cursor[tuple[Any, ...]]:
    """Run a statement in the wrapper's current transaction; raises psycopg's errors, jsonb comes back as text.

    As with Django's own cursors, a connection that broke is replaced at the next health check, or closed when the
    request or job ends in which it failed.
    """
    if wrapper is None:
        wrapper = connections[DEFAULT_DB_ALIAS]
    wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    cursor: psycopg.Cursor[tuple[Any, ...]] = psycopg.Cursor(wrapper.connection)
    try:
        cursor.execute(statement, params, prepare=True)
    except LOST:
        wrapper.errors_occurred = True
        raise
    return cursor


def rows(statement: str, params: Params, wrapper: BaseDatabaseWrapper | None = None) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    return execute(statement, params, wrapper).fetchall()


def uuid_array(ids: Iterable[UUID]) -> str:
    """Ids as the text of a PostgreSQL array: an order of magnitude cheaper than having psycopg adapt each."""
    return "{" + ",".join([job_id.hex for job_id in ids]) + "}"


def text_array(values: Iterable[object]) -> str:
    """Values as the text of a PostgreSQL array of any type: their ``str()`` quoted, None as NULL."""
    return "{" + ",".join(["NULL" if value is None else _quoted(str(value)) for value in values]) + "}"


def _quoted(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return '"' + text.replace('"', '\\"') + '"'
