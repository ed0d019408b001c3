"""Standing in the way: triggers that refuse, hooks that raise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from dramatiq.middleware import Middleware

from queues.testing import broker


@contextmanager
def refusing(condition: str, sqlstate: str = "P0001", times: int = 1_000_000) -> Iterator[None]:
    """Let the database refuse updates of jobs while ``condition`` (of ``new``, ``old``) holds, ``times`` times."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE refusals")
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {condition} AND nextval('refusals') <= {times} THEN"
            f"  RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}'; END IF; RETURN new; END $$"
        )
        cursor.execute("CREATE TRIGGER refusing BEFORE UPDATE ON queues_job FOR EACH ROW EXECUTE FUNCTION refuse()")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "DROP TRIGGER IF EXISTS refusing ON queues_job; DROP FUNCTION refuse; DROP SEQUENCE refusals"
            )


@contextmanager
def hooked(middleware: Middleware, *, at: int | None = None) -> Iterator[None]:
    """Have a middleware in the broker's list while the block runs, at the end or at a place of it."""
    hooks = broker().middleware
    hooks.insert(len(hooks) if at is None else at, middleware)
    try:
        yield
    finally:
        hooks.remove(middleware)
