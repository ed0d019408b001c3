"""The processes that reported lately, and whether they still do."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from queues.models import Worker

#: Silent ones are shown this many heartbeat thresholds long.
_REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class Process:
    """A worker or scheduler; ``alive`` by PostgreSQL's clock and the settings' threshold."""

    row: Worker
    alive: bool


def workers() -> list[Process]:
    """Those heard of lately, live ones first."""
    threshold: int = settings.QUEUES.health.heartbeat_s
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 FROM queues_worker "
            "WHERE heartbeat_at > clock_timestamp() - make_interval(secs => %s)",
            [threshold * _REMEMBERED],
        )
        silence = dict(cursor.fetchall())
    found = [Process(row, silence[row.id] <= threshold) for row in Worker.objects.filter(id__in=silence)]
    return sorted(found, key=lambda each: (not each.alive, each.row.kind != "scheduler", each.row.host, each.row.pid))
