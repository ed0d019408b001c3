"""Rule 13: wake-ups. An idle consumer sleeps, and is woken by whatever gives it something to do."""

import threading
import time
from statistics import median
from typing import Any

import pytest
import redis

from queues import service
from queues.config import QueueConfig, RateLimit
from queues.ledger import sql
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.order.scripts import Placed, assert_settings, fetch, publish
from queues.relay.wanted import order_settings
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(13)

#: Seconds that a consumer sleeps which nobody wakes.
UNWOKEN_S = 1.0


class Tokens:
    """The wake-up tokens of one queue."""

    def __init__(self, client: redis.Redis, queue: str) -> None:
        self._client, self._key = client, base_key(queue) + "wake"

    def taken(self) -> int:
        """How many there were; now there is none."""
        count = int(self._client.llen(self._key))
        self._client.delete(self._key)
        return count


@pytest.fixture
def tokens(declare: Declare, plain_redis: redis.Redis, order: OrderClient) -> Tokens:
    queue = declare(QueueConfig("letters", global_concurrency=1))
    hands.make_ready(order, queue)
    found = Tokens(plain_redis, queue)
    assert found.taken() == 1, "ready again is something to do"
    return found


def test_at_most_one_token_waits(tokens: Tokens, order: OrderClient) -> None:
    """A thousand publishes while all threads are busy must not mean a thousand wake-ups for nothing afterwards."""
    for _ in range(5):
        hands.members(order, "letters", 3)

    assert tokens.taken() == 1


def test_who_wakes(tokens: Tokens, order: OrderClient) -> None:
    """Each of these gives an idle consumer something to do that it would find out about a second later."""
    queue = "letters"
    # a ready id; but not one that is there already
    (ready,) = hands.members(order, queue, 1)
    assert tokens.taken() == 1
    publish(order, queue, [Placed(ready, 0)])
    assert tokens.taken() == 0
    # a new earliest delayed id; but not a later one
    soon, later = (f"5|2|01a20ca5-c93b-7546-9dec-2d7714ac8df{n}|" for n in (1, 2))
    publish(order, queue, [Placed(soon, 5_000)])
    assert tokens.taken() == 1
    publish(order, queue, [Placed(later, 9_000)])
    assert tokens.taken() == 0
    publish(order, queue, [Placed(later, 1_000)])
    assert tokens.taken() == 1
    # a fetch that leaves ids behind; but not one that the cap stops
    hands.members(order, queue, 2)
    tokens.taken()
    first = hands.take(order, queue, 1)
    assert tokens.taken() == 1
    assert hands.take(order, queue, 1).members == ()
    assert tokens.taken() == 0
    # a settle while the cap was binding
    hands.let_go(order, queue, first)
    assert tokens.taken() == 1
    # a resume
    service.pause_queue(queue)
    tokens.taken()
    service.resume_queue(queue)
    assert tokens.taken() == 1


def test_a_fetch_tells_when_the_next_thing_happens(declare: Declare, order: OrderClient) -> None:
    """A consumer that slept a second each time would start a job due in 0.1 s up to 0.9 s late."""
    queue = declare(QueueConfig("letters", rate_limit=RateLimit(1, per_ms=400)))
    hands.make_ready(order, queue)

    def next_ms() -> int:
        return fetch(order, queue, "00000000-0000-0000-0000-000000000000", 5, lease_ms=1000, not_after=0).next_ms

    hands.members(order, queue, 2)
    assert len(hands.take(order, queue, 5).members) == 1
    assert 0 < next_ms() <= 400, "the next token of the rate"
    assert_settings(order, queue, order_settings(declare(QueueConfig("plain"))))
    hands.take(order, queue, 5)
    assert next_ms() == -1, "nothing"
    publish(order, queue, [Placed("5|2|01a20ca5-c93b-7546-9dec-2d7714ac8df1|", 700)])
    assert 500 < next_ms() <= 700, "the next due job"


def test_an_idle_worker_starts_at_once_what_is_added_due_or_freed(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """Staff press "send now" and watch."""
    late: list[float] = []

    def note(data: dict[str, Any]) -> None:
        late.append(time.time() - data["due"])

    queue = declare(QueueConfig("letters", actor="letter"), note)
    worker()

    for delay in (0, 0, 0, 0, 0, 300, 300, 300):
        before = len(late)
        caller.add(queue, {"due": time.time() + delay / 1000}, delay=delay)
        wait_for(lambda before=before: len(late) > before)

    assert min(late) >= 0
    assert median(late) < 0.1
    assert max(late) < UNWOKEN_S * 0.9
    caller.wait_all_ended()
    caller.assert_oracle()


def test_a_freed_slot_of_the_cluster_wakes_the_next(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Jobs that run one at a time over the cluster would otherwise start one a second."""
    queue = declare(QueueConfig("letters", actor="letter", global_concurrency=1), lambda _: time.sleep(0.01))
    worker()
    began = time.monotonic()
    caller.add_many(queue, [{}] * 20)

    caller.wait_all_ended()

    assert time.monotonic() - began < 20 * UNWOKEN_S / 4
    caller.assert_oracle()


def test_a_token_is_put_back_by_a_consumer_that_cannot_use_it(
    declare: Declare, worker: StartWorker, plain_redis: redis.Redis
) -> None:
    """A worker that is being stopped takes the one token; the idle worker beside it would sleep on."""
    go = threading.Event()
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: go.wait(10))
    running = worker(threads=1)
    running.process.shut_gate()
    plain_redis.delete(base_key(queue) + "wake")
    service.add_job(queue, {})

    # Whatever its consumer does until it has ended, the token is there for another
    deadline = time.monotonic() + 1.2
    while time.monotonic() < deadline:
        time.sleep(0.05)
    assert plain_redis.llen(base_key(queue) + "wake") == 1
    go.set()
    assert sql.rows("SELECT state FROM queues_job", []) == [("waiting",)]
