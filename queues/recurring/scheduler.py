"""The process that fires ticks: APScheduler wakes it, the rows say for what."""

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial, wraps
from itertools import takewhile
from uuid import uuid4

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, close_old_connections, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from queues.models import RecurringJob, Worker
from queues.recurring import declared
from queues.recurring.cron import times_after
from queues.recurring.reconcile import reconcile_all
from queues.recurring.ticks import AHEAD_S, Fired, clock, fire
from queues.recurring.trigger import CronTrigger

log = structlog.get_logger(__name__)

#: Seconds between two looks at the rows, so that an edit takes effect within 2 s.
READ_EVERY_S = 1
#: Seconds between two reconciliations.
RECONCILE_EVERY_S = 10
#: Seconds between two heartbeats.
HEARTBEAT_EVERY_S = 5
#: Seconds between two looks at what is declared.
DECLARED_EVERY_S = 60
#: Threads that fire ticks; with the one for upkeep, each has a database connection.
TICK_THREADS = 2


def _alone_in_its_thread(step: Callable[..., None]) -> Callable[..., None]:
    """Give a step a connection that works, and keep its error from ending anything but itself."""

    @wraps(step)
    def safe(scheduler: "Scheduler", *args: object) -> None:
        try:
            close_old_connections()
            scheduler.remember(connections[DEFAULT_DB_ALIAS])
            step(scheduler, *args)
        except Exception:
            log.exception("scheduler_step_failed", step=step.__name__)
            connection.close_if_unusable_or_obsolete()

    return safe


class _Known:
    """What this process knows of a schedule: its revision, and up to when it has seen to its ticks."""

    __slots__ = ("cron", "fired_until", "revision", "timezone")

    def __init__(self, row: RecurringJob) -> None:
        self.revision, self.cron, self.timezone = row.revision, row.cron, row.timezone
        self.fired_until = row.reconciled_until or row.created_at


class Scheduler:
    """Fires the ticks of all recurring jobs. Any number may run, anywhere; each tick makes one job."""

    def __init__(self) -> None:
        self.id = f"scheduler-{uuid4()}"
        self._known: dict[int, _Known] = {}
        self._connections: dict[int, BaseDatabaseWrapper] = {}
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(TICK_THREADS), "upkeep": ThreadPoolExecutor(1)},
            # Whether a tick is too late, or stands for several, is decided by its rows and not by who wakes for it.
            job_defaults={"misfire_grace_time": None, "coalesce": False, "max_instances": 1},
        )

    def start(self) -> None:
        """Read the schedules, catch up with what was missed, and fire from now on."""
        upkeep: tuple[tuple[Callable[[], None], float], ...] = (
            (self.read, READ_EVERY_S),
            (self.beat, HEARTBEAT_EVERY_S),
            (self.declare, DECLARED_EVERY_S),
            (self.reconcile, RECONCILE_EVERY_S),
        )
        first = datetime.now(UTC)
        for step, seconds in upkeep:
            self._scheduler.add_job(
                step,
                "interval",
                seconds=seconds,
                executor="upkeep",
                next_run_time=first,
                id=step.__name__,
                coalesce=True,
            )
        self._scheduler.start()
        log.info("scheduler_started", scheduler=self.id)

    def stop(self) -> None:
        """Let what is being done end, and say goodbye."""
        self._scheduler.shutdown(wait=True)
        # Opened at the start, which may be days ago: the server may have been started anew since.
        connection.close_if_unusable_or_obsolete()
        try:
            Worker.objects.filter(pk=self.id).delete()
        except DatabaseError:
            log.exception("scheduler_goodbye_failed")
        for wrapper in self._connections.values():
            # Its thread has ended.
            wrapper.inc_thread_sharing()
            wrapper.close()
        log.info("scheduler_stopped", scheduler=self.id)

    def remember(self, wrapper: BaseDatabaseWrapper) -> None:
        """Keep a thread's connection in mind, to close it when the thread has ended."""
        self._connections[id(wrapper)] = wrapper

    @_alone_in_its_thread
    def read(self) -> None:
        """Take over what was added, changed and removed since the last look."""
        rows = {row.pk: row for row in RecurringJob.objects.filter(enabled=True)}
        for gone in [pk for pk in self._known if pk not in rows]:
            del self._known[gone]
            with suppress(JobLookupError):
                self._scheduler.remove_job(str(gone))
        for pk, row in rows.items():
            known = self._known.get(pk)
            if known is None or known.revision != row.revision:
                self._known[pk] = _Known(row)
                # The first wake is now: a tick may have fallen due since the edit.
                self._scheduler.add_job(
                    partial(self.wake, pk),
                    CronTrigger(row.cron, row.timezone),
                    id=str(pk),
                    name=row.name,
                    next_run_time=datetime.now(UTC),
                    replace_existing=True,
                )

    @_alone_in_its_thread
    def wake(self, pk: int) -> None:
        """Fire the ticks of one schedule that fell due since it was last looked at; late ones wait for `reconcile`."""
        known = self._known.get(pk)
        if known is None:
            return
        now = clock()
        since = max(known.fired_until, now - timedelta(seconds=settings.QUEUES.misfire_late_s))
        horizon = now + timedelta(seconds=AHEAD_S)
        woken_in_vain = True
        for due in takewhile(lambda due: due <= horizon, times_after(known.cron, known.timezone, since)):
            if due > now:
                if not woken_in_vain:
                    return
                # This machine's clock is ahead a little: fired before its time, the tick would miss a last edit.
                time.sleep((due - now).total_seconds())
            woken_in_vain = False
            known.fired_until = due
            if fire(pk, known.revision, due) is Fired.STALE:
                return

    @_alone_in_its_thread
    def reconcile(self) -> None:
        """See that every expected tick is on record."""
        reconcile_all()

    @_alone_in_its_thread
    def declare(self) -> None:
        """Make the rows of what queues are declared with."""
        declared.sync()

    @_alone_in_its_thread
    def beat(self) -> None:
        """Tell people that this scheduler lives, and how far its clock is from PostgreSQL's."""
        ahead = (datetime.now(UTC) - clock()).total_seconds()
        if abs(ahead) > AHEAD_S:
            log.error("clock_differs", ahead_s=round(ahead, 1), advice="Set this machine's clock by NTP.")
        values = {
            "kind": "scheduler",
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "heartbeat_at": clock(),
            "threads": TICK_THREADS,
            "active": 0,
            "details": {"schedules": len(self._known), "clock_ahead_s": round(ahead, 3)},
        }
        Worker.objects.update_or_create(pk=self.id, defaults=values)
