"""A caller's long transaction holds the row of a running job: only that job's outcome waits for it."""

from __future__ import annotations

import threading

import pytest

from queues import service
from queues.config import QueueConfig
from queues.models import JobAttempt
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.locks import holding_rows
from tests.queues.oracle import Caller


@pytest.mark.parametrize("fails", [False, True], ids=["completed", "failed"])
def test_one_locked_row_holds_up_no_other_outcome(
    declare: Declare, worker: StartWorker, caller: Caller, *, fails: bool
) -> None:
    """A booking cancelled its running job and stayed open; nothing the worker finished was committed until it ended."""
    started, go = threading.Event(), threading.Event()

    def letter(data: dict[str, bool]) -> None:
        if data.get("held"):
            started.set()
            go.wait(20)
            if fails:
                raise ValueError("no such address")

    queue = declare(QueueConfig("letters", actor="letter", attempts=1), letter)
    worker(threads=2)
    held = caller.add(queue, {"held": True})
    assert started.wait(10)

    with holding_rows(held):
        go.set()
        others = caller.add_many(queue, [{}] * 20)
        wait_for(lambda: all(service.get_job(queue, job).state == "completed" for job in others), 12)
        assert service.get_job(queue, held).state == "active"

    wait_for(lambda: service.get_job(queue, held).state == ("failed" if fails else "completed"), 3)
    assert JobAttempt.objects.filter(outcome="stalled").count() == 0


def test_a_worker_that_stops_waits_a_while_for_a_locked_row(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    started, go = threading.Event(), threading.Event()
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: (started.set(), go.wait(20)))
    running = worker(threads=1)
    job = caller.add(queue)
    assert started.wait(10)
    stopping = threading.Thread(target=running.stop)

    with holding_rows(job):
        go.set()
        stopping.start()
        stopping.join(7)
        assert stopping.is_alive()
    stopping.join(10)

    assert service.get_job(queue, job).state == "completed"
