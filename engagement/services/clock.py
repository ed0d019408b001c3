"""One clock for all processes: PostgreSQL's, so that a worker whose own clock is wrong is neither early nor late."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The time now (UTC), also within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row: tuple[datetime] = cursor.fetchone()
    return row[0]
