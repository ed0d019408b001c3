"""Expected ticks against recorded ones: whatever happened to the schedulers, every tick ends as something."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from queues.models import RecurringJob, Tick
from queues.recurring.cron import times_after
from queues.recurring.ticks import Fired, Schedule, clock, record

log = structlog.get_logger(__name__)

#: Missed ticks of one outage that get a row of their own, the newest; the older ones share a summary.
SINGLE_ROWS = 1000


@dataclass(slots=True)
class Plan:
    """What to do about the expected ticks of a span that nobody recorded."""

    #: Not yet late: they run.
    on_time: list[datetime] = field(default_factory=list)
    #: The late one that runs for all late ones, if the policy wants it.
    late: datetime | None = None
    #: Late ones that do not run, each with a row.
    single: deque[datetime] = field(default_factory=lambda: deque(maxlen=SINGLE_ROWS))
    #: Older ones that share a row: first, last, how many.
    first: datetime | None = None
    last: datetime | None = None
    summed: int = 0
    #: The newest expected tick of the span, recorded or not.
    until: datetime | None = None

    def miss(self, due: datetime) -> None:
        """Add a tick that does not run."""
        if len(self.single) == SINGLE_ROWS:
            oldest = self.single[0]
            self.first, self.last, self.summed = self.first or oldest, oldest, self.summed + 1
        self.single.append(due)


def make_plan(expected: Iterable[datetime], recorded: set[datetime], late_before: datetime, *, run_once: bool) -> Plan:
    """Decide what becomes of the ``expected`` ticks (ascending) that are not ``recorded``.

    Those before ``late_before`` are late: none of them runs, but with ``run_once`` the newest, and that only if no
    later tick runs anyway.
    """
    plan = Plan()
    for due in expected:
        plan.until = due
        if due in recorded:
            continue
        if due >= late_before:
            plan.on_time.append(due)
        else:
            plan.miss(due)
    newest = plan.single[-1] if plan.single else None
    if run_once and newest is not None and newest == plan.until:
        plan.late = plan.single.pop()
    return plan


def reconcile_all() -> int:
    """Look at every enabled schedule; returns how many jobs were made. One that fails does not stop the others."""
    made = 0
    for row in RecurringJob.objects.filter(enabled=True).order_by("pk"):
        try:
            made += reconcile(row)
        except DatabaseError:
            log.exception("reconcile_failed", recurring_job=row.pk)
            connection.close_if_unusable_or_obsolete()
        except Exception:
            # A row that cannot be read, say: the next round tries again.
            log.exception("reconcile_failed", recurring_job=row.pk)
    return made


def reconcile(row: RecurringJob) -> int:
    """Bring one schedule's ticks up to date; returns how many jobs that made."""
    now, since = clock(), _since(row)
    # Counted without a lock first: after a long outage that takes seconds.
    expected = list(_expected(row, since, now))
    if not expected:
        return 0
    with transaction.atomic():
        if not _lock(row):
            return 0
        plan = _plan(row, expected, now)
        made = _carry_out(row, plan, now, "missed" if row.misfire == "run_once" else "skipped")
        RecurringJob.objects.filter(pk=row.pk).update(reconciled_until=plan.until)
    return made


def close_span(row: RecurringJob, now: datetime) -> None:
    """Record the ticks up to ``now`` that nobody came to as missed, before the schedule changes. No job is made.

    Within a transaction that holds the row.
    """
    expected = list(_expected(row, _since(row), now)) if row.enabled else []
    recorded = _recorded(row, expected)
    plan = make_plan(expected, recorded, now + timedelta(days=1), run_once=False)
    _carry_out(row, plan, now, "missed", "The schedule was changed before a scheduler came to it.")
    row.reconciled_until = now


def _plan(row: RecurringJob, expected: list[datetime], now: datetime) -> Plan:
    late_before = now - timedelta(seconds=settings.QUEUES.misfire_late_s)
    return make_plan(expected, _recorded(row, expected), late_before, run_once=row.misfire == "run_once")


def _since(row: RecurringJob) -> datetime:
    return row.reconciled_until or row.created_at


def _expected(row: RecurringJob, since: datetime, now: datetime) -> Iterator[datetime]:
    return takewhile(lambda due: due <= now, times_after(row.cron, row.timezone, since))


def _recorded(row: RecurringJob, expected: list[datetime]) -> set[datetime]:
    if not expected:
        return set()
    ticks = Tick.objects.filter(recurring_job_id=row.pk, scheduled_for__range=(expected[0], expected[-1]))
    return set(ticks.values_list("scheduled_for", flat=True))


def _lock(row: RecurringJob) -> bool:
    """Whether the row is still what was read, and nobody else's at the moment."""
    same = RecurringJob.objects.select_for_update(skip_locked=True, no_key=True).filter(
        pk=row.pk, enabled=True, revision=row.revision, reconciled_until=row.reconciled_until
    )
    return bool(list(same.values_list("pk", flat=True)))


def _carry_out(row: RecurringJob, plan: Plan, now: datetime, outcome: str, note: str = "") -> int:
    schedule = Schedule(row.pk, row.queue, row.data, row.priority, enabled=True, revision=row.revision, now=now)
    ran = [record(schedule, due, "ran") for due in plan.on_time]
    if plan.late is not None:
        ran.append(record(schedule, plan.late, "late"))
    ticks = [Tick(recurring_job_id=row.pk, scheduled_for=due, outcome=outcome, note=note) for due in plan.single]
    if plan.first is not None and plan.last is not None:
        span = f"{plan.summed} ticks from {plan.first.isoformat()} to {plan.last.isoformat()}"
        ticks.append(
            Tick(
                recurring_job_id=row.pk,
                scheduled_for=plan.first,
                outcome=outcome,
                count=plan.summed,
                note=f"{span}. {note}".strip(),
            )
        )
    if ticks:
        Tick.objects.bulk_create(ticks, ignore_conflicts=True)
        log.warning("ticks_missed", recurring_job=row.pk, outcome=outcome, ticks=len(plan.single) + plan.summed)
    return ran.count(Fired.RAN)
