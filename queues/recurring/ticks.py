"""A tick and its job: both or neither, once, and never for a schedule that was changed meanwhile."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction

from queues import audit
from queues.errors import QueueError
from queues.logs.redact import safe_error
from queues.models import RecurringJob
from queues.recurring import adding

log = structlog.get_logger(__name__)

#: How far ahead of PostgreSQL's clock a tick may fire, seconds. The job's own time keeps it from running early.
AHEAD_S = 2.0


class Fired(StrEnum):
    """What became of an attempt to fire a tick."""

    #: This call made the tick and its job.
    RAN = "ran"
    #: Somebody else had made it.
    ALREADY = "already"
    #: The schedule is gone, disabled or of another revision.
    STALE = "stale"
    #: Its time is too far ahead of PostgreSQL's clock.
    REFUSED = "refused"
    #: Its time is so long ago that reconciliation decides, by the misfire policy.
    LATE = "late"
    #: Its job was refused (the data no longer fits the queue); recorded as missed, with the reason.
    MISSED = "missed"


class RecurringJobNotFound(QueueError):
    """There is no such recurring job; it may have been removed."""

    def __init__(self, what: object) -> None:
        self.what = str(what)[:200]
        super().__init__(f"There is no recurring job {self.what!r}. It may have been removed.")


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a recurring job's row says, and what PostgreSQL's clock said while it was read."""

    id: int
    queue: str
    data: Any
    priority: int | None
    enabled: bool
    revision: int
    now: datetime


def fire(recurring_job_id: int, revision: int, scheduled_for: datetime) -> Fired:
    """Make the tick and its job in one transaction, unless the row as it is now says otherwise.

    Any number of schedulers may say it of one tick: the unique constraint lets one of them make it.
    """
    with transaction.atomic():
        schedule = _read(recurring_job_id)
        if schedule is None or not schedule.enabled or schedule.revision != revision:
            return Fired.STALE
        age = schedule.now - scheduled_for
        if age < timedelta(seconds=-AHEAD_S):
            log.error(
                "tick_refused",
                recurring_job=recurring_job_id,
                scheduled_for=scheduled_for.isoformat(),
                ahead_s=round(-age.total_seconds(), 1),
                advice="This machine's clock is ahead of PostgreSQL's; set it by NTP.",
            )
            return Fired.REFUSED
        if age > timedelta(seconds=settings.QUEUES.misfire_late_s):
            return Fired.LATE
        return record(schedule, scheduled_for, "ran")


def run_now(recurring_job_id: int, *, by: Any = None, reason: str = "", tenants: Collection[str] | None = None) -> UUID:
    """Run a recurring job once, now, enabled or not; its tick is ``manual``. Returns the job's id.

    Raises :class:`RecurringJobNotFound`, or what adding the job raises.
    """
    with transaction.atomic():
        schedule = _read(recurring_job_id)
        if schedule is None:
            raise RecurringJobNotFound(recurring_job_id)
        row = RecurringJob.objects.get(pk=recurring_job_id)
        if tenants is not None and row.tenant not in tenants:
            raise RecurringJobNotFound(recurring_job_id)
        job_id = adding.add(schedule.queue, schedule.data, schedule.now, schedule.priority)
        moment = schedule.now
        while not _insert(schedule.id, moment, "manual"):
            moment += timedelta(microseconds=1)
        _link(schedule.id, moment, job_id)
        audit.record(
            by, "run", "recurring_job", row.pk, queue=row.queue, tenant=row.tenant, reason=reason,
            after={"name": row.name, "job": str(job_id)},
        )  # fmt: skip
    return job_id


def record(schedule: Schedule, scheduled_for: datetime, outcome: str, note: str = "") -> Fired:
    """Insert the tick and add its job, in the current transaction, which holds the schedule's row."""
    if not _insert(schedule.id, scheduled_for, outcome, note):
        return Fired.ALREADY
    try:
        with transaction.atomic():
            job_id = adding.add(schedule.queue, schedule.data, scheduled_for, schedule.priority)
    except QueueError as error:
        _refuse(schedule, scheduled_for, error)
        return Fired.MISSED
    _link(schedule.id, scheduled_for, job_id)
    return Fired.RAN


def _read(recurring_job_id: int) -> Schedule | None:
    """The row, kept as it is until the transaction ends; an edit waits for it, or comes first and is seen."""
    rows = RecurringJob.objects.raw("SELECT * FROM queues_recurringjob WHERE id = %s FOR SHARE", [recurring_job_id])
    for row in rows:
        # The lock may have been waited for: the clock is read after it.
        return Schedule(row.pk, row.queue, row.data, row.priority, row.enabled, row.revision, clock())
    return None


def clock() -> datetime:
    """PostgreSQL's clock, this instant."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _insert(recurring_job_id: int, scheduled_for: datetime, outcome: str, note: str = "") -> bool:
    """Whether the tick is new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO queues_tick (recurring_job_id, scheduled_for, outcome, count, note, created_at)"
            " VALUES (%s, %s, %s, 1, %s, clock_timestamp()) ON CONFLICT DO NOTHING",
            [recurring_job_id, scheduled_for, outcome, note],
        )
        return bool(cursor.rowcount)


def _link(recurring_job_id: int, scheduled_for: datetime, job_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE queues_tick SET job_id = %s WHERE recurring_job_id = %s AND scheduled_for = %s",
            [job_id, recurring_job_id, scheduled_for],
        )


def _refuse(schedule: Schedule, scheduled_for: datetime, error: QueueError) -> None:
    """Keep the tick as missed with the reason: tried again it would be refused again."""
    name, text = safe_error(error)
    log.error("tick_missed", recurring_job=schedule.id, queue=schedule.queue, error_class=name, error=text)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE queues_tick SET outcome = 'missed', note = %s WHERE recurring_job_id = %s AND scheduled_for = %s",
            [f"Its job was refused: {text}"[:500], schedule.id, scheduled_for],
        )
