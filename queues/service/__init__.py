"""The one public door of the queue: the operations of the seed's queue service, and what staff need besides.

``queue`` is a name or a string enum; ``by`` is the user who does it (None: code, not a person) and ends in the audit;
``tenants`` limits an operation to jobs of these tenants (None: no limit), others are not found. Everything that changes
a job happens in the caller's transaction, if there is one.
"""

from queues.service.adding import add_job, add_job_with_priority, add_jobs, schedule_job
from queues.service.asynchronous import (
    aadd_job,
    aadd_job_with_priority,
    aadd_jobs,
    acancel_job,
    aget_job,
    aget_queue_health,
    aget_queue_metrics,
    aget_queue_stats,
    apause_queue,
    apromote_job,
    aremove_job,
    areschedule_job,
    aresume_queue,
    aretry_job,
    aschedule_job,
)
from queues.service.jobs import (
    add_log,
    cancel_job,
    get_job,
    promote_job,
    remove_job,
    reschedule_job,
    retry_job,
    update_progress,
)
from queues.service.looking import (
    get_all_queue_health,
    get_all_queue_metrics,
    get_all_queue_stats,
    get_queue_health,
    get_queue_metrics,
    get_queue_stats,
)
from queues.service.managing import clean_queue, empty_queue, pause_queue, resume_queue
from queues.service.recurring import (
    change_recurring_job,
    disable_recurring_job,
    enable_recurring_job,
    list_recurring_jobs,
    remove_recurring_job,
    run_recurring_job_now,
    schedule_recurring_job,
)

__all__ = [
    "aadd_job",
    "aadd_job_with_priority",
    "aadd_jobs",
    "acancel_job",
    "add_job",
    "add_job_with_priority",
    "add_jobs",
    "add_log",
    "aget_job",
    "aget_queue_health",
    "aget_queue_metrics",
    "aget_queue_stats",
    "apause_queue",
    "apromote_job",
    "aremove_job",
    "areschedule_job",
    "aresume_queue",
    "aretry_job",
    "aschedule_job",
    "cancel_job",
    "change_recurring_job",
    "clean_queue",
    "disable_recurring_job",
    "empty_queue",
    "enable_recurring_job",
    "get_all_queue_health",
    "get_all_queue_metrics",
    "get_all_queue_stats",
    "get_job",
    "get_queue_health",
    "get_queue_metrics",
    "get_queue_stats",
    "list_recurring_jobs",
    "pause_queue",
    "promote_job",
    "remove_job",
    "remove_recurring_job",
    "reschedule_job",
    "resume_queue",
    "retry_job",
    "run_recurring_job_now",
    "schedule_job",
    "schedule_recurring_job",
    "update_progress",
]
