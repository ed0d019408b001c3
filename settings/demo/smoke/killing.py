"""Kills a worker (-9) at a moment when it certainly runs jobs."""

import os
import signal
import time
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from queues.models import Job, Worker
from queues.states import JobState
from settings.demo.smoke.watching import NotSeen

#: Pause between two looks for a busy worker, seconds: a burst of jobs is over soon.
LOOK_S = 0.005
#: What a killed process has sent to the database is done by then, seconds; nobody takes its jobs back so soon.
SETTLE_S = 0.3


@dataclass(frozen=True, slots=True)
class Killed:
    """The worker that was killed, and the jobs that it had begun and not ended."""

    worker: str
    pid: int
    jobs: frozenset[UUID]


def kill_a_busy_worker(jobs: Collection[UUID], within_s: float) -> Killed:
    """Wait until a worker runs some of these jobs, and kill it. Raises NotSeen if none is caught at it."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        busy = _running(jobs).values_list("worker", flat=True).first()
        worker = Worker.objects.filter(id=busy).first() if busy else None
        if worker is not None and _kill_if_busy(worker, jobs):
            held = frozenset(_running(jobs).filter(worker=worker.id).values_list("id", flat=True))
            if held:
                return Killed(worker.id, worker.pid, held)
        time.sleep(LOOK_S)
    raise NotSeen("a worker that can be killed while it runs jobs", within_s)


def _kill_if_busy(worker: Worker, jobs: Collection[UUID]) -> bool:
    # Stopped first: what it runs now it will still be running when it dies.
    os.kill(worker.pid, signal.SIGSTOP)
    busy = False
    try:
        busy = _running(jobs).filter(worker=worker.id).exists()
    finally:
        os.kill(worker.pid, signal.SIGKILL if busy else signal.SIGCONT)
    if busy:
        time.sleep(SETTLE_S)
    return busy


def _running(jobs: Collection[UUID]) -> QuerySet[Job]:
    return Job.objects.filter(id__in=jobs, state=JobState.ACTIVE)
