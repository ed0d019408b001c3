"""The job that a thread is working on, so that every line logged meanwhile carries it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token

#: Queue, job, attempt, tenant.
JobContext = tuple[str, str, int, str]
_job: ContextVar[JobContext | None] = ContextVar("queues_job", default=None)


def bind(queue: str, job: object, attempt: int, tenant: str) -> Token[JobContext | None]:
    """From now on, lines of this thread carry these. Give the result to :func:`unbind`."""
    return _job.set((queue, str(job), attempt, tenant))


def unbind(token: Token[JobContext | None]) -> None:
    """Lines carry again what they carried before."""
    _job.reset(token)


@contextmanager
def bound(queue: str, job: object, attempt: int, tenant: str) -> Iterator[None]:
    """Lines of the block carry queue, job, attempt and tenant."""
    token = bind(queue, job, attempt, tenant)
    try:
        yield
    finally:
        unbind(token)


def fields() -> dict[str, object]:
    """What lines carry at the moment; empty outside a job."""
    job = _job.get()
    if job is None:
        return {}
    return {"queue": job[0], "job": job[1], "attempt": job[2], "tenant": job[3]}
