"""Open jobs of queues that nobody here declares: they would wait for ever without a word."""

from __future__ import annotations

from collections.abc import Collection

import structlog

from queues.ledger import sql

log = structlog.get_logger(__name__)

#: From one name to the next by the index of open jobs, however many jobs each has.
_OPEN_QUEUES = """
WITH RECURSIVE names AS (
    (SELECT queue FROM queues_job WHERE finished_at IS NULL ORDER BY queue LIMIT 1)
    UNION ALL
    SELECT (SELECT queue FROM queues_job WHERE finished_at IS NULL AND queue > names.queue ORDER BY queue LIMIT 1)
    FROM names WHERE names.queue IS NOT NULL
)
SELECT left(queue, 200) FROM names WHERE queue IS NOT NULL AND queue <> ALL (%s)
"""


class Strangers:
    """Says of each such queue once that its jobs wait for code that declares it."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def look(self, known: Collection[str]) -> None:
        """Log what is new."""
        found = {row[0] for row in sql.rows(_OPEN_QUEUES, [list(known)])}
        for name in sorted(found - self._said):
            log.error(
                "queue_unknown", queue=name, advice="Its jobs wait. Deploy the code that declares it, or remove them."
            )
        self._said = found
