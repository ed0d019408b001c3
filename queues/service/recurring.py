"""Jobs that come again."""

from queues.recurring.schedules import list_recurring_jobs, remove_recurring_job, schedule_recurring_job

__all__ = ["list_recurring_jobs", "remove_recurring_job", "schedule_recurring_job"]
