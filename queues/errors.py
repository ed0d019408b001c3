"""Every error of the queue, as one tree; each message says why you got it and what to do."""

from collections.abc import Iterable, Mapping
from datetime import datetime


class QueueError(Exception):
    """Anything the queue refuses or cannot do."""


class UnknownQueue(QueueError):
    """No queue of this name is declared."""

    def __init__(self, name: object, names: Iterable[str]) -> None:
        self.name, self.names = str(name)[:200], sorted(names)
        super().__init__(f"There is no queue {self.name!r}. Declared queues: {', '.join(self.names) or 'none'}.")


class InvalidJobData(QueueError):
    """The data of a job does not fit its queue; nothing was stored."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(f"{field}: {text}" for field, text in self.errors.items()))


class JobNotFound(QueueError):
    """No such job in this queue, or it belongs to a tenant that the caller may not see."""

    def __init__(self, queue: str, job_id: object) -> None:
        self.queue, self.job_id = queue, str(job_id)[:200]
        super().__init__(f"There is no job {self.job_id} in queue {queue!r}. It may have been removed or pruned.")


class InvalidTransition(QueueError):
    """The job is not in a state that allows this."""

    def __init__(self, verb: str, from_state: str, allowed: Iterable[str]) -> None:
        self.verb, self.from_state, self.allowed = verb, from_state, list(allowed)
        can = ", ".join(self.allowed) or "nothing; wait until it has ended"
        super().__init__(f"Cannot {verb} a job that is {from_state}. Allowed now: {can}.")


class DuplicateJob(QueueError):
    """A job of this id exists already."""

    def __init__(self, job_id: object) -> None:
        self.job_id = str(job_id)
        super().__init__(f"Job {job_id} exists already; ids are never used twice.")


class UniqueConflict(QueueError):
    """Another open job holds this job's unique key."""

    def __init__(self, unique_key: str, open_job: object) -> None:
        self.unique_key, self.open_job = unique_key, str(open_job)
        super().__init__(f"Job {open_job} with the same unique key is still open; wait for it, or cancel it first.")


class PermanentJobError(QueueError):
    """Raised by an actor: this job can never succeed, do not retry it."""


class RetryAfter(QueueError):
    """Raised by an actor: failed for now; wait at least ``seconds`` before the next attempt."""

    def __init__(self, seconds: float, message: str = "asked to wait") -> None:
        self.seconds = float(seconds)
        super().__init__(message)


class Postpone(QueueError):
    """Raised by an actor: run me again at ``until``; this attempt does not count."""

    def __init__(self, until: datetime, reason: str) -> None:
        if until.tzinfo is None:
            raise ValueError("Postpone wants an aware datetime.")
        self.until, self.reason = until, reason
        super().__init__(f"postponed until {until.isoformat()}: {reason}")


class JobCancelled(QueueError):
    """Raised in the thread of a running job that somebody cancelled."""
