"""Rule 29: the settle lets go of its own lease only, pushes what is to run again, and never holds the next commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
import redis

from queues import service
from queues.conf import QueueSettings
from queues.config import Backoff, QueueConfig
from queues.order.client import OrderClient
from queues.order.member import base_key, member_text
from queues.order.scripts import Placed, Settled, publish, renew, settle
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.oracle import Caller
from tests.queues.servers import OwnValkey

pytestmark = pytest.mark.rule(29)

BASE = base_key("parcels")


def test_a_settle_lets_go_of_no_lease_but_its_own(order: OrderClient, plain_redis: redis.Redis) -> None:
    """A slow settle of a first attempt came when the second was under way, and took its lease: rescued while it ran."""
    member, old, new = member_text(1, 2, uuid4(), "north"), str(uuid4()), str(uuid4())
    renew(order, "parcels", 5000, [(old, member), (new, member)])
    assert settle(order, "parcels", [Settled(old, member, None)]) == 1
    assert plain_redis.zrange(BASE + "leases", 0, -1) == [f"{new}|{member}".encode()]
    # Said twice, it finds nothing left to do.
    assert settle(order, "parcels", [Settled(old, member, None)]) == 0


def test_what_is_to_run_again_is_pushed_without_condition(order: OrderClient, plain_redis: redis.Redis) -> None:
    """A lease of another attempt, or none of its own: the retry is due, so Redis hears of it."""
    member, other = member_text(1, 2, uuid4(), "north"), str(uuid4())
    renew(order, "parcels", 5000, [(other, member)])
    assert settle(order, "parcels", [Settled(str(uuid4()), member, 2000)]) == 0
    assert plain_redis.zscore(BASE + "delayed", member) is not None
    settle(order, "parcels", [Settled(str(uuid4()), member, 0)])
    assert plain_redis.zscore(BASE + "flow:2:north", member) is not None
    # Delayed already, the earlier time stays.
    early = plain_redis.zscore(BASE + "delayed", member)
    publish(order, "parcels", [Placed(member, 60_000)])
    assert plain_redis.zscore(BASE + "delayed", member) == early


def test_a_frozen_redis_holds_no_commit(
    own_valkey: OwnValkey, declare: Declare, worker: StartWorker, caller: Caller, tuned: Callable[..., QueueSettings]
) -> None:
    """Redis did not answer for half a minute.

    Every outcome of that time waited behind the first one's settle, and was lost with the process.
    """
    tuned(redis_timeout_s=0.5)
    go = [threading.Event(), threading.Event()]

    def deliver(data: dict[str, int]) -> None:
        assert go[data["number"]].wait(10)

    queue = declare(QueueConfig("parcels", actor="deliver"), deliver)
    worker(threads=2)
    jobs = caller.add_many(queue, [{"number": 0}, {"number": 1}])
    wait_for(lambda: all(service.get_job(queue, job).state == "active" for job in jobs))
    # Given a Redis that does not answer. When one job after the other ends, then both outcomes are on record.
    own_valkey.freeze()
    for event, job in zip(go, jobs, strict=True):
        began = time.monotonic()
        event.set()
        wait_for(lambda job=job: service.get_job(queue, job).state == "completed")
        assert time.monotonic() - began < 1.0
        time.sleep(0.6)  # the settle has met the silence
    # When it answers again, then the leases are let go of.
    own_valkey.thaw()
    caller.assert_oracle(settle_s=10)


def test_a_settle_that_failed_for_a_lease_is_dropped_and_the_sweep_repairs(
    own_valkey: OwnValkey, declare: Declare, worker: StartWorker, caller: Caller, tuned: Callable[..., QueueSettings]
) -> None:
    """A retry fell into an outage that was longer than its lease."""
    tuned(redis_timeout_s=0.3, lock_duration_ms=1500, stalled_interval_ms=300)
    go, runs = threading.Event(), list[int]()

    def deliver(data: dict[str, int]) -> None:
        runs.append(1)
        if len(runs) == 1:
            assert go.wait(10)
            raise ValueError("no")

    queue = declare(QueueConfig("parcels", actor="deliver", attempts=2, backoff=Backoff(100)), deliver)
    worker(threads=1)
    job = caller.add(queue)
    wait_for(lambda: runs == [1])
    own_valkey.stop()
    go.set()
    wait_for(lambda: service.get_job(queue, job).attempts_made == 1)
    time.sleep(2.5)  # longer than a lease: nobody remembers to tell Redis
    own_valkey.start()
    caller.wait_all_ended()
    assert service.get_job(queue, job).state == "completed"
    assert runs == [1, 1]
    caller.assert_oracle(settle_s=10)
