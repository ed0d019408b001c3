"""Asynchronous twins: the same operations for callers on an event loop, each in Django's thread for the database."""

from asgiref.sync import sync_to_async

from queues.service import adding, jobs, looking, managing, recurring

aadd_job = sync_to_async(adding.add_job)
aadd_jobs = sync_to_async(adding.add_jobs)
aadd_job_with_priority = sync_to_async(adding.add_job_with_priority)
aschedule_job = sync_to_async(adding.schedule_job)
aget_job = sync_to_async(jobs.get_job)
aretry_job = sync_to_async(jobs.retry_job)
apromote_job = sync_to_async(jobs.promote_job)
areschedule_job = sync_to_async(jobs.reschedule_job)
acancel_job = sync_to_async(jobs.cancel_job)
aremove_job = sync_to_async(jobs.remove_job)
aupdate_progress = sync_to_async(jobs.update_progress)
aadd_log = sync_to_async(jobs.add_log)
apause_queue = sync_to_async(managing.pause_queue)
aresume_queue = sync_to_async(managing.resume_queue)
aclean_queue = sync_to_async(managing.clean_queue)
aempty_queue = sync_to_async(managing.empty_queue)
aschedule_recurring_job = sync_to_async(recurring.schedule_recurring_job)
alist_recurring_jobs = sync_to_async(recurring.list_recurring_jobs)
aremove_recurring_job = sync_to_async(recurring.remove_recurring_job)
aget_queue_stats = sync_to_async(looking.get_queue_stats)
aget_queue_health = sync_to_async(looking.get_queue_health)
aget_queue_metrics = sync_to_async(looking.get_queue_metrics)
aget_all_queue_stats = sync_to_async(looking.get_all_queue_stats)
aget_all_queue_health = sync_to_async(looking.get_all_queue_health)
aget_all_queue_metrics = sync_to_async(looking.get_all_queue_metrics)
