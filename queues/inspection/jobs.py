"""Lists and searches jobs for staff, a page at a time; a page costs two statements wherever it lies."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from queues.inspection.filters import Cursor, JobFilter
from queues.inspection.listing import page_sql
from queues.inspection.stats import all_names
from queues.models import Job

#: Jobs on a page, unless asked otherwise, and at most.
PAGE = 50
MOST = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Some jobs in the list's order, and the mark of the next page, None on the last."""

    jobs: list[Job]
    next: str | None


def list_jobs(asked: JobFilter, *, after: str | None = None, limit: int = PAGE) -> Page:
    """One page. Failed jobs come newest failure first, open ones by their next start, all others newest first.

    Raises :class:`queues.inspection.filters.InvalidCursor`.
    """
    cursor = Cursor.decode(after) if after else None
    limit = max(1, min(limit, MOST))
    if asked.matches_nothing():
        return Page([], None)
    queues = all_names() if asked.queue is None else [asked.queue]
    sql, values = page_sql(asked, cursor, limit + 1, queues)
    with connection.cursor() as db:
        db.execute(sql, values)
        found = db.fetchall()
    jobs = Job.objects.in_bulk([row[0] for row in found[:limit]])
    # A job that was removed between the two statements is not shown.
    shown = [jobs[job_id] for job_id, _at in found[:limit] if job_id in jobs]
    last_id, last_at = found[limit - 1] if len(found) > limit else (None, None)
    return Page(shown, Cursor(last_at, last_id).encode() if last_id is not None else None)


def find_ids(asked: JobFilter, *, limit: int) -> list[UUID]:
    """The ids of the first ``limit`` jobs of a list, for deeds on all that a filter shows."""
    if asked.matches_nothing():
        return []
    sql, values = page_sql(asked, None, limit, all_names() if asked.queue is None else [asked.queue])
    with connection.cursor() as db:
        db.execute(sql, values)
        return [row[0] for row in db.fetchall()]
