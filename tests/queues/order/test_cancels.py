"""Wishes to cancel: each is of one attempt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from queues import service
from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.order.scripts import ask_cancel, renew
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller

LEASE_MS = hands.LEASE_MS


def wanted(order: OrderClient, queue: str, hand: hands.Hand) -> set[str]:
    """Return the ids that a renewal of these leases is told to stop."""
    return renew(order, queue, LEASE_MS, [(str(hand.token), member) for member in hand.members])


def test_a_wish_that_comes_after_its_attempt_does_not_stop_the_next_run(declare: Declare, order: OrderClient) -> None:
    """A job was cancelled just as it failed.

    The wish arrived after the end and stayed for an hour: staff retried the job, and the new run was stopped.
    """
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    hands.members(order, queue, 1)
    first = hands.take(order, queue)
    hands.let_go(order, queue, first, delay_ms=0)
    ask_cancel(order, queue, [(first.token, first.ids[0])])
    second = hands.take(order, queue)
    assert second.ids == first.ids

    assert wanted(order, queue, second) == set()
    # But a wish of its own does stop it, until it has ended
    ask_cancel(order, queue, [(second.token, second.ids[0])])
    assert wanted(order, queue, second) == {str(second.ids[0])}
    hands.let_go(order, queue, second)
    assert wanted(order, queue, second) == set()


def test_a_running_job_that_is_cancelled_stops_and_runs_to_its_end_when_it_is_retried(
    declare: Declare, worker: StartWorker, caller: Caller, tuned: Callable[..., QueueSettings]
) -> None:
    tuned(lock_duration_ms=900)
    go, runs = threading.Event(), list[UUID]()

    def letter(data: dict[str, Any]) -> None:
        runs.append(job)
        while not go.wait(0.01):
            pass

    queue = declare(QueueConfig("letters", actor="letter"), letter)
    worker(threads=1)
    job = caller.add(queue)
    wait_for(lambda: runs)
    service.cancel_job(queue, job)
    wait_for(lambda: service.get_job(queue, job).state == "cancelled", 5)

    service.retry_job(queue, job)
    wait_for(lambda: len(runs) == 2)
    service.update_progress(queue, job, {"done": 1})
    threading.Timer(1.5, go.set).start()

    wait_for(lambda: service.get_job(queue, job).state == "completed", 5)
