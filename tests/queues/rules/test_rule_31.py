"""Rule 31: renewing makes a missing lease again; only the row ends an attempt; the answer carries cancellations."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis

from queues import service
from queues.conf import QueueSettings
from queues.config import QueueConfig
from queues.order.member import base_key
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(31)

LEASES = base_key("parcels") + "leases"


def test_a_lease_that_vanished_is_made_again_and_the_attempt_goes_on(
    declare: Declare, worker: StartWorker, caller: Caller, plain_redis: redis.Redis, tuned: Callable[..., QueueSettings]
) -> None:
    """A failover to a replica three seconds behind.

    The leases were gone, and workers that saw theirs missing gave up jobs that were half done.
    """
    tuned(lock_duration_ms=2400)
    go, runs = threading.Event(), list[int]()

    def deliver(data: dict[str, Any]) -> None:
        runs.append(1)
        assert go.wait(10)

    queue = declare(QueueConfig("parcels", actor="deliver"), deliver)
    worker(threads=1)
    job = caller.add(queue)
    wait_for(lambda: plain_redis.zcard(LEASES) == 1)
    entry = plain_redis.zrange(LEASES, 0, -1)
    plain_redis.delete(LEASES)
    wait_for(lambda: plain_redis.zrange(LEASES, 0, -1) == entry, 2)
    # It is renewed as long as the job runs, longer than a lease.
    time.sleep(2.6)
    assert plain_redis.zrange(LEASES, 0, -1) == entry
    go.set()
    caller.wait_all_ended()
    assert (runs, service.get_job(queue, job).state) == ([1], "completed")
    caller.assert_oracle()


def test_the_renewal_carries_a_cancellation_to_the_thread(
    declare: Declare, worker: StartWorker, caller: Caller, tuned: Callable[..., QueueSettings]
) -> None:
    """Staff cancelled a job that ran; it ran on for ten minutes, and sent what it should not have sent."""
    tuned(lock_duration_ms=1500)
    begun = threading.Event()

    def deliver(data: dict[str, Any]) -> None:
        begun.set()
        end = time.monotonic() + 20
        while time.monotonic() < end:
            time.sleep(0.01)

    queue = declare(QueueConfig("parcels", actor="deliver"), deliver)
    worker(threads=1)
    job = caller.add(queue)
    assert begun.wait(5)
    service.cancel_job(queue, job)
    began = time.monotonic()
    caller.wait_all_ended(5)
    row = service.get_job(queue, job)
    assert (row.state, row.cancel_requested) == ("cancelled", False)
    assert time.monotonic() - began < 2
    caller.assert_oracle()


def test_a_cancelled_job_that_fails_is_not_tried_again(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """The interrupt cannot reach a C call; the wish stands in the row and the attempt's end honours it."""
    go = threading.Event()

    def deliver(data: dict[str, Any]) -> None:
        assert go.wait(10)
        raise ValueError("no")

    queue = declare(QueueConfig("parcels", actor="deliver"), deliver)
    worker(threads=1)
    job = caller.add(queue)
    wait_for(lambda: service.get_job(queue, job).state == "active")
    service.cancel_job(queue, job)
    go.set()
    caller.wait_all_ended()
    assert service.get_job(queue, job).state == "cancelled"
    caller.assert_oracle()
