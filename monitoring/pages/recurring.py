"""Recurring jobs: the list with each schedule in words and its next run, and one with its ticks."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse

from monitoring import access
from monitoring.pages.rendering import show
from monitoring.words import without_controls
from queues import registry
from queues.models import RecurringJob, Tick
from queues.recurring.cron import InvalidSchedule, in_words, next_runs

#: Ticks shown on a recurring job's page, and its next runs.
TICKS, RUNS = 50, 5


@dataclass(frozen=True, slots=True)
class Schedule:
    """A recurring job as a page shows it."""

    row: RecurringJob
    words: str
    next: datetime | None
    last: Tick | None
    may_act: bool

    @property
    def edited(self) -> bool:
        """Whether staff have taken it over from the settings."""
        return bool(self.row.edited_by)

    @property
    def next_shown(self) -> str:
        """The next run on its own zone's clock."""
        return shown(self.next) if self.next else ""


@access.page(access.VIEW_RECURRING)
def recurring(request: HttpRequest) -> TemplateResponse:
    """All of the user's workplaces."""
    rows = list(access.scoped(request, RecurringJob.objects.all()))
    last = {
        tick.recurring_job_id: tick
        for tick in Tick.objects.filter(recurring_job_id__in=[row.pk for row in rows])
        .order_by("recurring_job_id", "-scheduled_for")
        .distinct("recurring_job_id")
    }
    found = [_schedule(request, row, last.get(row.pk)) for row in rows]
    return show(
        request,
        "recurring",
        "Recurring jobs",
        rows=found,
        may_act=any(each.may_act for each in found),
        tenant_names=access.names(row.tenant for row in rows),
    )


@access.page(access.VIEW_RECURRING)
def one(request: HttpRequest, pk: int) -> TemplateResponse:
    """One recurring job of the user's workplaces, with its ticks."""
    row = mine(request, pk)
    ticks = list(Tick.objects.filter(recurring_job_id=row.pk)[:TICKS])
    return show(
        request,
        "recurring_job",
        without_controls(row.name),
        each=_schedule(request, row, ticks[0] if ticks else None),
        tenant=access.tenant_name(row.tenant),
        declared=_declared(row),
        runs=[shown(run) for run in _runs(row, RUNS)],
        ticks=ticks,
    )


def mine(request: HttpRequest, pk: int) -> RecurringJob:
    """The row, if the user may see it; any other does not exist."""
    row = access.scoped(request, RecurringJob.objects.filter(pk=pk)).first()
    if row is None:
        raise Http404("There is no such recurring job.")
    return row


def shown(run: datetime) -> str:
    """A run on the clock of its zone, which is named."""
    return f"{run:%a} {run.day} {run:%b %Y, %H:%M %Z}"


def _schedule(request: HttpRequest, row: RecurringJob, last: Tick | None) -> Schedule:
    runs = _runs(row, 1) if row.enabled else []
    may = access.may(request, access.ADMINISTER, row.tenant)
    return Schedule(row, in_words(row.cron), runs[0] if runs else None, last, may)


def _runs(row: RecurringJob, count: int) -> list[datetime]:
    """The next runs; none for a row that was written past the checks."""
    try:
        return next_runs(row.cron, row.timezone, count, datetime.now(UTC))
    except InvalidSchedule:
        return []


def _declared(row: RecurringJob) -> str:
    """What the queue's declaration says, where staff have said otherwise."""
    config = registry.find(row.queue)
    if not row.edited_by or config is None or not config.schedule or config.schedule == row.cron:
        return ""
    return f"{in_words(config.schedule)} ({config.schedule})"
