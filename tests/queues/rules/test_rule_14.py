"""Rule 14: garbage in the keys costs one warning, never a good job."""

import random
from uuid import uuid4

import pytest
import redis

from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.relay.rescue import rescue_queue
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(14)

GARBAGE = [
    b"",
    b"nonsense",
    b"|||",
    b"1|2|not-a-uuid|tenant",
    b"1|9|01a20ca5-c93b-7546-9dec-2d7714ac8df1|x",
    b"99999999999999999999|2|01a20ca5-c93b-7546-9dec-2d7714ac8df1|",
    b"\xff\xfe\x00" * 20,
    b"1|2|01a20ca5-c93b-7546-9dec-2d7714ac8df1",
    b"1|2|------------------------------------|t",
    b"1|2|01a20ca5-c93b-7546-9dec-2d7714ac8df1|\xff\xfe",
    b"x" * 100_000,
]


@pytest.mark.fault(15)
def test_garbage_among_good_members(
    declare: Declare,
    worker: StartWorker,
    caller: Caller,
    plain_redis: redis.Redis,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Somebody wrote into the keys (the stock broker stranded nine good jobs by two bad members)."""
    # Given 300 good jobs with garbage among them: in the flow, delayed, among the suspects, in the bands
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: None)
    caller.add_many(queue, [{}] * 300)
    base = base_key(queue)
    for raw in GARBAGE:
        plain_redis.zadd(base + "flow:2:", {raw: random.randrange(2**41)})
        plain_redis.zadd(base + "delayed", {raw: 1})
        plain_redis.zadd(base + "band1", {raw: 0})
        plain_redis.zadd(base + "band0", {raw: 0})

    # Suspects are taken one by one, with a rest after each that comes to nothing
    plain_redis.zadd(base + "suspects", dict.fromkeys(GARBAGE[1:4], 1))

    # When a worker comes
    worker()

    # Then all good ones finish, the garbage is gone, and one line tells of it
    caller.wait_all_ended()
    caller.assert_oracle()
    wait_for(lambda: plain_redis.zcard(base + "suspects") == 0)
    warnings = [record for record in caplog.records if "garbage_dropped" in record.getMessage()]
    assert len(warnings) == 1


@pytest.mark.parametrize("name", ["epoch", "settings", "delayed", "band1", "flow:2:", "leases", "wake", "virtual"])
def test_a_key_of_the_wrong_type(
    declare: Declare, worker: StartWorker, caller: Caller, plain_redis: redis.Redis, name: str
) -> None:
    """A key of ours is overwritten with a string by somebody who mistook the database."""
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: None)
    worker()
    caller.add(queue)
    caller.wait_all_ended()

    plain_redis.delete(base_key(queue) + name)
    plain_redis.set(base_key(queue) + name, "mine")
    if name == "epoch":
        plain_redis.delete(base_key(queue) + name)
        plain_redis.rpush(base_key(queue) + name, "mine")
    caller.add_many(queue, [{}] * 20)

    caller.wait_all_ended()
    caller.assert_oracle()


def test_garbage_among_the_leases(declare: Declare, order: OrderClient, plain_redis: redis.Redis) -> None:
    """A lease that names no job ends: the rescue must not stumble over it for ever."""
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    leases = base_key(queue) + "leases"
    plain_redis.zadd(leases, dict.fromkeys(GARBAGE, 1))
    plain_redis.zadd(leases, {f"no-token|1|2|{uuid4()}|": 1, f"{uuid4()}|1|2|{uuid4()}|": 1})
    plain_redis.zadd(leases, {f"{uuid4()}|1|2|{uuid4()}|".encode() + b"\xff\xfe": 1})

    rescue_queue(order, queue)

    assert plain_redis.zcard(leases) == 0
