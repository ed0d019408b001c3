"""Rule 35: a body may overlap itself if its process stops for longer than its lease; that is measured, and harmless."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any

import pytest

from queues import service
from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.ledger.rescue import rescue
from queues.models import JobAttempt
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.oracle import Caller
from tests.queues.rules.losing import member_of

pytestmark = pytest.mark.rule(35)


def test_an_interpreter_that_stood_still_is_seen_as_lateness(
    declare: Declare, worker: StartWorker, caller: Caller, tuned: Callable[..., QueueSettings]
) -> None:
    """A C library held the interpreter's lock for seconds. Leases ended, jobs ran twice, and nothing said why."""
    tuned(lock_duration_ms=3000)
    hold = ctypes.PyDLL(None).usleep  # called with the lock held, unlike what CDLL calls
    queue = declare(QueueConfig("parcels", actor="deliver"), lambda _: hold(1_900_000))
    running = worker(threads=1)
    caller.add(queue)
    wait_for(lambda: running.process.renewer.lateness_s > 0.4, 6)
    caller.wait_all_ended()
    caller.assert_oracle()


def test_of_two_runs_that_overlap_one_counts(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """The limit: both bodies ran. Their effects share an idempotency key, and the first one's finish is refused."""
    go, begun = threading.Event(), list[int]()
    effects: set[str] = set()

    def deliver(data: dict[str, Any]) -> None:
        begun.append(1)
        if len(begun) == 1:
            assert go.wait(10)
        effects.add(data["key"])

    queue = declare(QueueConfig("parcels", actor="deliver"), deliver)
    worker(threads=1)
    job = caller.add(queue, {"key": "letter 1"})
    wait_for(lambda: begun == [1])
    # Given that the job was taken back from a process that stood still. When that one goes on.
    token = service.get_job(queue, job).token
    assert token is not None
    member = member_of(job)
    assert [job.member for job in rescue([(job, token)], 1)] == [member]
    go.set()
    # Then its finish changes nothing, and the other run is the one on record.
    caller.wait_all_ended()
    assert (len(begun), effects) == (2, {"letter 1"})
    assert [row.outcome for row in JobAttempt.objects.filter(job_id=job)] == ["stalled", "completed"]
    caller.assert_oracle()
