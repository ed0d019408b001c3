"""Whether the jobs of the killed worker were taken back and done."""

from queues.models import Job, JobAttempt
from queues.states import JobState
from settings.demo.smoke.killing import Killed
from settings.demo.table import Check


def rescued(killed: Killed) -> list[Check]:
    """Each job that it had begun has an attempt on record that was lost, and has completed since."""
    lost = set(
        JobAttempt.objects.filter(job_id__in=killed.jobs, worker=killed.worker, outcome="stalled").values_list(
            "job_id", flat=True
        )
    )
    done = Job.objects.filter(id__in=killed.jobs, state=JobState.COMPLETED).exclude(worker=killed.worker).count()
    count = len(killed.jobs)
    return [
        Check.same(f"jobs of the killed worker ({count}) taken back", count, len(lost)),
        Check.same("and completed by another", count, done),
    ]
