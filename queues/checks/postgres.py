"""PostgreSQL: there, new enough, on time, with connections to spare."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core import checks
from django.db import OperationalError, connections

from queues.checks.connections import SCHEDULER, of_workers

#: Oldest version that works, as the server numbers it.
OLDEST = 140000
#: Clocks further apart than this are reported, seconds.
CLOCK_S = 2.0
#: Alias of the database that holds the queue.
ALIAS = "default"
#: Workers that are assumed where nobody says how many: one process of eight threads.
USUAL = (1, 8)


@checks.register("queues", checks.Tags.database)
def check_postgres(
    _app_configs: Any = None, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[checks.CheckMessage]:
    """Look at the server, if Django may use it."""
    return look(*USUAL) if databases and ALIAS in databases else []


def look(processes: int, threads: int, extra: int = SCHEDULER) -> list[checks.CheckMessage]:
    """Look at the server on behalf of so many workers and ``extra`` connections."""
    connection = connections[ALIAS]
    if connection.vendor != "postgresql":
        return [
            checks.Error(
                f"The database is {connection.vendor}.",
                hint="Set DATABASE_URL to a PostgreSQL of version 14 or newer: jobs rely on its locks.",
                id="queues.E010",
            )
        ]
    try:
        with connection.cursor() as cursor:
            before = time.time()
            cursor.execute(
                "SELECT current_setting('server_version_num')::int, current_setting('max_connections')::int"
                " - current_setting('superuser_reserved_connections')::int,"
                " (SELECT count(*) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()),"
                " clock_timestamp()"
            )
            version, room, used, clock = cursor.fetchone()
            local = (before + time.time()) / 2
    except OperationalError:
        return [
            checks.Error(
                "PostgreSQL does not answer.",
                hint="Start it, or correct DATABASE_URL; `manage.py services status` tells about the checkout's own.",
                id="queues.E011",
            )
        ]
    return [*_version(version), *_clock(clock, local), *_room(room, used, of_workers(processes, threads) + extra)]


def _version(version: int) -> list[checks.CheckMessage]:
    if version >= OLDEST:
        return []
    return [
        checks.Error(
            f"PostgreSQL is version {version // 10000}.",
            hint="Upgrade it to 14 or newer.",
            id="queues.E012",
        )
    ]


def _clock(clock: datetime, local: float) -> list[checks.CheckMessage]:
    ahead = local - clock.astimezone(UTC).timestamp()
    if abs(ahead) <= CLOCK_S:
        return []
    return [
        checks.Warning(
            f"This machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} PostgreSQL's.",
            hint="Set both by NTP. Jobs go by PostgreSQL's clock; a scheduler whose clock is wrong fires late.",
            id="queues.W013",
        )
    ]


def _room(room: int, used: int, wanted: int) -> list[checks.CheckMessage]:
    hint = "Raise max_connections, or run fewer processes or threads; each thread keeps one connection."
    if wanted > room:
        return [
            checks.Error(
                f"{wanted} PostgreSQL connections are needed, and max_connections leaves {room}.",
                hint=hint,
                id="queues.E014",
            )
        ]
    if wanted + used > room:
        return [
            checks.Warning(
                f"{wanted} PostgreSQL connections are needed, {used} are in use, and max_connections leaves {room}.",
                hint=hint,
                id="queues.W015",
            )
        ]
    return []
