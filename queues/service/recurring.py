"""Jobs that come again."""

from queues.recurring.schedules import (
    change_recurring_job,
    disable_recurring_job,
    enable_recurring_job,
    list_recurring_jobs,
    remove_recurring_job,
    schedule_recurring_job,
)
from queues.recurring.ticks import run_now as run_recurring_job_now

__all__ = [
    "change_recurring_job",
    "disable_recurring_job",
    "enable_recurring_job",
    "list_recurring_jobs",
    "remove_recurring_job",
    "run_recurring_job_now",
    "schedule_recurring_job",
]
