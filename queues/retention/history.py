"""Removes old ticks, rollups and the heartbeats of processes long gone."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

#: Rows removed in one statement.
BATCH = 1000
#: A process that has been silent so long is forgotten, seconds.
WORKER_KEEP_S = 86_400


@dataclass(frozen=True, slots=True)
class History:
    """A table that only grows, and the time by which its rows age."""

    table: str
    column: str
    #: Seconds; None keeps rows for ever.
    keep_s: int | None


def histories() -> list[History]:
    """The tables, each with the period that the settings give it."""
    periods = settings.QUEUES.retention
    return [
        History("queues_tick", "created_at", periods.ticks_s),
        History("queues_jobrollup", "minute", periods.rollups_s),
        History("queues_worker", "heartbeat_at", WORKER_KEEP_S),
    ]


def prune(history: History, batch: int = BATCH) -> int:
    """Remove at most one batch of what is too old; return how many rows went."""
    if history.keep_s is None:
        return 0
    table, column = history.table, history.column
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM {table} WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM {table} WHERE {column} < statement_timestamp() - make_interval(secs => %s)
                ORDER BY {column} LIMIT %s FOR UPDATE SKIP LOCKED
            ))
            """,  # noqa: S608  names of our own tables
            [history.keep_s, batch],
        )
        return int(cursor.rowcount)
