"""Somebody else's long transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection


@contextmanager
def elsewhere() -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """Yield a connection of its own to the test's database, in a transaction that is rolled back at the end."""
    given = connection.get_connection_params()
    parameters = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    with psycopg.connect(**parameters) as other:
        yield other
        other.rollback()


@contextmanager
def holding_rows(*ids: UUID) -> Iterator[None]:
    """Hold jobs' rows, as a transaction does that reschedules them and goes on with other things."""
    with elsewhere() as other:
        other.execute("SELECT 1 FROM queues_job WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(ids)])
        yield
