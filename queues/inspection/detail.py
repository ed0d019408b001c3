"""One job whole: its row, attempts, log, and the pages about those it concerns."""

from dataclasses import dataclass
from uuid import UUID

from queues import links
from queues.errors import JobNotFound
from queues.models import Job, JobAttempt, JobLog
from queues.states import allowed_verbs

#: Most attempts and log lines shown, the newest ones.
MOST_ATTEMPTS = 200
MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class Subject:
    """One of those a job is about; ``link`` is None where nobody knows its page."""

    reference: str
    link: links.SubjectLink | None


@dataclass(frozen=True, slots=True)
class JobDetail:
    """Everything about one job."""

    job: Job
    #: Oldest first; a job that succeeded at its first attempt has none.
    attempts: list[JobAttempt]
    #: Oldest first.
    log: list[JobLog]
    subjects: list[Subject]
    #: What may be done with it now.
    verbs: list[str]


def find_job(job_id: UUID, *, queue: str | None = None, tenants: frozenset[str] | None = None) -> Job:
    """The row of one job. Raises :class:`JobNotFound` if there is none that the asker may see."""
    jobs = Job.objects.filter(pk=job_id)
    if queue is not None:
        jobs = jobs.filter(queue=queue)
    if tenants is not None:
        jobs = jobs.filter(tenant__in=tenants)
    found = jobs.first()
    if found is None:
        raise JobNotFound(queue or "any", job_id)
    return found


def get_job_detail(job_id: UUID, *, queue: str | None = None, tenants: frozenset[str] | None = None) -> JobDetail:
    """One job with its attempts and log, in three statements. Raises :class:`JobNotFound`."""
    job = find_job(job_id, queue=queue, tenants=tenants)
    attempts = list(JobAttempt.objects.filter(job_id=job_id).order_by("-id")[:MOST_ATTEMPTS])
    lines = list(JobLog.objects.filter(job_id=job_id).order_by("-id")[:MOST_LINES])
    subjects = [Subject(reference, links.link(reference)) for reference in job.subjects]
    return JobDetail(job, attempts[::-1], lines[::-1], subjects, allowed_verbs(job.state))
