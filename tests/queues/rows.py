"""Rows for tests that look at jobs, written as the ledger would leave them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from queues.ids import uuid7
from queues.models import Job, JobSubject


def job_row(
    state: str = "waiting", *, ago: timedelta = timedelta(0), took: timedelta = timedelta(0), **given: Any
) -> Job:
    """Return an unsaved job in ``state`` that ended, or fell due, ``ago``; ``took`` is how long its attempt ran."""
    moment = given.pop("at", datetime.now(UTC)) - ago
    ended = state in ("completed", "failed", "cancelled")
    ran = state in ("completed", "failed", "active")
    fields: dict[str, Any] = {
        "id": uuid7(),
        "queue": "parcels",
        "actor": "deliver",
        "tenant": "north",
        "priority": 2,
        "state": state,
        "data": {},
        "max_attempts": 3,
        "due_at": moment - took,
        "run_at": moment - took,
        "created_at": moment - took,
        "delayed_until": moment if state == "delayed" else None,
        "started_at": moment - took if ran else None,
        "finished_at": moment if ended else None,
        "failed_at": moment if state == "failed" else None,
        **given,
    }
    return Job(**fields)


def make_job(state: str = "waiting", **given: Any) -> Job:
    """Save one job with its subjects."""
    job = job_row(state, **given)
    job.save(force_insert=True)
    JobSubject.objects.bulk_create([JobSubject(subject=subject, job_id=job.id) for subject in job.subjects])
    return job


def make_jobs(count: int, state: str = "waiting", **given: Any) -> list[Job]:
    """Save many jobs without subjects in one statement."""
    return Job.objects.bulk_create([job_row(state, **given) for _ in range(count)])
