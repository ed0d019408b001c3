"""What staff may say of a job: how each verb is offered, asked about and done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from queues import service
from queues.models import Job
from queues.states import JobState, allowed_verbs


@dataclass(frozen=True, slots=True)
class Verb:
    """One deed: what its button says, what its confirmation asks, and what it does."""

    name: str
    title: str
    icon: str
    question: str
    consequence: str
    #: Said after it was done.
    done: str
    act: Callable[..., Any]
    danger: bool = False


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "retry",
            "Retry",
            "replay",
            "Retry this job?",
            "It starts a new run at once, with a fresh set of attempts. The attempts so far stay on record.",
            "will run again",
            service.retry_job,
        ),
        Verb(
            "promote",
            "Run now",
            "bolt",
            "Run this job now?",
            "It does not wait for its time any longer; it starts as soon as a worker is free.",
            "will run now",
            service.promote_job,
        ),
        Verb(
            "reschedule",
            "Reschedule",
            "schedule",
            "Give this job another time?",
            "It starts at the new time instead; a time that has passed means now.",
            "has its new time",
            service.reschedule_job,
        ),
        Verb(
            "cancel",
            "Cancel",
            "block",
            "Cancel this job?",
            "It will not run. A job that is running already is asked to stop, and stops when its code next looks.",
            "was cancelled, or asked to stop if it was running",
            service.cancel_job,
            danger=True,
        ),
        Verb(
            "remove",
            "Remove",
            "delete",
            "Remove this job for good?",
            "The job goes with its attempts and its log. Only the audit keeps that it was there.",
            "was removed",
            service.remove_job,
            danger=True,
        ),
    )
}


def verbs_for(job: Job) -> list[Verb]:
    """The verbs that make sense in the job's state, in the order of their buttons."""
    allowed = set(allowed_verbs(job.state)) | ({"cancel"} if job.state == JobState.ACTIVE else set())
    return [verb for verb in VERBS.values() if verb.name in allowed]
