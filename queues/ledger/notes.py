"""What a running job says of itself: progress and log lines."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from queues.errors import JobNotFound
from queues.ledger import sql

#: Most characters of one log line.
LINE_LIMIT = 2000


def set_progress(job_id: UUID, progress: dict[str, Any]) -> None:
    """Store the newest progress; raises :class:`JobNotFound`."""
    found = sql.rows(
        "UPDATE queues_job SET progress = %s::jsonb WHERE id = %s RETURNING id", [json.dumps(progress), job_id]
    )
    if not found:
        raise JobNotFound("", job_id)


def add_log(job_id: UUID, text: str, level: str = "info") -> None:
    """Add a line to the job's log, under its run and attempt of now; raises :class:`JobNotFound`."""
    found = sql.rows(
        "INSERT INTO queues_joblog (job_id, at, run, attempt, level, text)"
        " SELECT id, clock_timestamp(), run, attempts_made + 1, %s, %s FROM queues_job WHERE id = %s RETURNING job_id",
        [level, text.replace("\x00", "")[:LINE_LIMIT], job_id],
    )
    if not found:
        raise JobNotFound("", job_id)
